internal import Glibc

/// Bins of one width, the first and the last of which take what lies beyond them too.
public struct BinScale: Sendable, Hashable {
  /// Where the first begins, and how wide each is; of the binary logarithm, where that is what is sorted.
  let from: Double
  let step: Double
  public let count: Int
  let isLogarithmic: Bool
  /// Values are whole numbers, a bin each: the next bin is another value, and not the edge of the same.
  let isWhole: Bool

  init(from: Double, step: Double, count: Int, isLogarithmic: Bool = false, isWhole: Bool = false) {
    (self.from, self.step, self.count) = (from, step, count)
    (self.isLogarithmic, self.isWhole) = (isLogarithmic, isWhole)
  }

  /// `nil` for what is no number.
  func bin(of value: Double) -> Int? {
    guard !value.isNaN else { return nil }
    let place = isLogarithmic ? (value > 0 ? log2(value) : -.infinity) : value
    let bin = ((place - from) / step).rounded(.down)
    return bin < 0 ? 0 : bin >= Double(count) ? count - 1 : Int(bin)
  }

  /// Where a bin begins, as values are given.
  public func edge(_ bin: Int) -> Double {
    let place = from + Double(bin) * step
    return isLogarithmic ? exp2(place) : place
  }
}
