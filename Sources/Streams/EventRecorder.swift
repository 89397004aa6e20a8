public import Base
public import Catalog
internal import Execution
internal import Predictions

/// Where events of streams are kept.
public protocol EventKeeper: Sendable {
  /// Writes an event down as it is by now, with the picture of its best moment (JPEG) where there is a new one; may wait for the disk.
  func keep(_ event: StreamEvent, picture: [UInt8]?) throws(Fault)
}

/// Writes down what happens in all streams of a server, on a thread of its own.
///
/// What waits is an ``EventQueue``. What cannot be written now is tried again; what is not kept is counted in its stream's figures.
public final class EventRecorder: Sendable {
  fileprivate struct State {
    /// By client, stream and the event's own id: those that are open.
    var open: [String: Open] = [:]
    var queue = EventQueue()
    /// Why something was lost last.
    var fault: Fault?
    var isOver = false
  }

  fileprivate struct Open {
    var event: StreamEvent
    /// When a picture was taken last, in monotonic nanoseconds.
    var taken: UInt64 = 0
  }

  private let state = Monitor(State())
  private let worker: NativeThread
  private let complain: @Sendable (Fault) -> Void
  private let archive: (any StreamArchive)?

  /// Nanoseconds between two pictures of one event.
  private static let pace: UInt64 = 500_000_000
  /// Nanoseconds after which it is looked at again what waits.
  private static let glance: UInt64 = 60_000_000_000

  /// `complain` hears of what fails, once for each reason in a row, and of rules that begin too many events.
  ///
  /// `archive` is told of each, for its clip.
  public init(
    _ keeper: any EventKeeper, archive: (any StreamArchive)? = nil, complain: @escaping @Sendable (Fault) -> Void
  ) {
    let state = state
    (self.complain, self.archive) = (complain, archive)
    worker = NativeThread {
      while let next = Self.next(state) {
        do throws(Fault) {
          try keeper.keep(next.event, picture: next.picture)
          state.update { $0.queue.settle(next.place) }
        } catch {
          if Self.takeBack(next, error, state) { complain(error.at("events of the stream '\(next.place)'")) }
        }
      }
    }
  }

  /// On the stream's thread, which does no more than take a picture where an event's best moment is at hand.
  func take(_ happened: LiveStream.Happened, client: String, stream: String) {
    let events = happened.happenings.compactMap { happening -> Event? in
      if case .event(let event) = happening { event } else { nil }
    }
    let told = Told(
      client: client, stream: stream, events: events, peaks: happened.peaks, origin: happened.origin,
      pipeline: happened.pipeline.digest, tally: happened.tally)
    take(told, picture: happened.picture)
  }

  /// What a stream tells of its events.
  struct Told {
    let client: String
    let stream: String
    let events: [Event]
    /// Ids of those whose best moment is at hand.
    var peaks: [String] = []
    /// Seconds since 1970 at which the events' times are 0.
    let origin: Double
    let pipeline: String
    let tally: EventTally

    var place: String { "\(client)/\(stream)" }
  }

  func take(_ told: Told, picture: () -> [UInt8]?) {
    let now = Clock.now
    let kept = told.events.filter { $0.phase == .start && lets($0, told, now) }
    let keepsClip = !kept.isEmpty && archive?.keepsClips(of: told.stream, client: told.client) ?? false
    let wanted = state.update { state in
      for event in kept { state.open["\(told.place)/\(event.id)"] = Open(event: Self.event(event, told, keepsClip)) }
      return told.peaks.filter { id in
        state.open["\(told.place)/\(id)"].map { now >= $0.taken + Self.pace } ?? false
      }
    }
    let picture = wanted.isEmpty ? nil : picture()
    let news = state.update { state in
      if let picture {
        for id in wanted { state.add(picture, of: id, told, now) }
      }
      return told.events.compactMap { state.tell($0, told) }
    }
    for event in news { archive?.take(event) }
  }

  /// Whether one more event of its rule is kept.
  private func lets(_ event: Event, _ told: Told, _ now: UInt64) -> Bool {
    let (isKept, news) = told.tally.begin(event.rule, at: now)
    if let news { complain(news.at("events of the stream '\(told.place)'")) }
    return isKept
  }

  /// All that happened in a stream so far is written.
  func isIdle(client: String, stream: String) -> Bool {
    let place = "\(client)/\(stream)"
    return state.update { state in
      !state.queue.has(place) && !state.open.keys.contains { $0.utf8.starts(with: "\(place)/".utf8) }
    }
  }

  /// Writes what waits, and ends; call it once, when no stream tells anything any more.
  public func finish() {
    state.update { $0.isOver = true }
    worker.join()
  }

  private static func event(_ event: Event, _ told: Told, _ keepsClip: Bool) -> StreamEvent {
    let from = max(0, Int(((told.origin + event.from) * 1000).rounded()))
    var random = SystemRandomNumberGenerator()
    var made = StreamEvent(
      id: ULID(milliseconds: from, using: &random), client: told.client, stream: told.stream, rule: event.rule,
      from: from, pipeline: told.pipeline)
    made.keepsClip = keepsClip
    return made
  }

  /// What is to be written next; `nil` in the end, before which all that waits is tried once more.
  private static func next(_ state: Monitor<State>) -> EventQueue.Waiting? {
    while true {
      let due = state.update(\.queue.due) ?? .max
      let found = state.wait(before: min(due, Clock.now + glance)) { state -> EventQueue.Waiting?? in
        if let next = state.queue.next(at: state.isOver ? .max : Clock.now) { return .some(next) }
        return state.isOver ? .some(nil) : nil
      }
      if let found { return found }
    }
  }

  /// It is tried again where that helps, or else lost; whether there is something to complain of.
  private static func takeBack(_ failed: EventQueue.Waiting, _ fault: Fault, _ state: Monitor<State>) -> Bool {
    state.update { state in
      if !state.isOver, fault.kind == .unavailable || fault.kind == .exhausted {
        return state.queue.putBack(failed, fault, at: Clock.now)
      }
      failed.lose(fault.message)
      state.queue.settle(failed.place)
      defer { state.fault = fault }
      return state.fault != fault
    }
  }
}

extension EventRecorder.State {
  fileprivate mutating func add(_ picture: [UInt8], of id: String, _ told: EventRecorder.Told, _ now: UInt64) {
    let key = "\(told.place)/\(id)"
    guard let event = open[key]?.event else { return }
    open[key]?.taken = now
    guard !queue.add(picture: picture, of: event.id) else { return }
    told.tally.add({ $0.lostPictures += 1 }, "the picture of an event was lost: too many wait to be written")
  }

  /// What is known of an event by now waits to be written.
  fileprivate mutating func tell(_ event: Event, _ told: EventRecorder.Told) -> StreamEvent? {
    let key = "\(told.place)/\(event.id)"
    guard var entry = open[key] else { return nil }
    entry.event.take(event, origin: told.origin, now: Int(Clock.seconds * 1000))
    queue.add(entry.event, of: told.place, told.tally)
    open[key] = event.phase == .end ? nil : entry
    return entry.event
  }
}
