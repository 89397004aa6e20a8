/// A ratio of whole numbers: a stream's time base in seconds a tick, a frame rate, a pixel's aspect.
public struct Ratio: Hashable, Sendable, CustomStringConvertible {
  public var numerator: Int
  public var denominator: Int

  public init(_ numerator: Int, _ denominator: Int) { (self.numerator, self.denominator) = (numerator, denominator) }

  /// Zero where the denominator is zero, which is how media files say "unknown".
  public var value: Double { denominator == 0 ? 0 : Double(numerator) / Double(denominator) }
  public var isKnown: Bool { numerator > 0 && denominator > 0 }
  public var description: String { "\(numerator)/\(denominator)" }
}
