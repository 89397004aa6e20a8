public import Base
public import Inference
internal import Isolation
public import Loading

/// The models of a folder, loaded and served; versions come, go and are replaced while requests run.
public final class ModelRepository: Sendable {
  public struct Options: Sendable {
    /// `NAME/VERSION/` below it.
    public var folder: String
    /// Where pulled files stand.
    public var store: String
    public var load = LoadOptions()
    /// Settings of single models, in place of `load`.
    public var loadOf: [String: LoadOptions] = [:]
    /// Rows that may wait for one model.
    public var queue = 256
    public var queueOf: [String: Int] = [:]
    /// Seconds after which a running inference counts as hung.
    public var stall = 30.0

    public init(folder: String, store: String) { (self.folder, self.store) = (folder, store) }
  }

  /// What is to be said of one version.
  public enum State: Sendable {
    case loading
    case ready(ServedVersion)
    case unavailable(Fault)
  }

  private struct Entry: Sendable {
    var versions: [String: State] = [:]
    var aliases: [String: String] = [:]

    /// The alias `live`, else the newest that is ready.
    var usual: String? {
      if let live = aliases["live"] { return live }
      return versions.filter { if case .ready = $0.value { true } else { false } }.keys.max(by: isOlder)
    }
  }

  private let options: Options
  private let engine: Engine
  private let table = Monitor<[String: Entry]>([:])
  /// Held by whoever changes what is loaded.
  private let changing = Monitor(())
  private let isClosing = Monitor(false)
  private let ledgers = Monitor<[String: Ledger]>([:])

  public init(_ options: Options, on engine: Engine) throws(Fault) {
    (self.options, self.engine) = (options, engine)
    for name in try VersionFolder.all(in: options.folder).keys {
      let entry = try entry(name)
      table.update { $0[name] = entry }
    }
  }

  private func entry(_ name: String) throws(Fault) -> Entry {
    var entry = Entry()
    for folder in try VersionFolder.all(of: name, in: options.folder) { entry.versions[folder.version] = .loading }
    entry.aliases = try Aliases.read("\(options.folder)/\(name)")
    return entry
  }

  // MARK: Asking

  /// A version that is ready: the one named, by number or alias, else the usual one.
  public func find(_ model: String, version: String? = nil) throws(Fault) -> ServedVersion {
    let found: Result<ServedVersion, Fault> = table.update { table in
      guard let entry = table[model] else {
        let hint = Spelling.hint(for: model, among: Array(table.keys))
        return .failure(Fault(.notFound, "there is no model '\(model)'\(hint)"))
      }
      guard let name = version.map({ entry.aliases[$0] ?? $0 }) ?? entry.usual ?? entry.versions.keys.max(by: isOlder)
      else { return .failure(Fault(.notFound, "the model '\(model)' has no versions")) }
      switch entry.versions[name] {
      case .ready(let served): return .success(served)
      case .loading: return .failure(Fault(.unavailable, "version \(name) of '\(model)' is being loaded"))
      case .unavailable(let fault):
        return .failure(Fault(.unavailable, "version \(name) of '\(model)' is not loaded: \(fault.message)"))
      case nil:
        let known = entry.versions.keys.sorted(by: isOlder).joined(separator: ", ")
        return .failure(Fault(.notFound, "the model '\(model)' has no version '\(name)'; it has \(known)"))
      }
    }
    return try found.get()
  }

  /// A model and its versions, from old to new.
  public struct Listed: Sendable {
    public let model: String
    public let versions: [(version: String, state: State)]
    public let aliases: [String: String]
  }

  /// Everything that was found, by name.
  public func list() -> [Listed] {
    table.update { table in
      table.keys.sorted().map { name in
        let entry = table[name]!
        let versions = entry.versions.keys.sorted(by: isOlder).map { (version: $0, state: entry.versions[$0]!) }
        return Listed(model: name, versions: versions, aliases: entry.aliases)
      }
    }
  }

