public import Base

extension RolloutStatus {
  /// The members of its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.object("rollout") { rollout.write(into: &$0) }
    json.array("rule") { json in
      for finding in findings {
        json.object { json in
          json.field("comparison", finding.text)
          json.field("seen", ifKnown: finding.seen)
          json.field("verdict", finding.verdict.rawValue)
        }
      }
    }
    json.object("evidence") { evidence.report(into: &$0) }
    json.array("history") { json in
      for entry in history {
        json.object { json in
          json.object("rollout") { entry.rollout.write(into: &$0) }
          json.object("evidence") { entry.evidence.report(into: &$0) }
        }
      }
    }
  }
}

/// What was seen, as people and programs are told it.
extension RolloutEvidence {
  /// The members of its JSON in answers; times are milliseconds.
  public func report(into json: inout JSONWriter) {
    json.object("baseline") { baseline.report(into: &$0) }
    json.object("candidate") { candidate.report(into: &$0) }
    json.field("agreement", ifKnown: agreement.share)
    json.field("compared", agreement.compared)
    json.field("drift", ifKnown: candidate.drift(from: baseline))
    writeCounts(into: &json)
  }
}

extension VersionTally {
  /// Labels that are told, the most frequent ones.
  private static let told = 20

  func report(into json: inout JSONWriter) {
    json.field("answers", answers)
    json.field("errors", errors)
    if times.count > 0 {
      json.field("p50_ms", times.p50 / 1000, digits: 3)
      json.field("p95_ms", times.p95 / 1000, digits: 3)
      json.field("p99_ms", times.p99 / 1000, digits: 3)
    }
    if jobTimes.count > 0 { json.field("job_p95_ms", jobTimes.p95 / 1000, digits: 3) }
    json.field("described", described)
    json.object("labels") { json in
      for (label, count) in frequent { json.field(JSONWriter.Name(label), count) }
    }
  }

  private var frequent: [(label: String, count: Int)] {
    let named = labels.filter { $0.key != Self.none }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return named.prefix(Self.told).map { ($0.key, $0.value) }
  }
}

extension Rollout {
  /// Its step in the words of a person: `shadow alone`, `step 2 of 3: 25% to version 4`.
  public var place: String {
    guard state.isActive else { return state.rawValue.replacing("_", with: " ") }
    let first = plan.shadow > 0 ? 1 : 0
    let words =
      plan.stages[stage] == 0
      ? "shadow alone"
      : "step \(stage - first + 1) of \(plan.canary.count): \(Self.percent(share)) to version \(plan.candidate)"
    return state == .paused ? "paused at \(words)" : words
  }

  /// A share as people write it, such as `25%`.
  public static func percent(_ share: Double) -> String { "\(NumberFormat.short(share * 100, 2))%" }
}
