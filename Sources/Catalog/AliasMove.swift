public import Base
public import Items
internal import JSON

/// An alias of a model was pointed to a version, or taken away; never changed once it is written.
public struct AliasMove: Sendable, Hashable {
  public let model: String
  public let alias: String
  /// Milliseconds since 1970; later than that of the alias's move before, whatever the clock says.
  public let at: Int
  /// The version before; `nil` where the alias was not there.
  public let from: Int?
  /// The version from then on; `nil` where the alias was taken away.
  public let to: Int?
  /// Who, in their own words.
  public let by: String
  public let reason: String?

  public init(model: String, alias: String, at: Int, from: Int?, to: Int?, by: String, reason: String?) {
    (self.model, self.alias, self.at, self.from, self.to) = (model, alias, at, from, to)
    (self.by, self.reason) = (by, reason)
  }

  private enum Key: String, CaseIterable { case model, alias, at, from, to, by, reason }

  /// The body of its item, and of the alias's.
  public var json: [UInt8] { JSONWriter.object(write) }

  /// The members that are its JSON on every surface; `from` and `to` are versions.
  public func write(into json: inout JSONWriter) {
    json.field("model", model)
    json.field("alias", alias)
    json.field("at", CompositeKey.time(milliseconds: at))
    json.field("from", ifKnown: from)
    json.field("to", ifKnown: to)
    json.field("by", by)
    json.field("reason", ifKnown: reason)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      model: try fields.required(.model).string(), alias: try fields.required(.alias).string(),
      at: try fields.required(.at).moment(), from: try fields[.from]?.integer(in: 1 ... .max),
      to: try fields[.to]?.integer(in: 1 ... .max), by: try fields.required(.by).string(),
      reason: try fields[.reason]?.string())
  }
}
