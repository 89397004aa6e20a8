public import Base
public import Items
public import JSON

/// One whose assets are kept apart from all others'.
public struct Client: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    case open
    /// Everything of it is being removed; nothing is added any more.
    case purging
  }

  public let name: String
  public var state = State.open
  /// When it was first met, in milliseconds since 1970.
  public let created: Int
  /// Bytes that it may store; `nil` where only the disk limits it.
  public var byteLimit: Int?

  public init(name: String, created: Int) { (self.name, self.created) = (name, created) }

  private enum Key: String, CaseIterable { case id, state, created, limit }

  public var json: [UInt8] { JSONWriter.object(capacity: 128, write) }

  public func write(into json: inout JSONWriter) {
    json.field("id", name)
    json.field("state", state.rawValue)
    json.field("created", CompositeKey.time(milliseconds: created))
    json.field("limit", ifKnown: byteLimit)
  }

  public init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// Reads what ``json`` wrote, with more members or without.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    self.init(name: try fields.required(.id).string(), created: try fields.required(.created).moment())
    state = try fields.required(.state).choice()
    byteLimit = try fields[.limit]?.integer(in: 0 ... .max)
  }
}
