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
/// Of an event that waits only its newest state is written, so what waits is bounded by the events that are open, and by ``most`` that are
/// over. What cannot be written now is tried again.
public final class EventRecorder: Sendable {
  fileprivate struct Waiting {
    var event: StreamEvent
    var picture: [UInt8]?
    var attempts = 0
  }

  fileprivate struct State {
    /// By client, stream and the event's own id: those that are open.
    var open: [String: Open] = [:]
    /// In the order of coming.
    var order: [ULID] = []
    var waiting: [ULID: Waiting] = [:]
    var isOver = false
  }

  fileprivate struct Open {
    var event: StreamEvent
    /// The newest picture of the best moment that was not handed on, and when one was taken last, in monotonic nanoseconds.
    var picture: [UInt8]?
    var taken: UInt64 = 0
  }

  private let state = Monitor(State())
  private let worker: NativeThread

  /// Events that wait to be written, at most; beyond that the oldest is lost, and told.
  public static let most = 10_000
  /// Nanoseconds between two pictures of one event, and until what failed is tried again.
  private static let (pace, rest) = (UInt64(500_000_000), UInt64(1_000_000_000))

  /// How often one is tried again that cannot be written.
  private static let mostAttempts = 300

  /// `complain` hears of what fails, once for each reason in a row.
  public init(_ keeper: any EventKeeper, complain: @escaping @Sendable (Fault) -> Void) {
    let state = state
    worker = NativeThread {
      var told: Fault?
      while let next = Self.next(state) {
        do throws(Fault) {
          try keeper.keep(next.event, picture: next.picture)
          told = nil
        } catch {
          if error != told { complain(error.at("events of the stream '\(next.event.stream)'")) }
          told = error
          if error.kind == .unavailable || error.kind == .exhausted { Self.putBack(next, state) }
        }
      }
    }
  }

  /// On the stream's thread, which does no more than take a picture where an event's best moment is at hand.
  func take(_ happened: LiveStream.Happened, client: String, stream: String) {
    let place = "\(client)/\(stream)/"
    let now = Clock.now
    let begun = happened.happenings.compactMap { happening -> Event? in
      if case .event(let event) = happening { event } else { nil }
    }
    state.update { state in
      for event in begun where state.open[place + event.id] == nil {
        state.open[place + event.id] = Open(event: Self.event(event, happened, client, stream))
      }
    }
    let wanted = state.update { state in
      happened.peaks.filter { id in state.open[place + id].map { now >= $0.taken + Self.pace } ?? false }
    }
    let picture = wanted.isEmpty ? nil : happened.picture()
    state.update { state in
      for id in wanted where picture != nil {
        state.open[place + id]?.picture = picture
        state.open[place + id]?.taken = now
      }
      for event in begun { state.tell(event, happened.origin, place + event.id) }
    }
  }

  /// Writes what waits, and ends; call it once, when no stream tells anything any more.
  public func finish() {
    state.update { $0.isOver = true }
    worker.join()
  }

  private static func event(
    _ event: Event, _ happened: LiveStream.Happened, _ client: String, _ stream: String
  ) -> StreamEvent {
    let from = max(0, Int(((happened.origin + event.from) * 1000).rounded()))
    var random = SystemRandomNumberGenerator()
    return StreamEvent(
      id: ULID(milliseconds: from, using: &random), client: client, stream: stream, rule: event.rule, from: from,
      pipeline: happened.pipeline.digest)
  }

  /// What is to be written next; `nil` in the end.
  private static func next(_ state: Monitor<State>) -> Waiting? {
    state.wait { state -> Waiting?? in
      guard let id = state.order.first else { return state.isOver ? .some(nil) : nil }
      state.order.removeFirst()
      return state.waiting.removeValue(forKey: id)
    }
  }

  /// Tries it again after a rest, behind the others, unless there is something newer by then; not for ever, and not where all is over.
  private static func putBack(_ failed: Waiting, _ state: Monitor<State>) {
    let isOver = state.wait(before: Clock.now + rest) { $0.isOver ? true : nil } ?? false
    guard !isOver, failed.attempts < mostAttempts else { return }
    var failed = failed
    failed.attempts += 1
    state.update { [failed] state in
      let id = failed.event.id
      if state.waiting[id] == nil {
        state.waiting[id] = failed
        state.order.append(id)
      } else if state.waiting[id]?.picture == nil {
        state.waiting[id]?.picture = failed.picture
      }
    }
  }
}

extension EventRecorder.State {
  /// What is known of an event by now waits to be written.
  fileprivate mutating func tell(_ told: Event, _ origin: Double, _ key: String) {
    guard var entry = open[key] else { return }
    entry.event.take(told, origin: origin, now: Int(Clock.seconds * 1000))
    let id = entry.event.id
    if waiting[id] == nil {
      if order.count >= EventRecorder.most { waiting[order.removeFirst()] = nil }
      order.append(id)
    }
    waiting[id] = EventRecorder.Waiting(event: entry.event, picture: entry.picture ?? waiting[id]?.picture)
    entry.picture = nil
    open[key] = told.phase == .end ? nil : entry
  }
}
