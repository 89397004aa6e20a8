public import Base
internal import JSON

/// The record as a small file.
extension UploadRecord {
  private enum Key: String, CaseIterable {
    case version, id, owner, length, offset, metadata, sha256, created, expires, object, result
  }

  public var json: [UInt8] {
    JSONWriter.line(capacity: 512) { json in
      json.field("version", 1)
      json.field("id", id)
      json.field("owner", owner)
      json.field("length", byteCount)
      json.field("offset", offset)
      json.field("metadata", metadata.field)
      json.field("sha256", ifKnown: expectedDigest)
      json.field("created", created)
      json.field("expires", expires)
      json.field("object", ifKnown: object)
      json.field("result", ifKnown: result)
    }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(json bytes: [UInt8], name: String) throws(Fault) {
    let document = try JSONDocument(parsing: bytes.span.bytes, name: name)
    let fields = try document.root.fields(Key.self)
    let version = try fields.required(.version)
    guard try version.integer() == 1 else {
      throw version.fault("an upload of another version of ridley", .unsupported)
    }
    let byteCount = try fields.required(.length).integer(in: 0 ... .max)
    let metadata = try fields.required(.metadata)
    self.init(
      id: try fields.required(.id).string(), owner: try fields.required(.owner).string(), byteCount: byteCount,
      metadata: try Self.metadata(metadata), expectedDigest: try fields[.sha256]?.string(),
      created: try fields.required(.created).integer(), expires: try fields.required(.expires).integer())
    offset = try fields.required(.offset).integer(in: 0...byteCount)
    object = try fields[.object]?.string()
    result = try fields[.result]?.string()
  }

  private static func metadata(_ value: JSONValue) throws(Fault) -> UploadMetadata {
    let text = try value.string()
    do { return try UploadMetadata(field: text) } catch { throw value.fault(error.answer.message ?? "no metadata") }
  }
}
