public import Base
public import Items
internal import JSON

/// A search that whoever has its link may ask, until it expires or is revoked.
public struct SearchShare: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable { case open, expired, revoked }

  public let id: ULID
  public let client: String
  /// As it was written.
  public let query: String
  /// Whose times are meant; UTC where there is none.
  public let zone: String?
  /// What of each moment is shown.
  public let fields: [Moment.Field]
  /// Milliseconds since 1970.
  public let created: Int
  public let expires: Int
  public var revoked: Int?
  /// SHA-256 of its token, which nobody keeps.
  public let digest: String

  public init(
    id: ULID, client: String, query: String, zone: String?, fields: [Moment.Field], created: Int, expires: Int,
    digest: String
  ) {
    (self.id, self.client, self.query, self.zone, self.fields) = (id, client, query, zone, fields)
    (self.created, self.expires, self.digest) = (created, expires, digest)
  }

  /// The most of one client; those that are over make room.
  public static let mostOfClient = 200
  /// What is shown where nothing else is said.
  public static let usualFields: [Moment.Field] = [.kind, .label, .from, .to, .score, .zone]
  /// For how long one holds where nothing else is said, and at most.
  public static let usualSeconds = 7 * 86_400
  public static let mostSeconds = 366 * 86_400

  public func state(at now: Int) -> State { revoked != nil ? .revoked : now < expires ? .open : .expired }

  public var itemKey: ItemKey { LibraryKeys.share(client, id) }

  private enum Key: String, CaseIterable {
    case share, owner, query, timeZone, fields, since, expires, revoked, digest
  }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      writeWhat(into: &json)
      json.field("digest", digest)
    }
  }

  /// The members that are its JSON on every surface; nothing of its token.
  public func write(into json: inout JSONWriter, at now: Int) {
    writeWhat(into: &json)
    json.field("state", state(at: now).rawValue)
  }

  private func writeWhat(into json: inout JSONWriter) {
    json.field("share", id.text)
    json.field("owner", client)
    json.field("query", query)
    json.field("timeZone", ifKnown: zone)
    json.field("fields", fields.map(\.rawValue))
    // No `created`: by that the index of jobs knows theirs.
    json.field("since", CompositeKey.time(milliseconds: created))
    json.field("expires", CompositeKey.time(milliseconds: expires))
    json.field("revoked", ifKnown: revoked.map { CompositeKey.time(milliseconds: $0) })
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let members = try document.root.fields(Key.self)
    let share = try members.required(.share)
    guard let id = ULID(try share.string()) else { throw share.fault("this is no link's id") }
    var fields: [Moment.Field] = []
    for field in try members.required(.fields).elements() { fields.append(try field.choice()) }
    self.init(
      id: id, client: try members.required(.owner).string(), query: try members.required(.query).string(),
      zone: try members[.timeZone]?.string(), fields: fields, created: try members.required(.since).moment(),
      expires: try members.required(.expires).moment(), digest: try members.required(.digest).string())
    revoked = try members[.revoked]?.moment()
  }
}
