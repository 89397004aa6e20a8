public import Base
internal import Inference
internal import Isolation
internal import ModelHub

/// Loading, replacing and unloading, one change at a time.
extension ModelRepository {
  /// Loads everything that was found, one after the other; `each` is told of every version, and with an empty one of what is wrong with
  /// a model as a whole.
  public func loadAll(each: (String, String, State) -> Void = { _, _, _ in }) {
    for entry in list() {
      let model = entry.model
      if let fault = entry.fault { each(model, "", .unavailable(fault)) }
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
      let versions = try folders.versions(of: model)
      guard !versions.isEmpty else {
        let known = (try? folders.models().keys.sorted()) ?? []
        throw Fault(
          .notFound, "there is no model '\(model)' in the repository\(Suggestion.hint(for: model, among: known))")
      }
      let aliases = try folders.aliases(of: model)
      var made: [(String, ServedVersion)] = []
      for version in versions.map(\.version) {
        switch make(model, version, isAsked: true) {
        case .ready(let served):
          // It takes over under load.
          served.waitUntilGrown()
          made.append((version, served))
        case .unavailable(let fault):
          // What was never served is shown with its reason; what is served stays.
          if (try? find(model, version: version)) == nil { put(.unavailable(fault), model, version) }
          throw fault
        case .loading: break
        }
      }
      let old = table.update { table in
        let old = table[model]
        var entry = Entry(aliases: aliases, areAliasesKnown: true)
        for (version, served) in made { entry.versions[version] = .ready(served) }
        table[model] = entry
        return old
      }
      retire(old)
    }
  }

  /// Loads what came to the folder since, and stops serving what is gone from it; `each` is told of every version, and with an empty one
  /// of what is wrong with a model as a whole.
  ///
  /// What cannot be looked into is served as it was.
  public func refresh(each: (String, String, State) -> Void = { _, _, _ in }) {
    changing.update { _ in
      guard let listing = try? folders.list() else { return }
      let found = listing.models
      note(listing, each)
      for entry in list() where listing.faults[entry.model].map({ $0.kind == .notFound }) ?? true {
        let (model, versions) = (entry.model, entry.versions)
        let there = Set((found[model] ?? []).map(\.version))
        for (version, state) in versions where !there.contains(version) {
          table.update { table in
            table[model]!.versions[version] = nil
            if table[model]!.versions.isEmpty, table[model]!.fault == nil { table[model] = nil }
          }
          if case .ready(let served) = state { served.drain() }
          each(model, version, .unavailable(Fault(.notFound, "its folder is gone")))
        }
      }
      for (model, versions) in found.sorted(by: { $0.key < $1.key }) {
        let known = table.update { $0[model].map { Set($0.versions.keys) } ?? [] }
        for folder in versions
        where (!known.contains(folder.version) || isDue(folder) || isWaiting(folder)) && !isClosing.update({ $0 }) {
          put(.loading, model, folder.version)
          let state = make(model, folder.version)
          if case .ready(let served) = state { served.waitUntilGrown() }
          put(state, model, folder.version)
          each(model, folder.version, state)
        }
        for folder in versions {
          if let fault = change(of: folder) { each(model, folder.version, .unavailable(fault)) }
        }
      }
    }
  }

  /// Keeps what is wrong with whole models, and tells of what is so since the last look.
  private func note(_ listing: VersionRepository.Listing, _ each: (String, String, State) -> Void) {
    for (model, fault) in listing.faults.sorted(by: { $0.key < $1.key }) {
      tell(of: model, fault: toldToClients(fault), each) { $0[model, default: Entry()].fault = $1 }
    }
    for model in listing.models.keys.sorted() {
      var entry = table.update { $0[model] } ?? Entry()
      let before = entry.fault
      readAliases(of: model, into: &entry)
      table.update { [entry] table in
        table[model, default: Entry()].aliases = entry.aliases
        (table[model]!.areAliasesKnown, table[model]!.fault) = (entry.areAliasesKnown, entry.fault)
      }
      if let fault = entry.fault, fault != before { each(model, "", .unavailable(fault)) }
    }
    table.update { table in
      for (model, entry) in table where entry.versions.isEmpty && listing.models[model] == nil {
        if listing.faults[model] == nil { table[model] = nil }
      }
    }
  }

