public import Base
public import Items
internal import JSON

/// A signature of a version of a model, by the owner of one key; never changed once it is written.
public struct ModelSignature: Sendable, Hashable {
  public let model: String
  public let version: Int
  /// The public key, and its signature of the version, as hexadecimal digits.
  public let key: String
  public let signature: String
  /// Who signed, in their own words, and when, in milliseconds since 1970.
  public let by: String
  public let signed: Int

  public init(model: String, version: Int, key: String, signature: String, by: String, signed: Int) {
    (self.model, self.version, self.key, self.signature) = (model, version, key, signature)
    (self.by, self.signed) = (by, signed)
  }

  public var itemKey: ItemKey { LibraryKeys.modelSignature(model, version, key: key) }

  private enum Key: String, CaseIterable { case model, version, key, signature, by, signed }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(write) }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("model", model)
    json.field("version", version)
    json.field("key", key)
    json.field("signature", signature)
    json.field("by", by)
    json.field("signed", CompositeKey.time(milliseconds: signed))
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      model: try fields.required(.model).string(), version: try fields.required(.version).integer(in: 1 ... .max),
      key: try fields.required(.key).string(), signature: try fields.required(.signature).string(),
      by: try fields.required(.by).string(), signed: try fields.required(.signed).moment())
  }
}
