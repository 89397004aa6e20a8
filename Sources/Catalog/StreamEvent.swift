public import Base
public import Items
public import JSON
public import Predictions

/// One incident of a live stream, as it is kept: it outlives its stream.
///
/// What an alert found, in a stream or in a film, is kept as one too.
public struct StreamEvent: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable { case open, over }

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Something that a rule saw.
    case event
    /// Something that the server lacks: a source that is gone, a disk that is full.
    case health
    /// Something that the search of an alert found.
    case alert
    /// What a stream shows, or what is answered about it, is not as it was.
    case drift
  }

  /// Made at the moment at which it began.
  public let id: ULID
  public private(set) var client: String
  public private(set) var stream: String
  public let rule: String
  /// Moments in milliseconds since 1970: when it began, when it was so last, and when this was written.
  public private(set) var from: Int
  public var to: Int
  public var updated: Int
  public var zone: String?
  public var line: String?
  public var direction: Direction?
  /// Most objects at a time, or crossings.
  public var count = 0
  public var tracks: [Int] = []
  public var label: String?
  public var score: Float?
  /// The moment of the highest score, and where that was.
  public var best: Int
  public var box: Rect?
  public var state = State.open
  public var ending: Event.Ending?
  /// The picture of the best moment, an object: JPEG.
  public var snapshot: String?
  /// Bytes of that picture where a node forwarded it, which count for the client.
  public var snapshotByteCount: Int?
  /// The digest of the pipeline.
  public let pipeline: String
  public var kind = Kind.event
  /// What is wrong, where it is about the server's health; what has moved, where it is about drift.
  public var problem: String?
  /// Its stream kept clips as it began: there is one, or will be a moment behind its end.
  public var keepsClip = false
  /// What an alert is about: the event of a stream by its id, or the moment of a film.
  public var about: String?
  /// Of an alert on a film: which asset it is, and where in it, in milliseconds from its beginning.
  public var asset: ULID?
  public var offset: Int?

  public init(id: ULID, client: String, stream: String, rule: String, from: Int, pipeline: String) {
    (self.id, self.client, self.stream, self.rule) = (id, client, stream, rule)
    (self.from, to, updated, best, self.pipeline) = (from, from, from, from, pipeline)
  }

  /// Takes over what is known by now; `origin` is when the event's times are 0, in seconds since 1970.
  public mutating func take(_ event: Event, origin: Double, now: Int) {
    let moment = { (time: Double) in Int(((origin + time) * 1000).rounded()) }
    (to, updated, best) = (max(from, moment(event.to)), now, moment(event.best.time))
    (zone, line, direction) = (event.zone, event.line, event.direction)
    (count, tracks, label, score, box) = (event.count, event.tracks, event.label, event.score, event.box)
    (state, ending) = (event.phase == .end ? .over : .open, event.ending)
  }

  /// It is over since a moment in milliseconds since 1970, as what it was about is.
  public mutating func end(at moment: Int) {
    (state, ending, to, updated) = (.over, .over, max(from, moment), moment)
  }

  /// Nobody tells of it any more: it was so last when that was told last.
  public mutating func leave(at moment: Int) { (state, ending, updated) = (.over, .restart, moment) }

  /// The node whose it is was taken away: it was so last when that was told last.
  public mutating func withdraw(at moment: Int) { (state, ending, updated) = (.over, .end, moment) }

  /// The same as another library has it: of another client and stream, with its moments by a clock that is so many milliseconds ahead.
  public func moved(to client: String, stream: String, by skew: Int) -> StreamEvent {
    var event = self
    (event.client, event.stream) = (client, stream)
    event.from = max(0, from + skew)
    (event.to, event.updated, event.best) = (max(0, to + skew), max(0, updated + skew), max(0, best + skew))
    return event
  }

  public var itemKey: ItemKey { LibraryKeys.event(client, stream, from: from, id) }

  /// By which its picture is needed.
  public var reference: ItemKey? { snapshot.map { LibraryKeys.reference($0, by: id, "SNAPSHOT") } }

  /// Where it says when it began, where its id does not: one that came from a machine whose clock was wrong.
  public var place: ItemKey? { from == id.milliseconds ? nil : LibraryKeys.eventPlace(client, id) }
}

extension StreamEvent {
  private enum Key: String, CaseIterable {
    case event, owner, stream, rule, state, from, to, updated, zone, line, direction, count, tracks, label, score, best
    case box, reason, snapshot, pipeline, kind, problem, clips, about, asset, offset
    case snapshotBytes = "snapshot_bytes"
  }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      write(into: &json)
      json.field("snapshot_bytes", ifKnown: snapshotByteCount)
    }
  }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("event", id.text)
    json.field("owner", client)
    json.field("stream", stream)
    json.field("rule", rule)
    json.field("state", state.rawValue)
    json.field("from", CompositeKey.time(milliseconds: from))
    json.field("to", CompositeKey.time(milliseconds: to))
    json.field("updated", CompositeKey.time(milliseconds: updated))
    json.field("zone", ifKnown: zone)
    json.field("line", ifKnown: line)
    json.field("direction", ifKnown: direction?.rawValue)
    json.field("count", count)
    json.array("tracks") { for track in tracks { $0.integer(track) } }
    json.field("label", ifKnown: label)
    json.field("score", ifKnown: score.map(Double.init))
    json.field("best", CompositeKey.time(milliseconds: best))
    if let box {
      json.array("box") { for side in [box.x, box.y, box.width, box.height] { $0.number(side, digits: 5) } }
    }
    json.field("reason", ifKnown: ending?.rawValue)
    json.field("snapshot", ifKnown: snapshot)
    json.field("pipeline", pipeline)
    // Left out of what rules see, so that an index of the others is short.
    if kind != .event { json.field("kind", kind.rawValue) }
    json.field("problem", ifKnown: problem)
    if keepsClip { json.field("clips", true) }
    json.field("about", ifKnown: about)
    json.field("asset", ifKnown: asset?.text)
    json.field("offset", ifKnown: offset)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    let id = try fields.required(.event)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no event's id") }
    self.init(
      id: ulid, client: try fields.required(.owner).string(), stream: try fields.required(.stream).string(),
      rule: try fields.required(.rule).string(), from: try fields.required(.from).moment(),
      pipeline: try fields.required(.pipeline).string())
    (to, updated) = (try fields.required(.to).moment(), try fields.required(.updated).moment())
    (best, state) = (try fields.required(.best).moment(), try fields.required(.state).choice())
    (zone, line) = (try fields[.zone]?.string(), try fields[.line]?.string())
    if let value = fields[.direction] { direction = try value.choice() as Direction }
    count = try fields.required(.count).integer(in: 0 ... .max)
    for value in try fields.required(.tracks).elements() { tracks.append(try value.integer(in: 0 ... .max)) }
    (label, snapshot) = (try fields[.label]?.string(), try fields[.snapshot]?.string())
    snapshotByteCount = try fields[.snapshotBytes]?.integer(in: 0 ... .max)
    if let value = fields[.score], value.kind != .null { score = Float(try value.number()) }
    if let value = fields[.reason] { ending = try value.choice() as Event.Ending }
    if let value = fields[.kind] { kind = try value.choice() }
    keepsClip = try fields[.clips]?.bool() ?? false
    (problem, about) = (try fields[.problem]?.string(), try fields[.about]?.string())
    asset = try fields[.asset].flatMap { (value) throws(Fault) in ULID(try value.string()) }
    offset = try fields[.offset]?.integer(in: 0 ... .max)
    if let value = fields[.box] { box = try value.rect() }
  }
}