  private func tell(
    of model: String, fault: Fault, _ each: (String, String, State) -> Void,
    _ keep: (inout [String: Entry], Fault) -> Void
  ) {
    guard table.update({ $0[model]?.fault }) != fault else { return }
    table.update { keep(&$0, fault) }
    each(model, "", .unavailable(fault))
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
        throw Fault(.notFound, "there is no model '\(model)'\(Suggestion.hint(for: model, among: known))")
      }
      retire(old)
    }
  }

  /// Points an alias to a version that is ready, or takes it away; kept beside the versions.
  public func set(alias: String, of model: String, to version: String?) throws(Fault) {
    guard NameGrammar.isAlias(alias) else { throw VersionRepository.noAlias(alias) }
    // Another alias stands for the version that it points to now.
    let version = try version.map { (name) throws(Fault) in try find(model, version: name).version }
    try changing.update { (_) throws(Fault) in
      guard table.update({ $0[model] != nil }) else { throw Fault(.notFound, "there is no model '\(model)'") }
      do throws(Fault) {
        let aliases = try folders.set(alias, of: model, to: version)
        table.update { $0[model]?.aliases = aliases }
      } catch { throw toldToClients(error) }
    }
  }

  /// `isAsked`: a client wants just this, whatever happened before.
  private func make(_ model: String, _ version: String, isAsked: Bool = false) -> State {
    do throws(Fault) {
      guard let folder = try folders.versions(of: model).first(where: { $0.version == version }) else {
        throw Fault(.notFound, "its folder is gone")
      }
      let source = loader(of: folder)
      if isAsked { CrashJournal.clear("\(model)/\(version)") }
      seen.update { $0[folder] = folder.state }
      try source.refuseCrashed()
      try refuseChanged(source)
      return .ready(try ServedVersion(source, metrics: metrics(of: model, version: version)))
    } catch {
      return .unavailable(toldToClients(error))
    }
  }

  private func loader(of folder: ModelVersion) -> VersionLoader {
    VersionLoader(
      folder: folder, options: options.loadOf[folder.model] ?? options.load,
      limits: InferenceUnit.Limits(
        queue: options.queueOf[folder.model] ?? options.queue, stall: UInt64(options.stall * 1e9)),
      store: options.store, settings: options.settings, engine: engine)
  }

  /// What happened to the files of a version that is served, told once; it goes on as it was loaded.
  private func change(of folder: ModelVersion) -> Fault? {
    guard (try? find(folder.model, version: folder.version)) != nil else { return nil }
    let state = folder.state
    guard let before = seen.update({ $0.updateValue(state, forKey: folder) }), before != state else { return nil }
    do throws(Fault) {
      try refuseChanged(loader(of: folder))
      return nil
    } catch {
      let fault = toldToClients(error)
      return Fault(fault.kind, "\(fault.message); it is served as it was loaded", cause: fault.cause)
    }
  }

  /// Where things stand on this machine is none of their business.
  func toldToClients(_ fault: Fault) -> Fault {
    let folders = [options.folder, options.pipelines, options.store, engine.cacheFolder].compactMap { $0 }
    return Fault(fault.kind, PlaceNames.removed(from: fault.message, of: folders), cause: fault.cause)
  }

  /// It crashed the process, and its pause is over.
  private func isDue(_ folder: ModelVersion) -> Bool {
    let record = CrashJournal.record(of: "\(folder.model)/\(folder.version)")
    guard (1..<VersionLoader.patience).contains(record.crashes), record.notBefore <= Clock.now else { return false }
    return (try? find(folder.model, version: folder.version)) == nil
  }

  /// Something that it is made of was missing or wrong, and its files changed since.
  private func isWaiting(_ folder: ModelVersion) -> Bool {
    let state = table.update { $0[folder.model]?.versions[folder.version] }
    guard case .unavailable(let fault) = state, [.notFound, .badInput, .unsupported].contains(fault.kind) else {
      return false
    }
    return seen.update { $0[folder] } != folder.state
  }

  /// A version is what it was when it was first served.
  private func refuseChanged(_ source: VersionLoader) throws(Fault) {
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
    pipelines.update { $0 = [:] }
    table.update { $0[model, default: Entry()].versions[version] = state }
  }

  private func retire(_ old: Entry?) {
    pipelines.update { $0 = [:] }
    for case .ready(let served) in old.map({ Array($0.versions.values) }) ?? [] { served.drain() }
  }
}
