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

  /// Its outputs, which ``RetinaFaceDecoder`` leaves to it.
  static func sample(_ ground: SampleGround) -> [TensorSpec] {
    ground.named(
      sizes.flatMap { level in
        let cells = ground.network.cells(stride: level.stride)
        return [("cls_prob_reshape", 4), ("bbox_pred", 8), ("landmark_pred", 20)].map { word, planes in
          ("face_rpn_\(word)_stride\(level.stride)", [1, planes, cells.height, cells.width])
        }
      })
  }

  private struct Level {
    let scores: AnchorTable
    let boxes: AnchorTable
    let points: AnchorTable
    let priors: PriorGrid
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
    var recipe = plan.recipe
    // Nothing is the first of two, so that a face is the second, and the only class.
    recipe.output.background = 0
    self.recipe = recipe
    guard plan.output.sizes.isEmpty, plan.output.strides.isEmpty else {
      throw plan.mismatch("insightface's own RetinaFace has priors and strides of its own: leave sizes and strides out")
    }
    levels = try Self.sizes.map { (level) throws(Fault) in
      let cells = plan.network.cells(stride: level.stride)
      let anchors = AnchorGrid(
        strides: [level.stride], repeats: [level.sizes.count], origin: 7.5 / Float(level.stride), isSpread: false,
        on: plan.network)
      func table(_ word: String, _ width: Int, _ order: AnchorTable.Order) throws(Fault) -> AnchorTable {
        let index = try Self.index("face_rpn_\(word)_stride\(level.stride)", width * level.sizes.count, cells, plan)
        return AnchorTable(
          index: index, width: width, rows: anchors.count, perCell: level.sizes.count, order: order)
      }
      return Level(
        scores: try table("cls_prob_reshape", 2, .planesByNumber), boxes: try table("bbox_pred", 4, .planes),
        points: try table("landmark_pred", 10, .planes),
        priors: PriorGrid(anchors, shapes: [level.sizes.map { (width: $0, height: $0) }]))
    }
    try plan.checkLabels(classes: 1)
  }

  private static func index(
    _ name: String, _ planes: Int, _ cells: Size, _ plan: DecoderPlan
  ) throws(Fault) -> Int {
    let index = plan.outputs.firstIndex { $0.name.hasPrefix(name) }!
    let sides = innerShape(plan.outputs[index], rank: 3)
    guard let sides, sides[0] == planes, sides[1] == nil || sides[1] == cells.height,
      sides[2] == nil || sides[2] == cells.width
    else {
      throw plan.mismatch(
        "output '\(plan.outputs[index].name)' is \(plan.outputs[index].shapeText), and insightface's RetinaFace on \(plan.network) gives [1,\(planes),\(cells.height),\(cells.width)]"
      )
    }
    return index
  }

  var used: [Int] { levels.flatMap { [$0.scores.index, $0.boxes.index, $0.points.index] } }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var (range, candidates): (ScoreRange, [Candidate]) = (ScoreRange(), [])
    for level in levels {
      for table in [level.scores, level.boxes, level.points] { try table.check(outputs) }
      let found = level.scores.best(outputs, recipe, &range)
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
}
