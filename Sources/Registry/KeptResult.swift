public import Base
public import Catalog
internal import Items
internal import JSON
internal import Library
internal import ModelHub
internal import Objects
internal import Store

/// What was found out about a version: how right it is, or what it answers otherwise than another one.
///
/// Never changed once it is written.
public struct KeptResult: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case evaluation
    case trial
  }

  public let kind: Kind
  public let model: String
  public let version: Int
  public let id: ULID
  /// In milliseconds since 1970.
  public let at: Int
  /// Who, in their own words.
  public let by: String
  /// An object of JSON: what is told in a list.
  public let summary: [UInt8]
  /// All of it, an object of JSON.
  public let document: String
  /// What it has pictures of, as one object.
  let pictures: String?

  private enum Key: String, CaseIterable { case kind, model, version, ulid, at, by, summary, document, pictures }

  /// Members of its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("kind", kind.rawValue)
    json.field("model", model)
    json.field("version", version)
    json.field("ulid", id.text)
    json.field("at", CompositeKey.time(milliseconds: at))
    json.field("by", by)
    json.field("summary", embedding: summary)
    json.field("document", document)
    json.field("pictures", ifKnown: pictures)
  }

  fileprivate init(
    kind: Kind, _ version: RegisteredVersion, id: ULID, at: Int, by: String, summary: [UInt8], document: String,
    pictures: String?
  ) {
    (self.kind, model, self.version, self.id) = (kind, version.model, version.number, id)
    (self.at, self.by, self.summary, self.document, self.pictures) = (at, by, summary, document, pictures)
  }

  fileprivate init(_ item: Item) throws(Fault) {
    let text = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try text.root.fields(Key.self)
    let id = try fields.required(.ulid)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no result's id") }
    var summary = JSONWriter()
    try fields.required(.summary).write(to: &summary)
    (kind, self.id, self.summary) = (try fields.required(.kind).choice(), ulid, summary.take())
    (model, version) = (try fields.required(.model).string(), try fields.required(.version).integer(in: 1 ... .max))
    let moment = try fields.required(.at)
    guard let at = CompositeKey.milliseconds(of: try moment.string()) else { throw moment.fault("this is no moment") }
    (self.at, by) = (at, try fields.required(.by).string())
    document = try fields.required(.document).string()
    pictures = try fields[.pictures]?.string()
  }

  fileprivate var key: ItemKey {
    ItemKey(
      LibraryKeys.modelPartition(model),
      CompositeKey.joined(
        kind.rawValue.uppercased(), CompositeKey.number(version), CompositeKey.time(milliseconds: at), id.text))
  }

  fileprivate static func prefix(_ kind: Kind, _ version: Int?) -> String {
    let word = kind.rawValue.uppercased()
    return version.map { CompositeKey.prefix(word, CompositeKey.number($0)) } ?? CompositeKey.prefix(word)
  }
}

extension ModelRegistry {
  /// Keeps what was found out about a version: `summary` and `document` are objects of JSON, `pictures` JPEGs of which some may be empty.
  public func keep(
    _ kind: KeptResult.Kind, of version: RegisteredVersion, by who: String, summary: [UInt8], document: [UInt8],
    pictures: [[UInt8]] = []
  ) throws(Fault) -> KeptResult {
    try Self.check(who, nil)
    guard summary.count <= ItemLimits.bodyByteCount / 4 else {
      throw Fault(.bug, "the summary of a result has \(summary.count) bytes")
    }
    let stored = try library.put(document)
    let pack =
      pictures.allSatisfy(\.isEmpty)
      ? nil : try library.put(PicturePack.bytes(of: Array(pictures.prefix(PicturePack.most))))
    defer { withExtendedLifetime((stored, pack)) {} }
    var random = SystemRandomNumberGenerator()
    let result = KeptResult(
      kind: kind, version, id: ULID(milliseconds: library.now, using: &random), at: library.now, by: who,
      summary: summary, document: stored.name.digest, pictures: pack?.name.digest)
    return try library.change("the model '\(version.model)'") { () throws(Fault) in
      let objects =
        [(result.document, kind.rawValue)] + (result.pictures.map { [($0, "\(kind.rawValue)-pictures")] } ?? [])
      let writes =
        [Write.put(result.key, JSONWriter.object(result.write), if: .absent)]
        + objects.map { .put(LibraryKeys.reference($0.0, by: result.id, $0.1), Array("{}".utf8)) }
      // None of a version that is removed in this moment.
      return (try writes + check(version.number, of: version.model), result)
    }
  }

  /// What was found out about a model, or about one version of it: by version, then the oldest first.
  public func results(_ kind: KeptResult.Kind, of model: String, version: Int? = nil) throws(Fault) -> [KeptResult] {
    guard NameGrammar.isModelName(model) else { return [] }
    var results: [KeptResult] = []
    try table.forEach(Query(LibraryKeys.modelPartition(model), .prefix(KeptResult.prefix(kind, version)))) {
      (item) throws(Fault) in results.append(try KeptResult(item))
    }
    return results
  }

  /// One of them, by its id; the fault is `notFound`.
  public func result(_ kind: KeptResult.Kind, _ id: String, of model: String) throws(Fault) -> KeptResult {
    guard let found = try results(kind, of: model).first(where: { $0.id.text.hasSameBytes(as: id) }) else {
      throw Fault(
        .notFound,
        "'\(model.prefix(80))' has no \(kind.rawValue) '\(id.prefix(40))': see 'ridley model evaluations \(model.prefix(80))'"
      )
    }
    return found
  }

  /// A picture of a result, a JPEG, by its number from 0; `nil` where there is none.
  public func picture(_ number: Int, of result: KeptResult) throws(Fault) -> [UInt8]? {
    try result.pictures.flatMap { (pictures) throws(Fault) in
      try PicturePack.picture(number, in: try library.open(pictures))
    }
  }

  /// All that is kept of a result, as JSON.
  public func document(of result: KeptResult) throws(Fault) -> [UInt8] { try library.read(result.document) }
}
