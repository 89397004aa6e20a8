public import Items

/// What a target is told of one change of an event, and how that stands.
public struct Notice: Sendable, Hashable {
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    case start, update, end
    /// Nothing happened: somebody asked whether the target hears.
    case test
  }

  public enum State: String, Sendable, Hashable, CaseIterable {
    case waiting, delivered
    /// It was not taken within a day, and is not told any more unless it is replayed.
    case dead
  }

  /// One time that it was told.
  public struct Attempt: Sendable, Hashable {
    /// Milliseconds since 1970.
    public let at: Int
    /// Of HTTP.
    public let status: Int?
    /// Why it was not taken; `nil` where it was.
    public let reason: String?

    public init(at: Int, status: Int?, reason: String?) { (self.at, self.status, self.reason) = (at, status, reason) }
  }

  /// The same for the same change and target, however often it is told: by it a receiver leaves out what it has seen.
  public let id: String
  public let target: String
  /// As it was then.
  public let event: StreamEvent
  public let phase: Phase
  /// Tells the notices of one event apart.
  public let mark: String
  /// Of all notices of the library, in the order in which they are told.
  public var number = 0
  /// When it was put among those that wait, in milliseconds since 1970: noted, or replayed.
  public var queued: Int
  /// Before when it is not tried again.
  public var due = 0
  public var state = State.waiting
  /// How often it was told since it was queued, and the last of these.
  public var tried = 0
  public var attempts: [Attempt] = []

  /// `version` tells updates of one event apart.
  public init(
    _ event: StreamEvent, _ phase: Phase, version: ItemVersion?, for target: String, queued: Int,
    id: (_ words: String) -> String
  ) {
    (self.event, self.phase, self.target, self.queued) = (event, phase, target, queued)
    mark = phase == .update ? CompositeKey.joined("update", CompositeKey.number(version?.number ?? 0)) : phase.rawValue
    self.id = id(CompositeKey.joined(event.client, target, event.id.text, mark))
  }

  init(
    id: String, target: String, _ event: StreamEvent, _ phase: Phase, mark: String, queued: Int
  ) {
    (self.id, self.target, self.event, self.phase) = (id, target, event, phase)
    (self.mark, self.queued) = (mark, queued)
  }

  /// How many attempts are remembered.
  public static let mostAttempts = 10

  public var itemKey: ItemKey {
    // A list of an event's notices begins with its beginning.
    let place = Phase.allCases.firstIndex(of: phase) ?? 0
    return LibraryKeys.notice(event.client, target, from: event.from, event.id, mark: "\(place)\(mark)")
  }

  public mutating func add(_ attempt: Attempt) {
    tried += 1
    attempts = Array(attempts.suffix(Self.mostAttempts - 1)) + [attempt]
  }

  /// `event.start`, `health.end`, `alert.start`, `test`.
  public var type: String { phase == .test ? "test" : "\(event.kind.rawValue).\(phase.rawValue)" }

  /// The phases that a change of an event is told as: one that was over when it was first written begins and ends at once.
  ///
  /// What an alert found is told once, as its beginning.
  public static func phases(of event: StreamEvent, before old: StreamEvent.State?) -> [Phase] {
    if event.kind == .alert { return old == nil ? [.start] : [] }
    return switch (old, event.state) {
    case (nil, .open): [.start]
    case (nil, .over): [.start, .end]
    case (.open, .over): [.end]
    default: [.update]
    }
  }
}
