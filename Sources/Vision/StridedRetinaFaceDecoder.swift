internal import Base
internal import Predictions

/// RetinaFace as insightface's own MXNet networks are exported: three maps a stride, under names that no other family has.
///
/// `…cls_prob_reshape_strideS` `[1,2A,h,w]` are scores of nothing for each of A priors, then those of faces; `…bbox_pred_strideS` `[1,4A,h,w]` and
/// `…landmark_pred_strideS` `[1,10A,h,w]` are offsets in sides of the prior, without variances. Priors stand at `cell · stride + 7.5`, the larger
/// first, and boxes end at their last pixel.
struct StridedRetinaFaceDecoder: Decoder {
  private let recipe: Recipe
  private let levels: [Level]

  static var facts: DecoderFacts { RetinaFaceDecoder.facts }

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { RetinaFaceDecoder.samples(ground) }

  private struct Level {
    let scores: AnchorTable
    let boxes: AnchorTable
    let points: AnchorTable
    let priors: [Prior]
  }

  private static let sizes: [(stride: Int, sizes: [Float])] = [(8, [32, 16]), (16, [128, 64]), (32, [512, 256])]

  static func isNamed(_ outputs: [TensorSpec]) -> Bool {
    // Those that tell masked faces too measure their points in another unit.
    if outputs.contains(where: { $0.name.contains("type_prob") }) { return false }
    return ["cls_prob_reshape", "bbox_pred", "landmark_pred"].allSatisfy { word in
      sizes.allSatisfy { level in
        outputs.contains { $0.name.hasPrefix("face_rpn_\(word)_stride\(level.stride)") }
      }
    }
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    guard plan.output.sizes.isEmpty, plan.output.strides.isEmpty else {
      throw plan.mismatch("insightface's own RetinaFace has priors and strides of its own: leave sizes and strides out")
    }
    levels = try Self.sizes.map { (level) throws(Fault) in
      let cells = plan.network.cells(stride: level.stride)
      let anchors = AnchorGrid(
        strides: [level.stride], repeats: [level.sizes.count], origin: 7.5 / Float(level.stride), isSpread: false,
        on: plan.network
      ).all
      let priors = anchors.enumerated().map { number, anchor in
        let side = level.sizes[number % level.sizes.count]
        return Prior(x: anchor.x, y: anchor.y, width: side, height: side)
      }
      func table(_ word: String, _ width: Int) throws(Fault) -> AnchorTable {
        try Self.table("face_rpn_\(word)_stride\(level.stride)", width, cells, level.sizes.count, plan)
      }
      return Level(
        scores: try table("cls_prob_reshape", 2), boxes: try table("bbox_pred", 4),
        points: try table("landmark_pred", 10), priors: priors)
    }
    try plan.checkLabels(classes: 1)
  }

  private static func table(
    _ name: String, _ width: Int, _ cells: Size, _ perCell: Int, _ plan: DecoderPlan
  ) throws(Fault) -> AnchorTable {
    let index = plan.outputs.firstIndex { $0.name.hasPrefix(name) }!
    let sides = innerShape(plan.outputs[index], rank: 3)
    guard let sides, sides[0] == width * perCell, sides[1] == nil || sides[1] == cells.height,
      sides[2] == nil || sides[2] == cells.width
    else {
      throw plan.mismatch(
        "output '\(plan.outputs[index].name)' is \(plan.outputs[index].shapeText), and insightface's RetinaFace on \(plan.network) gives [1,\(width * perCell),\(cells.height),\(cells.width)]"
      )
    }
    return AnchorTable(index: index, width: width, rows: cells.area * perCell, perCell: perCell, isPlanar: true)
  }

  var used: [Int] { levels.flatMap { [$0.scores.index, $0.boxes.index, $0.points.index] } }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var (range, candidates): (ScoreRange, [Candidate]) = (ScoreRange(), [])
    for level in levels {
      for table in [level.scores, level.boxes, level.points] { try table.check(outputs) }
      let found = faces(outputs, level, &range)
      let (places, marks) = (level.boxes.numbers(outputs, of: found), level.points.numbers(outputs, of: found))
      candidates += found.indices.map { at in
        let prior = level.priors[found[at].row]
        let whole = prior.box(places[at], variance: [1, 1])
        var candidate = Candidate(
          label: 0, score: found[at].score,
          box: Rect(x: whole.x + 0.5, y: whole.y + 0.5, width: whole.width - 1, height: whole.height - 1))
        candidate.points = prior.points(marks[at], variance: 1)
        return candidate
      }
    }
    try range.check(recipe)
    return try recipe.detections(candidates, at: placement, pointNames: YuNetDecoder.pointNames)
  }

  /// The second half of the planes are scores of faces, a plane a prior.
  private func faces(_ outputs: some OutputTensors, _ level: Level, _ range: inout ScoreRange) -> [AnchorScore] {
    let (table, threshold) = (level.scores, recipe.output.threshold)
    let plane = table.rows / table.perCell
    let (found, noted) = outputs.withFloats(table.index) { values in
      var (found, noted): ([AnchorScore], ScoreRange) = ([], ScoreRange())
      for row in 0..<table.rows {
        let score = values[(table.perCell + row % table.perCell) * plane + row / table.perCell]
        noted.note(score)
        if score >= threshold { found.append(AnchorScore(row: row, label: 0, score: score)) }
      }
      return (found, noted)
    }
    range.note(noted.low)
    range.note(noted.high)
    return found
  }
}
