public import Base
internal import Inference
internal import Isolation
internal import ModelHub

/// Loading, replacing and unloading: changes of one version exclude each other, and none waits for another model's.
extension ModelRepository {
  /// Seconds that a change waits for another one of the same model.
  private static let patience = 5.0

  /// Loads a model, or loads it again while the old one goes on answering; returns when the new one does.
  ///
  /// - Throws: why it could not be loaded; what was served before is served on.
  public func load(_ model: String) throws(Fault) {
    let ticket = try tickets.begin(model, nil, within: Self.patience)
    defer { tickets.end(ticket) }
    let versions = try folders.versions(of: model)
    guard !versions.isEmpty else {
      let known = (try? folders.models().keys.sorted()) ?? []
      throw Fault(
        .notFound, "there is no model '\(model)' in the repository\(Suggestion.hint(for: model, among: known))")
    }
    _ = try folders.aliases(of: model)
    var made: [(String, ServedVersion)] = []
    for version in versions.map(\.version) {
      CrashJournal.forgive("\(model)/\(version)")
      switch make(examine(model, version), ticket) {
      case .ready(let served):
        // It takes over under load.
        served.waitUntilGrown()
        made.append((version, served))
      case .unavailable(let fault):
        // What was never served is shown with its reason; what is served stays.
        let isNew = !ticket.isCancelled && (try? find(model, version: version)) == nil
        if isNew { put(.unavailable(fault), model, version) }
        throw fault
      case .loading: break
      }
    }
    try replace(model, with: made, ticket)
  }

  private func replace(
    _ model: String, with made: [(String, ServedVersion)], _ ticket: LoadTickets.Ticket
  ) throws(Fault) {
    let old = try changing.update { (_) throws(Fault) in
      let aliases = try folders.aliases(of: model)
      guard !ticket.isCancelled else { throw Fault(.closed, "its loading was given up") }
      return table.update { table in
        let old = table[model]
        var entry = Entry(aliases: aliases, areAliasesKnown: true)
        for (version, served) in made { entry.versions[version] = .ready(served) }
        table[model] = entry
        return old
      }
    }
    retire(old)
  }

  /// Stops serving a model once everything accepted was answered, and gives up its loading; it stays in the list.
  public func unload(_ model: String) throws(Fault) {
    let known = list().map(\.model)
    guard known.contains(model) else {
      throw Fault(.notFound, "there is no model '\(model)'\(Suggestion.hint(for: model, among: known))")
    }
    tickets.cancel(model)
    let ticket = try tickets.begin(model, nil, within: Self.patience)
    defer { tickets.end(ticket) }
    let old = table.update { table in
      let old = table[model]
      for version in old?.versions.keys ?? [:].keys {
        table[model]!.versions[version] = .unavailable(Fault(.unavailable, "unloaded"))
      }
      return old
    }
    retire(old)
  }

  /// Points an alias to a version that is ready, or takes it away; kept beside the versions.
  ///
  /// `who` does it is for the history, where one is kept.
  public func set(alias: String, of model: String, to version: String?, by who: String = "owner") throws(Fault) {
    guard NameGrammar.isAlias(alias) else { throw VersionRepository.noAlias(alias) }
    let version = try version.map { (name) throws(Fault) in try tried(name, of: model) }
    try changing.update { (_) throws(Fault) in
      guard table.update({ $0[model] != nil }) else { throw Fault(.notFound, "there is no model '\(model)'") }
      try options.movesAlias?(alias, model, version, who)
      do throws(Fault) {
        let aliases = try folders.set(alias, of: model, to: version)
        table.update { $0[model]?.aliases = aliases }
      } catch { throw toldToClients(error) }
    }
  }

  /// The version that a name stands for, which may be another alias, once it may be pointed to: it is loaded here, and, where it is of a registry,
  /// answers its recorded inputs as it did.
  ///
  /// - Throws: why nothing may be moved to it; `unavailable` where that is not known yet.
  @discardableResult public func tried(_ name: String, of model: String) throws(Fault) -> String {
    do throws(Fault) {
      let version = try find(model, version: name).version
      try options.mayMoveAlias?(model, version)
      return version
    } catch  where error.kind == .notFound {
      try options.fetches?(model, name)
      throw error
    }
  }

