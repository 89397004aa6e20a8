public import Base

/// One stage of a blueprint and the servers that it is about: what commands ask for.
public struct Deployment {
  /// What an apply came to.
  public enum Outcome: Sendable, Hashable {
    /// Servers have what the blueprint says already.
    case nothing
    case done
    /// Servers are as they were, but for what is named.
    case back(reason: String, left: [String])
  }

  private let site: Site
  /// The document, from the root.
  private let path: String
  private let folder: DeployFolder
  private let link: any DeployLink

  /// `site` has its secrets; `path` is where it was read, from the root.
  public init(_ site: Site, at path: String, over link: any DeployLink) {
    (self.site, self.path, self.link) = (site, path, link)
    folder = DeployFolder(besides: path, stage: site.stage)
  }

  /// What is to be done so that servers have what the blueprint says; they are asked, and not changed.
  ///
  /// - Throws: `conflict` with all that stands against it, or where an apply was interrupted and has to end first; what a server answers.
  public func plan(adopts: Bool) throws(Fault) -> DeployPlan {
    guard try folder.journal() == nil else {
      throw Fault(
        .conflict,
        "an apply of the stage '\(site.stage)' was interrupted: 'ridley deploy apply' finishes it, or goes back, before anything else is planned"
      )
    }
    return try plan(try folder.madeState(), adopts: adopts)
  }

  private func plan(_ state: DeployState, adopts: Bool) throws(Fault) -> DeployPlan {
    let site = site.sealed(by: state)
    let keys = Planner.keys(site, state)
    try KeyCover(link: link).check(keys)
    let needs = site.things.flatMap { thing in thing.needs.map { (server: thing.key.server, need: $0) } }
    let reality = try RealityReader(link: link, state: state, concealed: state.concealed(site)).read(
      keys, needs: needs)
    return try Planner(site: site, path: path, state: state, reality: reality, adopts: adopts).plan()
  }

  /// Finishes what was interrupted, and then has servers take what the blueprint says; with a plan nothing but what that says.
  ///
  /// `patience` is how long a server, a version that is being loaded or a stream is waited for, in seconds. With `forgets` an apply that was
  /// interrupted is not finished: what it did stays, and is nobody's.
  ///
  /// - Throws: `conflict` where the plan is stale, with what moved, or where the interrupted apply was for other servers; what stands against it before anything was changed; as ``Applier/run()``.
  public func apply(
    _ plan: DeployPlan?, adopts: Bool, forgets: Bool = false, patience: Double, _ hooks: Applier.Hooks
  ) throws(Fault) -> Outcome {
    try folder.alone { () throws(Fault) in
      if forgets { try forget() }
      var hasFinished = false
      if let journal = try folder.journal() {
        try check(journal)
        let outcome = try run(journal, patience, hooks)
        guard case .done = outcome, plan.map({ $0 != journal.plan }) ?? true else { return outcome }
        hasFinished = true
      }
      let adopts = adopts || plan?.steps.contains { $0.action == .adopt } ?? false
      let fresh = try self.plan(try folder.madeState(), adopts: adopts)
      if let plan, !fresh.isEmpty || plan.siteDigest != fresh.siteDigest {
        let moved = plan.differences(to: fresh)
        guard moved.isEmpty else {
          throw Fault(
            .conflict, "the plan is stale, make it anew:" + moved.map { "\n  \($0)" }.joined())
        }
      }
      let outcome = try run(DeployJournal(fresh), patience, hooks)
      return fresh.isEmpty && outcome == .done && !hasFinished ? .nothing : outcome
    }
  }

  private func forget() throws(Fault) {
    guard let journal = try folder.journal() else { return }
    var state = try folder.madeState()
    for number in journal.begun { state.doubt(journal.plan.steps[number]) }
    try folder.write(state)
    try folder.removeJournal()
  }

  private func run(_ journal: DeployJournal, _ patience: Double, _ hooks: Applier.Hooks) throws(Fault) -> Outcome {
    let state = try folder.madeState()
    return try Applier(
      journal, site.sealed(by: state), state, in: folder, over: link, patience: patience, hooks
    ).run()
  }

  /// What was begun at some servers is neither finished nor taken back at others.
  private func check(_ journal: DeployJournal) throws(Fault) {
    let keys = Set(journal.plan.steps.map(\.key))
    for name in Set(keys.map(\.server)).sorted() {
      let (old, new) = (journal.plan.servers[name], site.servers.first { $0.name == name }?.address)
      guard old != new else { continue }
      throw Fault(
        .conflict,
        "the apply that was interrupted was for the server \(name) at \(old ?? "no address"), and the blueprint has it \(new.map { "at \($0)" } ?? "no more"): apply it once with that server as it was, or with --forget, which leaves there what was done, as if others had made it"
      )
    }
    for name in Set(keys.map(\.server)) {
      do throws(Fault) { try KeyCover(link: link).check(keys.filter { $0.server == name }) } catch {
        // One that does not answer keeps none of the others from their way.
        guard error.kind == .unavailable else { throw error }
      }
    }
  }

  /// What is not as it was applied last, by key.
  public func drift() throws(Fault) -> SiteDriftReport {
    let state = try folder.state()
    let isOpen = try folder.journal() != nil
    let wasApplied = state.map { $0.applied != nil || !$0.things.isEmpty } ?? false
    var report = SiteDriftReport(wasApplied: wasApplied, isOpen: isOpen)
    if let state { try SiteDrift(site: site, state: state, link: link).read(into: &report) }
    return report
  }
}

extension DeployPlan {
  /// In words, what a plan saw or would do otherwise than one that was made of the same later.
  func differences(to fresh: DeployPlan) -> [String] {
    guard siteDigest == fresh.siteDigest else { return ["the blueprint was changed, or is of another stage"] }
    guard servers == fresh.servers else { return ["servers have other addresses"] }
    let (mine, others) = (seen, fresh.seen)
    var words: [String] = []
    for key in Set(mine.keys).union(others.keys).sorted() where mine[key] != others[key] {
      words.append("\(key.text) is not as the plan saw it")
    }
    let told = fresh.steps.map(\.withoutEffect)
    for step in steps where mine[step.key] == others[step.key] && !told.contains(step.withoutEffect) {
      words.append("\(step.key.text): its secrets, or what was applied last, are others")
    }
    if words.isEmpty, steps.count != fresh.steps.count || forgotten != fresh.forgotten {
      words.append("what was applied last is other")
    }
    return words
  }

  /// What servers had, by digest.
  private var seen: [ThingKey: String] {
    var seen = kept
    for step in steps { seen[step.key] = DeployPlan.digest(of: step.before) }
    return seen
  }
}

extension PlanStep {
  /// What it costs may be other by the minute, as what is in memory is.
  fileprivate var withoutEffect: PlanStep {
    var step = self
    step.effect = ""
    return step
  }
}
