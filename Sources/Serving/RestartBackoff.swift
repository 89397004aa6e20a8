/// When an engine that was given up is made anew, as a value: 1, 2, 4 … 64 seconds later, from the beginning again once one has lasted.
struct RestartBackoff: Sendable, Hashable {
  /// Times in a row that it was given up or could not be made.
  private(set) var failures = 0
  /// Monotonic nanoseconds of the next attempt.
  private(set) var retry: UInt64 = 0
  /// Monotonic nanoseconds since which the present one is there, and how much was answered before.
  private var since: UInt64?
  private var answeredBefore = 0

  /// A minute without a fault is a new beginning.
  static let lasting: UInt64 = 60_000_000_000

  /// There is one again; `answered` counts what was answered until now.
  mutating func began(now: UInt64, answered: Int) { (since, answeredBefore) = (now, answered) }

  /// It was given up, or could not be made.
  mutating func failed(now: UInt64, answered: Int) {
    if let since, now >= since, now - since >= Self.lasting, answered > answeredBefore { failures = 0 }
    failures += 1
    retry = now + (1_000_000_000 << UInt64(min(6, failures - 1)))
    since = nil
  }
}
