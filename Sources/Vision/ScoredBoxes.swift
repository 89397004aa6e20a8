internal import Base

/// Which outputs hold scores and boxes: by name, else by shape, since boxes have rows of four.
struct ScoredBoxes {
  let scores: Int
  let boxes: Int
  let classes: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    guard plan.outputs.count >= 2 else {
      throw plan.mismatch("decoder '\(plan.output.decoder.rawValue)' needs an output of scores and one of boxes")
    }
    let fours = plan.outputs.indices.filter { innerShape(plan.outputs[$0], rank: 2)?[1] == 4 }
    guard let first = fours.first else {
      throw plan.mismatch("no output is [1,boxes,4]: \(plan.outputs.map(\.description).joined(separator: ", "))")
    }
    let boxes = try plan.index(named: plan.output.boxes, otherwise: first)
    let other = plan.outputs.indices.first { $0 != boxes } ?? 0
    scores = try plan.index(named: plan.output.scores, otherwise: other)
    let (scored, placed) = (plan.outputs[scores], plan.outputs[boxes])
    guard fours.contains(boxes) else {
      throw plan.mismatch("output '\(placed.name)' is \(placed.shapeText), and [1,boxes,4] is expected")
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
    (self.boxes, self.classes) = (boxes, classes)
    try plan.checkLabels(classes: classes)
  }

  /// The boxes whose best class, `background` left out, reaches the threshold.
  func candidates(
    _ outputs: some OutputTensors, _ recipe: OutputRecipe, box: (Span<Float>, Int) -> Rect
  ) -> [Candidate] {
    outputs.withFloats(scores) { scores in
      outputs.withFloats(boxes) { boxes in
        var found: [Candidate] = []
        for index in 0..<min(scores.count / classes, boxes.count / 4) {
          let best = scores.best(from: index * classes, count: classes, skipping: recipe.background)
          guard best.score >= recipe.threshold else { continue }
          found.append(Candidate(label: best.index, score: best.score, box: box(boxes, index)))
        }
        return found
      }
    }
  }
}
