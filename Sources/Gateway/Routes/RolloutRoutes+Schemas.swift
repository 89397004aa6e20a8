internal import Rollouts

/// What goes in and comes out of roll-outs.
extension RolloutRoutes {
  private static var share: Document { ["type": "number", "minimum": 0, "maximum": 1] }

  private static var figures: Document { ["type": "object", "additionalProperties": ["type": "number"]] }

  static let schemas: Document = [
    "RolloutRequest": object(
      ["version": about("A number, an alias, or the beginning of a digest.", string)],
      optional: [
        "shadow": about("Of all questions, the share that the other version is asked as well.", share),
        "canary": about("Shares of the candidate, step by step; each above the one before.", list(share)),
        "every": about("Seconds that a step takes at least.", amount),
        "rule": about("What must hold; see docs/rollouts.md.", string),
        "tolerance": about("How far apart numbers of raw tensors may be, as a share of the largest.", share),
        "reason": string,
      ]),
    "RolloutChange": object([:], optional: ["reason": string]),
    "RolloutStatus": object(
      [
        "rollout": schema("Rollout"),
        "rule": about(
          "Its comparisons, as they stand.",
          list(
            object(
              [
                "comparison": string,
                "verdict": ["type": "string", "enum": .list(RuleVerdict.allCases.map { .text($0.rawValue) })],
              ], optional: ["seen": about("What is compared; absent where there is nothing yet.", string)]))),
        "evidence": about("Of the stage that it is at.", schema("RolloutEvidence")),
        "history": about(
          "The newest first.",
          list(object(["rollout": schema("Rollout"), "evidence": schema("RolloutEvidence")]))),
      ], optional: ["waits_for": about("What the next step waits for.", string)]),
    "RolloutLine": object(
      ["rollout": schema("Rollout")], optional: ["waits_for": about("What the next step waits for.", string)]),
    "Rollout": object(
      [
        "model": schema("Name"), "id": string,
        "state": ["type": "string", "enum": .list(Rollout.State.allCases.map { .text($0.rawValue) })],
        "stage": about("Which of the stages, from 0; the first is the shadow alone, where there is one.", count),
        "share": about("Of requests, that the candidate answers.", share),
        "plan": object([
          "candidate": count, "baseline": count, "shadow": share, "canary": list(share), "every": amount,
          "rule": string, "tolerance": share,
        ]),
        "by": string, "began": moment, "stage_began": moment, "actor": about("Who did the last thing to it.", string),
        "revision": count,
      ], optional: ["paused": moment, "ended": moment, "reason": string]),
    "RolloutEvidence": object(
      [
        "baseline": schema("VersionTally"), "candidate": schema("VersionTally"), "compared": count,
        "shadows": object(["chosen": count, "answered": count, "dropped": count, "failed": count]),
        "requests": object(["routed": count, "routed_to_candidate": count, "rescued": count]),
      ],
      optional: [
        "agreement": share, "drift": amount,
        "kept": about(
          "Figures of evaluations and of a trial, where the rule asks for them.",
          object(["candidate": figures, "baseline": figures, "trial": figures])),
      ]),
    "VersionTally": object(
      [
        "answers": count, "errors": count, "described": count,
        "labels": ["type": "object", "additionalProperties": count],
      ], optional: ["p50_ms": amount, "p95_ms": amount, "p99_ms": amount]),
  ]
}
