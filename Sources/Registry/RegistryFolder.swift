public import Base
public import Catalog
internal import Glibc
internal import ModelHub

/// A folder in which a server finds what aliases of the registry point to, laid out as ``VersionRepository`` wants it.
///
/// An alias moves here once the server has the new version ready: until then, and where it cannot be loaded here, it stays where it was. What no
/// alias points to any more goes, but for what is being rolled out. The folder belongs to one server of the machine at a time. One caller at a time.
public final class RegistryFolder: Sendable {
  public let registry: ModelRegistry
  public let path: String
  /// Says why a version is not served here, whatever points to it; asked before it is laid out.
  private let admits: @Sendable (RegisteredVersion) throws(Fault) -> Void
  private let server = Monitor<(@Sendable (String, Int) -> Standing)?>(nil)
  /// What was admitted, and stays so: a version never changes.
  private let admitted = Monitor<Set<String>>([])
  /// Aliases that were the first of their model here, and moved before their version had answered anything.
  private let unproven = Monitor<Set<String>>([])
  /// Versions that were looked at since the server began.
  private let looked = Monitor<Set<String>>([])
  /// Versions that answer otherwise here than was recorded, and in what.
  private let wrong = Monitor<[String: String]>([:])
  /// Versions that somebody wants to point an alias to here, as `MODEL/NUMBER`, and until when they are kept for that, in monotonic nanoseconds.
  private let asked = Monitor<[String: UInt64]>([:])
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
  /// Nanoseconds for which a version is kept after it was asked for.
  private static let keeping: UInt64 = 120_000_000_000

  /// Makes the folder where it is missing.
  ///
  /// `admits` throws why a version is not to be served here, such as a signature that is missing.
  /// - Throws: `badInput` where there is one that holds other things, `unavailable` where another server has it.
  public init(
    _ registry: ModelRegistry, at path: String,
    admits: @escaping @Sendable (RegisteredVersion) throws(Fault) -> Void = { (_) throws(Fault) in }
  ) throws(Fault) {
    (self.registry, self.path, self.admits) = (registry, path, admits)
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
    /// It is loaded, and answers otherwise than it was recorded.
    case wrong(String)
  }

  /// How the server that follows has a version; everything is `waiting` before there is one.
  public func standing(_ model: String, _ version: Int) -> Standing {
    server.update { $0 }?(model, version) ?? .waiting
  }

  /// Why a version that was laid out here before is not to be asked: in what it answers otherwise than it was recorded.
  public func objection(to version: Int, of model: String) -> String? { wrong.update { $0["\(model)/\(version)"] } }

  /// Says how the server has its versions, from now on.
  public func follow(by standing: @escaping @Sendable (_ model: String, _ version: Int) -> Standing) {
    server.update { $0 = standing }
  }

  /// Has a version laid out to which no alias points, so that one can be moved to it once the server has loaded it; kept until two minutes after.
  ///
  /// - Throws: always, what is in the way: `unavailable` where that is only time.
  public func fetch(_ version: Int, of model: String) throws(Fault) {
    let place = "version \(version) of '\(model)'"
    _ = try registry.find("\(version)", of: model)
    // Without it the newest that is there is asked, which this one might be.
    guard try VersionRepository(path).aliases(of: model)["live"] != nil else {
      throw Fault(
        .conflict, "nothing of '\(model)' is live here: its first version is pointed to by 'ridley model alias'")
    }
    try admit(version, of: model)
    if let reason = objection(to: version, of: model) {
      throw Fault(.conflict, "\(place) cannot be used here, so nothing was moved: \(reason)")
    }
    asked.update { $0["\(model)/\(version)"] = Clock.now + Self.keeping }
    if let failure = failures.update({ $0[Self.fetched(version, of: model)] }), failure.retry > Clock.now {
      throw Fault(.unavailable, "\(place) cannot be laid out here, and is tried again: \(failure.reason)")
    }
    throw Fault(.unavailable, "\(place) is being laid out here, and looked at: try again")
  }

  private static func fetched(_ version: Int, of model: String) -> String { "\(model)/@fetch/\(version)" }

  private func fetched(of model: String) -> [Int] {
    asked.update { asked in
      asked = asked.filter { $0.value > Clock.now }
      return asked.keys.filter { $0.hasPrefix("\(model)/") }.compactMap { Int($0.dropFirst(model.utf8.count + 1)) }
        .sorted()
    }
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
    for move in moves where move.to != nil {
      let old = before[move.alias].flatMap { isServed(model, $0) ? $0 : nil }
      guard lays(move, old, complain) else {
        after[move.alias] = old
        continue
      }
      after[move.alias] = place(of: move, old: old, isFirst: before.isEmpty, standing, complain)
    }
    if let candidate, objection(to: candidate, of: model) == nil {
      _ = lays("@rollout", candidate, of: model, at: candidate, complain)
    }
    // Where nothing is live, the newest that lies here is asked.
    let fetched = after["live"] == nil ? [] : fetched(of: model)
    for version in fetched where objection(to: version, of: model) == nil {
      let isThere = lays("@fetch/\(version)", version, of: model, at: version, complain)
      // Its time begins once it can be pointed to: a large one takes longer than that to load.
      guard isThere, standing(model, version) == .waiting else { continue }
      asked.update { $0["\(model)/\(version)"] = Clock.now + Self.keeping }
    }
    guard FileSystem.kind(of: "\(path)/\(model)") == .folder else { return }
    try repository.set(after, of: model)
    let wanted = moves.compactMap(\.to) + [candidate].compactMap(\.self) + fetched
    removeOthers(of: model, than: Set(after.values).union(wanted.map(String.init).filter { isServed(model, $0) }))
  }

