internal import Base
internal import Rollouts
internal import Serving

/// Metrics of roll-outs that go on.
extension Gateway {
  func writeRollouts(to text: inout MetricsText) {
    let all = models.rollouts.standings
    text.begin("ridley_rollout_share", .gauge, help: "Of requests, the share that the candidate answers.")
    for one in all { text.sample(one.rollout.share, labels(one)) }
    text.begin("ridley_rollout_paused", .gauge, help: "1 where no next step is taken.")
    for one in all { text.sample(one.rollout.state == .paused ? 1 : 0, labels(one)) }
    text.begin("ridley_rollout_answers", .gauge, help: "Inferences that came back in this step.")
    for one in all {
      text.sample(one.evidence.baseline.answers, labels(one, "baseline"))
      text.sample(one.evidence.candidate.answers, labels(one, "candidate"))
    }
    text.begin("ridley_rollout_errors", .gauge, help: "Inferences that failed in this step.")
    for one in all {
      text.sample(one.evidence.baseline.errors, labels(one, "baseline"))
      text.sample(one.evidence.candidate.errors, labels(one, "candidate"))
    }
    text.begin("ridley_rollout_agreement", .gauge, help: "How far both versions say the same in this step, 0 to 1.")
    for one in all { if let share = one.evidence.agreement.share { text.sample(share, labels(one)) } }
    text.begin(
      "ridley_rollout_shadows", .gauge, help: "Questions that the other version was to be asked as well in this step.")
    for one in all {
      let shadows = one.evidence.shadows
      for (outcome, count) in [
        ("answered", shadows.answered), ("dropped", shadows.dropped), ("failed", shadows.failed),
      ] {
        text.sample(count, ["model": one.rollout.model, "outcome": outcome])
      }
    }
    text.begin("ridley_rollouts_ended_total", .counter, help: "Roll-outs that ended while this server ran.")
    for one in models.rollouts.endings { text.sample(one.count, ["model": one.model, "state": one.state]) }
  }

  private func labels(_ one: RolloutDesk.Standing) -> KeyValuePairs<String, String> {
    ["model": one.rollout.model, "candidate": "\(one.rollout.plan.candidate)"]
  }

  private func labels(_ one: RolloutDesk.Standing, _ role: String) -> KeyValuePairs<String, String> {
    ["model": one.rollout.model, "candidate": "\(one.rollout.plan.candidate)", "role": role]
  }
}
