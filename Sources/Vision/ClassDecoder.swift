internal import Base
internal import Predictions

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
    var ranked: [Int] = []
    for index in scores.indices
    where index != recipe.output.background && scores[index] >= least && scores[index].isFinite {
      if ranked.count == recipe.output.top {
        guard let last = ranked.last, scores[last] < scores[index] else { continue }
        ranked.removeLast()
      }
      ranked.insert(index, at: place(of: scores[index], in: ranked, scores))
    }
    return ranked.map { Prediction(kind: .classification, label: recipe.label($0), score: scores[$0]) }
  }

  /// Behind all that score as much or more: of equal classes the first comes first.
  private func place(of score: Float, in ranked: [Int], _ scores: [Float]) -> Int {
    var (low, high) = (0, ranked.count)
    while low < high {
      let middle = (low + high) / 2
      if scores[ranked[middle]] >= score { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
