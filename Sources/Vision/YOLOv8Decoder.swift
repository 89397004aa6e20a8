internal import Base
internal import Predictions

/// YOLOv8 and 11 manner: the same lying down, `[1, 4 + classes, boxes]`, and no objectness.
struct YOLOv8Decoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let classes: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard let shape = innerShape(spec, rank: 2), let height = shape[0], height > 4 else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and YOLOv8 gives [1,4+classes,boxes]")
    }
    classes = height - 4
    try plan.checkLabels(classes: classes)
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let candidates = outputs.withFloats(index) { values in
      let count = values.count / (classes + 4)
      // Class by class, so that memory is read in its own order.
      var labels = [Int32](repeating: 0, count: count)
      var scores = [Float](repeating: -.infinity, count: count)
      for label in 0..<classes {
        let start = (4 + label) * count
        for box in 0..<count where values[start + box] > scores[box] {
          (labels[box], scores[box]) = (Int32(label), values[start + box])
        }
      }
      var found: [Candidate] = []
      for box in 0..<count where scores[box] >= recipe.output.threshold {
        let centre = (values[box], values[count + box])
        let size = (values[2 * count + box], values[3 * count + box])
        found.append(
          Candidate(label: Int(labels[box]), score: scores[box], box: Rect(centre: centre, size: size)))
      }
      return found
    }
    return recipe.detections(candidates, at: placement)
  }
}
