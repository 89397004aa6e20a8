public import Base

/// What is to be done about a rollout.
public enum RolloutDecision: Sendable, Hashable {
  /// Nothing yet, and what it waits for.
  case wait(String)
  case advance
  case promote
  case rollBack(String)
}

/// What people may do to a rollout.
public enum RolloutAction: String, Sendable, Hashable, CaseIterable {
  case pause, resume, promote, abort
}

extension Rollout {
  /// Who moves things where nobody does: by the name in the history of aliases.
  public var name: String { "rollout \(id)" }

  /// What follows from what was seen in this stage, at a moment in milliseconds since 1970.
  ///
  /// `evidence` has what the rule is held against (see ``judged(_:earlier:)``); `loss` is why the candidate cannot answer at all, which counts whatever
  /// the rule says. A step is never taken on less than the minimum, and a rule that fails is a roll-back at once, also while it is paused.
  public func decision(_ evidence: RolloutEvidence, loss: String?, at moment: Int) -> RolloutDecision {
    if let loss { return .rollBack(loss) }
    let minimum = plan.minimum
    switch plan.rule.verdict(evidence, minimum: minimum) {
    case .fails:
      return .rollBack("it failed: " + plan.rule.told(.fails, evidence, minimum: minimum).joined(separator: ", "))
    case .open:
      let open = plan.rule.told(.open, evidence, minimum: minimum).joined(separator: ", ")
      return .wait("not enough was seen for: \(open)\(Self.lack(evidence, minimum))")
    case .holds: break
    }
    guard state == .running else { return .wait("it is paused") }
    guard evidence.candidate.answers >= minimum else {
      return .wait("the rule holds, and the candidate gave \(evidence.candidate.answers) of \(minimum) answers")
    }
    let left = stageBegan + plan.every - moment
    guard left <= 0 else { return .wait("the rule holds; the step takes \((left + 999) / 1000) s more") }
    guard !plan.canary.isEmpty else {
      return .wait("the rule holds, and no canary was asked for: promote it, or abort it")
    }
    return stage + 1 < plan.stages.count ? .advance : .promote
  }

  private static func lack(_ evidence: RolloutEvidence, _ minimum: Int) -> String {
    "; the candidate gave \(evidence.candidate.answers) answers, \(minimum) are needed"
  }

  /// What the rule is held against: the candidate as it was in this stage, beside the baseline as it was in it too, with what it did in
  /// earlier stages where it had too little to do in this one.
  public func judged(_ stage: RolloutEvidence, earlier: VersionTally) -> RolloutEvidence {
    let needed = max(plan.minimum, Judge.least(99))
    guard stage.baseline.answers < needed || stage.baseline.described < needed else { return stage }
    var judged = stage
    judged.baseline.merge(earlier)
    return judged
  }

  /// The next stage.
  public func advanced(at moment: Int) -> Rollout {
    var next = changed(by: name, nil)
    (next.stage, next.stageBegan) = (stage + 1, moment)
    return next
  }

  /// The end.
  public func ended(_ state: State, by who: String, reason: String?, at moment: Int) -> Rollout {
    var next = changed(by: who, reason)
    (next.state, next.ended, next.paused) = (state, moment, nil)
    return next
  }

  /// What becomes of it where a person pauses or resumes it.
  ///
  /// Time that it stood still is none of the step's. Faults are `conflict`.
  public func held(_ action: RolloutAction, by who: String, reason: String?, at moment: Int) throws(Fault) -> Rollout {
    guard state.isActive else { throw isOver }
    var next = changed(by: who, reason)
    switch (action, state) {
    case (.pause, .running): (next.state, next.paused) = (.paused, moment)
    case (.resume, .paused):
      next.stageBegan += max(0, moment - (paused ?? moment))
      (next.state, next.paused) = (.running, nil)
    default: throw Fault(.conflict, "the roll-out of '\(model)' is \(state.rawValue) already")
    }
    return next
  }

  public var isOver: Fault {
    Fault(.conflict, "the roll-out of '\(model)' has ended (\(state.rawValue)): begin another one")
  }

  private func changed(by who: String, _ reason: String?) -> Rollout {
    var next = self
    next.revision += 1
    (next.actor, next.reason) = (who, reason ?? self.reason)
    return next
  }
}
