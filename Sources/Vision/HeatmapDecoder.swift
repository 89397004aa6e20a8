internal import Base
internal import Predictions

/// A map of attention: its peak, and its centre of mass.
struct HeatmapDecoder: Decoder {
  private let index: Int
  private let activation: OutputRecipe.Activation

  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    activation = plan.output.activation
    let spec = plan.outputs[index]
    guard spec.isDynamic || Grid(spec.shape)?.classes == 1 else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and one map is expected")
    }
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    guard let grid = Grid(outputs.specs[index].shape), grid.classes == 1 else { return [] }
    let picture = PictureGrid(map: grid.size, at: placement)
    var sum = (weight: 0.0, x: 0.0, y: 0.0)
    var peak = (score: -Float.infinity, x: 0.0, y: 0.0)
    outputs.withFloats(index) { values in
      for y in 0..<picture.size.height {
        for x in 0..<picture.size.width {
          guard let cell = picture.cell(x: x, y: y) else { continue }
          var score = values[grid.index(0, x: cell.x, y: cell.y)]
          if activation == .sigmoid { score = logistic(score) }
          let at = (
            x: (Double(x) + 0.5) / Double(picture.size.width), y: (Double(y) + 0.5) / Double(picture.size.height)
          )
          if score > peak.score { peak = (score, at.x, at.y) }
          let weight = Double(max(0, score))
          sum = (sum.weight + weight, sum.x + weight * at.x, sum.y + weight * at.y)
        }
      }
    }
    guard peak.score.isFinite else { return [] }
    var prediction = Prediction(kind: .saliency, score: peak.score)
    if sum.weight > 0 {
      prediction.points.append(Keypoint(name: "center", x: sum.x / sum.weight, y: sum.y / sum.weight))
    }
    prediction.points.append(Keypoint(name: "peak", x: peak.x, y: peak.y, score: peak.score))
    return [prediction]
  }
}

/// The centre of attention, told by the network itself: x, y in input pixels.
struct PointDecoder: Decoder {
  private let index: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard spec.isDynamic || spec.shape.last == 2 && spec.shape.dropLast().allSatisfy({ $0 == 1 }) else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and [1,2] is expected: x and y")
    }
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let point = outputs.withFloats(index) { $0.count >= 2 ? (Double($0[0]), Double($0[1])) : nil }
    guard let point, point.0.isFinite, point.1.isFinite else { return [] }
    let (x, y) = placement.toPicture(x: point.0, y: point.1)
    var prediction = Prediction(kind: .saliency)
    prediction.points = [Keypoint(name: "center", x: x, y: y)]
    return [prediction]
  }
}
