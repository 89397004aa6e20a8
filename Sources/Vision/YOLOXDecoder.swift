internal import Base
internal import Glibc
internal import Predictions

/// YOLOX: each row is a cell of a grid, with offsets from it, objectness and class scores.
///
/// Arithmetic: Ge et al., "YOLOX: Exceeding YOLO Series in 2021" (2021), decoding of the anchor-free head:
/// centre = (offset + cell) · stride, side = exp(value) · stride, score = objectness · class score.
struct YOLOXDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let grid: AnchorGrid
  private let classes: Int
  private let network: Size

  static let facts = DecoderFacts(
    task: .detection, reads: "offsets from grid cells, objectness and class scores",
    keys: [.activation, .threshold, .iou, .unit, .zero, .scores, .background, .strides],
    activations: [.none, .sigmoid], threshold: 0.25, input: .letterbox(.bgr, .topLeft))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([nil, ground.allCells, 6], [1, ground.allCells, 8])
  }

  private struct Cell {
    var column: Float
    var row: Float
    var stride: Float
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    index = try plan.index(named: plan.output.scores)
    let strides = plan.output.strides.isEmpty ? [8, 16, 32] : plan.output.strides
    grid = AnchorGrid(
      strides: strides, repeats: strides.map { _ in 1 }, origin: 0, isSpread: false, on: plan.network)
    let spec = plan.outputs[index]
    guard let shape = innerShape(spec, rank: 2), shape[0] == grid.count, let width = shape[1], width > 5 else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and YOLOX with strides \(strides) on \(plan.network) gives [1,\(grid.count),5+classes]"
      )
    }
    classes = width - 5
    try plan.checkLabels(classes: classes)
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (threshold, activation) = (recipe.output.threshold, recipe.output.activation ?? .none)
    let (candidates, range, isDecoded) = outputs.withFloats(index) { values in
      var (found, range, isDecoded): ([Candidate], ScoreRange, Bool) = ([], ScoreRange(), false)
      for number in 0..<min(grid.count, values.count / (classes + 5)) {
        let row = number * (classes + 5)
        var objectness = values[row + 4]
        if activation == .sigmoid { objectness = logistic(objectness) }
        range.note(objectness)
        // Of a guess every cell is looked at: what has no objectness may be no objectness.
        if recipe.isGuess, isFarFromCell(values, row, cell(number)) { isDecoded = true }
        guard objectness >= threshold else { continue }  // class scores are at most 1
        var best = values.best(from: row + 5, count: classes, skipping: recipe.output.background)
        if activation == .sigmoid { best.score = logistic(best.score) }
        range.note(best.score)
        let score = objectness * best.score
        guard score >= threshold else { continue }
        found.append(Candidate(label: best.index, score: score, box: box(values, row, cell(number))))
      }
      return (found, range, isDecoded)
    }
    try range.check(recipe)
    guard !isDecoded else {
      throw Fault(
        .unsupported,
        "what should be offsets from grid cells leads out of the picture: it may tell boxes in pixels (decoder yolov5, or yolov8 with layout rows)"
      )
    }
    return try recipe.detections(candidates, at: placement)
  }

  private func cell(_ number: Int) -> Cell {
    let place = grid.place(of: number)
    let level = grid.levels[place.level]
    return Cell(
      column: Float(place.number % level.cells.width), row: Float(place.number / level.cells.width),
      stride: Float(level.stride))
  }

  private func box(_ values: Span<Float>, _ row: Int, _ cell: Cell) -> Rect {
    let (x, y) = ((values[row] + cell.column) * cell.stride, (values[row + 1] + cell.row) * cell.stride)
    return Rect(centre: (x, y), size: (expf(values[row + 2]) * cell.stride, expf(values[row + 3]) * cell.stride))
  }

  /// Networks answer about what is near a cell, at most as large as a few pictures: other numbers are no offsets.
  private func isFarFromCell(_ values: Span<Float>, _ row: Int, _ cell: Cell) -> Bool {
    let sides = (logf(4 * Float(network.width) / cell.stride), logf(4 * Float(network.height) / cell.stride))
    return abs(values[row]) > 8 || abs(values[row + 1]) > 8 || values[row + 2] > sides.0 || values[row + 3] > sides.1
  }
}

extension Span<Float> {
  /// The largest of a run of values and its position in the run.
  func best(from start: Int, count: Int, skipping skipped: Int? = nil) -> (index: Int, score: Float) {
    var best = (index: 0, score: -Float.infinity)
    for index in 0..<count where index != skipped {
      let value = self[start + index]
      if value > best.score { best = (index, value) }
    }
    return best
  }
}

extension Rect {
  init(centre: (x: Float, y: Float), size: (w: Float, h: Float)) {
    self.init(
      x: Double(centre.x - size.w / 2), y: Double(centre.y - size.h / 2), width: Double(size.w), height: Double(size.h))
  }
}
