/// How often is looked at what mostly has nothing: at each turn while it has something, and at each fifth once it had nothing for ten.
///
/// A value; the turns are its owner's.
struct IdlePace: Sendable {
  private static let (patience, share) = (10, 5)
  private var quiet = 0

  /// Whether this turn is one to look at; to be asked once a turn.
  mutating func isDue() -> Bool {
    quiet += 1
    return quiet <= Self.patience || quiet.isMultiple(of: Self.share)
  }

  /// There was something, or there will be.
  mutating func wake() { quiet = 0 }
}
