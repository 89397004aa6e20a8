internal import Base

/// Scores of classes: the best few, in order.
struct ClassDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let unit: Float

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    // A network may name the winner too; the scores are the output with more than one number.
    let rows = plan.outputs.indices.filter { plan.outputs[$0].shape.dropFirst().contains { $0 != 1 } }
    index = try plan.index(named: plan.output.scores, otherwise: rows.first ?? 0)
    let spec = plan.outputs[index]
    // A quantised output holds scores in steps of 1/256.
    unit = plan.output.unit ?? (spec.element == .u8 ? 1 / 256 : 1)
    let classes = spec.shape.dropFirst().reduce(1) { $0 * ($1 ?? 1) }
    if !spec.shape.dropFirst().contains(nil) { try plan.checkLabels(classes: classes) }
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    var scores = outputs.withFloats(index) { values in values.indices.map { values[$0] * unit } }
    recipe.output.activation.apply(to: &scores)
    // Bare logits may be negative: without a threshold they count too.
    let least = recipe.output.threshold > 0 ? recipe.output.threshold : -Float.greatestFiniteMagnitude
    var ranked = scores.indices.filter {
      $0 != recipe.output.background && scores[$0] >= least && scores[$0].isFinite
    }
    ranked.sort { (scores[$0], $1) > (scores[$1], $0) }
    return ranked.prefix(recipe.output.top).map {
      Prediction(kind: .classification, label: recipe.label($0), score: scores[$0])
    }
  }
}
