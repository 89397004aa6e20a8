internal import Base
internal import Predictions

/// SCRFD's faces: Guo et al., "Sample and Computation Redistribution for Efficient Face Detection" (2021), as insightface exports it.
///
/// For each stride scores `[rows,1]`, distances to left, top, right and bottom `[rows,4]`, and, in some networks, points `[rows,10]`, all in strides
/// from the corner of the cell; two anchors a cell or one, which the number of rows tells.
struct SCRFDDecoder: Decoder {
  /// The outputs as they are read with one number of anchors a cell.
  private struct Way {
    /// Of each level.
    let anchors: [AnchorGrid]
    let scores: [AnchorTable]
    let boxes: [AnchorTable]
    /// Empty where the network tells none.
    let points: [AnchorTable]

    var tables: [AnchorTable] { scores + boxes + points }
  }

  private let recipe: Recipe
  /// Several where the file leaves the number of rows open: the answer tells which it is.
  private let ways: [Way]
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
    let fitting = grids.filter { (try? AnchorRoles(plan: plan, levels: $0.levels).tables(.scores, width: 1)) != nil }
    var (found, refusal): ([Way], Fault?) = ([], nil)
    // The usual two anchors are those that a refusal speaks of.
    for grid in fitting.isEmpty ? Array(grids.prefix(1)) : fitting {
      do throws(Fault) { found.append(try Self.way(plan, grid, points: names.count)) } catch {
        refusal = refusal ?? error
      }
    }
    if found.isEmpty, let refusal { throw refusal }
    ways = found
    try plan.checkLabels(classes: 1)
  }

  private static func way(_ plan: DecoderPlan, _ grid: AnchorGrid, points: Int) throws(Fault) -> Way {
    let roles = AnchorRoles(plan: plan, levels: grid.levels)
    let scores = try roles.tables(.scores, width: 1)
    let boxes = try roles.tables(.boxes, width: 4, besides: scores)
    let isBare = plan.output.points.isEmpty && plan.outputs.count < 3 * grid.levels.count
    return Way(
      anchors: grid.parts, scores: scores, boxes: boxes,
      points: isBare ? [] : try roles.tables(.points, width: 2 * points, besides: scores + boxes))
  }

  var used: [Int] { ways[0].tables.map(\.index) }

  /// The way whose anchors are as many as the answer has rows, in all outputs.
  private func way(_ outputs: some OutputTensors) throws(Fault) -> Way {
    func fitting(_ way: Way) -> Int { way.tables.count { $0.fits(outputs) } }
    // Where none does altogether, the nearest says which output is at odds with the others.
    let way = ways.max { fitting($0) < fitting($1) } ?? ways[0]
    for table in way.tables { try table.check(outputs) }
    return way
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let way = try way(outputs)
    var (range, candidates): (ScoreRange, [Candidate]) = (ScoreRange(), [])
    for level in way.anchors.indices {
      let found = way.scores[level].best(outputs, recipe, &range)
      let sides = way.boxes[level].numbers(outputs, of: found)
      let marks = way.points.isEmpty ? [] : way.points[level].numbers(outputs, of: found)
      candidates += found.indices.map { at in
        let anchor = way.anchors[level][found[at].row]
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
