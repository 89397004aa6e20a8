internal import Insights
internal import Predictions
internal import YAML

extension PipelineFile {
  /// What is told of the film as a whole against what the networks answer.
  func checkInsights(_ models: [ModelFacts?], _ diagnostics: inout Diagnostics) {
    let insights = pipeline.insights
    func check(_ step: Int?, _ tasks: [ModelTask], _ part: Part, _ what: String) {
      guard let step, let facts = models[step], !tasks.contains(facts.task) else { return }
      let wanted = tasks.map(\.rawValue).joined(separator: " or ")
      diagnostics.add(
        places[part],
        "\(what) a network for \(wanted), and '\(pipeline.infer[step].name)' is for \(facts.task.rawValue)")
    }
    check(insights.shots?.of, [.shotBoundary], .shots, "shots are found by")
    check(insights.breaks?.of, [.embedding], .breaks, "breaks compare what is said by")
    for step in insights.content?.of ?? [] {
      check(step, [.classification, .detection], .content, "content is told by")
    }
    check(insights.products?.of, [.embedding], .products, "products are known by")
    check(insights.attention?.settings.step, [.saliency], .attention, "attention is told by")
    check(insights.memorability?.of, [.score], .memorability, "memorability is told by")
  }
}
