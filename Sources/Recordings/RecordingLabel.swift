internal import Base
public import Catalog
internal import Items
internal import JSON

/// What a recording's file says of itself in its beginning, so that another process can finish it.
public struct RecordingLabel: Sendable, Hashable {
  public var client: String
  public var stream: String
  public var kind: Recording.Kind
  /// Of a clip: of which event, and by which rule.
  public var event: ULID?
  public var rule: String?
  /// Ticks at which the film ends; `nil` before that is known, or where it has all that is in the file.
  var until: Int?

  public init(client: String, stream: String, kind: Recording.Kind, event: ULID? = nil, rule: String? = nil) {
    (self.client, self.stream, self.kind, self.event, self.rule) = (client, stream, kind, event, rule)
  }

  private enum Key: String, CaseIterable { case client, stream, kind, event, rule, until }

  private static let untilCount = 20

  var json: [UInt8] {
    JSONWriter.object { json in
      json.field("client", client)
      json.field("stream", stream)
      json.field("kind", kind.rawValue)
      json.field("event", ifKnown: event?.text)
      json.field("rule", ifKnown: rule)
      // As long whatever it is, so that it can be written into the file later.
      let text = until.map(String.init) ?? ""
      json.field("until", String(repeating: " ", count: Self.untilCount - text.utf8.count) + text)
    }
  }

  init(_ bytes: [UInt8]) throws(Fault) {
    let document = unsafe try JSONDocument(parsing: bytes.span.bytes, name: "a recording")
    let fields = try document.root.fields(Key.self, others: .ignored)
    self.init(
      client: try fields.required(.client).string(), stream: try fields.required(.stream).string(),
      kind: try fields.required(.kind).choice())
    event = try fields[.event].flatMap { (value) throws(Fault) in ULID(try value.string()) }
    rule = try fields[.rule]?.string()
    until = try fields[.until].flatMap { (value) throws(Fault) in Int(try value.string().drop { $0 == " " }) }
  }

  /// Readable, and the same for the same recording: `dock 2026-11-29T08-15-02.120Z person-in-yard.mp4`.
  func name(from moment: Int) -> String {
    let time = CompositeKey.time(milliseconds: moment).split(separator: ":").joined(separator: "-")
    let rule = rule.map { " " + String($0.prefix(60).map { $0 == "/" ? "-" : $0 }) } ?? ""
    return "\(stream) \(time)\(rule).mp4"
  }
}
