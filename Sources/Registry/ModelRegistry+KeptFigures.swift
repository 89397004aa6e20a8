internal import Base
internal import Catalog
internal import JSON
internal import Rollouts

/// What evaluations and trials say of the versions of a roll-out.
extension ModelRegistry {
  /// The newest of each that is whole: the candidate's evaluation, the baseline's over the same truth, and a trial of one beside the other.
  func figures(for rollout: Rollout) throws(Fault) -> KeptFigures {
    let (model, plan) = (rollout.model, rollout.plan)
    var figures = KeptFigures()
    guard let candidate = try version(plan.candidate, of: model), let baseline = try version(plan.baseline, of: model)
    else { return figures }
    if let mine = try summaries(.evaluation, of: candidate).first(where: \.isWhole) {
      figures.candidate = mine.numbers(KeptFigures.evaluationNames)
      figures.truth = mine.texts["truth"]
      let truth = mine.texts["truth_digest"]
      let theirs = try summaries(.evaluation, of: baseline).first { $0.isWhole && $0.texts["truth_digest"] == truth }
      if truth != nil, let theirs { figures.baseline = theirs.numbers(KeptFigures.evaluationNames) }
    }
    if let trial = try summaries(.trial, of: candidate).first(where: { $0.texts["against_digest"] == baseline.digest })
    {
      // Of files that could not be compared nothing is known.
      if trial.isWhole { figures.trial = trial.numbers(KeptFigures.trialNames) }
      // Without a rule nobody said what had to hold.
      if trial.texts["rule"] != nil { figures.trial["passed"] = trial.hasPassed ? 1 : 0 }
    }
    return figures
  }

  /// The newest first; those that were made with something said over the version's recipe speak of another model.
  private func summaries(_ kind: KeptResult.Kind, of version: RegisteredVersion) throws(Fault) -> [Summary] {
    var summaries: [Summary] = []
    for result in try results(kind, of: version.model, version: version.number).reversed() {
      let summary = try Summary(result)
      if summary.texts["digest"] ?? version.digest == version.digest { summaries.append(summary) }
    }
    return summaries
  }

  /// The members of a result's summary.
  private struct Summary {
    private var numbers: [String: Double] = [:]
    var texts: [String: String] = [:]
    private(set) var hasPassed = false

    init(_ result: KeptResult) throws(Fault) {
      let document = try JSONDocument(parsing: result.summary.span.bytes, name: "the summary of \(result.id.text)")
      for (name, value) in try document.root.members() {
        switch value.kind {
        case .number: numbers[name] = try value.number()
        case .string: texts[name] = try value.string()
        case .bool where name == "passed": hasPassed = try value.bool()
        default: break
        }
      }
    }

    /// Everything that it was to be about was looked at.
    var isWhole: Bool { numbers["failed"] == 0 }

    func numbers(_ names: [String]) -> [String: Double] { numbers.filter { names.contains($0.key) } }
  }
}
