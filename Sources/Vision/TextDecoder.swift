internal import Base
internal import Predictions

/// Characters over time: Graves et al., "Connectionist Temporal Classification" (2006), best path decoding.
///
/// The most likely character of each step, repeats joined, blanks dropped. Labels name the classes, the blank (class
/// `background`, else 0) among them or not. A class past the last label is a space, as PaddleOCR has it.
/// Steps follow each other, `[1,T,C]`, or with the batch of one behind them `[T,1,C]` (CRNN), or classes do, `[1,C,T]` (LPRNet).
struct TextDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let blank: Int

  static let facts = DecoderFacts(
    task: .text, reads: "characters over time",
    keys: [.activation, .threshold, .unit, .zero, .scores, .background, .layout],
    activations: [.none, .softmax, .sigmoid], layouts: [.rows, .columns])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, nil], [1, nil, 3], [nil, nil, 6])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    blank = plan.output.background ?? 0
    guard !recipe.labels.isEmpty else { throw plan.mismatch("text needs its characters as labels") }
    let spec = plan.outputs[index]
    guard let shape = Self.sides(of: spec), mayFit(shape, isRecurrent: Self.isRecurrent(spec)) else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and \(recipe.labels.count) characters and a blank are named")
    }
    if let doubt = doubt(shape, isRecurrent: Self.isRecurrent(spec)) {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and \(doubt)")
    }
  }

  /// Time and classes, or classes and time; a recurrent network has its batch of one between them.
  static func sides(of spec: TensorSpec) -> [Int?]? {
    isRecurrent(spec) ? [spec.shape[0], spec.shape[2]] : innerShape(spec, rank: 2)
  }

  /// Time first, then the batch: nothing else has one in the middle.
  static func isRecurrent(_ spec: TensorSpec) -> Bool {
    let shape = spec.shape
    return shape.count == 3 && (shape[1] == 1 && shape[0] != 1 || shape[1] == nil && (shape[0] ?? 1) != 1)
  }

  /// A side may be the classes, where that is not said otherwise.
  private func mayFit(_ sides: [Int?], isRecurrent: Bool) -> Bool {
    let fits = sides.map { $0.map { self.fits($0) } ?? true }
    switch recipe.output.layout {
    case .rows: return fits[1]
    case .columns: return fits[0] && !isRecurrent
    default: return fits[1] || fits[0] && !isRecurrent
    }
  }

  /// As many steps as classes, nearly: which is which must be said.
  private func doubt(_ sides: [Int?], isRecurrent: Bool) -> String? {
    guard recipe.output.layout == nil, !isRecurrent, let first = sides[0], let last = sides[1], fits(first), fits(last)
    else { return nil }
    return
      "\(first) and \(last) can each be its steps and its classes: say layout rows (steps first, the usual way) or columns (classes first)"
  }

  private func fits(_ classes: Int) -> Bool { (0...2).contains(classes - recipe.labels.count) }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let spec = outputs.specs[index]
    let shape = (Self.sides(of: spec) ?? []).map { $0 ?? 1 }
    let filled = shape.count == 2 && shape[0] > 0 && shape[1] > 0
    guard filled, outputs.withFloats(index, { $0.count >= shape[0] * shape[1] }) else { return [] }
    let timeFirst = try isTimeFirst(shape, isRecurrent: Self.isRecurrent(spec), spec)
    let (steps, classes) = timeFirst ? (shape[0], shape[1]) : (shape[1], shape[0])
    var (text, last, total, kept) = ("", blank, Float(0), 0)
    var range = ScoreRange()
    outputs.withFloats(index) { values in
      for step in 0..<steps {
        var row = (0..<classes).map { values[timeFirst ? step * classes + $0 : $0 * steps + step] }
        if let activation = recipe.output.activation {
          activation.apply(to: &row)
        } else {
          // Of logarithms the best may look like a probability; the others do not.
          for score in row { range.note(score) }
        }
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

  /// What an answer of open sides turns out to be.
  private func isTimeFirst(_ shape: [Int], isRecurrent: Bool, _ spec: TensorSpec) throws(Fault) -> Bool {
    guard mayFit(shape, isRecurrent: isRecurrent) else {
      throw Fault(
        .unsupported,
        "output '\(spec.name)' came as \(spec.shapeText), and \(recipe.labels.count) characters and a blank are named")
    }
    if let doubt = doubt(shape, isRecurrent: isRecurrent) {
      throw Fault(.unsupported, "output '\(spec.name)' came as \(spec.shapeText), and \(doubt)")
    }
    return recipe.output.layout.map { $0 == .rows } ?? fits(shape[1])
  }

  /// Labels leave the blank out where there are more classes than labels.
  private func character(_ index: Int, _ classes: Int) -> String {
    let shifted = classes > recipe.labels.count && index > blank ? index - 1 : index
    return shifted < recipe.labels.count ? recipe.labels[shifted] : " "
  }
}
