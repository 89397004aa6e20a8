internal import Base
internal import Glibc
internal import Predictions

/// NanoDet, NanoDet-Plus and PicoDet: scores of classes, and each side of a box as a distribution over its distance in strides.
///
/// Li et al., "Generalized Focal Loss" (2020): a distance is the mean of 0 to 7, weighted by the softmax of eight numbers. Scores and 32 numbers
/// stand in one output, `[1,N,C+32]`, or in two a stride. Distances are told from the middle of the cell (NanoDet, PicoDet), or from its corner
/// (NanoDet-Plus, whose priors are `cell · stride`).
struct NanoDetDecoder: Decoder {
  /// What a distance may be, in strides.
  private static let bins = 8

  private struct Part {
    let anchors: AnchorGrid
    let scores: AnchorTable
    let boxes: AnchorTable
    /// Where the numbers of a box begin in its table.
    let first: Int
  }

  private let recipe: Recipe
  private let parts: [Part]
  private let classes: Int

  static let facts = DecoderFacts(
    task: .detection, reads: "class scores and distributions of distances (NanoDet, PicoDet)",
    keys: [.activation, .threshold, .iou, .strides, .layout, .origin], activations: [.none, .sigmoid],
    layouts: [.rows, .columns, .nchw, .nhwc], threshold: 0.35, iou: 0.6,
    input: .stretch(.bgr, mean: [103.53, 116.28, 123.675], scale: [57.375, 57.12, 58.395]))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    [
      ground.named([("a", [1, ground.allCells, 34])]), ground.named([("a", [1, nil, 35])]),
      ground.levels([2, 32]),
    ]
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    let read = plan.outputs.count == 1 ? try Self.together(plan) : try Self.apart(plan)
    (parts, classes) = (read.parts, read.classes)
    try plan.checkLabels(classes: classes)
  }

  /// Scores and distances in one output.
  private static func together(_ plan: DecoderPlan) throws(Fault) -> (parts: [Part], classes: Int) {
    let said = plan.output.strides
    let ways = (said.isEmpty ? [[8, 16, 32], [8, 16, 32, 64]] : [said]).flatMap { strides in
      let rows = grid(strides, .middle, plan.network).count
      return AnchorTable.readings(of: 0, rows: rows, map: nil, perCell: 1, plan).filter { $0.width > 4 * bins }.map {
        (strides, $0)
      }
    }
    guard ways.count == 1 else {
      let (spec, few) = (plan.outputs[0], grid([8], .middle, plan.network).count)
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and NanoDet on \(plan.network) gives [1,cells,classes+\(4 * bins)], with \(few) cells at stride 8\(ways.isEmpty ? "" : ": it can be read in \(ways.count) ways, so say strides, and layout rows or columns")"
      )
    }
    let (strides, table) = ways[0]
    let origin = plan.output.origin ?? (strides.count == 4 ? .corner : nil)
    let anchors = try grid(strides, origin, plan)
    let classes = table.width - 4 * bins
    return ([Part(anchors: anchors, scores: table, boxes: table, first: classes)], classes)
  }

  /// An output of scores and one of distances a stride.
  private static func apart(_ plan: DecoderPlan) throws(Fault) -> (parts: [Part], classes: Int) {
    let said = plan.output.strides
    let strides = said.isEmpty ? plan.outputs.count < 8 ? [8, 16, 32] : [8, 16, 32, 64] : said
    let grid = try grid(strides, plan.output.origin ?? (strides.count == 3 ? .middle : nil), plan)
    let roles = AnchorRoles(plan: plan, levels: grid.levels)
    var ways: [(scores: [AnchorTable], boxes: [AnchorTable])] = []
    for width in widths(plan, grid.levels[0]) {
      guard let boxes = try? roles.tables(.boxes, width: 4 * bins),
        let scores = try? roles.tables(.scores, width: width, besides: boxes)
      else { continue }
      ways.append((scores, boxes))
    }
    guard ways.count == 1 else {
      // What is missing is told for the numbers that all have.
      _ = try roles.tables(.boxes, width: 4 * bins)
      throw plan.mismatch(
        "scores of classes are needed for each of the strides \(strides), as many for each: it has \(plan.outputs.map(\.description).joined(separator: ", "))"
      )
    }
    let anchors = grid.parts
    let parts = anchors.indices.map {
      Part(anchors: anchors[$0], scores: ways[0].scores[$0], boxes: ways[0].boxes[$0], first: 0)
    }
    return (parts, ways[0].scores[0].width)
  }

  /// How many numbers a cell of the first level has in any output.
  private static func widths(_ plan: DecoderPlan, _ level: AnchorGrid.Level) -> [Int] {
    let found = plan.outputs.indices.flatMap {
      AnchorTable.readings(of: $0, rows: level.count, map: level.cells, perCell: 1, plan).map(\.width)
    }
    let others = Set(found).subtracting([4 * bins])
    return others.isEmpty ? [4 * bins] : others.sorted()
  }

  private static func grid(
    _ strides: [Int], _ origin: OutputRecipe.Origin?, _ plan: DecoderPlan
  ) throws(Fault) -> AnchorGrid {
    guard let origin else {
      throw plan.mismatch(
        "with \(strides.count) strides it may tell distances from the middle of a cell, as NanoDet and PicoDet do, or from its corner, as NanoDet-Plus: say origin: middle or origin: corner"
      )
    }
    return grid(strides, origin, plan.network)
  }

  private static func grid(_ strides: [Int], _ origin: OutputRecipe.Origin, _ network: Size) -> AnchorGrid {
    AnchorGrid(
      strides: strides, repeats: strides.map { _ in 1 }, origin: origin == .middle ? 0.5 : 0, isSpread: false,
      on: network)
  }

  var used: [Int] { Set(parts.flatMap { [$0.scores.index, $0.boxes.index] }).sorted() }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var (range, candidates): (ScoreRange, [Candidate]) = (ScoreRange(), [])
    for part in parts {
      for table in [part.scores, part.boxes] { try table.check(outputs) }
      let found = part.scores.best(outputs, count: classes, recipe, &range)
      let rows = part.boxes.numbers(outputs, of: found)
      candidates += zip(found, rows).map { found, numbers in
        let anchor = part.anchors[found.row]
        let reach = (0..<4).map { Self.mean(numbers, from: part.first + $0 * Self.bins) * anchor.stride }
        return Candidate(
          label: found.label, score: found.score,
          box: anchor.box(left: reach[0], top: reach[1], right: reach[2], bottom: reach[3]))
      }
    }
    try range.check(recipe)
    return try recipe.detections(candidates, at: placement)
  }

  /// What a distribution expects, in strides.
  private static func mean(_ numbers: [Float], from first: Int) -> Float {
    var bins = Array(numbers[first..<first + Self.bins])
    OutputRecipe.Activation.softmax.apply(to: &bins)
    return bins.enumerated().reduce(0) { $0 + Float($1.offset) * $1.element }
  }
}
