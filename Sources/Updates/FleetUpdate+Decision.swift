internal import Items
internal import Rollouts

/// A node as the centre knows it, when it decides about an update that is for it.
public struct UpdatedNode: Sendable {
  public let name: String
  /// When it was heard last, in milliseconds since 1970; `nil` for never.
  public let seen: Int?
  /// What it said then; `nil` where it said nothing of updates.
  public let report: NodeUpdateReport?

  public init(name: String, seen: Int?, report: NodeUpdateReport?) {
    (self.name, self.seen, self.report) = (name, seen, report)
  }

  func isSilent(for patience: Int, at moment: Int) -> Bool { seen.map { moment - $0 > patience } ?? true }
}

/// What is to be done about an update.
public enum UpdateDecision: Sendable, Hashable {
  /// Nothing yet, and what it waits for.
  case wait(String)
  /// These may have it from now on, in this stage.
  case draw([String])
  case advance
  case finish
  case stop(String)
}

extension FleetUpdate {
  /// What follows from what the nodes that it is for said last, at a moment in milliseconds since 1970.
  ///
  /// A node that left it stops it at once, whatever the rule says; so does one that began with it and was not heard since. One that was not
  /// heard for long and has not begun is not waited for, and gets it later.
  public func decision(_ nodes: [UpdatedNode], at moment: Int) -> UpdateDecision {
    guard state == .running else { return .wait("it has ended") }
    let reports = nodes.map { (node: $0, isOn: isServed($0.report)) }
    for (node, isOn) in reports {
      if let failure = node.report?.failure, failure.version == version, !failure.isRefusal {
        return .stop("the node \(node.name) left it: \(failure.reason)")
      }
      if isOn, node.report?.isTrial ?? false, node.isSilent(for: plan.patience, at: moment) {
        return .stop("the node \(node.name) began with it and has not been heard since")
      }
    }
    let evidence = evidence(nodes)
    let minimum = max(1, plan.rule?.minimum ?? 1)
    let verdict = plan.rule?.verdict(evidence, minimum: minimum) ?? .holds
    if verdict == .fails {
      let told = plan.rule?.told(.fails, evidence, minimum: minimum) ?? []
      return .stop("its rule failed: \(told.joined(separator: ", "))")
    }
    if share < 1, drawn.count < wantedCount(of: nodes.count) { return .draw(draw(nodes, at: moment)) }
    return progress(reports, verdict, told: plan.rule?.told(.open, evidence, minimum: minimum) ?? [], at: moment)
  }

  private func progress(
    _ reports: [(node: UpdatedNode, isOn: Bool)], _ verdict: RuleVerdict, told: [String], at moment: Int
  ) -> UpdateDecision {
    let released = reports.filter { isReleased(to: $0.node.name) }
    let open = released.filter { node, isOn in
      let isPast = (node.report?.highest ?? 0) >= version
      return !node.isSilent(for: plan.patience, at: moment) && (isOn ? node.report?.isTrial ?? false : !isPast)
    }
    guard open.isEmpty else {
      return .wait("\(open.count) of \(released.count) nodes are not there yet, such as \(open[0].node.name)")
    }
    guard released.contains(where: { $0.isOn || ($0.node.report?.highest ?? 0) > version }) else {
      return .wait("none of the \(released.count) nodes that may have it has been heard with it")
    }
    guard verdict == .holds else { return .wait("not enough was seen for: \(told.joined(separator: ", "))") }
    let end = stageBegan + plan.every
    guard moment >= end else {
      return .wait("all is well; the step lasts until \(CompositeKey.time(milliseconds: end))")
    }
    return stage + 1 < plan.stages.count ? .advance : .finish
  }

  /// Nodes that may have it in this stage: never more than the share, and one at least.
  func wantedCount(of count: Int) -> Int { min(count, max(1, Int(Double(count) * share))) }

  /// Those that were heard lately first, by their place between 0 and 1; who was drawn once stays so.
  private func draw(_ nodes: [UpdatedNode], at moment: Int) -> [String] {
    let salt = RolloutShare(model: "fleet", rollout: "\(version)", .canary)
    let others = nodes.filter { node in !drawn.contains { $0.hasSameBytes(as: node.name) } }
      .map { (node: $0, isSilent: $0.isSilent(for: plan.patience, at: moment), point: salt.point($0.name)) }
      .sorted { $0.isSilent == $1.isSilent ? $0.point < $1.point : !$0.isSilent }
    return drawn + others.prefix(wantedCount(of: nodes.count) - drawn.count).map(\.node.name)
  }

  /// What those that have it did, beside those that do not.
  private func evidence(_ nodes: [UpdatedNode]) -> RolloutEvidence {
    var evidence = RolloutEvidence()
    for report in nodes.compactMap(\.report) {
      if isServed(report) {
        evidence.candidate.merge(report.tally)
      } else {
        evidence.baseline.merge(report.tally)
      }
    }
    return evidence
  }

  /// Characters of a reason that are kept, however much a node says.
  private static let mostReason = 2000

  /// What becomes of it.
  public func changed(by decision: UpdateDecision, at moment: Int) -> FleetUpdate {
    guard state == .running else { return self }
    var next = self
    switch decision {
    case .wait(let why): next.reason = why
    case .draw(let names): next.drawn = names
    case .advance: (next.stage, next.stageBegan, next.reason) = (stage + 1, moment, nil)
    case .finish: (next.state, next.drawn, next.reason) = (.done, [], nil)
    case .stop(let why): (next.state, next.reason) = (.stopped, String(why.prefix(Self.mostReason)))
    }
    return next
  }
}

extension [FleetUpdate] {
  /// What a node is to do, of all updates of its fleet.
  ///
  /// `leave` is the version that it serves and that was stopped. `take` is the oldest that it has not taken, may have, and that no newer one
  /// that it may have takes the place of in everything: mostly the newest.
  public func wanted(
    for node: String, groups: [String], _ report: NodeUpdateReport?
  ) -> (take: FleetUpdate?, leave: FleetUpdate?) {
    let mine = filter { $0.target.has(node: node, groups: groups) }
    let leave = first { $0.state == .stopped && $0.isServed(report) }
    let open = mine.filter { $0.version > report?.highest ?? 0 && $0.isReleased(to: node) }
      .sorted { $0.version < $1.version }
    let take = open.first { update in
      !open.contains { $0.version > update.version && $0.parts.isSuperset(of: update.parts) }
    }
    return (take, leave)
  }
}