  /// What a version did since the server began, also while it was replaced.
  public func ledger(of model: String, version: String) -> Ledger {
    ledgers.update { ledgers in
      let ledger = ledgers["\(model)/\(version)"] ?? Ledger()
      ledgers["\(model)/\(version)"] = ledger
      return ledger
    }
  }

  /// Every version was tried.
  public var isSettled: Bool {
    table.update { table in
      table.values.allSatisfy { entry in
        entry.versions.values.allSatisfy { if case .loading = $0 { false } else { true } }
      }
    }
  }

  private var ready: [ServedVersion] {
    table.update { table in
      table.values.flatMap { entry in
        entry.versions.values.compactMap { if case .ready(let served) = $0 { served } else { nil } }
      }
    }
  }

  // MARK: Changing

  /// Loads everything that was found, one after the other; `each` is told of every version.
  public func loadAll(each: (String, String, State) -> Void = { _, _, _ in }) {
    for entry in list() {
      let model = entry.model
      for (version, _) in entry.versions where !isClosing.update({ $0 }) {
        changing.update { _ in
          let state = make(model, version)
          put(state, model, version)
          each(model, version, state)
        }
      }
    }
  }

  /// Loads a model, or loads it again while the old one goes on answering; returns when the new one does.
  ///
  /// - Throws: why it could not be loaded; what was served before is served on.
  public func load(_ model: String) throws(Fault) {
    try changing.update { (_) throws(Fault) in
      let folders = try VersionFolder.all(of: model, in: options.folder)
      guard !folders.isEmpty else {
        let known = (try? VersionFolder.all(in: options.folder).keys.sorted()) ?? []
        throw Fault(
          .notFound, "there is no model '\(model)' in the repository\(Spelling.hint(for: model, among: known))")
      }
      let aliases = try Aliases.read("\(options.folder)/\(model)")
      var made: [(String, ServedVersion)] = []
      for folder in folders {
        switch make(model, folder.version, isAsked: true) {
        case .ready(let served): made.append((folder.version, served))
        case .unavailable(let fault):
          // What was never served is shown with its reason; what is served stays.
          if (try? find(model, version: folder.version)) == nil { put(.unavailable(fault), model, folder.version) }
          throw fault
        case .loading: break
        }
      }
      let old = table.update { table in
        let old = table[model]
        var entry = Entry(aliases: aliases)
        for (version, served) in made { entry.versions[version] = .ready(served) }
        table[model] = entry
        return old
      }
      retire(old)
    }
  }

  /// Loads what came to the folder since, and stops serving what is gone from it; `each` is told of every version.
  public func refresh(each: (String, String, State) -> Void = { _, _, _ in }) {
    changing.update { _ in
      guard let found = try? VersionFolder.all(in: options.folder) else { return }
      for entry in list() {
        let (model, versions) = (entry.model, entry.versions)
        let there = Set((found[model] ?? []).map(\.version))
        for (version, state) in versions where !there.contains(version) {
          table.update { table in
            table[model]!.versions[version] = nil
            if table[model]!.versions.isEmpty { table[model] = nil }
          }
          if case .ready(let served) = state { served.drain() }
          each(model, version, .unavailable(Fault(.notFound, "its folder is gone")))
        }
      }
      for (model, folders) in found.sorted(by: { $0.key < $1.key }) {
        let known = table.update { $0[model].map { Set($0.versions.keys) } ?? [] }
        for folder in folders where (!known.contains(folder.version) || isDue(folder)) && !isClosing.update({ $0 }) {
          put(.loading, model, folder.version)
          let state = make(model, folder.version)
          put(state, model, folder.version)
          each(model, folder.version, state)
        }
        if let aliases = try? Aliases.read("\(options.folder)/\(model)") { table.update { $0[model]?.aliases = aliases } }
      }
    }
  }

