public import Base
public import Predictions
internal import Rollouts

/// Tensors that were copied out of an answer.
public typealias CopiedTensors = [(spec: TensorSpec, bytes: [UInt8])]

/// What was seen of questions that went by a rollout.
extension RoutedVersion {
  /// It goes by a rollout, so that its answers are looked into.
  public var isCounted: Bool { choice != nil }

  /// A question that the candidate gave no answer to, and the baseline does.
  public func countRescue() {
    if let choice { desk.add(choice) { $0.rescued += 1 } }
  }

  /// A question that the candidate does not take, and the baseline does: an error of the candidate.
  public func countRefusal() {
    guard let choice else { return }
    desk.add(choice) { seen in
      seen.rescued += 1
      seen.candidate.errors += 1
    }
  }

  /// Counts the labels and scores of what it said to pictures or frames, each with all that was found in it.
  public func count(_ frames: [[Prediction]]) {
    let labels = frames.map(AnswerComparison.labels)
    count { tally in for one in labels { tally.describe(one) } }
  }

  public func count(_ outputs: CopiedTensors) {
    let labels = AnswerComparison.labels(of: outputs)
    if !labels.isEmpty { count { $0.describe(labels) } }
  }

  private func count(_ body: (inout VersionTally) -> Void) {
    guard let choice else { return }
    let isCandidate = served.version == choice.candidate
    desk.add(choice) { seen in
      if isCandidate { body(&seen.candidate) } else { body(&seen.baseline) }
    }
  }

  /// The other version was asked as well: what it said is counted, and held against what was answered; in a pipeline, what its network says at
  /// these steps.
  public func countShadow(_ mine: [[Prediction]], _ theirs: [[Prediction]], steps: Set<Int>? = nil) {
    let own = { (frames: [[Prediction]], place: Int) -> [Prediction] in
      guard place < frames.count else { return [] }
      return steps.map { AnswerComparison.answers(frames[place], at: $0) } ?? frames[place]
    }
    let places = 0..<max(mine.count, theirs.count)
    var tally = AgreementTally()
    for place in places { tally.merge(AnswerComparison.compare(own(mine, place), own(theirs, place))) }
    countShadow(tally) { other in other.count(theirs.indices.map { own(theirs, $0) }) }
  }

  public func countShadow(_ mine: CopiedTensors, _ theirs: CopiedTensors) {
    let tally = AnswerComparison.compare(mine, theirs, tolerance: choice?.tolerance ?? 0)
    countShadow(tally) { other in other.count(theirs) }
  }

  private func countShadow(_ tally: AgreementTally, _ describe: (RoutedVersion) -> Void) {
    guard let choice, let other else { return }
    desk.add(choice) { seen in
      seen.agreement.merge(tally)
      seen.shadows.answered += 1
    }
    describe(RoutedVersion(served: other, desk: desk, choice: choice, other: nil))
  }

  /// The other version was asked as well and gave no answer, or there was no time to ask it.
  public func countShadow(isDropped: Bool) {
    guard let choice else { return }
    desk.add(choice) { seen in
      if isDropped { seen.shadows.dropped += 1 } else { seen.shadows.failed += 1 }
    }
  }

  /// Has the other version asked in a quiet moment, where there is one within a second; `ask` is given what to call once it has its answer.
  ///
  /// Bounded, one at a time, and never waited for; what finds no room or no moment is counted as dropped, and so is what would push another
  /// model out of memory.
  public func askShadow(
    byteCount: Int, _ ask: @escaping @Sendable (ServedVersion, @escaping @Sendable () -> Void) -> Void
  ) {
    guard let shadow else { return }
    guard shadow.isAtHand else { return countShadow(isDropped: true) }
    let isTaken = desk.shadows.add(
      ShadowQueue.Job(
        byteCount: byteCount,
        isQuiet: { [served] in served.load.waiting == 0 && shadow.load.waiting == 0 && shadow.isAtHand },
        ask: { ask(shadow, $0) }, drop: { self.countShadow(isDropped: true) }))
    if !isTaken { countShadow(isDropped: true) }
  }
}
