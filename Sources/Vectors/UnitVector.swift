/// A direction: numbers whose squares add up to 1.
public struct UnitVector: Sendable, Hashable {
  public let numbers: [Float]

  /// `nil` for what has no direction: zeros, no numbers, or some that are none.
  public init?(_ numbers: [Float]) {
    var sum = 0.0
    for number in numbers { sum += Double(number) * Double(number) }
    guard sum > 0, sum.isFinite else { return nil }
    let length = sum.squareRoot()
    self.numbers = numbers.map { Float(Double($0) / length) }
  }
}
