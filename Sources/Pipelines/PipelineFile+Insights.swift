internal import Predictions
internal import YAML

extension PipelineFile {
  /// What is told of the film as a whole against what the networks answer.
  func checkInsights(_ models: [ModelFacts?], _ diagnostics: inout Diagnostics) {
    if let of = pipeline.insights.shots?.of, let facts = models[of], facts.task != .shotBoundary {
      diagnostics.add(
        places[.shots],
        "shots are found by a network for shot-boundary, and '\(pipeline.infer[of].name)' is for \(facts.task.rawValue)"
      )
    }
  }
}
