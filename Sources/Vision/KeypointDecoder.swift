internal import Base
internal import Predictions

/// One person as seventeen points: y, x, score in fractions of the input (MoveNet single pose).
struct KeypointDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int

  private let scale: (x: Float, y: Float)
  private let network: Size

  static let facts = DecoderFacts(
    task: .pose, reads: "points of one person as y, x, score",
    keys: [.activation, .threshold, .unit, .zero, .scores, .coordinates], activations: [.none, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, 1, 17, 3], [1, 1, 2, 3], [1, 1, nil, 3])
  }

  /// COCO's order.
  static let names = [
    "nose", "left-eye", "right-eye", "left-ear", "right-ear", "left-shoulder", "right-shoulder", "left-elbow",
    "right-elbow", "left-wrist", "right-wrist", "left-hip", "right-hip", "left-knee", "right-knee", "left-ankle",
    "right-ankle",
  ]

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    (scale, network) = (plan.scale(usual: .fractions), plan.network)
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

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let names = recipe.labels.isEmpty ? Self.names : recipe.labels
    let (width, height) = (Double(scale.x), Double(scale.y))
    var (range, far) = (ScoreRange(), 0)
    let points = outputs.withFloats(index) { values in
      names.indices.map { at in
        let (column, row) = (Double(values[at * 3 + 1]) * width, Double(values[at * 3]) * height)
        if isFar(column, network.width) || isFar(row, network.height) { far += 1 }
        let (x, y) = placement.toPicture(x: column, y: row)
        let value = values[at * 3 + 2]
        let score = recipe.output.activation == .sigmoid ? logistic(value) : value
        range.note(score)
        return Keypoint(name: names[at], x: x, y: y, score: score)
      }
    }
    try range.check(recipe)
    let pose = recipe.pose(of: points, label: "person")
    guard pose.isEmpty || far * 2 <= points.count else {
      throw Fault(
        .unsupported,
        "its points lie far outside the picture, as pixels read as fractions do: say coordinates, or read it otherwise")
    }
    return pose
  }

  /// More than a picture away from the middle; four where its owner says how they are told.
  private func isFar(_ value: Double, _ side: Int) -> Bool {
    abs(value - Double(side) / 2) > Double(side) * (recipe.isGuess ? 1 : 4)
  }
}

extension Recipe {
  /// One pose with the box around its points, which are not none; scored by the mean of their scores, and left out below the threshold.
  func pose(of points: [Keypoint], label: String?) -> [Prediction] {
    let score = points.reduce(Float(0)) { $0 + ($1.score ?? 0) } / Float(points.count)
    guard score.isFinite, score >= output.threshold, points.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
      return []
    }
    var prediction = Prediction(kind: .pose, label: label, score: score)
    prediction.points = points
    prediction.box = Rect(around: points.map { ($0.x, $0.y) }).clipped(to: .unit)
    return [prediction]
  }
}
