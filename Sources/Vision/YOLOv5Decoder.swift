internal import Base
internal import Predictions

/// YOLOv5 manner: rows of centre x, y, width, height in input pixels, objectness and class scores.
struct YOLOv5Decoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let classes: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard let shape = innerShape(spec, rank: 2), let width = shape[1], width > 5 else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and YOLOv5 gives [1,boxes,5+classes]")
    }
    classes = width - 5
    try plan.checkLabels(classes: classes)
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let threshold = recipe.output.threshold
    let candidates = outputs.withFloats(index) { values in
      var found: [Candidate] = []
      for row in stride(from: 0, to: values.count - classes - 4, by: classes + 5) where values[row + 4] >= threshold {
        let best = values.best(from: row + 5, count: classes)
        let score = values[row + 4] * best.score
        guard score >= threshold else { continue }
        let box = Rect(centre: (values[row], values[row + 1]), size: (values[row + 2], values[row + 3]))
        found.append(Candidate(label: best.index, score: score, box: box))
      }
      return found
    }
    return recipe.detections(candidates, at: placement)
  }
}
