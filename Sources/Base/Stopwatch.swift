/// Time since a moment, on a clock that never jumps.
public struct Stopwatch: Sendable {
  private let start = ContinuousClock.now

  /// Starts now.
  public init() {}

  public var nanoseconds: Int {
    let (seconds, attoseconds) = start.duration(to: .now).components
    return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
  }

  public var seconds: Double { Double(nanoseconds) / 1e9 }
}
