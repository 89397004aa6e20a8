public import Base

/// Does what a plan says, step by step, with a journal; where a step fails it goes back.
public final class Applier {
  let site: Site
  let folder: DeployFolder
  let link: any DeployLink
  let hooks: Hooks
  /// For how long a server is waited for, in seconds.
  let patience: Double
  var journal: DeployJournal
  var state: DeployState
  /// What failed last while a server is waited for.
  var last: Fault?

  var reader: RealityReader { RealityReader(link: link, state: state, concealed: state.concealed(site)) }

  /// What an applier needs of the world.
  public struct Hooks {
    /// Hears what is being done, a line each.
    var tell: (String) -> Void
    /// Waits for some seconds; `false` where a person wants it to end.
    var wait: (Double) -> Bool
    /// Seconds since 1970.
    var now: () -> Int
    /// Seconds that only grow, from an arbitrary beginning.
    var seconds: () -> Double

    public init(
      tell: @escaping (String) -> Void, wait: @escaping (Double) -> Bool, now: @escaping () -> Int,
      seconds: @escaping () -> Double
    ) {
      (self.tell, self.wait, self.now, self.seconds) = (tell, wait, now, seconds)
    }
  }

  /// For a plan that begins, or for what a journal says that is open; `site` has its secrets.
  ///
  /// To be used by who is alone in the folder: ``DeployFolder/alone(_:)``.
  public init(
    _ journal: DeployJournal, _ site: Site, _ state: DeployState, in folder: DeployFolder, over link: any DeployLink,
    patience: Double, _ hooks: Hooks
  ) {
    (self.journal, self.site, self.state, self.folder, self.link) = (journal, site, state, folder, link)
    (self.patience, self.hooks) = (patience, hooks)
  }

  /// Goes on to the end, or back to the beginning.
  ///
  /// - Throws: what stands against it before anything was changed; `closed` where a person ended it, and `unavailable` where
  ///   some could not be taken back yet: then the journal is still open with these, and the next apply goes on.
  public func run() throws(Fault) -> Deployment.Outcome {
    if journal.isThrough { return try finish() }
    if journal.failure == nil, journal.plan.siteDigest != site.digest {
      try fail(
        Fault(
          .conflict, "the blueprint was changed since the apply that was interrupted: that is taken back, apply again"))
    }
    if journal.failure == nil {
      if journal.begun.isEmpty { try prepare() }
      do throws(Fault) { try advance() } catch {
        guard error.kind != .closed else { throw error }
        try fail(error)
      }
    }
    guard let reason = journal.failure else { return try finish() }
    return .back(reason: reason, left: try goBack(because: reason))
  }

  func fail(_ fault: Fault) throws(Fault) {
    // Nothing was changed: there is nothing to go back from.
    if journal.begun.isEmpty {
      try folder.removeJournal()
      throw fault
    }
    journal.failure = fault.message
    try folder.write(journal)
  }

  func retry(_ fault: Fault) -> Bool {
    last = fault
    return false
  }

  /// Looks twice a second until something is so, for as long as the patience lasts.
  func until(_ what: String, _ isSo: () throws(Fault) -> Bool) throws(Fault) {
    last = nil
    let end = hooks.seconds() + patience
    while try !isSo() {
      guard hooks.seconds() < end else {
        throw last ?? Fault(.unavailable, "\(what) took longer than \(Units.text(seconds: patience))")
      }
      guard hooks.wait(0.5) else {
        throw Fault(.closed, "stopped: 'ridley deploy apply' of the same stage goes on from here")
      }
    }
    last = nil
  }

  /// What a step leads to, as the reader sees it: an address that was a secret before is told as one until the step is written down.
  func seen(_ step: PlanStep) -> ThingFields? {
    guard var fields = step.after, state.concealed(site).contains(step.key), !ConcealedAddress.isOne(fields),
      let address = fields.string("address")
    else { return step.after }
    fields.set("address", state.conceal(address, of: step.key))
    return fields
  }

  /// What servers take of a step and do not show.
  ///
  /// - Throws: `conflict` where the secrets are others than they were when the plan was made.
  func hidden(of step: PlanStep) throws(Fault) -> [String: String] {
    guard let thing = site.things.first(where: { $0.key == step.key }), state.seals(of: thing) == step.seals else {
      throw Fault(.conflict, "the secrets of \(step.key.text) are others than they were when the plan was made")
    }
    return thing.hidden
  }

  func finish() throws(Fault) -> Deployment.Outcome {
    journal.isThrough = true
    if !journal.plan.steps.isEmpty { try folder.write(journal) }
    let old = state
    for step in journal.plan.steps { record(step, step.after) }
    for key in journal.plan.forgotten { state.things[key] = nil }
    // What others made as it shall be is as it was applied from now on.
    for thing in site.things
    where journal.plan.kept[thing.key] != nil && journal.plan.siteDigest == site.digest {
      record(thing.key, thing.fields, state.seals(of: thing))
    }
    if state.things != old.things || !journal.plan.isEmpty {
      state.applied = hooks.now()
      try folder.write(state)
    }
    try folder.removeJournal()
    return .done
  }

  func record(_ step: PlanStep, _ fields: ThingFields?) {
    if let fields { record(step.key, fields, step.seals) } else { state.things[step.key] = nil }
  }

  private func record(_ key: ThingKey, _ fields: ThingFields, _ seals: [String: String]) {
    state.things[key] = journal.plan.servers[key.server].map {
      DeployState.Recorded(address: $0, fields: fields, seals: seals)
    }
  }
}

extension Reality {
  func isLoading(_ need: Thing.Need, on server: String) -> Bool {
    guard case .version(let version, let model, _) = need else { return false }
    return models[server]?[model]?[version]?.state == .loading
  }
}
