internal import Predictions
internal import Vision

/// One rule at work: an event where what it asks for is so long enough, one for each incident.
///
/// Votes say whether it is so, so what comes and goes with every frame changes that once at most. An event goes on over `hold` seconds in
/// which it is not so; its end is the last frame in which it was.
struct RuleTracker: Sendable {
  let rule: Pipeline.Rule
  private(set) var count = 0
  private var presence = Presence()
  /// Since when it is so.
  private var since: Double?
  private var event: Event?
  private var told: Event?
  private var toldAt = 0.0
  private var coolsUntil = -Double.infinity

  /// Seconds between two updates where there is news, and where there is none.
  private static let (pace, rest) = (1.0, 10.0)
  /// How much a score must rise to be news.
  private static let step: Float = 0.01

  init(_ rule: Pipeline.Rule) { self.rule = rule }

  var isOpen: Bool { event != nil }

  /// The open event's id, where this is its best moment.
  func peak(at moment: FrameMoment) -> String? { event.flatMap { $0.best == moment ? $0.id : nil } }

  /// Takes those answers of a frame that the rule is about.
  mutating func advance(_ found: [Prediction], at moment: FrameMoment, into happenings: inout [Happening]) {
    let ranked = found.sorted { ($0.score ?? 1) > ($1.score ?? 1) }
    let score = ranked.count >= rule.count ? ranked[rule.count - 1].score ?? 1 : nil
    if presence.add(score, rule.votes) != nil { since = presence.isOn ? moment.time : nil }
    let holds = presence.isOn && presence.lastVote
    if let open = event {
      if holds { take(ranked, moment) }
      if !presence.isOn, moment.time - open.to > rule.hold {
        end(.over, &happenings)
      } else {
        update(moment.time, &happenings)
      }
    } else if holds, let since, moment.time - since >= rule.lasting, moment.time >= coolsUntil {
      begin(ranked, moment, from: max(since, coolsUntil), &happenings)
    }
  }

  /// Takes the crossings of a frame that the rule is about.
  mutating func advance(_ crossings: [Crossing], at moment: FrameMoment, into happenings: inout [Happening]) {
    if let open = event, moment.time - open.to > rule.hold { end(.over, &happenings) }
    let objects = crossings.map(\.object).sorted { ($0.score ?? 1) > ($1.score ?? 1) }
    if let first = crossings.first {
      if event != nil {
        take(objects, moment)
      } else if moment.time >= coolsUntil {
        begin(objects, moment, from: moment.time, direction: first.direction, &happenings)
      }
      if crossings.contains(where: { $0.direction != event?.direction }) { event?.direction = nil }
    }
    if event != nil { update(moment.time, &happenings) }
  }

  /// No frame comes any more.
  mutating func close(_ ending: Event.Ending, into happenings: inout [Happening]) {
    end(ending, &happenings)
    (presence, since) = (Presence(), nil)
  }

  private mutating func begin(
    _ found: [Prediction], _ moment: FrameMoment, from: Double, direction: Direction? = nil,
    _ happenings: inout [Happening]
  ) {
    var new = Event(
      id: EventID.text(rule: rule.name, from: from, track: found.first?.track), rule: rule.name, at: moment)
    (new.zone, new.line, new.direction, new.from) = (rule.zone, rule.line, direction, from)
    event = new
    count += 1
    take(found, moment)
    tell(.start, moment.time, &happenings)
  }

  private mutating func take(_ found: [Prediction], _ moment: FrameMoment) {
    guard var event else { return }
    event.to = moment.time
    event.count = rule.line == nil ? max(event.count, found.count) : event.count + found.count
    for case let track? in found.map(\.track) where event.tracks.count < Event.mostTracks {
      if !event.tracks.contains(track) { event.tracks.append(track) }
    }
    if let best = found.first, event.label == nil && event.box == nil || (best.score ?? 1) > (event.score ?? 1) {
      (event.label, event.score, event.box, event.best) = (best.label, best.score, best.box, moment)
    }
    self.event = event
  }

  /// Tells what is new now and then, and that it goes on where nothing is.
  private mutating func update(_ time: Double, _ happenings: inout [Happening]) {
    guard let event else { return }
    if time - toldAt >= (isNews(event) ? Self.pace : Self.rest) { tell(.update, time, &happenings) }
  }

  private func isNews(_ event: Event) -> Bool {
    guard let told else { return true }
    return (event.score ?? 1) >= (told.score ?? 1) + Self.step || event.count > told.count
      || event.tracks.count > told.tracks.count
  }

  private mutating func tell(_ phase: Event.Phase, _ time: Double, _ happenings: inout [Happening]) {
    guard var event else { return }
    event.phase = phase
    (self.event, told, toldAt) = (event, event, time)
    happenings.append(.event(event))
  }

  private mutating func end(_ ending: Event.Ending, _ happenings: inout [Happening]) {
    guard var event else { return }
    (event.phase, event.ending) = (.end, ending)
    happenings.append(.event(event))
    (self.event, told) = (nil, nil)
    coolsUntil = event.to + rule.coolDown
  }
}

extension Crossing {
  /// What crossed.
  fileprivate var object: Prediction {
    var object = Prediction(kind: .detection, label: label, score: score, box: box)
    object.track = track
    return object
  }
}

/// Ids of events: FNV-1a of what tells them apart, so that the same incident of the same frames has the same one.
enum EventID {
  static func text(rule: String, from: Double, track: Int?) -> String {
    let moment = from.isFinite ? Int((from * 1e6).rounded().clamped) : 0
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(moment)/\(track ?? 0)/\(rule)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

extension Double {
  fileprivate var clamped: Double { Swift.min(Swift.max(self, -1e18), 1e18) }
}
