internal import Base
internal import Predictions

/// MediaPipe's detectors of faces, palms and people: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019).
///
/// `[1,N,4+2P]` are the middle and size of a box and P points, all in input pixels from the middle of the anchor's cell; `[1,N,1]` are logits.
/// Anchors have no size. Doubles become one box, the mean of all weighted by their scores.
struct MediaPipeDecoder: Decoder {
  private let recipe: Recipe
  private let scores: AnchorTable
  private let boxes: AnchorTable
  private let anchors: AnchorGrid
  private let names: [String]

  static let facts = DecoderFacts(
    task: .detection, reads: "MediaPipe's faces, palms or people: offsets from anchors, and logits",
    keys: [.activation, .threshold, .iou, .strides, .points], activations: [.none, .sigmoid], activation: .sigmoid,
    threshold: 0.5,
    iou: 0.3,
    input: .letterbox(.rgb, .center, mean: [127.5], scale: [127.5], pad: 0))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let cells = [4, 8, 16, 32].map { ground.network.cells(stride: $0).area }
    let rows = ground.recipe.strides.isEmpty ? [2 * cells[1] + 6 * cells[2], cells[0]] : [2 * ground.allCells]
    return rows.map { ground.named([("boxes", [1, $0, 16]), ("scores", [1, $0, 1])]) }
  }

  /// The strides of its networks, one an entry, and anchors an entry gives a cell.
  private static let known: [(strides: [Int], repeats: Int)] = [
    ([8, 16, 16, 16], 2), ([16, 32, 32, 32], 2), ([8, 16, 32, 32, 32], 2), ([4], 1),
  ]

  /// What the points of a network are, by how many it has.
  private static let points: [Int: [String]] = [
    6: ["right-eye", "left-eye", "nose", "mouth", "right-ear", "left-ear"],
    7: ["wrist", "index-mcp", "middle-mcp", "ring-mcp", "pinky-mcp", "thumb-cmc", "thumb-mcp"],
    4: ["hips", "body-circle", "shoulders", "upper-body-circle"],
  ]

  init(_ plan: DecoderPlan) throws(Fault) {
    var recipe = plan.recipe
    recipe.output.activation = recipe.output.activation ?? Self.facts.activation
    self.recipe = recipe
    let (scores, boxes) = try Self.outputs(plan)
    let rows = innerShape(plan.outputs[boxes], rank: 2)![0]!
    anchors = try Self.grid(plan, rows)
    guard let width = innerShape(plan.outputs[boxes], rank: 2)?[1] else { throw Self.misfit(plan) }
    self.scores = AnchorTable(index: scores, width: 1, rows: rows, perCell: 1, order: .rows)
    self.boxes = AnchorTable(index: boxes, width: width, rows: rows, perCell: 1, order: .rows)
    let (count, said) = ((width - 4) / 2, plan.output.points)
    guard said.isEmpty || said.count == count else {
      throw plan.mismatch("it tells \(count) points of each box, and \(said.count) are named")
    }
    names = said.isEmpty ? Self.points[count] ?? OutputRecipe.points(count) : said
    try plan.checkLabels(classes: 1)
  }

  /// By their shapes: a number a row, and four and more.
  private static func outputs(_ plan: DecoderPlan) throws(Fault) -> (scores: Int, boxes: Int) {
    let sides = plan.outputs.map { innerShape($0, rank: 2) ?? [] }
    let boxes = sides.indices.filter {
      guard sides[$0].count == 2, let rows = sides[$0][0], let width = sides[$0][1] else { return false }
      return rows > 0 && width >= 4 && width % 2 == 0 && !plan.outputs[$0].element.isIndex
    }
    guard boxes.count == 1 else { throw misfit(plan) }
    let scores = sides.indices.filter { sides[$0] == [sides[boxes[0]][0], 1] && !plan.outputs[$0].element.isIndex }
    guard scores.count == 1 else { throw misfit(plan) }
    return (scores[0], boxes[0])
  }

  private static func misfit(_ plan: DecoderPlan) -> Fault {
    plan.mismatch(
      "MediaPipe's detectors give [1,anchors,4+2·points] and [1,anchors,1], and it has \(plan.outputs.map(\.description).joined(separator: ", "))"
    )
  }

  /// The anchors of the one family that has so many on such an input.
  private static func grid(_ plan: DecoderPlan, _ rows: Int) throws(Fault) -> AnchorGrid {
    let said = plan.output.strides
    let ways = said.isEmpty ? known : [(said, 2), (said, 1)]
    let grids = ways.map { grid($0.strides, $0.repeats, plan.network) }
    let fitting = grids.filter { $0.count == rows }
    guard fitting.count == 1 else {
      let counts = zip(ways, grids).map { "\($0.strides) \($1.count)" }
      throw plan.mismatch(
        "it answers about \(rows) anchors, and on \(plan.network) strides make \(counts.joined(separator: ", ")): say which strides it has, one for each layer, as strides: [8, 16, 16, 16]"
      )
    }
    return fitting[0]
  }

  /// Neighbouring layers of one stride are one level: its cells have the anchors of all of them.
  private static func grid(_ strides: [Int], _ repeats: Int, _ network: Size) -> AnchorGrid {
    var levels: [(stride: Int, repeats: Int)] = []
    for stride in strides {
      if levels.last?.stride == stride {
        levels[levels.count - 1].repeats += repeats
      } else {
        levels.append((stride, repeats))
      }
    }
    return AnchorGrid(
      strides: levels.map(\.stride), repeats: levels.map(\.repeats), origin: 0.5, isSpread: true, on: network)
  }

  var used: [Int] { [scores.index, boxes.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    for table in [scores, boxes] { try table.check(outputs) }
    try checkLogits(outputs)
    var range = ScoreRange()
    let found = scores.best(outputs, recipe, &range)
    try range.check(recipe)
    let rows = boxes.numbers(outputs, of: found)
    let candidates = zip(found, rows).map { found, numbers in
      let anchor = anchors[found.row]
      var candidate = Candidate(
        label: 0, score: found.score,
        box: Rect(centre: (anchor.x + numbers[0], anchor.y + numbers[1]), size: (numbers[2], numbers[3])))
      candidate.points = anchor.points(numbers[4...], step: 1)
      return candidate
    }
    let merged = NonMaximumSuppression.merge(candidates, iou: recipe.output.iou)
    return try recipe.detections(merged, at: placement, hasDoubles: false, pointNames: names)
  }

  /// Of hundreds of anchors few show something: where none is doubted, the numbers are scores already.
  private func checkLogits(_ outputs: some OutputTensors) throws(Fault) {
    guard recipe.output.activation == .sigmoid, scores.rows > 50 else { return }
    let areScores = outputs.withFloats(scores.index) { values in
      values.indices.allSatisfy { (0...1).contains(values[$0]) }
    }
    guard areScores else { return }
    throw Fault(
      .unsupported, "what should be logits lies between 0 and 1 for every anchor, as scores do: say activation none")
  }
}
