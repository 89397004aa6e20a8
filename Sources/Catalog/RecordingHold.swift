public import Base
public import Items
internal import JSON

/// A time of a stream whose recordings are not removed by any rule, until the hold is taken away.
public struct RecordingHold: Sendable, Hashable {
  public let id: ULID
  public let client: String
  public let stream: String
  /// Milliseconds since 1970.
  public let from: Int
  public let to: Int
  /// Only what has to do with events of this label.
  public var label: String?
  /// Why, in the words of whoever holds it, and who that is: the id of a key, or the owner of the machine.
  public var reason: String?
  public var by: String
  public let made: Int

  public init(id: ULID, client: String, stream: String, from: Int, to: Int, by: String, made: Int) {
    (self.id, self.client, self.stream) = (id, client, stream)
    (self.from, self.to, self.by, self.made) = (from, to, by, made)
  }

  public var itemKey: ItemKey { LibraryKeys.hold(client, stream, id) }

  private enum Key: String, CaseIterable { case hold, owner, stream, from, to, label, reason, by, made }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(write) }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("hold", id.text)
    json.field("owner", client)
    json.field("stream", stream)
    json.field("from", CompositeKey.time(milliseconds: from))
    json.field("to", CompositeKey.time(milliseconds: to))
    json.field("label", ifKnown: label)
    json.field("reason", ifKnown: reason)
    json.field("by", by)
    json.field("made", CompositeKey.time(milliseconds: made))
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let id = try fields.required(.hold)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no hold's id") }
    self.init(
      id: ulid, client: try fields.required(.owner).string(), stream: try fields.required(.stream).string(),
      from: try fields.required(.from).moment(), to: try fields.required(.to).moment(),
      by: try fields.required(.by).string(), made: try fields.required(.made).moment())
    (label, reason) = (try fields[.label]?.string(), try fields[.reason]?.string())
  }
}
