internal import Base
internal import Predictions

/// Characters over time: Graves et al., "Connectionist Temporal Classification" (2006), best path decoding.
///
/// The most likely character of each step, repeats joined, blanks dropped. Labels name the classes, the blank (class
/// `background`, else 0) among them or not. A class past the last label is a space, as PaddleOCR has it.
struct TextDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let blank: Int

  static let facts = DecoderFacts(
    task: .text, reads: "characters over time",
    keys: [.activation, .threshold, .unit, .zero, .scores, .background], activations: [.none, .softmax, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, nil], [1, nil, 3], [nil, nil, 6])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    blank = plan.output.background ?? 0
    guard !recipe.labels.isEmpty else { throw plan.mismatch("text needs its characters as labels") }
    let spec = plan.outputs[index]
    guard let shape = Self.sides(of: spec), shape.contains(where: { $0 == nil || fits($0!) }) else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and \(recipe.labels.count) characters and a blank are named")
    }
  }

  /// Time and classes, or classes and time; a recurrent network has its batch of one between them.
  static func sides(of spec: TensorSpec) -> [Int?]? {
    let shape = spec.shape
    if shape.count == 3, shape[1] == 1 && shape[0] != 1 || shape[1] == nil && (shape[0] ?? 1) != 1 {
      return [shape[0], shape[2]]
    }
    return innerShape(spec, rank: 2)
  }

  private func fits(_ classes: Int) -> Bool { (0...2).contains(classes - recipe.labels.count) }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let shape = (Self.sides(of: outputs.specs[index]) ?? []).map { $0 ?? 1 }
    let filled = shape.count == 2 && shape[0] > 0 && shape[1] > 0
    guard filled, outputs.withFloats(index, { $0.count >= shape[0] * shape[1] }) else { return [] }
    let timeFirst = fits(shape[1])
    let (steps, classes) = timeFirst ? (shape[0], shape[1]) : (shape[1], shape[0])
    var (text, last, total, kept) = ("", blank, Float(0), 0)
    var range = ScoreRange()
    outputs.withFloats(index) { values in
      for step in 0..<steps {
        var row = (0..<classes).map { values[timeFirst ? step * classes + $0 : $0 * steps + step] }
        recipe.output.activation?.apply(to: &row)
        let best = row.span.best(from: 0, count: classes)
        range.note(best.score)
        if best.index != blank, best.index != last, best.score.isFinite {
          text += character(best.index, classes)
          (total, kept) = (total + best.score, kept + 1)
        }
        last = best.index
      }
    }
    try range.check(recipe)
    guard kept > 0, total / Float(kept) >= recipe.output.threshold else { return [] }
    var prediction = Prediction(kind: .text, score: total / Float(kept))
    prediction.text = text
    return [prediction]
  }

  /// Labels leave the blank out where there are more classes than labels.
  private func character(_ index: Int, _ classes: Int) -> String {
    let shifted = classes > recipe.labels.count && index > blank ? index - 1 : index
    return shifted < recipe.labels.count ? recipe.labels[shifted] : " "
  }
}
