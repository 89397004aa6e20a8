internal import Base
internal import Synchronization

/// What of a stream's events was not kept, and why.
public struct EventLosses: Sendable, Hashable {
  /// Events that were not kept because their rule began too many just before.
  public var withheld = 0
  /// Events whose end could not be written.
  public var lost = 0
  /// Pictures of events that there was no room for.
  public var lostPictures = 0
  /// What happened last, and when that was, in seconds since 1970.
  public var reason: String?
  public var at: Double?

  public init() {}
}

/// Counts what is not kept of one stream's events, and says how many each of its rules may begin; any thread.
public final class EventTally: Sendable {
  private struct Pace {
    /// When the latest events that are kept began, and when one was not, in monotonic nanoseconds.
    var begun: [UInt64] = []
    var withheld: UInt64?
  }

  private struct State {
    var losses = EventLosses()
    var paces: [String: Pace] = [:]
  }

  private let state = Mutex(State())

  /// Events that a rule may begin in so many nanoseconds.
  static let (most, span) = (100, UInt64(300_000_000_000))

  public init() {}

  public var losses: EventLosses { state.withLock(\.losses) }

  func add(_ body: (inout EventLosses) -> Void, _ reason: String) {
    state.withLock { state in
      body(&state.losses)
      (state.losses.reason, state.losses.at) = (reason, Clock.seconds)
    }
  }

  /// Whether one more event of a rule is kept, and what to complain of where that is no more so.
  func begin(_ rule: String, at now: UInt64) -> (isKept: Bool, news: Fault?) {
    state.withLock { state in
      var pace = state.paces[rule] ?? Pace()
      defer { state.paces[rule] = pace }
      pace.begun.removeAll { $0 + Self.span < now }
      guard pace.begun.count >= Self.most else {
        pace.begun.append(now)
        return (true, nil)
      }
      let isNews = pace.withheld.map { $0 + Self.span < now } ?? true
      pace.withheld = now
      let fault = Fault(
        .exhausted,
        "the rule '\(rule)' began \(Self.most) events within five minutes: those beyond are counted, and not kept; give it votes, hold or cool-down"
      )
      state.losses.withheld += 1
      (state.losses.reason, state.losses.at) = (fault.message, Clock.seconds)
      return (false, isNews ? fault : nil)
    }
  }
}
