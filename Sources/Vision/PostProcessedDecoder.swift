internal import Base
internal import Predictions

/// Detections that the network has post-processed itself, NMS included (`finished` in manifests).
///
/// Rows of six are left, top, right, bottom in input pixels, score, class. Rows of seven are picture, class, score, then
/// the corners in fractions of the input.
struct PostProcessedDecoder: Decoder {
  private let recipe: Recipe
  private let network: Size
  private let index: Int
  private let width: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard let last = spec.shape.last ?? nil, last == 6 || last == 7 else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and rows of 6 or 7 numbers are expected")
    }
    width = last
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let found = outputs.withFloats(index) { values in
      stride(from: 0, to: values.count - width + 1, by: width).compactMap { row -> Candidate? in
        let (score, label) = width == 6 ? (values[row + 4], values[row + 5]) : (values[row + 2], values[row + 1])
        guard score >= recipe.output.threshold, score > 0, label.isFinite, label >= 0, label < 1e6 else { return nil }
        return Candidate(label: Int(label), score: score, box: box(values, row))
      }
    }
    // The network has dropped doubles already; with an overlap of 1 nothing more goes.
    var lenient = recipe
    lenient.output.iou = 1
    return lenient.detections(found, at: placement)
  }

  private func box(_ values: Span<Float>, _ row: Int) -> Rect {
    let start = width == 6 ? row : row + 3
    let x = width == 6 ? 1 : Double(network.width)
    let y = width == 6 ? 1 : Double(network.height)
    return Rect(
      left: Double(values[start]) * x, top: Double(values[start + 1]) * y,
      right: Double(values[start + 2]) * x, bottom: Double(values[start + 3]) * y)
  }
}
