public import Base
public import Items
internal import JSON

/// One time that a link to a search was used.
public struct ShareUse: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A page of what is found.
    case page
    /// A stream of what comes in, from when it began.
    case events
  }

  /// Made at the moment of the use.
  public let id: ULID
  public let kind: Kind
  /// What was found: a page's, or all that a stream has told by now.
  public var found: Int
  /// Where it was used from.
  public let address: String
  /// Where the next page of a search begins; only the search reads it.
  public var next: String?

  public init(id: ULID, kind: Kind, found: Int, address: String) {
    (self.id, self.kind, self.found, self.address) = (id, kind, found, address)
  }

  /// Uses of one link that are remembered.
  public static let most = 1000

  private enum Key: String, CaseIterable { case use, kind, found, address, next }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("use", id.text)
      json.field("kind", kind.rawValue)
      json.field("found", found)
      json.field("address", address)
      json.field("next", ifKnown: next)
    }
  }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("at", CompositeKey.time(milliseconds: id.milliseconds))
    json.field("kind", kind.rawValue)
    json.field("found", found)
    json.field("address", address)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let use = try fields.required(.use)
    guard let id = ULID(try use.string()) else { throw use.fault("this is no id of a use") }
    self.init(
      id: id, kind: try fields.required(.kind).choice(), found: try fields.required(.found).integer(in: 0 ... .max),
      address: try fields.required(.address).string())
    next = try fields[.next]?.string()
  }
}
