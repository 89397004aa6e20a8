public import Base
internal import Catalog
internal import Glibc
internal import ModelHub

/// A folder in which a server finds what aliases of the registry point to, laid out as ``VersionRepository`` wants it.
///
/// An alias moves here once the server has the new version ready: until then, and where it cannot be loaded here, it stays where it was. What no
/// alias points to any more goes, but for what is being rolled out. The folder belongs to one server of the machine at a time. One caller at a time.
public final class RegistryFolder: Sendable {
  public let registry: ModelRegistry
  public let path: String
  /// Of an alias that cannot move, by model and alias: which move that is, why, and when it is tried again.
  private let failures = Monitor<[String: Failure]>([:])
  /// Locked as long as this lives.
  private let lock: Int32

  private struct Failure: Hashable {
    let at: Int
    let reason: String
    let retry: UInt64
  }

  /// Says that all that stands in the folder was laid there.
  private static let mark = ".laid-by-ridley"
  /// Nanoseconds until what could not be laid out is tried again.
  private static let patience: UInt64 = 30_000_000_000

  /// Makes the folder where it is missing.
  ///
  /// - Throws: `badInput` where there is one that holds other things, `unavailable` where another server has it.
  public init(_ registry: ModelRegistry, at path: String) throws(Fault) {
    (self.registry, self.path) = (registry, path)
    try FileSystem.makeFolder(path)
    let mark = "\(path)/\(Self.mark)"
    let isEmpty = try FileSystem.list(path).isEmpty
    guard isEmpty || FileSystem.isThere(mark) else {
      throw Fault(.badInput, "\(path) holds other things than versions of the registry: move it away")
    }
    lock = open(mark, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard lock >= 0 else { throw SystemError.last.fault("write", mark) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw Fault(.unavailable, "another server serves the registry from \(path): end that first")
    }
  }

  deinit { if lock >= 0 { close(lock) } }

  /// How a server has a version.
  public enum Standing: Sendable, Hashable {
    case ready
    /// It is being loaded, or was not found yet.
    case waiting
    case refused(String)
  }

  /// Brings the folder in line with the registry.
  ///
  /// `standing` says how the server has a version: everything is `waiting` before there is one. Aliases of a model of which nothing is there move at
  /// once. `complain` hears of versions that cannot be laid out, or loaded here, once each: the others come all the same.
  ///
  /// `candidates` are versions that are being rolled out, by model; where it is `nil`, those of the registry.
  public func bring(
    candidates: [String: Int]? = nil, standing: (_ model: String, _ version: Int) -> Standing,
    complain: (Fault) -> Void
  ) throws(Fault) {
    let models = try registry.models()
    let rolledOut: [String: Int]
    if let candidates { rolledOut = candidates } else { rolledOut = try registry.candidates() }
    for model in models {
      do throws(Fault) { try bring(model, candidate: rolledOut[model], standing, complain) } catch {
        // What is wrong with one is no reason to leave the others as they are.
        note(model, 0, error, complain)
      }
    }
    let known = Set(models)
    for name in try FileSystem.list(path) where name != Self.mark && !known.contains(name) {
      FileSystem.removeTree("\(path)/\(name)")
    }
  }

  /// What stands there: another text where a version or an alias came, went or moved.
  public func state() throws(Fault) -> String {
    let repository = VersionRepository(path)
    return try FileSystem.list(path).filter { $0 != Self.mark }.map { (model) throws(Fault) in
      let aliases = ((try? repository.aliases(of: model)) ?? [:]).sorted { $0.key < $1.key }
      return "\(model) \(try repository.versions(of: model).map(\.version)) \(aliases)"
    }.joined(separator: "\n")
  }

  private func bring(
    _ model: String, candidate: Int?, _ standing: (String, Int) -> Standing, _ complain: (Fault) -> Void
  ) throws(Fault) {
    let repository = VersionRepository(path)
    let moves = try registry.aliases(of: model)
    // A file that cannot be read is no reason to move anything.
    let before = try repository.aliases(of: model)
    var after: [String: String] = [:]
    for move in moves {
      guard let wanted = move.to else { continue }
      let old = before[move.alias]
      guard lays(move.alias, wanted, of: model, at: move.at, complain) else {
        after[move.alias] = old
        continue
      }
      switch before.isEmpty || old == "\(wanted)" ? .ready : standing(model, wanted) {
      case .ready: after[move.alias] = "\(wanted)"
      case .waiting: after[move.alias] = old
      case .refused(let reason):
        after[move.alias] = old
        let stays = old.map { "stays at version \($0)" } ?? "points nowhere"
        let text = "version \(wanted) cannot be loaded here, so '\(move.alias)' \(stays): \(reason)"
        note("\(model)/\(move.alias)", move.at, Fault(.unsupported, text), complain)
      }
    }
    if let candidate { _ = lays("@rollout", candidate, of: model, at: candidate, complain) }
    guard FileSystem.kind(of: "\(path)/\(model)") == .folder else { return }
    try repository.set(after, of: model)
    let wanted = moves.compactMap(\.to) + [candidate].compactMap(\.self)
    removeOthers(of: model, than: Set(after.values).union(wanted.map(String.init)))
  }

  /// Whether the version that an alias or a roll-out is to have is laid out; one that could not be is tried again after a while.
  private func lays(
    _ name: String, _ version: Int, of model: String, at moment: Int, _ complain: (Fault) -> Void
  ) -> Bool {
    let place = "\(model)/\(name)"
    let folder = "\(path)/\(model)/\(version)"
    if FileSystem.isThere("\(folder)/\(Manifest.fileName)") { return true }
    if let failure = failures.update({ $0[place] }), failure.at == moment, failure.retry > Clock.now { return false }
    do throws(Fault) {
      try registry.lay(try registry.find("\(version)", of: model), into: folder)
      return true
    } catch {
      note(place, moment, error, complain)
      return false
    }
  }

  /// Tells of what went wrong with a model or an alias, once for each move and reason.
  private func note(_ place: String, _ at: Int, _ fault: Fault, _ complain: (Fault) -> Void) {
    let failure = Failure(at: at, reason: fault.message, retry: Clock.now + Self.patience)
    let before = failures.update { $0.updateValue(failure, forKey: place) }
    guard before?.at != at || before?.reason != fault.message else { return }
    complain(fault.at("the registry's \(place)"))
  }

  private func removeOthers(of model: String, than needed: Set<String>) {
    for name in (try? FileSystem.list("\(path)/\(model)")) ?? [] where Int(name) != nil && !needed.contains(name) {
      FileSystem.removeTree("\(path)/\(model)/\(name)")
    }
    if needed.isEmpty { FileSystem.removeTree("\(path)/\(model)") }
  }
}
