internal import Base
internal import Glibc
internal import Predictions

/// FastestDet: one map with, a cell, objectness, box and class scores, which the network has made probabilities of.
///
/// Its own code: centre = `(cell + tanh(offset)) · stride`, sides are sigmoids in fractions of the input, score = objectness^0.6 · class^0.4.
struct FastestDetDecoder: Decoder {
  private let recipe: Recipe
  private let table: AnchorTable
  private let cells: Size
  private let network: Size

  static let facts = DecoderFacts(
    task: .detection, reads: "a map with objectness, box and class scores a cell (FastestDet)",
    keys: [.threshold, .iou, .strides, .layout, .scores], layouts: [.nchw, .nhwc], threshold: 0.65,
    input: .stretch(.bgr, scale: [255]))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let map = ground.network.cells(stride: ground.recipe.strides.first ?? 16)
    return ground.one([1, 7, map.height, map.width], [1, map.height, map.width, 6])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    let strides = plan.output.strides.isEmpty ? [16] : plan.output.strides
    guard strides.count == 1 else { throw plan.mismatch("FastestDet has one stride, and \(strides.count) are said") }
    cells = plan.network.cells(stride: strides[0])
    let index = try plan.index(named: plan.output.scores)
    let found = AnchorTable.maps(of: index, cells, perCell: 1, plan).filter { $0.width > 5 }
    guard found.count == 1 else {
      let spec = plan.outputs[index]
      throw plan.mismatch(
        found.isEmpty
          ? "output '\(spec.name)' is \(spec.shapeText), and FastestDet with stride \(strides[0]) on \(plan.network) gives [1,5+classes,\(cells.height),\(cells.width)]"
          : "output '\(spec.name)' \(spec.shapeText) can be read in two ways: say layout, nchw or nhwc")
    }
    table = found[0]
    try plan.checkLabels(classes: table.width - 5)
  }

  var used: [Int] { [table.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    try table.check(outputs)
    let threshold = recipe.output.threshold
    let (candidates, range) = outputs.withFloats(table.index) { values in
      var (found, range): ([Candidate], ScoreRange) = ([], ScoreRange())
      for row in 0..<table.rows {
        let objectness = values[table.place(row, 0)]
        range.note(objectness)
        var best = (label: 0, score: -Float.infinity)
        for label in 0..<table.width - 5 {
          let value = values[table.place(row, 5 + label)]
          if value > best.score { best = (label, value) }
        }
        range.note(best.score)
        let score = powf(max(objectness, 0), 0.6) * powf(max(best.score, 0), 0.4)
        guard score >= threshold else { continue }
        found.append(Candidate(label: best.label, score: score, box: box(table.numbers(values, of: row), row)))
      }
      return (found, range)
    }
    try range.check(recipe)
    return try recipe.detections(candidates, at: placement)
  }

  private func box(_ numbers: [Float], _ row: Int) -> Rect {
    let step = (x: Float(network.width) / Float(cells.width), y: Float(network.height) / Float(cells.height))
    return Rect(
      centre: (
        (Float(row % cells.width) + tanhf(numbers[1])) * step.x, (Float(row / cells.width) + tanhf(numbers[2])) * step.y
      ), size: (logistic(numbers[3]) * Float(network.width), logistic(numbers[4]) * Float(network.height)))
  }
}
