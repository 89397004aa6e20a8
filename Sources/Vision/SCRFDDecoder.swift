internal import Base
internal import Predictions

/// SCRFD's faces: Guo et al., "Sample and Computation Redistribution for Efficient Face Detection" (2021), as insightface exports it.
///
/// For each stride scores `[rows,1]`, distances to left, top, right and bottom `[rows,4]`, and, in some networks, points `[rows,10]`, all in strides
/// from the corner of the cell; two anchors a cell or one, which the number of rows tells.
struct SCRFDDecoder: Decoder {
  private let recipe: Recipe
  private let grid: AnchorGrid
  private let scores: [AnchorTable]
  private let boxes: [AnchorTable]
  /// Empty where the network tells none.
  private let points: [AnchorTable]
  private let names: [String]

  static let facts = DecoderFacts(
    task: .detection, reads: "SCRFD's faces: scores and distances a stride, with points or without",
    keys: [.activation, .threshold, .iou, .strides, .layout, .points], activations: [.none, .sigmoid],
    layouts: [.rows, .nchw, .nhwc], threshold: 0.5, iou: 0.4,
    input: .letterbox(.rgb, .topLeft, mean: [127.5], scale: [128], pad: 0))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    [
      ground.levels([1, 4, 10], repeats: 2), ground.levels([1, 4], repeats: 2), ground.levels([1, 4, 10]),
      ground.levels([1, 4], areOpen: true),
    ]
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    names = plan.output.points.isEmpty ? YuNetDecoder.pointNames : plan.output.points
    let strides = plan.output.strides.isEmpty ? [8, 16, 32] : plan.output.strides
    let grids = [2, 1].map { count in
      AnchorGrid(
        strides: strides, repeats: strides.map { _ in count }, origin: 0, isSpread: false, on: plan.network)
    }
    var found: (grid: AnchorGrid, scores: [AnchorTable])?
    for grid in grids where found == nil {
      let roles = AnchorRoles(plan: plan, levels: grid.levels)
      if let scores = try? roles.tables(.scores, width: 1) { found = (grid, scores) }
    }
    // The usual two anchors are those that a refusal speaks of.
    grid = found?.grid ?? grids[0]
    let roles = AnchorRoles(plan: plan, levels: grid.levels)
    if let found { scores = found.scores } else { scores = try roles.tables(.scores, width: 1) }
    boxes = try roles.tables(.boxes, width: 4, besides: scores)
    let isBare = plan.output.points.isEmpty && plan.outputs.count < 3 * strides.count
    points = isBare ? [] : try roles.tables(.points, width: 2 * names.count, besides: scores + boxes)
    try plan.checkLabels(classes: 1)
  }

  var used: [Int] { (scores + boxes + points).map(\.index) }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    for table in scores + boxes + points { try table.check(outputs) }
    var (range, candidates): (ScoreRange, [Candidate]) = (ScoreRange(), [])
    for level in grid.levels.indices {
      let found = scores[level].best(outputs, recipe, &range)
      let sides = boxes[level].numbers(outputs, of: found)
      let marks = points.isEmpty ? [] : points[level].numbers(outputs, of: found)
      candidates += found.indices.map { at in
        let anchor = grid.anchors[level][found[at].row]
        let reach = sides[at].map { $0 * anchor.stride }
        var candidate = Candidate(
          label: 0, score: found[at].score,
          box: anchor.box(left: reach[0], top: reach[1], right: reach[2], bottom: reach[3]))
        if !marks.isEmpty { candidate.points = anchor.points(marks[at][...], step: anchor.stride) }
        return candidate
      }
    }
    try range.check(recipe)
    return try recipe.detections(candidates, at: placement, pointNames: names)
  }
}
