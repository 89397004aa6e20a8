internal import Base
internal import Predictions

/// A map of attention: its peak, its centre of mass, and the map itself in cells of a byte (``AttentionMap``).
///
/// The map is told where the network was shown the whole picture.
struct HeatmapDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let activation: OutputRecipe.Activation
  private let threshold: Float
  private let layout: OutputRecipe.Layout?
  private let network: Size

  static let facts = DecoderFacts(
    task: .saliency, reads: "a map of attention", keys: [.activation, .threshold, .unit, .zero, .scores, .layout],
    activations: [.none, .sigmoid], layouts: [.nchw, .nhwc])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, nil], [1, 1, nil, nil], [nil, nil])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, index) = (plan.recipe, try plan.index(named: plan.output.scores))
    (activation, threshold) = (plan.output.activation ?? .none, plan.output.threshold)
    (layout, network) = (plan.output.layout, plan.network)
    try plan.checkIsMap(index)
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    guard let grid = Grid(outputs.specs[index].shape, layout, network), grid.classes == 1 else { return [] }
    let picture = PictureGrid(map: grid.size, at: placement)
    var sum = (weight: 0.0, x: 0.0, y: 0.0)
    var peak = (score: -Float.infinity, x: 0.0, y: 0.0)
    var numbers: [Float] = []
    numbers.reserveCapacity(picture.size.area)
    outputs.withFloats(index) { values in
      for y in 0..<picture.size.height {
        for x in 0..<picture.size.width {
          guard let cell = picture.cell(x: x, y: y) else { continue }
          var score = values[grid.index(0, x: cell.x, y: cell.y)]
          if activation == .sigmoid { score = logistic(score) }
          numbers.append(score)
          let at = (
            x: (Double(x) + 0.5) / Double(picture.size.width), y: (Double(y) + 0.5) / Double(picture.size.height)
          )
          if score > peak.score { peak = (score, at.x, at.y) }
          let weight = Double(max(0, score))
          sum = (sum.weight + weight, sum.x + weight * at.x, sum.y + weight * at.y)
        }
      }
    }
    if recipe.output.activation == nil {
      var range = ScoreRange()
      range.note(peak.score)
      try range.check(recipe)
    }
    guard peak.score.isFinite, peak.score >= threshold || threshold == 0 else { return [] }
    var prediction = Prediction(kind: .saliency, score: peak.score)
    if sum.weight > 0 {
      prediction.points.append(Keypoint(name: "center", x: sum.x / sum.weight, y: sum.y / sum.weight))
    }
    prediction.points.append(Keypoint(name: "peak", x: peak.x, y: peak.y, score: peak.score))
    add(numbers, picture.size, outputs.specs[index].name, placement, to: &prediction)
    return [prediction]
  }

  /// Nothing is added where the network did not look at all of the picture, or found nothing anywhere.
  private func add(
    _ numbers: [Float], _ size: Size, _ name: String, _ placement: Placement, to prediction: inout Prediction
  ) {
    guard numbers.count == size.area, let map = AttentionMap(numbers, size, of: placement.picture) else { return }
    var (low, high, sum, count) = (Float.infinity, -Float.infinity, 0.0, 0.0)
    for number in numbers where number.isFinite {
      (low, high, sum, count) = (min(low, number), max(high, number), sum + Double(number), count + 1)
    }
    prediction.setAttention(map, named: name, range: low...high, mean: Float(sum / count))
  }
}

/// The centre of attention, told by the network itself: x, y in input pixels.
struct PointDecoder: Decoder {
  private let index: Int
  private let scale: (x: Float, y: Float)

  static let facts = DecoderFacts(
    task: .saliency, reads: "one point of attention as x, y", keys: [.scores, .coordinates, .unit, .zero])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { ground.one([1, nil], [1, 2]) }

  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    scale = plan.scale(usual: .pixels)
    let spec = plan.outputs[index]
    guard spec.shape.last == 2 || spec.shape.last == Int?.none,
      spec.shape.dropLast().allSatisfy({ $0 == nil || $0 == 1 })
    else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and [1,2] is expected: x and y")
    }
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let point = outputs.withFloats(index) {
      $0.count >= 2 ? (Double($0[0] * scale.x), Double($0[1] * scale.y)) : nil
    }
    guard let point, point.0.isFinite, point.1.isFinite else { return [] }
    let (x, y) = placement.toPicture(x: point.0, y: point.1)
    var prediction = Prediction(kind: .saliency)
    prediction.points = [Keypoint(name: "center", x: x, y: y)]
    return [prediction]
  }
}
