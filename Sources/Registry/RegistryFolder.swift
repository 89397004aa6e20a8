public import Base
internal import Catalog
internal import ModelHub
internal import Objects

/// A folder in which a server finds what aliases of the registry point to, laid out as ``VersionRepository`` wants it.
///
/// An alias moves here once the server has the new version ready: until then, and where it cannot be loaded here, the old one answers on. What no
/// alias points to any more goes. The folder belongs to one server. One caller at a time.
public final class RegistryFolder: Sendable {
  public let registry: ModelRegistry
  public let path: String
  /// What was told of an alias that cannot move, so that it is told once.
  private let told = Monitor<[String: Int]>([:])

  public init(_ registry: ModelRegistry, at path: String) throws(Fault) {
    (self.registry, self.path) = (registry, path)
    try FileSystem.makeFolder(path)
  }

  /// How a server has a version.
  public enum Standing: Sendable, Hashable {
    case ready
    /// It is being loaded, or was not found yet.
    case waiting
    case refused(String)
  }

  /// Brings the folder in line with the registry.
  ///
  /// `standing` says how the server has a version: everything is `waiting` before there is one. An alias that is new here moves at once. `complain`
  /// hears of versions that cannot be loaded here, once each, or be laid out: the others come all the same.
  public func bring(
    standing: (_ model: String, _ version: Int) -> Standing, complain: (Fault) -> Void
  ) throws(Fault) {
    let models = try registry.models()
    for model in models {
      do throws(Fault) { try bring(model, standing, complain) } catch {
        // What is wrong with one is no reason to leave the others as they are.
        complain(error.at("the model '\(model)'"))
      }
    }
    let known = Set(models)
    for name in try FileSystem.list(path) where !known.contains(name) { FileSystem.removeTree("\(path)/\(name)") }
  }

  /// What stands there: another text where a version or an alias came, went or moved.
  public func state() throws(Fault) -> String {
    let repository = VersionRepository(path)
    return try FileSystem.list(path).map { (model) throws(Fault) in
      let aliases = ((try? repository.aliases(of: model)) ?? [:]).sorted { $0.key < $1.key }
      return "\(model) \(try repository.versions(of: model).map(\.version)) \(aliases)"
    }.joined(separator: "\n")
  }

  private func bring(
    _ model: String, _ standing: (String, Int) -> Standing, _ complain: (Fault) -> Void
  ) throws(Fault) {
    let repository = VersionRepository(path)
    let moves = try registry.aliases(of: model)
    let before = (try? repository.aliases(of: model)) ?? [:]
    var after: [String: String] = [:]
    for move in moves {
      guard let wanted = move.to, let version = try registry.version(wanted, of: model) else { continue }
      try registry.lay(version, into: "\(path)/\(model)/\(wanted)")
      let old = before[move.alias]
      switch old == nil || old == "\(wanted)" ? .ready : standing(model, wanted) {
      case .ready: after[move.alias] = "\(wanted)"
      case .waiting: after[move.alias] = old
      case .refused(let reason):
        after[move.alias] = old
        tell(move, old, reason, complain)
      }
    }
    guard FileSystem.kind(of: "\(path)/\(model)") == .folder else { return }
    try repository.set(after, of: model)
    removeOthers(of: model, than: Set(after.values).union(moves.compactMap { $0.to.map(String.init) }))
  }

  private func tell(_ move: AliasMove, _ old: String?, _ reason: String, _ complain: (Fault) -> Void) {
    guard told.update({ $0.updateValue(move.at, forKey: "\(move.model)/\(move.alias)") }) != move.at else { return }
    complain(
      Fault(
        .unsupported,
        "version \(move.to ?? 0) of '\(move.model)' cannot be loaded here, so '\(move.alias)' stays at version \(old ?? ""): \(reason)"
      ))
  }

  private func removeOthers(of model: String, than needed: Set<String>) {
    for name in (try? FileSystem.list("\(path)/\(model)")) ?? [] where Int(name) != nil && !needed.contains(name) {
      FileSystem.removeTree("\(path)/\(model)/\(name)")
    }
    if needed.isEmpty { FileSystem.removeTree("\(path)/\(model)") }
  }
}
