public import Base

/// A folder of models in versions, and of the aliases that point to them.
///
/// `NAME/VERSION/` holds a manifest with its files, or a network alone as Triton lays it out; `NAME/model.yaml` without versions
/// is version 1; `NAME/aliases.yaml` has the aliases. Holds no state: every call looks at the disk as it is then.
public struct VersionRepository: Sendable, Hashable {
  public let folder: String

  public init(_ folder: String) { self.folder = folder }

  /// The versions of every model that has one, by the model's name.
  public func models() throws(Fault) -> [String: [ModelVersion]] {
    var found: [String: [ModelVersion]] = [:]
    for name in try FileSystem.list(folder) {
      let versions = try versions(of: name)
      if !versions.isEmpty { found[name] = versions }
    }
    return found
  }

  /// From old to new; none where there is no such model.
  public func versions(of model: String) throws(Fault) -> [ModelVersion] {
    let path = "\(folder)/\(model)"
    guard NameGrammar.isName(model), FileSystem.kind(of: path) == .folder else { return [] }
    if FileSystem.kind(of: "\(path)/\(Manifest.fileName)") == .file {
      return [ModelVersion(model: model, version: "1", path: path)]
    }
    return try FileSystem.list(path)
      .filter { NameGrammar.isName($0) && FileSystem.kind(of: "\(path)/\($0)") == .folder }
      .sorted(by: NameGrammar.isOlder)
      .map { ModelVersion(model: model, version: $0, path: "\(path)/\($0)") }
  }
}
