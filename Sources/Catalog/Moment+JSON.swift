public import Base
public import Items
internal import JSON

extension Moment {
  private enum Key: String, CaseIterable {
    case moment, owner, place, kind, from, to, offset, label, score, track, traits, zone, rule, text, by, best, box
    case snapshot, open, generation, reads
    case lengthClass = "class"
  }

  /// Words that are kept of a text, in bytes.
  public static let mostTextBytes = 1000
  /// Words that are kept of those that networks called it.
  public static let mostTraits = 16

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      json.field("moment", id)
      json.field("owner", client)
      json.field("place", source.key)
      // No `series`: by that the indexes of scores know theirs.
      json.field("by", series)
      writeWhat(into: &json)
      if generation > 0 { json.field("generation", generation) }
      // So that the index of long ones has these alone.
      json.field("class", ifKnown: lengthClass)
      // So that the index of words has those alone that have some.
      if text != nil { json.field("reads", client) }
    }
  }

  /// What its JSON says, by the names of the members.
  public enum Field: String, Sendable, Hashable, CaseIterable {
    case moment, asset, stream, series, kind, from, to, offset, label, score, track, traits, zone, rule, text, best, box
    case snapshot, open
  }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) { write(Set(Field.allCases), into: &json) }

  /// Some of them.
  public func write(_ shown: Set<Field>, into json: inout JSONWriter) {
    if shown.contains(.moment) { json.field("moment", id) }
    switch source {
    case .asset(let id): if shown.contains(.asset) { json.field("asset", id.text) }
    case .stream(let name): if shown.contains(.stream) { json.field("stream", name) }
    }
    if shown.contains(.series) { json.field("series", series) }
    writeWhat(shown, into: &json)
  }

  private func writeWhat(_ shown: Set<Field> = Set(Field.allCases), into json: inout JSONWriter) {
    if shown.contains(.kind) { json.field("kind", kind.rawValue) }
    if shown.contains(.from) { json.field("from", CompositeKey.time(milliseconds: from)) }
    if shown.contains(.to) { json.field("to", CompositeKey.time(milliseconds: to)) }
    if shown.contains(.offset) { json.field("offset", ifKnown: offset) }
    if shown.contains(.label) { json.field("label", ifKnown: label) }
    if shown.contains(.score) { json.field("score", ifKnown: score.flatMap { $0.isFinite ? Double($0) : nil }) }
    if shown.contains(.track) { json.field("track", ifKnown: track) }
    if shown.contains(.traits), !traits.isEmpty { json.field("traits", traits) }
    if shown.contains(.zone) { json.field("zone", ifKnown: zone) }
    if shown.contains(.rule) { json.field("rule", ifKnown: rule) }
    if shown.contains(.text) { json.field("text", ifKnown: text) }
    if shown.contains(.best) { json.field("best", CompositeKey.time(milliseconds: best)) }
    if shown.contains(.box), let box {
      json.array("box") { for side in [box.x, box.y, box.width, box.height] { $0.number(side, digits: 5) } }
    }
    if shown.contains(.snapshot) { json.field("snapshot", ifKnown: snapshot) }
    if shown.contains(.open), isOpen { json.field("open", isOpen) }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let place = try fields.required(.place)
    guard let source = Source(key: try place.string()) else { throw place.fault("this is no asset and no stream") }
    self.init(
      id: try fields.required(.moment).string(), client: try fields.required(.owner).string(), source: source,
      kind: try fields.required(.kind).choice(), from: try fields.required(.from).moment(),
      to: try fields.required(.to).moment(), series: try fields.required(.by).string())
    offset = try fields[.offset]?.integer(in: 0 ... .max)
    (label, zone) = (try fields[.label]?.string(), try fields[.zone]?.string())
    if let value = fields[.score] { score = Float(try value.number()) }
    track = try fields[.track]?.integer(in: 0 ... .max)
    if let value = fields[.traits] {
      for trait in try value.elements() { traits.append(try trait.string()) }
    }
    (rule, text) = (try fields[.rule]?.string(), try fields[.text]?.string())
    best = try fields.required(.best).moment()
    snapshot = try fields[.snapshot]?.string()
    isOpen = try fields[.open]?.bool() ?? false
    generation = try fields[.generation]?.integer(in: 0 ... .max) ?? 0
    if let value = fields[.box] { box = try value.rect() }
  }
}

extension Moment.Source {
  /// Of ``key``; `nil` for any other text.
  public init?(key: String) {
    if key.utf8.starts(with: "asset:".utf8), let id = ULID(String(key.dropFirst(6))) {
      self = .asset(id)
    } else if key.utf8.starts(with: "stream:".utf8) {
      self = .stream(String(key.dropFirst(7)))
    } else {
      return nil
    }
  }
}

extension Moment {
  /// Where it stands.
  public var itemKey: ItemKey {
    switch source {
    case .asset(let id): LibraryKeys.moment(id, series: series, generation: generation, self.id)
    case .stream(let name): LibraryKeys.moment(client, stream: name, from: from, id)
    }
  }

  /// What it is found by: sort keys of its indexes.
  public var place: String { CompositeKey.joined(CompositeKey.time(milliseconds: from), id) }
}
