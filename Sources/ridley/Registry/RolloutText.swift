import Base
import Items
import Registry
import Rollouts

/// How a rollout is told.
enum RolloutText {
  static func tell(_ rollout: Rollout, _ registry: ModelRegistry, _ arguments: Arguments) throws(Fault) -> ExitCode {
    let history = try registry.stages(of: rollout.model).filter { $0.rollout.id == rollout.id }
    let status = try RolloutStatus(rollout, history, in: registry)
    guard !arguments.has("json") else {
      try Terminal.print(JSONText.line(status.write))
      return .success
    }
    let plan = rollout.plan
    var text = "\(rollout.model): version \(plan.candidate) in place of \(plan.baseline), \(rollout.place)\n"
    text += "rule: \(RuleText.text(plan.rule))\n"
    if rollout.state.isActive {
      let now = Int(Clock.seconds * 1000)
      let (stage, earlier) = try registry.evidence(of: rollout)
      if case .wait(let reason) = rollout.decision(rollout.judged(stage, earlier: earlier), loss: nil, at: now) {
        text += "next: \(reason)\n"
      }
    } else if let reason = rollout.reason {
      text += "by \(rollout.actor): \(reason)\n"
    }
    try Terminal.print(text + "\n" + figures(status.evidence) + "\n" + steps(history))
    return .success
  }

  private static func figures(_ seen: RolloutEvidence) -> String {
    var table = Table([
      ("", .left), ("answers", .right), ("errors", .right), ("p50 ms", .right), ("p95 ms", .right), ("p99 ms", .right),
    ])
    for (name, tally) in [("baseline", seen.baseline), ("candidate", seen.candidate)] {
      let times = [tally.times.p50, tally.times.p95, tally.times.p99].map {
        tally.times.count > 0 ? NumberFormat.fixed($0 / 1000, 2) : "–"
      }
      table.add([name, "\(tally.answers)", "\(tally.errors)"] + times)
    }
    let jobs = [seen.baseline, seen.candidate].map { tally in
      tally.jobTimes.count > 0 ? NumberFormat.fixed(tally.jobTimes.p95 / 1000, 2) : "–"
    }
    let agreement = seen.agreement.share.map { NumberFormat.fixed($0, 4) } ?? "–"
    let drift = seen.candidate.drift(from: seen.baseline).map { NumberFormat.fixed($0, 3) } ?? "–"
    let shadows = seen.shadows
    return table.text
      + (jobs == ["–", "–"] ? "" : "p95 in jobs: \(jobs[0]) ms of the baseline, \(jobs[1]) ms of the candidate\n")
      + "agreement \(agreement) over \(seen.agreement.compared) compared, drift \(drift)\n"
      + "shadows: \(shadows.answered) answered, \(shadows.dropped) dropped, \(shadows.failed) failed of \(shadows.chosen)\n"
      + "requests: \(seen.routed), \(seen.routedToCandidate) of them to the candidate, \(seen.rescued) answered by the baseline in its place\n"
  }

  private static func steps(_ history: [RolloutEntry]) -> String {
    var table = Table([("at", .left), ("", .left), ("by", .left), ("reason", .left)])
    for entry in history.reversed() {
      let one = entry.rollout
      let at = one.changedAt
      table.add([CompositeKey.time(milliseconds: at), one.place, one.actor, one.reason ?? ""])
    }
    return table.text
  }
}
