public import Base

/// A folder of models in versions, and of the aliases that point to them.
///
/// `NAME/VERSION/` holds a manifest with its files, or a network alone as Triton lays it out; `NAME/model.yaml` without versions
/// is version 1; `NAME/aliases.yaml` has the aliases. Holds no state: every call looks at the disk as it is then.
public struct VersionRepository: Sendable, Hashable {
  public let folder: String
  static let aliases = "aliases.yaml"

  public init(_ folder: String) { self.folder = folder }

  /// What stands in the folder, by the model's name.
  public struct Listing: Sendable {
    /// Every model that has a version, with those.
    public fileprivate(set) var models: [String: [ModelVersion]] = [:]
    /// What is wrong with the others.
    public fileprivate(set) var faults: [String: Fault] = [:]
  }

  /// Every model, those that have no version or cannot be looked into with the reason: one that is wrong hides no other.
  public func list() throws(Fault) -> Listing {
    var listing = Listing()
    for name in try FileSystem.list(folder) where NameGrammar.isName(name) {
      let path = "\(folder)/\(name)"
      switch FileSystem.kind(of: path) {
      case .folder:
        do throws(Fault) {
          let versions = try versions(of: name)
          if versions.isEmpty { throw noVersion(path) }
          listing.models[name] = versions
        } catch { listing.faults[name] = error }
      case .file: break
      case .other: listing.faults[name] = Fault(.badInput, "\(path) is a pipe, a socket or a device, not a folder")
      case nil: listing.faults[name] = Fault(.notFound, "\(path) is a link that leads nowhere")
      }
    }
    return listing
  }

  private func noVersion(_ path: String) -> Fault {
    Fault(
      .notFound,
      "\(path) holds no version: put its network into a folder of its own, such as \(path)/1, or write a \(Manifest.fileName)"
    )
  }

  /// The versions of every model that has one, by the model's name.
  public func models() throws(Fault) -> [String: [ModelVersion]] { try list().models }

  /// From old to new; none where there is no such model.
  public func versions(of model: String) throws(Fault) -> [ModelVersion] {
    let path = "\(folder)/\(model)"
    guard NameGrammar.isName(model), FileSystem.kind(of: path) == .folder else { return [] }
    if FileSystem.isThere("\(path)/\(Manifest.fileName)") {
      return [ModelVersion(model: model, version: "1", path: path)]
    }
    return try FileSystem.list(path)
      .filter { NameGrammar.isName($0) && $0 != Self.aliases && Self.mayBeVersion("\(path)/\($0)") }
      .sorted(by: NameGrammar.isOlder)
      .map { ModelVersion(model: model, version: $0, path: "\(path)/\($0)") }
  }

  /// A folder; a link that leads nowhere is a version that cannot be loaded, and not one that is not there.
  private static func mayBeVersion(_ path: String) -> Bool {
    let kind = FileSystem.kind(of: path)
    return kind == .folder || kind == nil
  }
}
