/// For how long a centre could hear its nodes by the clock that it has: since it began, or since that clock was set.
public struct ListeningTime: Sendable {
  private var began: Int
  private var offset: Int

  /// Milliseconds by which the clock of the wall may drift between two looks.
  private static let slack = 10_000

  /// `wall` is in milliseconds since 1970, `steady` in milliseconds of a clock that nobody sets.
  public init(wall: Int, steady: Int) { (began, offset) = (steady, wall - steady) }

  /// Milliseconds until this moment.
  public mutating func elapsed(wall: Int, steady: Int) -> Int {
    if abs(wall - steady - offset) > Self.slack { began = steady }
    offset = wall - steady
    return steady - began
  }
}
