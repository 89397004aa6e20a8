/// How many of the last frames must say so before something counts.
public struct Votes: Sendable, Hashable {
  /// Frames that say yes, of the last ``of``.
  public var needed = 3
  /// 2 to 64.
  public var of = 5
  /// Score from which a frame says yes.
  public var on: Float = 0
  /// Score below which a frame says no; a score between the two changes nothing.
  ///
  /// A frame without an answer says no.
  public var off: Float = 0

  public init() {}

  /// Frames that must say another name before it takes the place of the one that holds.
  ///
  /// At least as many as were needed, and always more than half and one: a window in which two take turns holds at most
  /// half, rounded up, of each, so such noise can settle on a name once and never leave it.
  public var neededForAnother: Int { min(of, max(needed, (of + 1) / 2 + 1)) }

  /// Frames that must say no before what is there is gone: as many as for another name, and so many that those that say yes
  /// are no longer enough.
  public var neededAgainst: Int { max(neededForAnother, of - needed + 1) }
}

/// Whether something is there: a majority vote with hysteresis.
public struct Presence: Sendable {
  public private(set) var isOn = false
  /// What the last frame said.
  public private(set) var lastVote = false
  /// The youngest frame is the lowest bit; frames before the first said no.
  private var window: UInt64 = 0

  public init() {}

  /// Nothing in the window says yes, and nothing counts.
  public var isIdle: Bool { window == 0 && !isOn }

  /// Takes one frame's score, `nil` where there is none; gives the new state where it changed.
  public mutating func add(_ score: Float?, _ votes: Votes) -> Bool? {
    if let score, score >= votes.on {
      lastVote = true
    } else if score.map({ $0 < votes.off }) ?? true {
      lastVote = false
    }
    let mask = votes.of >= 64 ? UInt64.max : (1 << UInt64(votes.of)) - 1
    window = (window << 1 | (lastVote ? 1 : 0)) & mask
    let yes = window.nonzeroBitCount
    let next = isOn ? votes.of - yes < votes.neededAgainst : yes >= votes.needed
    guard next != isOn else { return nil }
    isOn = next
    return next
  }
}

/// Which one of several names holds: a majority vote with hysteresis.
public struct Choice: Sendable {
  /// The name that holds; `nil` until one has enough votes.
  public private(set) var name: String?
  /// The last votes, oldest first; `nil` for a frame that said nothing.
  private var recent: [String?] = []

  public init() {}

  /// Takes one frame's name and score; gives the new name where it changed.
  ///
  /// A score below ``Votes/on`` is a vote for the name that holds if it is its own and reaches ``Votes/off``, and for none
  /// otherwise.
  public mutating func add(_ said: String?, _ score: Float?, _ votes: Votes) -> String? {
    let score = score ?? .infinity
    let counts = score >= votes.on || (said == name && score >= votes.off)
    if recent.count == votes.of { recent.removeFirst() }
    recent.append(counts ? said : nil)
    guard let said, counts, said != name else { return nil }
    let count = recent.count { $0 == said }
    guard count >= (name == nil ? votes.needed : votes.neededForAnother) else { return nil }
    name = said
    return said
  }
}
