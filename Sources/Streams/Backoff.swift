/// How long to wait before the next attempt at a source: a quarter of the time for which it has been gone, from half a second up to half a minute, by chance a
/// quarter of that more or less.
struct Backoff {
  private static let (share, least, most) = (0.25, 0.5, 24.0)
  /// Seconds of a connection after which a source counts as well again.
  private static let recovery = 10.0

  /// Monotonic nanoseconds.
  private var gone: UInt64?

  /// Seconds, where a connection that was tried or begun at one moment failed at another; `chance` is from 0 to 1.
  mutating func next(began: UInt64, failed: UInt64, chance: Double) -> Double {
    let since = gone.flatMap { failed > began + UInt64(Self.recovery * 1e9) ? nil : $0 } ?? failed
    gone = since
    return min(Self.most, max(Self.least, Double(failed - min(failed, since)) / 1e9 * Self.share))
      * (0.75 + 0.5 * chance)
  }
}
