public import Base
public import Catalog
internal import Items
internal import Library
internal import ModelHub
internal import Objects
internal import Store

/// Versions that another library's registry has: its centre's, for a node.
extension ModelRegistry {
  /// What is said of such a version, and by what its bytes are known.
  public struct ForeignVersion: Sendable {
    public var model: String
    /// As the other registry has it; the server that loads the version finds out whether it is that of these bytes.
    public var digest: String
    public var task: String
    /// Its `model.yaml`, by SHA-256.
    public var manifest: String
    public var files: [RegisteredVersion.File]
    /// What was recorded of it there.
    public var examples: [(inputs: String, answers: String, count: Int, computation: String)] = []

    public init(model: String, digest: String, task: String, manifest: String, files: [RegisteredVersion.File]) {
      (self.model, self.digest, self.task, self.manifest, self.files) = (model, digest, task, manifest, files)
    }
  }

  /// Takes over a version with its bytes and what was recorded of it; the one that is there already with that digest is it.
  ///
  /// `path` says where bytes lie that the library does not have: they become its own without being copied where they are on the same disk.
  /// - Throws: `badInput` where the bytes are others, or the manifest does not fit to what is said of the version.
  public func take(
    _ foreign: ForeignVersion, path: (_ digest: String) -> String, by who: String
  ) throws(Fault) -> RegisteredVersion {
    try Self.check(who, nil)
    guard NameGrammar.isModelName(foreign.model), foreign.files.count <= Self.mostFiles else {
      throw Fault(.badInput, "'\(foreign.model.prefix(80))' is no model that the registry can have")
    }
    var held: [any ObjectLease] = []
    defer { withExtendedLifetime(held) {} }
    let sets = foreign.examples.flatMap { [$0.inputs, $0.answers] }
    for digest in Set([foreign.manifest] + foreign.files.map(\.object) + sets) {
      held.append(try hold(digest, path(digest)))
    }
    let manifest = try Manifest.read(
      bytes: try library.read(foreign.manifest), name: "the manifest of '\(foreign.model)'")
    let named = manifest.files.map { "\($0.path) \($0.sha256 ?? "")" }
    guard manifest.name.hasSameBytes(as: foreign.model), named == foreign.files.map({ "\($0.path) \($0.object)" })
    else {
      throw Fault(.badInput, "the manifest of '\(foreign.model)' is of another model, or of other files")
    }
    let version = try write(
      foreign.model, foreign.digest, task: foreign.task, foreign.files, manifest: foreign.manifest, card: nil,
      Draft(by: who)
    ).version
    let known = Set(try examples(of: version.model, version: version.number).map { "\($0.inputs) \($0.answers)" })
    for set in foreign.examples where !known.contains("\(set.inputs) \(set.answers)") {
      try add(set.inputs, set.answers, set.count, set.computation, to: version, by: who)
    }
    return version
  }

  private func hold(_ digest: String, _ path: String) throws(Fault) -> any ObjectLease {
    guard let name = ObjectName(digest) else { throw Fault(.badInput, "'\(digest.prefix(80))' is no SHA-256") }
    if let lease = try library.objects.lease(name) { return lease }
    let stored = try library.objects.adopt(file: path)
    guard stored.name == name else { throw Fault(.badInput, "the bytes in \(path) are not \(digest)") }
    return stored.lease
  }

  private func add(
    _ inputs: String, _ answers: String, _ count: Int, _ computation: String, to version: RegisteredVersion,
    by who: String
  ) throws(Fault) {
    var random = SystemRandomNumberGenerator()
    let set = ModelExamples(
      model: version.model, version: version.number, id: ULID(milliseconds: library.now, using: &random),
      inputs: inputs,
      answers: answers, count: count, computation: computation, by: who, recorded: library.now)
    try library.change("the model '\(version.model)'") { () throws(Fault) in
      let writes = try check(version.number, of: version.model) + [.put(set.itemKey, set.json, if: .absent)]
      return (writes + set.references.map { .put($0, Self.emptyBody) }, ())
    }
  }
}
