internal import Base
internal import Predictions

/// One number, such as how well a picture is liked.
struct NumberDecoder: Decoder {
  private let label: String?
  private let index: Int
  private let output: OutputRecipe

  static let facts = DecoderFacts(
    task: .score, reads: "one number", keys: [.activation, .threshold, .unit, .zero, .scores],
    activations: [.none, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { ground.one([1, nil], [1, 1], [1]) }

  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    // Several labels are those of something else.
    (label, output) = (plan.recipe.labels.count == 1 ? plan.recipe.labels[0] : nil, plan.output)
    let spec = plan.outputs[index]
    guard spec.shape.allSatisfy({ $0 == nil || $0 == 1 }) else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and one number is expected")
    }
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var value = outputs.withFloats(index) { $0.count > 0 ? $0[0] : Float.nan }
    if output.activation == .sigmoid { value = logistic(value) }
    return value.isFinite && (value >= output.threshold || output.threshold == 0)
      ? [Prediction(kind: .score, label: label, score: value)] : []
  }
}

/// A vector that stands for the picture; with labels, the probability of each, with the most probable label.
struct VectorDecoder: Decoder {
  private let index: Int
  private let recipe: Recipe

  static let facts = DecoderFacts(
    task: .embedding, reads: "a vector", keys: [.activation, .unit, .zero, .scores],
    activations: [.none, .softmax, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { ground.one([1, nil], [1, 5]) }

  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    recipe = plan.recipe
    guard let count = plan.outputs[index].shape.last ?? nil else { return }
    try plan.checkLabels(classes: count)
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var numbers = outputs.withFloats(index) { values in values.indices.map { values[$0] } }
    if let activation = recipe.output.activation {
      activation.apply(to: &numbers)
    } else if !recipe.labels.isEmpty {
      var range = ScoreRange()
      for number in numbers { range.note(number) }
      try range.check(recipe)
    }
    var prediction = Prediction(kind: .embedding)
    // What is told apart from other vectors by it: numbers that are probabilities.
    if !recipe.labels.isEmpty, let best = numbers.indices.max(by: { numbers[$0] < numbers[$1] }) {
      prediction.label = recipe.label(best)
    }
    prediction.vector = numbers
    return [prediction]
  }
}

/// The tensors as they are: what they are called, how large they are, what they range over.
struct TensorDecoder: Decoder {
  /// Values of tensors up to this length are given, longer ones only described.
  static let valueLimit = 256

  static let facts = DecoderFacts(task: .tensor, reads: "the numbers as they are", keys: [])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { ground.one([1, nil], [], [2, nil, 3]) }

  let used: [Int]
  var indices: [Int] { used }

  init(_ plan: DecoderPlan) { used = Array(plan.outputs.indices) }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    outputs.specs.enumerated().map { index, spec in
      outputs.withFloats(index) { values in
        var (low, high, sum) = (Float.infinity, -Float.infinity, 0.0)
        for at in values.indices {
          let value = values[at]
          (low, high, sum) = (min(low, value), max(high, value), sum + Double(value))
        }
        var prediction = Prediction(kind: .tensor, label: spec.name)
        prediction.tensor = TensorSummary(
          spec: spec, minimum: low, maximum: high, mean: values.isEmpty ? 0 : Float(sum / Double(values.count)))
        if values.count <= Self.valueLimit { prediction.vector = values.indices.map { values[$0] } }
        return prediction
      }
    }
  }
}
