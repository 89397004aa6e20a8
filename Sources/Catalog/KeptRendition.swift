public import Base
public import Items
public import JSON

/// A lighter rendition of an asset's film, kept for all pipelines that look at one like it.
public struct KeptRendition: Sendable, Hashable {
  public let asset: ULID
  /// By what it is found again: the film's bytes, and all that decides the rendition's.
  public let key: String
  public let settings: RenditionSettings
  /// SHA-256 of its bytes, an object.
  public let object: String
  public let byteCount: Int
  /// What it shows of the film, an object: see `Rendition.bytes`.
  public let facts: String
  public let size: Size
  public let frameCount: Int
  /// When it was made, in milliseconds since 1970.
  public let made: Int

  public init(
    asset: ULID, key: String, settings: RenditionSettings, object: String, byteCount: Int, facts: String, size: Size,
    frameCount: Int, made: Int
  ) {
    (self.asset, self.key, self.settings, self.object) = (asset, key, settings, object)
    (self.byteCount, self.facts, self.size) = (byteCount, facts, size)
    (self.frameCount, self.made) = (frameCount, made)
  }

  public var itemKey: ItemKey { LibraryKeys.rendition(asset, key: key) }

  /// By which its objects are needed.
  public var references: [ItemKey] {
    [(object, "bytes"), (facts, "facts")].map { (digest, use) in
      LibraryKeys.reference(digest, by: asset, CompositeKey.joined("RENDITION", key, use))
    }
  }
}

extension KeptRendition {
  private enum Key: String, CaseIterable { case of, key, proxy, object, bytes, facts, width, height, frames, made }

  public var json: [UInt8] { JSONWriter.object(capacity: 512, write) }

  public func write(into json: inout JSONWriter) {
    json.field("of", asset.text)
    json.field("key", key)
    json.field("proxy", settings.text)
    json.field("object", object)
    json.field("bytes", byteCount)
    json.field("facts", facts)
    json.field("width", size.width)
    json.field("height", size.height)
    json.field("frames", frameCount)
    json.field("made", CompositeKey.time(milliseconds: made))
  }

  public init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// Reads what ``json`` wrote, with more members or without.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let (asset, proxy) = (try fields.required(.of), try fields.required(.proxy))
    guard let id = ULID(try asset.string()) else { throw asset.fault("this is no asset's id") }
    guard let settings = RenditionSettings(parsing: try proxy.string()) else {
      throw proxy.fault("this is no rendition, expected \(RenditionSettings.expected)")
    }
    self.init(
      asset: id, key: try fields.required(.key).string(), settings: settings,
      object: try fields.required(.object).string(), byteCount: try fields.required(.bytes).integer(in: 0 ... .max),
      facts: try fields.required(.facts).string(),
      size: Size(
        width: try fields.required(.width).integer(in: 1...65_536),
        height: try fields.required(.height).integer(in: 1...65_536)),
      frameCount: try fields.required(.frames).integer(in: 0 ... .max), made: try fields.required(.made).moment())
  }
}
