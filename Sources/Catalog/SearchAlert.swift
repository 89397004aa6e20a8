public import Base
public import Items
internal import JSON

/// A search that is asked of everything that comes in: of each moment that it finds a notice is made, once.
public struct SearchAlert: Sendable, Hashable {
  public let id: ULID
  public let client: String
  /// Of its client's alerts.
  public let name: String
  /// As it was written.
  public let query: String
  /// Whose times are meant; UTC where there is none.
  public let zone: String?
  /// Milliseconds since 1970; what ended before is not told.
  public let created: Int

  public init(id: ULID, client: String, name: String, query: String, zone: String?, created: Int) {
    (self.id, self.client, self.name) = (id, client, name)
    (self.query, self.zone, self.created) = (query, zone, created)
  }

  /// The most of one client.
  public static let mostOfClient = 100

  public var itemKey: ItemKey { LibraryKeys.alert(client, name) }

  private enum Key: String, CaseIterable { case alert, name, owner, query, timeZone, since }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(capacity: 256, write) }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("alert", id.text)
    json.field("name", name)
    json.field("owner", client)
    json.field("query", query)
    json.field("timeZone", ifKnown: zone)
    // No `created`: by that the index of jobs knows theirs.
    json.field("since", CompositeKey.time(milliseconds: created))
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let alert = try fields.required(.alert)
    guard let id = ULID(try alert.string()) else { throw alert.fault("this is no alert's id") }
    self.init(
      id: id, client: try fields.required(.owner).string(), name: try fields.required(.name).string(),
      query: try fields.required(.query).string(), zone: try fields[.timeZone]?.string(),
      created: try fields.required(.since).moment())
  }
}
