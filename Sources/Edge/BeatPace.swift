/// When a node asks its centre next: as often as that says while it answers, and with growing rests while it does not.
struct BeatPace: Sendable, Hashable {
  /// Seconds between two beats until the centre says otherwise.
  static let usual = 10.0
  static let least = 1.0
  /// A centre that was away is found again within so many seconds; one that refuses the node is asked this seldom.
  static let most = 60.0
  static let mostRefused = 600.0

  private var every = usual
  private var failures = 0
  private var isRefused = false

  mutating func answered(every seconds: Double) {
    (every, failures, isRefused) = (min(max(seconds, Self.least), 3600), 0, false)
  }

  mutating func failed(isRefused: Bool) { (failures, self.isRefused) = (failures + 1, isRefused) }

  /// Seconds until the next; `chance` (0 to 1) spreads nodes that lost their centre at the same moment.
  func seconds(chance: Double) -> Double {
    guard failures > 0 else { return every * (0.9 + 0.2 * chance) }
    let growing = Double(1 << min(failures - 1, 10))
    return min(growing, isRefused ? Self.mostRefused : Self.most) * (0.75 + 0.5 * chance)
  }
}
