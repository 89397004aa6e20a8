public import Base
public import Catalog
internal import Items
internal import Library
public import ModelHub
internal import Objects
internal import Predictions
internal import Store
internal import Vision

/// Publishing: a model of a folder becomes a version that never changes.
extension ModelRegistry {
  /// What is said of a version beside its files.
  public struct Draft: Sendable {
    /// What it is called; where it is `nil`, as its manifest says.
    public var name: String?
    /// What people should know of it, as text.
    public var card: [UInt8]?
    public var origin = RegisteredVersion.Origin()
    /// Who publishes it, in their own words.
    public var by: String

    public init(by: String) { self.by = by }
  }

  /// Copies all files of a model and writes it down as the next version of its name.
  ///
  /// A model that has the same digest as a version of that name is that version, whatever else is said of it. Files are read as they are copied:
  /// one that is not what the model was identified by is refused, and nothing is left. The folder that it came from is not needed any more.
  public func publish(_ model: Model, _ draft: Draft) throws(Fault) -> (version: RegisteredVersion, isNew: Bool) {
    let name = draft.name ?? model.name
    guard NameGrammar.isModelName(name) else {
      throw Fault(
        .badInput, "'\(name)' is not a model's name, expected small letters, digits, '.', '_' or '-', e.g. yolox-nano")
    }
    try Self.check(draft)
    let model = try model.identified(cache: nil).published(as: name)
    if let known = try version(digest: model.digest, of: name) { return (known, false) }
    guard model.manifest.files.count <= Self.mostFiles else {
      throw Fault(
        .tooLarge,
        "'\(name)' is made of \(model.manifest.files.count) files, and a version has \(Self.mostFiles) at most: export it with its weights in one file"
      )
    }
    var stored: [StoredObject] = []
    defer { withExtendedLifetime(stored) {} }
    var files: [RegisteredVersion.File] = []
    for file in model.manifest.files {
      let object = try store(model.path(of: file), as: file)
      files.append(.init(path: file.path, object: object.name.digest, byteCount: object.byteCount))
      stored.append(object)
    }
    let manifest = try library.put(Array(model.manifest.text.utf8))
    let card = try draft.card.map { (bytes) throws(Fault) in try library.put(bytes) }
    stored += [manifest] + [card].compactMap(\.self)
    return try write(
      name, model.digest, task: model.recipe.task.rawValue, files, manifest: manifest.name.digest,
      card: card?.name.digest, draft)
  }

  /// All that a version needs is noted in one transaction, beside what says so: three items, its manifest and its card.
  static let mostFiles = ItemLimits.writeCount - 5

  private static func check(_ draft: Draft) throws(Fault) {
    try check(draft.by, nil)
    let words = [draft.origin.run, draft.origin.data, draft.origin.parent, draft.origin.source].compactMap(\.self)
    let isSchemaShort = draft.origin.schema.map { $0.utf8.count <= MLflowFolder.mostSchemaBytes } ?? true
    guard isSchemaShort, words.allSatisfy({ $0.utf8.count <= 2000 }), (draft.card?.count ?? 0) <= 1 << 20 else {
      throw Fault(.badInput, "where a version came from is told in 2000 bytes a word, and its card in a MiB")
    }
  }

  func version(digest: String, of model: String) throws(Fault) -> RegisteredVersion? {
    guard let item = try table.get(LibraryKeys.modelDigest(model, digest)) else { return nil }
    return try version(try RegistryCount(item).number, of: model)
  }

  /// The file's bytes as an object; refused where they are not those that it was identified by.
  private func store(_ path: String, as file: Manifest.File) throws(Fault) -> StoredObject {
    let count = try FileSystem.byteCount(of: path)
    do throws(Fault) {
      let writer = try library.objects.write(ObjectPlan(byteCount: count, name: file.sha256.flatMap(ObjectName.init)))
      try FileSystem.forEachBlock(of: path) { (block) throws(Fault) in try writer.append(block.span.bytes) }
      return try writer.finish()
    } catch  where error.kind == .badInput {
      throw Fault(.badInput, "\(path) changed while it was published (\(error.message)): publish it again")
    }
  }

  /// Writes the next version down; one with that digest that is there already is it.
  func write(
    _ name: String, _ digest: String, task: String, _ files: [RegisteredVersion.File], manifest: String, card: String?,
    _ draft: Draft
  ) throws(Fault) -> (version: RegisteredVersion, isNew: Bool) {
    var random = SystemRandomNumberGenerator()
    let id = ULID(milliseconds: library.now, using: &random)
    return try library.change("the model '\(name)'") { () throws(Fault) in
      if let known = try version(digest: digest, of: name) { return ([], (known, false)) }
      let head = try table.get(LibraryKeys.model(name))
      let count = try head.map { (item) throws(Fault) in try RegistryCount(item).number } ?? 0
      var version = RegisteredVersion(
        model: name, number: count + 1, id: id, digest: digest, task: task, manifest: manifest, files: files,
        by: draft.by, published: library.now)
      (version.card, version.origin) = (card, draft.origin)
      let number = RegistryCount(count + 1).json
      let writes: [Write] = [
        .put(LibraryKeys.model(name), number, if: head.map { .version($0.version) } ?? .absent),
        .put(version.itemKey, version.json, if: .absent),
        .put(LibraryKeys.modelDigest(name, digest), number, if: .absent),
      ]
      return (writes + version.references.map { .put($0, Self.emptyBody) }, (version, true))
    }
  }

  static let emptyBody = Array("{}".utf8)
}

extension Model {
  /// As it stands in a registry, and is read from there: by its name, with every file and its digest, and labels that need no file beside it.
  ///
  /// Its digest is that of the manifest as it was written and read again, so that a version is what it will be loaded as.
  package func published(as name: String) throws(Fault) -> Model {
    var manifest = manifest
    manifest.name = name
    (manifest.recipe, manifest.make) = (recipe, nil)
    manifest.recipe.isGuess = false
    if case .file(let path) = manifest.labels, !manifest.files.contains(where: { $0.path == path }) {
      manifest.labels = .list(recipe.labels)
    }
    for index in manifest.files.indices { manifest.files[index].url = nil }
    let written = try Manifest.read(
      bytes: Array(manifest.text.utf8), name: "the manifest of '\(name)' as it is published")
    return try Model(written, folder: filesFolder, store: filesFolder)
  }
}
