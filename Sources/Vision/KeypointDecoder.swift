internal import Base
internal import Predictions

/// One person as seventeen points: y, x, score in fractions of the input (MoveNet single pose).
struct KeypointDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int

  /// COCO's order.
  static let names = [
    "nose", "left-eye", "right-eye", "left-ear", "right-ear", "left-shoulder", "right-shoulder", "left-elbow",
    "right-elbow", "left-wrist", "right-wrist", "left-hip", "right-hip", "left-knee", "right-knee", "left-ankle",
    "right-ankle",
  ]

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard let shape = innerShape(spec, rank: 2), shape[1] == 3, let count = shape[0] else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and [1,1,points,3] is expected")
    }
    if recipe.labels.isEmpty, count != Self.names.count {
      throw plan.mismatch("it gives \(count) points: name them as labels")
    }
    try plan.checkLabels(classes: count)
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let names = recipe.labels.isEmpty ? Self.names : recipe.labels
    let (width, height) = (Double(placement.network.width), Double(placement.network.height))
    let points = outputs.withFloats(index) { values in
      names.indices.map { at in
        let (x, y) = placement.toPicture(x: Double(values[at * 3 + 1]) * width, y: Double(values[at * 3]) * height)
        return Keypoint(name: names[at], x: x, y: y, score: values[at * 3 + 2])
      }
    }
    let score = points.reduce(Float(0)) { $0 + ($1.score ?? 0) } / Float(points.count)
    guard score >= recipe.output.threshold, points.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return [] }
    var prediction = Prediction(kind: .pose, label: "person", score: score)
    prediction.points = points
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    prediction.box = Rect(left: xs.min()!, top: ys.min()!, right: xs.max()!, bottom: ys.max()!).clipped(to: .unit)
    return [prediction]
  }
}