  /// What is known of a version before its network is read.
  func examine(_ model: String, _ version: String) -> Result<Candidate, Fault> {
    do throws(Fault) {
      guard let folder = try folders.versions(of: model).first(where: { $0.version == version }) else {
        throw Fault(.notFound, "its folder is gone")
      }
      let loader = loader(of: folder)
      seen.update { $0[folder] = folder.state }
      try loader.refuseCrashed()
      let examined = try loader.examine()
      try refuseChanged(loader, examined)
      return .success(Candidate(loader: loader, examined: examined))
    } catch {
      return .failure(toldToClients(error))
    }
  }

  private func loader(of folder: ModelVersion) -> VersionLoader {
    var loader = VersionLoader(
      folder: folder, options: options.loadOf[folder.model] ?? options.load,
      limits: InferenceUnit.Limits(
        queue: options.queueOf[folder.model] ?? options.queue, stall: UInt64(options.stall * 1e9)),
      store: options.store, settings: options.settings, engine: engine, trials: trials)
    let said = options.placeOf[folder.model]
    (loader.place, loader.isPlaceSaid) = (said ?? (options.units == nil ? .local : .both), said != nil)
    (loader.units, loader.telemetry) = (options.units, options.telemetry)
    loader.memory = budget
    loader.isShadowed = rollouts.isOnlyShadowed(folder.model, folder.version)
    return loader
  }

  /// A version that was examined.
  struct Candidate: Sendable {
    let loader: VersionLoader
    let examined: VersionLoader.Examined
  }

  func make(_ candidate: Result<Candidate, Fault>, _ ticket: LoadTickets.Ticket) -> State {
    do throws(Fault) {
      let (loader, examined) = try (candidate.get().loader, candidate.get().examined)
      let metrics = metrics(of: loader.folder.model, version: loader.folder.version)
      return .ready(
        try ServedVersion(loader, examined, metrics: metrics, ticket.cancellation, warn: options.warn))
    } catch {
      return .unavailable(toldToClients(error))
    }
  }

  /// What happened to the files of a version that is served, told once; it goes on as it was loaded.
  func change(of folder: ModelVersion) -> Fault? {
    guard (try? find(folder.model, version: folder.version)) != nil else { return nil }
    let state = folder.state
    guard let before = seen.update({ $0.updateValue(state, forKey: folder) }), before != state else { return nil }
    do throws(Fault) {
      let loader = loader(of: folder)
      try refuseChanged(loader, try loader.examine())
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

  /// Something that it is made of was missing or wrong, and its files changed since; or there may be room for it by now.
  func isWaiting(_ folder: ModelVersion) -> Bool {
    let state = table.update { $0[folder.model]?.versions[folder.version] }
    guard case .unavailable(let fault) = state else { return false }
    if let budget, budget.isDue("\(folder.model)/\(folder.version)", fault) { return true }
    guard [.notFound, .badInput, .unsupported].contains(fault.kind) else { return false }
    return seen.update { $0[folder] } != folder.state
  }

  /// A version is what it was when it was first served.
  private func refuseChanged(_ loader: VersionLoader, _ examined: VersionLoader.Examined) throws(Fault) {
    guard let old = try? find(loader.folder.model, version: loader.folder.version) else { return }
    guard examined.digest == old.filesDigest else {
      throw Fault(
        .badInput,
        "the files changed since it was loaded (\(old.filesDigest.prefix(19))… became \(examined.digest.prefix(19))…): versions never change, put the new files into a folder of their own"
      )
    }
  }

  /// What crashed too often is not served any more.
  func withdraw(_ served: ServedVersion, _ refusal: Fault) {
    let isServed = table.update { table in
      guard case .ready(let present) = table[served.model]?.versions[served.version], present === served else {
        return false
      }
      table[served.model]!.versions[served.version] = .unavailable(refusal)
      return true
    }
    if isServed { pipelines.update { $0 = [:] } }
  }

  func put(_ state: State, _ model: String, _ version: String) {
    pipelines.update { $0 = [:] }
    table.update { $0[model, default: Entry()].versions[version] = state }
  }

  func retire(_ old: Entry?) {
    pipelines.update { $0 = [:] }
    for case .ready(let served) in old.map({ Array($0.versions.values) }) ?? [] { served.drain() }
  }
}
