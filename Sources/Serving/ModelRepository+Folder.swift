internal import Base
internal import ModelHub

/// What stands in the folder and what is served, brought together in the background.
extension ModelRepository {
  /// Told of every version that came or went, and with an empty one of what is wrong with a model as a whole; on any thread.
  public typealias Told = @Sendable (_ model: String, _ version: String, _ state: State) -> Void

  /// Loads everything that was found, what was tried before first; returns once each was loaded or given up.
  public func loadAll(each: @escaping Told = { _, _, _ in }) {
    let pending = Monitor(0)
    for entry in list() {
      if let fault = entry.fault { each(entry.model, "", .unavailable(fault)) }
      for (version, _) in entry.versions { start(entry.model, version, isFirst: true, pending, each) }
    }
    pending.wait { $0 == 0 ? () : nil }
  }

  /// Loads what came to the folder since, and stops serving what is gone from it; returns once that is done.
  public func refresh(each: @escaping Told = { _, _, _ in }) {
    let pending = Monitor(0)
    startRefresh(pending, each)
    pending.wait { $0 == 0 ? () : nil }
  }

  /// The same without waiting for what is being loaded.
  public func startRefresh(each: @escaping Told) { startRefresh(Monitor(0), each) }

  /// `pending` counts what is being loaded.
  func startRefresh(_ pending: Monitor<Int>, _ each: @escaping Told) {
    // What cannot be looked into is served as it was.
    guard let listing = try? folders.list() else { return }
    let found = listing.models
    changing.update { _ in note(listing, each) }
    for entry in list() where listing.faults[entry.model].map({ $0.kind == .notFound }) ?? true {
      let (model, versions) = (entry.model, entry.versions)
      let there = Set((found[model] ?? []).map(\.version))
      for (version, state) in versions where !there.contains(version) {
        tickets.cancel(model, version)
        table.update { table in
          table[model]?.versions[version] = nil
          if let entry = table[model], entry.versions.isEmpty, entry.fault == nil { table[model] = nil }
        }
        if case .ready(let served) = state { served.drain() }
        each(model, version, .unavailable(Fault(.notFound, "its folder is gone")))
      }
    }
    for (model, versions) in found.sorted(by: { $0.key < $1.key }) {
      let known = table.update { $0[model].map { Set($0.versions.keys) } ?? [] }
      for folder in versions where !known.contains(folder.version) || isWaiting(folder) {
        put(.loading, model, folder.version)
        start(model, folder.version, isFirst: false, pending, each)
      }
      for folder in versions {
        if let fault = change(of: folder) { each(model, folder.version, .unavailable(fault)) }
      }
    }
  }

  /// Keeps what is wrong with whole models, and tells of what is so since the last look.
  private func note(_ listing: VersionRepository.Listing, _ each: Told) {
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
    of model: String, fault: Fault, _ each: Told,
    _ keep: (inout [String: Entry], Fault) -> Void
  ) {
    guard table.update({ $0[model]?.fault }) != fault else { return }
    table.update { keep(&$0, fault) }
    each(model, "", .unavailable(fault))
  }

  /// Loads a version that is shown as being loaded, once it is its turn; at first, one copy is enough to begin.
  private func start(
    _ model: String, _ version: String, isFirst: Bool, _ pending: Monitor<Int>, _ each: @escaping Told
  ) {
    pending.update { $0 += 1 }
    loads.add { [self] in
      guard !isClosing.update({ $0 }) else { return pending.update { $0 -= 1 } }
      let candidate = examine(model, version)
      let rest: @Sendable () -> Void = { [self] in
        finish(model, version, candidate, isFirst: isFirst, each)
        pending.update { $0 -= 1 }
      }
      let needsTrial = (try? candidate.get().examined.needsTrial) ?? false
      if needsTrial { trying.add(rest) } else { rest() }
    }
  }

  private func finish(
    _ model: String, _ version: String, _ candidate: Result<Candidate, Fault>, isFirst: Bool, _ each: Told
  ) {
    guard let ticket = try? tickets.begin(model, version, within: 600) else { return }
    defer { tickets.end(ticket) }
    // Meanwhile it may have been loaded or unloaded by name, or its folder taken away.
    guard isLoading(model, version) else { return }
    let state = make(candidate, ticket)
    if !isFirst, case .ready(let served) = state { served.waitUntilGrown() }
    guard !ticket.isCancelled else { return }
    put(state, model, version)
    each(model, version, state)
  }

  private func isLoading(_ model: String, _ version: String) -> Bool {
    table.update { if case .loading = $0[model]?.versions[version] { true } else { false } }
  }
}
