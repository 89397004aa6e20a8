/// Whether a source that may lie at an address of this machine or of a local network leads to others there.
///
/// It does while all that it was made of so far lies there itself. From what comes from the open network on, whoever added the source, nothing but
/// the place where it began is asked there: what a stranger writes into a playlist, or answers, is no wish of an administrator's.
struct SourceLeave: Sendable, Hashable {
  private let isGiven: Bool
  /// Where it began, where that is inside.
  private var start: String?
  private var hasLeft = false

  init(isGiven: Bool) { self.isGiven = isGiven }

  /// Whether this server may be asked at an address of this machine or of a local network.
  func covers(_ origin: String) -> Bool { isGiven && (!hasLeft || origin == start) }

  /// What was asked, and whether that has an address of the open network.
  mutating func note(_ origin: String, isOutside: Bool) {
    if isOutside { hasLeft = true } else if start == nil, !hasLeft { start = origin }
  }
}
