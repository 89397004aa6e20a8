internal import Predictions

/// Carries the events of a stream over interruptions: one that ended with its connection goes on where the same rule has one again within
/// the seconds that the rule bridges; where not, it is over with the last picture in which it was seen.
///
/// A value: connections' happenings go in, the stream's come out. Times of a connection begin at 0, `origin` says when that was, in seconds
/// since 1970.
struct IncidentBridge {
  private struct Part {
    var event: Event
    let origin: Double
  }

  /// By rule, the seconds that it bridges.
  private let holds: [String: Double]
  /// By rule: cut off, and perhaps going on.
  private var waiting: [String: Part] = [:]
  /// By the id that the event has over this connection: what was before.
  private var before: [String: Part] = [:]

  init(holds: [String: Double]) { self.holds = holds }

  mutating func pass(_ happenings: [Happening], origin: Double) -> [Happening] {
    happenings.compactMap { happening in
      guard case .event(let event) = happening else { return happening }
      return pass(event, origin).map { .event($0) }
    }
  }

  private mutating func pass(_ event: Event, _ origin: Double) -> Event? {
    var event = event
    let id = event.id
    if event.phase == .start, let part = waiting[event.rule] {
      let gap = origin + event.from - (part.origin + part.event.to)
      if gap <= holds[event.rule] ?? 0 {
        waiting[event.rule] = nil
        before[id] = part
      }
    }
    if let part = before[id] {
      event.go(on: part.event, shift: part.origin - origin)
      if event.phase == .start { event.phase = .update }
    }
    if event.phase == .end { before[id] = nil }
    guard event.phase == .end, event.ending == .gap, holds[event.rule] ?? 0 > 0 else { return event }
    waiting[event.rule] = Part(event: event, origin: origin)
    return nil
  }

  /// The ids that events of this connection are told with.
  func names(of ids: [String]) -> [String] { ids.map { before[$0]?.event.id ?? $0 } }

  /// Those that did not go on by a moment in seconds since 1970, or all that wait; each with the origin of its times.
  mutating func expire(by moment: Double) -> [(event: Event, origin: Double)] {
    guard !waiting.isEmpty else { return [] }
    let over = waiting.filter { moment - ($0.value.origin + $0.value.event.to) > holds[$0.key] ?? 0 }
    for rule in over.keys { waiting[rule] = nil }
    return over.sorted { $0.key < $1.key }.map { ($0.value.event, $0.value.origin) }
  }

  /// The stream ends: so does what waits.
  mutating func close() -> [(event: Event, origin: Double)] { expire(by: .infinity) }
}

extension Event {
  /// The same incident as `earlier`, whose times are moved by `shift` seconds.
  fileprivate mutating func go(on earlier: Event, shift: Double) {
    (id, from) = (earlier.id, earlier.from + shift)
    count = line == nil ? max(count, earlier.count) : count + earlier.count
    if (earlier.score ?? 1) > (score ?? 1) {
      (label, score, box, best) = (earlier.label, earlier.score, earlier.box, earlier.best)
      best.time += shift
    }
  }
}
