internal import Base
internal import Predictions

/// YOLOv8 and 11 manner: `[1, 4 + classes, boxes]` of centre x, y, width, height and class scores, without objectness.
struct YOLOv8Decoder: Decoder {
  private let recipe: Recipe
  private let table: PredictionTable
  private let scale: (x: Float, y: Float)

  static let facts = DecoderFacts(
    task: .detection, reads: "centre, size and class scores",
    keys: [.activation, .threshold, .iou, .unit, .zero, .scores, .background, .coordinates, .layout],
    activations: [.none, .sigmoid, .softmax], layouts: [.columns, .rows], threshold: 0.25,
    input: .letterbox(.rgb, .center, scale: [255]))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, 5, ground.allCells], [1, 7, nil], [1, ground.allCells, 6])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    table = try PredictionTable(plan, usual: .columns, least: 4)
    scale = plan.scale(usual: .pixels)
  }

  var used: [Int] { [table.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (candidates, range) = outputs.withFloats(table.index) { values in
      let count = table.count(values)
      var (labels, scores) = table.best(values, from: 4, skipping: recipe.output.background)
      if let activation = recipe.output.activation, activation != .none {
        for box in 0..<count {
          scores[box] = activation.apply(toBest: scores[box], of: table.width - 4) {
            values[table.place(box, 4 + $0, of: count)]
          }
        }
      }
      var (found, range): ([Candidate], ScoreRange) = ([], ScoreRange())
      for box in 0..<count {
        range.note(scores[box])
        guard scores[box] >= recipe.output.threshold else { continue }
        let place = table.box(values, box, of: count, scale)
        found.append(Candidate(label: Int(labels[box]), score: scores[box], box: place))
      }
      return (found, range)
    }
    try range.check(recipe)
    return try recipe.detections(candidates, at: placement)
  }
}
