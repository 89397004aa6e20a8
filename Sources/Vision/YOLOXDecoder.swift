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
  private let cells: [Cell]
  private let classes: Int

  private struct Cell {
    var column: Float
    var row: Float
    var stride: Float
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    let strides = plan.output.strides.isEmpty ? [8, 16, 32] : plan.output.strides
    cells = strides.flatMap { stride in
      let level = plan.cells(stride: stride)
      return (0..<level.height).flatMap { row in
        (0..<level.width).map { Cell(column: Float($0), row: Float(row), stride: Float(stride)) }
      }
    }
    let spec = plan.outputs[index]
    guard let shape = innerShape(spec, rank: 2), shape[0] == cells.count, let width = shape[1], width > 5 else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and YOLOX with strides \(strides) on \(plan.network) gives [1,\(cells.count),5+classes]"
      )
    }
    classes = width - 5
    try plan.checkLabels(classes: classes)
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let threshold = recipe.output.threshold
    let candidates = outputs.withFloats(index) { values in
      var found: [Candidate] = []
      for (number, cell) in cells.prefix(values.count / (classes + 5)).enumerated() {
        let row = number * (classes + 5)
        let objectness = values[row + 4]
        guard objectness >= threshold else { continue }  // class scores are at most 1
        let best = values.best(from: row + 5, count: classes)
        let score = objectness * best.score
        guard score >= threshold else { continue }
        let (x, y) = ((values[row] + cell.column) * cell.stride, (values[row + 1] + cell.row) * cell.stride)
        let (w, h) = (expf(values[row + 2]) * cell.stride, expf(values[row + 3]) * cell.stride)
        found.append(Candidate(label: best.index, score: score, box: Rect(centre: (x, y), size: (w, h))))
      }
      return found
    }
    return recipe.detections(candidates, at: placement)
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
