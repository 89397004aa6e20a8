internal import Base
internal import Predictions

/// RetinaFace's faces: Deng et al., "RetinaFace: Single-Shot Multi-Level Face Localisation in the Wild" (2020), as PyTorch ports export it.
///
/// `[1,N,4]` offsets from priors, `[1,N,2]` scores of nothing and of a face, `[1,N,10]` five points; two priors a cell, centred at
/// `(cell + 0.5) · stride`. Boxes as SSD's; a point is `prior + offset · variance · side of the prior`. Some exports put the three behind each other,
/// `[1,N,16]`.
struct RetinaFaceDecoder: Decoder {
  private let recipe: Recipe
  private let scores: AnchorTable
  private let boxes: AnchorTable
  private let points: AnchorTable
  /// Where in its table each begins.
  private let first: (scores: Int, boxes: Int, points: Int)
  private let priors: PriorGrid

  static let facts = DecoderFacts(
    task: .detection, reads: "RetinaFace's faces: offsets from priors, scores and five points",
    keys: [.activation, .threshold, .iou, .strides, .sizes, .variance], activations: [.none, .softmax], threshold: 0.5,
    iou: 0.4, input: .letterbox(.bgr, .topLeft, mean: [104, 117, 123], pad: 0))

  private static let strides = [8, 16, 32]
  private static let sizes: [[Float]] = [[16, 32], [64, 128], [256, 512]]

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let rows = ground.cells.reduce(0) { $0 + 2 * $1 }
    return [
      ground.named([("loc", [1, rows, 4]), ("conf", [1, rows, 2]), ("landms", [1, rows, 10])]),
      ground.named([("a", [1, nil, 10]), ("b", [1, nil, 2]), ("c", [1, nil, 4])]),
      ground.named([("a", [1, rows, 16])]), StridedRetinaFaceDecoder.sample(ground),
    ]
  }

  static func make(_ plan: DecoderPlan) throws(Fault) -> any Decoder {
    StridedRetinaFaceDecoder.isNamed(plan.outputs) ? try StridedRetinaFaceDecoder(plan) : try Self(plan)
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    var recipe = plan.recipe
    recipe.output.background = 0
    self.recipe = recipe
    var output = plan.output
    if output.strides.isEmpty { output.strides = Self.strides }
    if output.sizes.isEmpty { output.sizes = Self.sizes }
    guard output.sizes.count == output.strides.count, !output.sizes.contains([]) else {
      throw plan.mismatch("sizes must be a list for each of the \(output.strides.count) strides, none of them empty")
    }
    output.clip = false
    priors = PriorGrid(output, on: plan.network, isSpread: false)
    if plan.outputs.count == 1 {
      let all = try Self.table(plan, 16, priors.count)
      (scores, boxes, points, first) = (all, all, all, (4, 0, 6))
    } else {
      scores = try Self.table(plan, 2, priors.count)
      boxes = try Self.table(plan, 4, priors.count)
      points = try Self.table(plan, 10, priors.count)
      first = (0, 0, 0)
    }
    guard plan.recipe.labels.count < 2 else {
      throw plan.mismatch("it tells faces from nothing, and there are \(plan.recipe.labels.count) labels")
    }
  }

  private static func table(_ plan: DecoderPlan, _ width: Int, _ rows: Int) throws(Fault) -> AnchorTable {
    let found = plan.outputs.indices.flatMap {
      AnchorTable.readings(of: $0, rows: rows, map: nil, perCell: 2, plan).filter { $0.width == width }
    }
    guard found.count == 1 else {
      throw plan.mismatch(
        "\(found.isEmpty ? "no output is" : "\(found.count) outputs are") [1,\(rows),\(width)], and RetinaFace on \(plan.network) has an output each of 4, 2 and 10 numbers, or one of 16, for its \(rows) priors: \(plan.outputs.map(\.description).joined(separator: ", "))"
      )
    }
    return found[0]
  }

  var used: [Int] { Set([scores.index, boxes.index, points.index]).sorted() }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    for table in [scores, boxes, points] { try table.check(outputs) }
    var range = ScoreRange()
    let found = scores.best(outputs, first: first.scores, count: 2, recipe, &range)
    try range.check(recipe)
    guard !holdsBoxes(outputs) else {
      throw Fault(
        .unsupported,
        "its output '\(outputs.specs[boxes.index].name)' holds finished boxes in place of offsets from priors: say decoder boxes, or export it without that step"
      )
    }
    let (places, marks) = (boxes.numbers(outputs, of: found), points.numbers(outputs, of: found))
    let variance = recipe.output.variance
    let candidates = found.indices.map { at in
      let prior = priors[found[at].row]
      // Nothing is the first column, so that a face is the second, and the only class.
      var candidate = Candidate(
        label: 0, score: found[at].score, box: prior.box(Array(places[at][first.boxes...]), variance: variance))
      candidate.points = prior.points(Array(marks[at][first.points...]), variance: variance[0])
      return candidate
    }
    return try recipe.detections(candidates, at: placement, pointNames: YuNetDecoder.pointNames)
  }

  /// Every row is a box in fractions of the input, which offsets from that many priors are not.
  private func holdsBoxes(_ outputs: some OutputTensors) -> Bool {
    outputs.withFloats(boxes.index) { values in
      guard boxes.rows > 1 else { return false }
      return (0..<boxes.rows).allSatisfy { row in
        let side = (0..<4).map { values[boxes.place(row, first.boxes + $0)] }
        return side.allSatisfy { $0 >= -0.5 && $0 <= 1.5 } && side[0] < side[2] && side[1] < side[3]
      }
    }
  }
}
