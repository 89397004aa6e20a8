internal import Base
internal import Predictions

/// How likely a shot ends at a frame, and beside it how likely the frame is one of a transition, as TransNetV2 has them.
///
/// Read of every frame of a window by itself.
struct BoundaryDecoder: Decoder {
  private let label: String?
  private let index: Int
  /// The output of the second number.
  private let many: Int?
  private let recipe: Recipe

  static let facts = DecoderFacts(
    task: .shotBoundary, reads: "how likely a shot ends, for each frame of a window",
    keys: [.activation, .threshold, .unit, .zero, .scores, .many], activations: [.none, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { ground.one([1, nil], [1, 1], [1]) }

  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    many = try plan.output.many.map { (name) throws(Fault) in try plan.index(named: name) }
    (label, recipe) = (plan.recipe.labels.count == 1 ? plan.recipe.labels[0] : nil, plan.recipe)
    for spec in used {
      guard plan.outputs[spec].shape.allSatisfy({ $0 == nil || $0 == 1 }) else {
        throw plan.mismatch(
          "output '\(plan.outputs[spec].name)' is \(plan.outputs[spec].shapeText) for each frame, and one number is expected"
        )
      }
    }
    guard many != index else { throw plan.mismatch("scores and many name the same output") }
  }

  var used: [Int] { [index] + (many.map { [$0] } ?? []) }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let score = try number(index, outputs)
    guard score.isFinite, score >= recipe.output.threshold || recipe.output.threshold == 0 else { return [] }
    var prediction = Prediction(kind: .shotBoundary, label: label, score: score)
    if let many { prediction.vector = [try number(many, outputs)] }
    return [prediction]
  }

  private func number(_ index: Int, _ outputs: some OutputTensors) throws(Fault) -> Float {
    let value = outputs.withFloats(index) { $0.count > 0 ? $0[0] : Float.nan }
    guard let activation = recipe.output.activation else {
      var range = ScoreRange()
      range.note(value)
      try range.check(recipe)
      return value
    }
    return activation == .sigmoid ? logistic(value) : value
  }
}