  /// Stops serving a model once everything accepted was answered; it stays in the list.
  public func unload(_ model: String) throws(Fault) {
    try changing.update { (_) throws(Fault) in
      let old = table.update { table in
        let old = table[model]
        for version in old?.versions.keys ?? [:].keys {
          table[model]!.versions[version] = .unavailable(Fault(.unavailable, "unloaded"))
        }
        return old
      }
      guard let old else {
        let known = list().map(\.model)
        throw Fault(.notFound, "there is no model '\(model)'\(Spelling.hint(for: model, among: known))")
      }
      retire(old)
    }
  }

  /// Points an alias to a version that is ready, or takes it away; kept beside the versions.
  public func set(alias: String, of model: String, to version: String?) throws(Fault) {
    guard VersionFolder.isName(alias), Int(alias) == nil else {
      throw Fault(.badInput, "'\(alias)' cannot be an alias: take letters, digits, '-' and '_', and not a number")
    }
    if let version { _ = try find(model, version: version) }
    try changing.update { (_) throws(Fault) in
      guard var aliases = table.update({ $0[model]?.aliases }) else {
        throw Fault(.notFound, "there is no model '\(model)'")
      }
      if version == nil, aliases[alias] == nil {
        throw Fault(.notFound, "the model '\(model)' has no alias '\(alias)'")
      }
      aliases[alias] = version
      try Aliases.write(aliases, "\(options.folder)/\(model)")
      table.update { $0[model]?.aliases = aliases }
    }
  }

  /// Drops what is late and replaces engines that hang; called some times a second.
  public func check() {
    let now = Clock.now
    for served in ready { served.check(now: now) }
  }

  /// Something waits or runs.
  public var isBusy: Bool { ready.contains { $0.load != (0, 0) } }

  /// Finishes what was accepted and lets nobody in any more.
  public func drain() {
    isClosing.update { $0 = true }
    for served in ready { served.drain() }
  }

  /// `isAsked`: somebody wants just this, whatever happened before.
  private func make(_ model: String, _ version: String, isAsked: Bool = false) -> State {
    do throws(Fault) {
      guard let folder = try VersionFolder.all(of: model, in: options.folder).first(where: { $0.version == version })
      else { throw Fault(.notFound, "its folder is gone") }
      let source = Source(
        folder: folder, options: options.loadOf[model] ?? options.load,
        limits: Unit.Limits(queue: options.queueOf[model] ?? options.queue, stall: UInt64(options.stall * 1e9)), store: options.store,
        engine: engine)
      if isAsked { Witness.forgive("\(model)/\(version)") }
      try source.refuseCrashed()
      try refuseChanged(source)
      return .ready(try ServedVersion(source, ledger: ledger(of: model, version: version)))
    } catch {
      return .unavailable(error.at("model \(model), version \(version)"))
    }
  }

  /// It crashed the process, and its pause is over.
  private func isDue(_ folder: VersionFolder) -> Bool {
    let record = Witness.record(of: "\(folder.model)/\(folder.version)")
    guard (1..<Source.patience).contains(record.crashes), record.notBefore <= Clock.now else { return false }
    return (try? find(folder.model, version: folder.version)) == nil
  }

  /// A version is what it was when it was first served.
  private func refuseChanged(_ source: Source) throws(Fault) {
    guard let old = try? find(source.folder.model, version: source.folder.version) else { return }
    let digest = try source.digest()
    guard digest == old.digest else {
      throw Fault(
        .badInput,
        "the files changed since it was loaded (\(old.digest.prefix(19))… became \(digest.prefix(19))…): versions never change, put the new files into a folder of their own"
      )
    }
  }

  private func put(_ state: State, _ model: String, _ version: String) {
    table.update { $0[model, default: Entry()].versions[version] = state }
  }

  private func retire(_ old: Entry?) {
    for case .ready(let served) in old.map({ Array($0.versions.values) }) ?? [] { served.drain() }
  }
}
