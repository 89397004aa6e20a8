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
  /// The newer one of this number takes its place.
  case replace(Int)
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
    if let refusal = refusal(nodes, at: moment) { return .stop(refusal) }
    let (verdict, told) = judged(nodes, at: moment)
    if verdict == .fails { return .stop("its rule failed: \(told)") }
    if share < 1, drawn.count < wantedCount(of: nodes.count) { return .draw(draw(nodes, at: moment)) }
    return progress(reports, verdict, told: told, at: moment)
  }

  /// Why it ends where all that may have it, and are heard, cannot have it.
  private func refusal(_ nodes: [UpdatedNode], at moment: Int) -> String? {
    let heard = nodes.filter { isReleased(to: $0.name) && !$0.isSilent(for: plan.patience, at: moment) }
    guard let first = heard.first, let words = first.report?.reason(of: version),
      heard.allSatisfy({ standing(of: $0) == .refused })
    else { return nil }
    return "refused by all that may have it (\(heard.count)): the node \(first.name) says: \(words)"
  }

  /// What its rule says, and of which of its comparisons.
  ///
  /// In the last step, where nobody else is left, what is compared with others counts as held by the step before.
  private func judged(_ nodes: [UpdatedNode], at moment: Int) -> (verdict: RuleVerdict, told: String) {
    guard let rule = plan.rule else { return (.holds, "") }
    let (evidence, minimum) = (evidence(nodes), max(1, rule.minimum ?? 1))
    let verdict = rule.verdict(evidence, minimum: minimum)
    let told = rule.told(verdict, evidence, minimum: minimum).joined(separator: ", ")
    let others = nodes.filter {
      !isServed($0.report) && !$0.isSilent(for: plan.patience, at: moment) && standing(of: $0) != .refused
    }
    guard verdict == .open, others.isEmpty, rule.needsOthers else { return (verdict, told) }
    guard isLastStage, stage > 0 else { return (.open, "\(told): there are no other nodes to compare with") }
    guard let rest = rule.withoutOthers else { return (.holds, "") }
    let left = rest.verdict(evidence, minimum: minimum)
    return (left, rest.told(left, evidence, minimum: minimum).joined(separator: ", "))
  }

  private func progress(
    _ reports: [(node: UpdatedNode, isOn: Bool)], _ verdict: RuleVerdict, told: String, at moment: Int
  ) -> UpdateDecision {
    let released = reports.filter { isReleased(to: $0.node.name) }
    let open = released.filter { node, isOn in
      let isPast = (node.report?.highest ?? 0) >= version
      return !node.isSilent(for: plan.patience, at: moment) && (isOn ? node.report?.isTrial ?? false : !isPast)
    }
    guard open.isEmpty else {
      let (name, count) = (open[0].node.name, released.count)
      guard count > 1 else { return .wait("the node \(name) is not there yet") }
      guard open.count > 1 else { return .wait("1 of \(count) nodes is not there yet: \(name)") }
      return .wait("\(open.count) of \(count) nodes are not there yet, such as \(name)")
    }
    guard released.contains(where: { $0.isOn || ($0.node.report?.highest ?? 0) > version }) else {
      return .wait("none of the \(released.count) nodes that may have it has been heard with it")
    }
    guard verdict == .holds else { return .wait("not enough was seen for: \(told)") }
    // Nothing follows the last step that it could be kept from.
    guard !isLastStage else { return .finish }
    let end = stageBegan + plan.every
    guard moment >= end else {
      return .wait("all is well; the step lasts until \(CompositeKey.time(milliseconds: end))")
    }
    return .advance
  }

  private var isLastStage: Bool { stage + 1 == plan.stages.count }

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
    case .replace(let newer): (next.state, next.drawn, next.reason) = (.replaced, [], "update \(newer) took its place")
    case .stop(let why): (next.state, next.reason) = (.stopped, String(why.prefix(Self.mostReason)))
    }
    return next
  }
}

extension [FleetUpdate] {
  /// What a node is to do, of all updates of its fleet.
  ///
  /// `leave` is the version that it serves and that was stopped. `take` is the oldest that it has not taken, may have, and that no newer one
  /// that it may have takes the place of in everything: mostly the newest. While it has one on trial, it takes none that says less.
  /// One whose files its disk lost it takes again.
  public func wanted(
    for node: String, groups: [String], _ report: NodeUpdateReport?
  ) -> (take: FleetUpdate?, leave: FleetUpdate?) {
    let mine = filter { $0.target.has(node: node, groups: groups) }
    let leave = first { $0.state == .stopped && $0.isServed(report) }
    let trial = report?.isTrial ?? false ? first { $0.isServed(report) } : nil
    let open = mine.filter { update in
      update.version > report?.highest ?? 0 && update.isReleased(to: node)
        && update.parts.isSuperset(of: trial?.parts ?? [])
    }.sorted { $0.version < $1.version }
    let take = open.first { update in
      !open.contains { $0.version > update.version && $0.parts.isSuperset(of: update.parts) }
    }
    // What a disk lost of the one that is served is given once more, before anything that leaves some of it as it is.
    let lost = mine.first { $0.version == report?.lost && $0.isServed(report) && !$0.hasReleasedBytes }
    return (lost ?? take, leave)
  }
}
