public import JSON

/// A part of a node that has something to say to its centre, and takes what that wants of it.
public protocol NodePart: Sendable {
  /// The member of a beat's report that is this part's, and of the orders that come back: `ledger`, `updates`.
  var name: String { get }

  /// What this part says with a beat: one JSON object of at most ``NodeAgent/partByteCount``, or nothing.
  ///
  /// Called on the agent's thread before each beat; must not wait.
  func report() -> [UInt8]?

  /// What the centre wants of this part, as it answered the last beat; the same comes again until it is not wanted any more.
  ///
  /// Called on the agent's thread; must not wait: note it, and wake a thread of its own.
  func take(_ order: JSONValue)

  /// When a beat went and came back, for those who measure clocks.
  func heard(_ times: BeatTimes)
}

extension NodePart {
  public func report() -> [UInt8]? { nil }
  public func take(_ order: JSONValue) {}
  public func heard(_ times: BeatTimes) {}
}

/// Four moments of one beat, in milliseconds.
public struct BeatTimes: Sendable, Hashable {
  /// When it was sent and when its answer was there, by the clock that the agent was given.
  public let (sent, got): (Int, Int)
  /// When the centre had it, and when it answered: since 1970, by the centre's clock.
  public let (had, answered): (Int, Int)

  public init(sent: Int, had: Int, answered: Int, got: Int) {
    (self.sent, self.had, self.answered, self.got) = (sent, had, answered, got)
  }
}
