internal import Base

/// Compares what a blueprint wants with what servers have and what was applied last; no file, clock or server is asked here.
struct Planner {
  /// With its secrets.
  let site: Site
  /// The document, from the root.
  let path: String
  let state: DeployState
  let reality: Reality
  /// What others made becomes the blueprint's, where it has the same name.
  let adopts: Bool

  /// Everything that has to be known for a plan: what is wanted, and what was applied.
  static func keys(_ site: Site, _ state: DeployState) -> Set<ThingKey> {
    let servers = Set(site.servers.map(\.name))
    return Set(site.things.map(\.key)).union(state.things.keys.filter { servers.contains($0.server) })
  }

  /// - Throws: `conflict` with all that stands against it; nothing was done then.
  func plan() throws(Fault) -> DeployPlan {
    var plan = DeployPlan(site: path, stage: site.stage, siteDigest: site.digest)
    for server in site.servers { plan.servers[server.name] = server.address }
    var problems: [String] = []
    var (steps, destroyed) = ([PlanStep](), [PlanStep]())
    for thing in site.things {
      problems += self.problems(of: thing)
      if let step = step(for: thing) {
        steps.append(step)
      } else if let actual = reality.things[thing.key] {
        plan.kept[thing.key] = DeployPlan.digest(of: actual.fields)
      }
    }
    for key in state.things.keys.sorted() where !site.things.contains(where: { $0.key == key }) {
      guard let recorded = recorded(key), let actual = reality.things[key], !actual.isConfigured else {
        plan.forgotten.append(key)
        continue
      }
      var step = PlanStep(key: key, action: .destroy, before: actual.fields, after: nil)
      step.isReversible = recorded.seals.isEmpty && isWhole(actual.fields, recorded)
      step.effect = Effects.destroying(key)
      let others = recorded.fields.differences(to: actual.fields).map(\.name)
      if !others.isEmpty {
        step.effect += "; others changed it since it was applied, or made it anew (\(others.joined(separator: ", ")))"
      }
      destroyed.append(step)
    }
    // Those that others stand on go last.
    plan.steps = steps.sorted { $0.key < $1.key } + destroyed.sorted { $1.key < $0.key }
    guard problems.isEmpty else { throw Self.fault(problems) }
    return plan
  }

  /// What was applied, where it is the same server still.
  private func recorded(_ key: ThingKey) -> DeployState.Recorded? {
    guard let recorded = state.things[key],
      site.servers.contains(where: { $0.name == key.server && $0.address == recorded.address })
    else { return nil }
    return recorded
  }

  private func step(for thing: Thing) -> PlanStep? {
    let (actual, recorded, seals) = (reality.things[thing.key], recorded(thing.key), state.seals(of: thing))
    let action: PlanStep.Action = actual == nil ? .create : recorded == nil ? .adopt : .change
    var step = PlanStep(key: thing.key, action: action, before: actual?.fields, after: thing.fields)
    step.seals = seals
    if actual != nil {
      let old = recorded?.seals ?? [:]
      step.hidden = Set(seals.keys).union(old.keys).filter { seals[$0] != old[$0] }.sorted()
      step.isReversible = isReversible(thing, actual, recorded, seals)
    }
    guard action != .change || !step.differences.isEmpty || !step.hidden.isEmpty else { return nil }
    step.effect = Effects.of(step, absent: absentByteCount(thing))
    return step
  }

  /// Whether all that the server has of it is known: what it does not show is what was applied, and that is still at hand.
  private func isReversible(
    _ thing: Thing, _ actual: Reality.Actual?, _ recorded: DeployState.Recorded?, _ seals: [String: String]
  ) -> Bool {
    guard let actual, thing.key.kind == .stream || thing.key.kind == .target else { return true }
    guard let recorded, isWhole(actual.fields, recorded) else { return false }
    return recorded.seals.isEmpty || recorded.seals == seals
  }

  /// Addresses are as they were applied: another one may have something in it that is not shown.
  private func isWhole(_ fields: ThingFields, _ recorded: DeployState.Recorded) -> Bool {
    ["source", "view", "address"].allSatisfy { fields[$0] == recorded.fields[$0] }
  }

  private func absentByteCount(_ thing: Thing) -> Int? {
    for case .version(let version, let model, _) in thing.needs {
      return reality.models[thing.key.server]?[model]?[version]?.absentByteCount
    }
    return nil
  }

  /// What stands against a thing.
  private func problems(of thing: Thing) -> [String] {
    let key = thing.key
    var problems = thing.outerNeeds(in: site).compactMap { need in
      reality.problem(of: need, on: key.server).map { "\(key.text): \($0)" }
    }
    guard let actual = reality.things[key] else { return problems }
    if actual.isConfigured {
      problems.append(
        "\(key.text) stands in the server's own configuration: change it there, or name this one otherwise")
    } else if recorded(key) == nil, !adopts {
      problems.append(
        "\(key.text) is there already, and was not made by this blueprint: take it over with --adopt, or name yours otherwise"
      )
    }
    return problems
  }

  static func fault(_ problems: [String]) -> Fault {
    guard problems.count > 1 else { return Fault(.conflict, problems[0]) }
    return Fault(.conflict, "\(problems.count) things stand against it:" + problems.map { "\n  \($0)" }.joined())
  }
}

extension Reality {
  /// Why something that is needed is not there, and the way out; a version that is being loaded is no problem yet.
  func problem(of need: Thing.Need, on server: String) -> String? {
    switch need {
    case .pipeline(let name):
      let known = pipelines[server] ?? []
      if known.contains(name) { return nil }
      return "the server has no pipeline '\(name)'\(Suggestion.hint(for: name, among: known.sorted()))"
    case .model(let name):
      let known = models[server] ?? [:]
      if known[name] != nil { return nil }
      return "the server has no model '\(name)'\(Suggestion.hint(for: name, among: known.keys.sorted()))"
    case .version(let version, let model, let digest):
      return problem(of: version, model, digest, models[server] ?? [:])
    }
  }

  private func problem(
    of version: String, _ model: String, _ digest: String?, _ known: [String: [String: Version]]
  ) -> String? {
    guard let versions = known[model] else {
      return "the server has no model '\(model)'\(Suggestion.hint(for: model, among: known.keys.sorted()))"
    }
    guard let found = versions[version] else {
      return
        "the server has no version \(version) of '\(model)': it has \(versions.keys.sorted().joined(separator: ", "))"
    }
    if found.state == .unavailable {
      return "version \(version) of '\(model)' is not available there: \(found.reason ?? "no reason is told")"
    }
    if let digest, found.state == .ready, found.digest != digest {
      return "version \(version) of '\(model)' is \(found.digest ?? "of no known digest") there, and not \(digest)"
    }
    return nil
  }
}
