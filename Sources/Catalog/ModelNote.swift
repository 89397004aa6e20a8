public import Base
public import Items
internal import JSON

/// A tag or a metric of a version of a model; never changed once it is written, and of several of one name the last holds.
public struct ModelNote: Sendable, Hashable {
  public enum Content: Sendable, Hashable {
    /// A word that people or programs say of it.
    case tag(String)
    /// What was measured, and on which part of the data; `nil` for all of it.
    case metric(Double, slice: String?)
  }

  public let model: String
  public let version: Int
  public let name: String
  public let content: Content
  /// Who said so, in their own words, and when, in milliseconds since 1970; later than what was said of the version before.
  public let by: String
  public let at: Int
  public let id: ULID

  public init(model: String, version: Int, name: String, _ content: Content, by: String, at: Int, id: ULID) {
    (self.model, self.version, self.name, self.content) = (model, version, name, content)
    (self.by, self.at, self.id) = (by, at, id)
  }

  public var itemKey: ItemKey { LibraryKeys.modelNote(model, version, at: at, id) }

  private enum Key: String, CaseIterable { case model, version, name, tag, metric, slice, by, at, ulid }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(write) }

  /// The members that are its JSON on every surface: one of `tag` and `metric`.
  public func write(into json: inout JSONWriter) {
    json.field("model", model)
    json.field("version", version)
    json.field("name", name)
    switch content {
    case .tag(let text): json.field("tag", text)
    case .metric(let value, let slice):
      json.field("metric", value, digits: 9)
      json.field("slice", ifKnown: slice)
    }
    json.field("by", by)
    json.field("at", CompositeKey.time(milliseconds: at))
    json.field("ulid", id.text)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let id = try fields.required(.ulid)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no note's id") }
    let content: Content =
      if let tag = fields[.tag] { .tag(try tag.string()) } else {
        .metric(try fields.required(.metric).number(), slice: try fields[.slice]?.string())
      }
    self.init(
      model: try fields.required(.model).string(), version: try fields.required(.version).integer(in: 1 ... .max),
      name: try fields.required(.name).string(), content, by: try fields.required(.by).string(),
      at: try fields.required(.at).moment(), id: ulid)
  }
}