  /// Where an alias is to point here: to what the registry wants, or, until that is ready and right, to where it pointed.
  private func place(
    of move: AliasMove, old: String?, isFirst: Bool, _ standing: (String, Int) -> Standing, _ complain: (Fault) -> Void
  ) -> String? {
    let (wanted, place) = ("\(move.to ?? 0)", "\(move.model)/\(move.alias)")
    // Nothing else is there to answer, so it waits for nothing, and is looked at once it is loaded.
    if isFirst { unproven.update { _ = $0.insert(place) } }
    let isSettled = old == wanted && !unproven.update { $0.contains(place) }
    if isSettled, looked.update({ $0.contains("\(move.model)/\(wanted)") }) { return wanted }
    switch standing(move.model, move.to ?? 0) {
    case .ready:
      if !isFirst { unproven.update { _ = $0.remove(place) } }
      looked.update { _ = $0.insert("\(move.model)/\(wanted)") }
      return wanted
    case .waiting: return isFirst ? wanted : old
    case .refused(let reason):
      if old == wanted || isFirst { return wanted }
      let text = "version \(wanted) cannot be loaded here, so '\(move.alias)' \(Self.stays(old)): \(reason)"
      note(place, move.at, Fault(.unsupported, text), complain)
      return old
    case .wrong(let reason) where isSettled:
      // It was right here before, so something else changed: whether to go back is for people to say.
      looked.update { _ = $0.insert("\(move.model)/\(wanted)") }
      let text = "version \(wanted), which '\(move.alias)' served before, stays, and is not what it was: \(reason)"
      note(place, move.at, Fault(.badInput, text), complain)
      return wanted
    case .wrong(let reason):
      wrong.update { $0["\(move.model)/\(wanted)"] = reason }
      let left = old == wanted ? nil : old
      noteWrong(move, left, reason, complain)
      return left
    }
  }

  private func noteWrong(_ move: AliasMove, _ old: String?, _ reason: String, _ complain: (Fault) -> Void) {
    let text = "version \(move.to ?? 0) is not served here, so '\(move.alias)' \(Self.stays(old)): \(reason)"
    note("\(move.model)/\(move.alias)", move.at, Fault(.badInput, text), complain)
  }

  private static func stays(_ old: String?) -> String { old.map { "stays at version \($0)" } ?? "points nowhere" }

  /// Nothing speaks against a version that lies here already; what cannot be looked up now does not.
  private func isServed(_ model: String, _ version: String) -> Bool {
    guard wrong.update({ $0["\(model)/\(version)"] }) == nil, let number = Int(version) else { return false }
    do throws(Fault) { try admit(number, of: model) } catch { return error.kind != .denied }
    return true
  }

  private func admit(_ number: Int, of model: String) throws(Fault) {
    let place = "\(model)/\(number)"
    if admitted.update({ $0.contains(place) }) { return }
    try admits(try registry.find("\(number)", of: model))
    admitted.update { _ = $0.insert(place) }
  }

  /// Whether the version that an alias is to point to is laid out.
  private func lays(_ move: AliasMove, _ old: String?, _ complain: (Fault) -> Void) -> Bool {
    if let reason = wrong.update({ $0["\(move.model)/\(move.to ?? 0)"] }) {
      noteWrong(move, old, reason, complain)
      return false
    }
    return lays(move.alias, move.to ?? 0, of: move.model, at: move.at, complain)
  }

  /// Whether the version that an alias or a roll-out is to have is laid out; one that could not be is tried again after a while.
  private func lays(
    _ name: String, _ version: Int, of model: String, at moment: Int, _ complain: (Fault) -> Void
  ) -> Bool {
    let place = "\(model)/\(name)"
    do throws(Fault) { try admit(version, of: model) } catch {
      note(place, moment, error, complain)
      return false
    }
    let folder = "\(path)/\(model)/\(version)"
    if FileSystem.isThere("\(folder)/\(Manifest.fileName)") { return true }
    if let failure = failures.update({ $0[place] }), failure.at == moment, failure.retry > Clock.now { return false }
    do throws(Fault) {
      try registry.lay(try registry.find("\(version)", of: model), into: folder)
      return true
    } catch {
      note(place, moment, error, retry: Clock.now + Self.patience, complain)
      return false
    }
  }

  /// Tells of what went wrong with a model or an alias, once for each move and reason.
  private func note(_ place: String, _ at: Int, _ fault: Fault, retry: UInt64 = 0, _ complain: (Fault) -> Void) {
    let failure = Failure(at: at, reason: fault.message, retry: retry)
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
