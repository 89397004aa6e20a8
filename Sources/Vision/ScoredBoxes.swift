internal import Base

/// Which outputs hold scores and boxes: by what the recipe calls them, by their own names, else by shape, since boxes have
/// rows of four.
struct ScoredBoxes {
  let scores: Int
  let boxes: Int
  let classes: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    guard plan.outputs.count >= 2 else {
      throw plan.mismatch("decoder '\(plan.output.decoder.rawValue)' needs an output of scores and one of boxes")
    }
    boxes = try plan.output.boxes == nil ? Self.boxes(plan) : plan.index(named: plan.output.boxes)
    let isBoxes = boxes
    let others = plan.outputs.indices.filter { $0 != isBoxes && innerShape(plan.outputs[$0], rank: 2) != nil }
    scores = try plan.index(
      named: plan.output.scores, otherwise: try Self.scores(plan, others, boxes) ?? (boxes == 0 ? 1 : 0))
    let (scored, placed) = (plan.outputs[scores], plan.outputs[boxes])
    guard innerShape(placed, rank: 2)?[1] == 4 else {
      throw plan.mismatch("output '\(placed.name)' is \(placed.shapeText), and [1,boxes,4] is expected")
    }
    guard !scored.element.isIndex else {
      throw plan.mismatch("output '\(scored.name)' holds whole numbers (\(scored.element.rawValue)) and no scores")
    }
    guard let shape = innerShape(scored, rank: 2), let classes = shape[1], classes > 0 else {
      throw plan.mismatch("output '\(scored.name)' is \(scored.shapeText), and [1,boxes,classes] is expected")
    }
    let rows = innerShape(placed, rank: 2)?[0]
    guard shape[0] == nil || rows == nil || shape[0] == rows else {
      throw plan.mismatch(
        "outputs '\(scored.name)' \(scored.shapeText) and '\(placed.name)' \(placed.shapeText) tell of different numbers of boxes"
      )
    }
    self.classes = classes
    try plan.checkLabels(classes: classes)
  }

  /// Of the outputs beside the boxes the one that is called scores, or the only one.
  private static func scores(_ plan: DecoderPlan, _ others: [Int], _ boxes: Int) throws(Fault) -> Int? {
    guard plan.output.scores == nil else { return nil }
    let rows = innerShape(plan.outputs[boxes], rank: 2)?[0]
    let fitting = others.filter { index in
      let sides = innerShape(plan.outputs[index], rank: 2)
      return !plan.outputs[index].element.isIndex && (rows == nil || sides?[0] == nil || sides?[0] == rows)
    }
    let named = fitting.filter { isNamed(plan.outputs[$0].name, scoreWords) }
    guard named.count != 1, fitting.count > 1 else { return named.first ?? fitting.first ?? others.first }
    let names = fitting.map { "'\(plan.outputs[$0].name)'" }.joined(separator: ", ")
    throw plan.mismatch("outputs \(names) can each be its scores: say which one, as scores: NAME")
  }

  private static let scoreWords = ["score", "conf", "cls", "class", "prob", "logit"]
  private static let boxWords = ["box", "loc", "bbox", "reg", "coord"]

  private static func isNamed(_ name: String, _ words: [String]) -> Bool {
    words.contains { name.lowercased().contains($0) }
  }

  /// The output with rows of four; of several the one that is called boxes, and no scores.
  private static func boxes(_ plan: DecoderPlan) throws(Fault) -> Int {
    let said = plan.output.scores
    let fours = plan.outputs.indices.filter {
      innerShape(plan.outputs[$0], rank: 2)?[1] == 4 && plan.outputs[$0].name != said
    }
    guard let first = fours.first else {
      throw plan.mismatch("no output is [1,boxes,4]: \(plan.outputs.map(\.description).joined(separator: ", "))")
    }
    guard fours.count > 1 else { return first }
    let named = fours.filter {
      isNamed(plan.outputs[$0].name, boxWords) && !isNamed(plan.outputs[$0].name, ["score", "cls"])
    }
    guard named.count == 1 else {
      let names = fours.map { "'\(plan.outputs[$0].name)'" }.joined(separator: " and ")
      throw plan.mismatch("outputs \(names) all have rows of four: say which are scores and which are boxes")
    }
    return named[0]
  }

  /// The boxes whose best class, the background left out, reaches the threshold.
  ///
  /// Throws where what should be probabilities is none.
  func candidates(
    _ outputs: some OutputTensors, _ recipe: Recipe, box: (Span<Float>, Int) -> Rect
  ) throws(Fault) -> [Candidate] {
    let output = recipe.output
    let (found, range) = outputs.withFloats(scores) { scores in
      outputs.withFloats(boxes) { boxes in
        var (found, range): ([Candidate], ScoreRange) = ([], ScoreRange())
        for index in 0..<min(scores.count / classes, boxes.count / 4) {
          var best = scores.best(from: index * classes, count: classes, skipping: output.background)
          if let activation = output.activation, activation != .none, best.score.isFinite {
            best.score = activation.apply(toBest: best.score, of: classes) { scores[index * classes + $0] }
          }
          range.note(best.score)
          guard best.score >= output.threshold else { continue }
          found.append(Candidate(label: best.index, score: best.score, box: box(boxes, index)))
        }
        return (found, range)
      }
    }
    try range.check(recipe)
    return found
  }
}
