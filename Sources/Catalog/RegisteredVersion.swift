public import Base
public import Items
internal import JSON

/// A version of a model as it was published; never changed once it is written.
///
/// Its identity is the digest of all that decides what it answers: its recipe, and the bytes of every file.
public struct RegisteredVersion: Sendable, Hashable {
  public struct File: Sendable, Hashable {
    /// Relative to the version's folder; never absolute, never upwards.
    public let path: String
    /// The SHA-256 of its bytes, which are the object of that name.
    public let object: String
    public let byteCount: Int

    public init(path: String, object: String, byteCount: Int) {
      (self.path, self.object, self.byteCount) = (path, object, byteCount)
    }
  }

  /// Where a version came from, in the words of whoever published it.
  public struct Origin: Sendable, Hashable {
    /// The training run.
    public var run: String?
    /// The data that it was trained on.
    public var data: String?
    /// The version that it was made of.
    public var parent: String?
    /// The folder, or the address.
    public var source: String?
    /// What it takes and gives, as the place that it came from says.
    public var schema: String?

    public init() {}
    public var isEmpty: Bool { self == Origin() }
  }

  /// Its files were let go of; what is said of it stays.
  public struct Removal: Sendable, Hashable {
    /// Milliseconds since 1970.
    public let at: Int
    /// Who, in their own words.
    public let by: String
    public let reason: String?

    public init(at: Int, by: String, reason: String?) { (self.at, self.by, self.reason) = (at, by, reason) }
  }

  public let model: String
  /// From 1, in the order of publication; never given again.
  public let number: Int
  /// By which its objects are needed.
  public let id: ULID
  /// `sha256:` and 64 hexadecimal digits.
  public let digest: String
  public let task: String
  /// Its `model.yaml`, an object, which names every file with its digest.
  public let manifest: String
  public let files: [File]
  /// What people should know of it, an object of text.
  public var card: String?
  public var origin = Origin()
  /// Who published it, in their own words, and when, in milliseconds since 1970.
  public let by: String
  public let published: Int
  public var removed: Removal?

  public init(
    model: String, number: Int, id: ULID, digest: String, task: String, manifest: String, files: [File], by: String,
    published: Int
  ) {
    (self.model, self.number, self.id, self.digest) = (model, number, id, digest)
    (self.task, self.manifest, self.files) = (task, manifest, files)
    (self.by, self.published) = (by, published)
  }

  public var itemKey: ItemKey { LibraryKeys.modelVersion(model, number) }

  /// What says that its objects are needed, until it is removed.
  public var references: [ItemKey] {
    let named = [manifest] + (card.map { [$0] } ?? []) + files.map(\.object)
    return Set(named).sorted().map { LibraryKeys.reference($0, by: id, "model") }
  }

  /// Bytes of all of its files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  private enum Key: String, CaseIterable {
    case model, version, ulid, digest, task, manifest, files, card, origin, by, published, removed
  }
  private enum FileKey: String, CaseIterable { case path, object, bytes }
  private enum OriginKey: String, CaseIterable { case run, data, parent, source, schema }
  private enum RemovalKey: String, CaseIterable { case at, by, reason }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(capacity: 512, write) }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("model", model)
    json.field("version", number)
    // No `id`: by that the index of clients knows theirs.
    json.field("ulid", id.text)
    json.field("digest", digest)
    json.field("task", task)
    json.field("manifest", manifest)
    json.array("files") { json in
      for file in files {
        json.object { json in
          json.field("path", file.path)
          json.field("object", file.object)
          json.field("bytes", file.byteCount)
        }
      }
    }
    json.field("card", ifKnown: card)
    if !origin.isEmpty {
      json.object("origin") { json in
        json.field("run", ifKnown: origin.run)
        json.field("data", ifKnown: origin.data)
        json.field("parent", ifKnown: origin.parent)
        json.field("source", ifKnown: origin.source)
        json.field("schema", ifKnown: origin.schema)
      }
    }
    json.field("by", by)
    json.field("published", CompositeKey.time(milliseconds: published))
    if let removed {
      json.object("removed") { json in
        json.field("at", CompositeKey.time(milliseconds: removed.at))
        json.field("by", removed.by)
        json.field("reason", ifKnown: removed.reason)
      }
    }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let id = try fields.required(.ulid)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no version's id") }
    var files: [File] = []
    for value in try fields.required(.files).elements() {
      let file = try value.fields(FileKey.self)
      files.append(
        File(
          path: try file.required(.path).string(), object: try file.required(.object).string(),
          byteCount: try file.required(.bytes).integer(in: 0 ... .max)))
    }
    self.init(
      model: try fields.required(.model).string(), number: try fields.required(.version).integer(in: 1 ... .max),
      id: ulid, digest: try fields.required(.digest).string(), task: try fields.required(.task).string(),
      manifest: try fields.required(.manifest).string(), files: files, by: try fields.required(.by).string(),
      published: try fields.required(.published).moment())
    card = try fields[.card]?.string()
    if let value = fields[.origin] {
      let origin = try value.fields(OriginKey.self)
      (self.origin.run, self.origin.data) = (try origin[.run]?.string(), try origin[.data]?.string())
      (self.origin.parent, self.origin.source) = (try origin[.parent]?.string(), try origin[.source]?.string())
      self.origin.schema = try origin[.schema]?.string()
    }
    removed = try fields[.removed].map { (value) throws(Fault) in
      let fields = try value.fields(RemovalKey.self)
      return Removal(
        at: try fields.required(.at).moment(), by: try fields.required(.by).string(),
        reason: try fields[.reason]?.string())
    }
  }
}
