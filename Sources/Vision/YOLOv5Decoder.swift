internal import Base
internal import Predictions

/// YOLOv5 manner: rows of centre x, y, width, height, objectness and class scores; 7, and 6 with all objectness 1, alike.
struct YOLOv5Decoder: Decoder {
  private let recipe: Recipe
  private let table: PredictionTable
  private let scale: (x: Float, y: Float)

  static let facts = DecoderFacts(
    task: .detection, reads: "centre, size, objectness and class scores",
    keys: [.activation, .threshold, .iou, .unit, .zero, .scores, .background, .coordinates, .layout],
    activations: [.none, .sigmoid], layouts: [.rows, .columns], threshold: 0.25,
    input: .letterbox(.rgb, .center, scale: [255]))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, 6], [1, 3 * ground.allCells, 8], [1, 6, ground.allCells])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    table = try PredictionTable(plan, usual: .rows, least: 5)
    scale = plan.scale(usual: .pixels)
  }

  var used: [Int] { [table.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (threshold, activation) = (recipe.output.threshold, recipe.output.activation ?? .none)
    let (candidates, range) = outputs.withFloats(table.index) { values in
      let count = table.count(values)
      var (found, range): ([Candidate], ScoreRange) = ([], ScoreRange())
      for box in 0..<count {
        var objectness = values[table.place(box, 4, of: count)]
        if activation == .sigmoid { objectness = logistic(objectness) }
        range.note(objectness)
        guard objectness >= threshold else { continue }  // class scores are at most 1
        var best = (index: 0, score: -Float.infinity)
        for label in 0..<table.width - 5 where label != recipe.output.background {
          let value = values[table.place(box, 5 + label, of: count)]
          if value > best.score { best = (label, value) }
        }
        if activation == .sigmoid { best.score = logistic(best.score) }
        range.note(best.score)
        let score = objectness * best.score
        guard score >= threshold else { continue }
        found.append(Candidate(label: best.index, score: score, box: table.box(values, box, of: count, scale)))
      }
      return (found, range)
    }
    try range.check(recipe)
    return try recipe.detections(candidates, at: placement)
  }
}
