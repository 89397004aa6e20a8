internal import Base
internal import Predictions

/// Scores of classes: the best few, in order.
struct ClassDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int

  static let facts = DecoderFacts(
    task: .classification, reads: "a score for each class",
    keys: [.activation, .top, .threshold, .unit, .zero, .scores, .background],
    activations: [.none, .softmax, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil], [1, 2], [1, 5], [1, 5, 1, 1])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard !spec.element.isIndex else {
      throw plan.mismatch(
        "output '\(spec.name)' \(spec.shapeText) holds whole numbers (\(spec.element.rawValue)), such as the number of a class, and no scores"
      )
    }
    let best = plan.outputs.first { $0.element.isIndex && $0.shape == spec.shape && $0.name != spec.name }
    if let best, spec.shape.count > 1 {
      throw plan.mismatch(
        "output '\(spec.name)' \(spec.shapeText) beside '\(best.name)', whole numbers of the same shape, is the best of its classes and not all: export it without that step"
      )
    }
    let inner = spec.shape.dropFirst()
    guard !spec.shape.isEmpty, inner.filter({ $0 != 1 }).count <= 1,
      inner.contains(nil) || inner.contains(where: { $0 != 1 })
    else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and one row of scores is expected")
    }
    let classes = inner.reduce(1) { $0 * ($1 ?? 1) }
    if !inner.contains(nil) { try plan.checkLabels(classes: classes) }
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var scores = outputs.withFloats(index) { values in values.indices.map { values[$0] } }
    if let activation = recipe.output.activation {
      activation.apply(to: &scores)
    } else {
      var range = ScoreRange()
      for score in scores { range.note(score) }
      try range.check(recipe)
    }
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
    ranked.partitioningIndex { !(scores[$0] >= score) }
  }
}
