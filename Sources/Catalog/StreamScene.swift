public import Base
public import Items
internal import JSON

/// Masks, zones and lines that were drawn for a stream, over those of its pipeline.
public struct StreamScene: Sendable, Hashable {
  public let client: String
  public let stream: String
  /// As a part of a pipeline's document; `nil` where those of the pipeline hold again.
  public let text: String?
  /// When it was drawn, in milliseconds since 1970, and by whom: a key's id, or the owner of the machine.
  public let drawn: Int
  public let by: String

  public init(client: String, stream: String, text: String?, drawn: Int, by: String) {
    (self.client, self.stream, self.text, self.drawn, self.by) = (client, stream, text, drawn, by)
  }

  private enum Key: String, CaseIterable { case owner, stream, text, drawn, by }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 1024) { json in
      json.field("owner", client)
      json.field("stream", stream)
      json.field("text", ifKnown: text)
      json.field("drawn", CompositeKey.time(milliseconds: drawn))
      json.field("by", by)
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      client: try fields.required(.owner).string(), stream: try fields.required(.stream).string(),
      text: try fields[.text]?.string(), drawn: try fields.required(.drawn).moment(),
      by: try fields.required(.by).string())
  }
}
