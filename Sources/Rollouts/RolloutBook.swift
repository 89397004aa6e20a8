public import Base

/// Where rollouts are kept, with their history and with what was seen; a library's registry fulfils it.
///
/// Any thread that may block.
public protocol RolloutBook: Sendable {
  /// The last rollout of every model that has one; `complain` hears of those that cannot be read, and the others are given.
  func rollouts(complain: (Fault) -> Void) throws(Fault) -> [Rollout]

  /// Whether the alias `live` points to the candidate of a rollout.
  func isLive(_ rollout: Rollout) throws(Fault) -> Bool

  /// What all have seen in a stage of a rollout, `reporter` left out, and what its baseline did in the stages before.
  func evidence(
    of rollout: Rollout, except reporter: String
  ) throws(Fault) -> (stage: RolloutEvidence, earlier: VersionTally)

  /// Keeps what `reporter` has seen in a stage so far, in place of what it said before.
  func note(_ evidence: RolloutEvidence, of rollout: Rollout, by reporter: String) throws(Fault)

  /// Writes down what became of a rollout, with what was seen when that was decided; a promotion moves the alias `live` in the same transaction.
  ///
  /// Gives what stands there afterwards: another one where somebody else was quicker, and one that is superseded where somebody moved `live`.
  func write(_ next: Rollout, after known: Rollout, seeing evidence: RolloutEvidence) throws(Fault) -> Rollout

  /// Begins a rollout; the fault is `conflict` where one goes on, or where the model has nothing live.
  func begin(_ ask: RolloutAsk, of model: String, by who: String) throws(Fault) -> Rollout

  /// Does what a person wants; faults are `notFound` and `conflict`.
  func act(_ action: RolloutAction, on model: String, by who: String, reason: String?) throws(Fault) -> Rollout

  /// The last rollout of a model with what it does now, and all that became of its rollouts, the newest first.
  func stages(of model: String) throws(Fault) -> [RolloutEntry]
}

/// How a rollout stands, or ended.
public struct RolloutStatus: Sendable {
  public let rollout: Rollout
  /// Of the stage that it is at, or ended in.
  public let evidence: RolloutEvidence
  /// Its rule, comparison by comparison.
  public let findings: [RuleFinding]
  /// The newest first.
  public let history: [RolloutEntry]

  /// `history` is what became of it, and perhaps of those before.
  ///
  /// One that is over is told also where what was seen cannot be read any more.
  public init(_ rollout: Rollout, _ history: [RolloutEntry], in book: any RolloutBook) throws(Fault) {
    (self.rollout, self.history) = (rollout, history)
    let earlier: VersionTally
    do throws(Fault) {
      let seen = try book.evidence(of: rollout)
      earlier = seen.earlier
      evidence = rollout.state.isActive ? seen.stage : history.first?.evidence ?? RolloutEvidence()
    } catch {
      guard !rollout.state.isActive else { throw error }
      (earlier, evidence) = (VersionTally(), history.first?.evidence ?? RolloutEvidence())
    }
    findings = rollout.plan.rule.findings(rollout.judged(evidence, earlier: earlier), minimum: rollout.plan.minimum)
  }
}

/// What became of a rollout at a moment.
public struct RolloutEntry: Sendable, Hashable {
  public let rollout: Rollout
  /// What was seen in the stage that ended with it.
  public let evidence: RolloutEvidence

  public init(_ rollout: Rollout, _ evidence: RolloutEvidence) { (self.rollout, self.evidence) = (rollout, evidence) }
}

extension RolloutBook {
  /// What all have seen in a stage of a rollout, and what its baseline did in the stages before.
  public func evidence(of rollout: Rollout) throws(Fault) -> (stage: RolloutEvidence, earlier: VersionTally) {
    try evidence(of: rollout, except: "")
  }
}
