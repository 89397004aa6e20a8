internal import Base
internal import Predictions

/// Boxes with the points of a pose each behind their other numbers (`yolo-pose` in manifests).
///
/// A point is x, y and, where there are three numbers, how sure it is; in what the boxes are told. What lies outside the picture is told at
/// its edge, as the family does it.
struct BoxPoseDecoder: Decoder {
  private let recipe: Recipe
  private let rows: YOLORows
  private let names: [String]
  /// 2 or 3.
  private let width: Int
  private let scale: (x: Float, y: Float)

  static let facts = YOLORows.facts(.pose, reads: "boxes with points", [.points])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one(
      [1, 4 + 1 + 51, ground.allCells], [1, 300, 6 + 51], [1, 3 * ground.allCells, 5 + 1 + 34],
      [1, 4 + 3 + 51, ground.allCells])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    scale = plan.scale(usual: .pixels)
    let said = plan.output.points
    // COCO's seventeen are what is meant where nothing else is said.
    names = said.isEmpty ? KeypointDecoder.names : said
    let index = try plan.index(named: plan.output.scores)
    rows = try YOLORows(plan, at: index, extra: nil, finished: [2 * names.count, 3 * names.count])
    guard rows.extra % names.count == 0, [2, 3].contains(rows.extra / names.count) else {
      throw plan.mismatch(
        "output '\(plan.outputs[index].name)' \(plan.outputs[index].shapeText) has \(rows.extra) numbers a box beside \(max(1, plan.recipe.labels.count)) class(es), which are not 2 or 3 for each of \(names.count) points: say how many there are, as points: N, and label the classes"
      )
    }
    width = rows.extra / names.count
  }

  var used: [Int] { [rows.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (found, check) = outputs.withFloats(rows.index) { rows.candidates($0, recipe, scale) }
    try check.verdict()
    let kept = try recipe.kept(found, at: placement, hasDoubles: rows.manner != .finished)
    let numbers = outputs.withFloats(rows.index) { values in kept.map { rows.extras(values, of: $0.row) } }
    return zip(kept, numbers).compactMap { candidate, numbers in
      let box = placement.toPicture(candidate.box)
      guard box.area > 0, numbers.allSatisfy(\.isFinite) else { return nil }
      var prediction = recipe.prediction(candidate, in: box, kind: .pose)
      prediction.points = names.enumerated().map { place, name in
        let first = place * width
        let (x, y) = placement.toPicture(
          x: Double(numbers[first]) * Double(scale.x), y: Double(numbers[first + 1]) * Double(scale.y))
        return Keypoint(
          name: name, x: min(max(x, 0), 1), y: min(max(y, 0), 1), score: width == 3 ? numbers[first + 2] : nil)
      }
      return prediction
    }
  }
}
