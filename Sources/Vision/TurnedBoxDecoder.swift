internal import Base
internal import Glibc
internal import Predictions

/// Boxes that are turned: centre, size, and behind the other numbers an angle in radians (`yolo-obb` in manifests).
///
/// Of two that show the same thing the overlap is that of the Gaussians with their spread, as the family has it: Llerena et al., "Gaussian Bounding
/// Boxes and Probabilistic Intersection-over-Union for Object Detection" (2021), and one that goes makes others go, too.
struct TurnedBoxDecoder: Decoder {
  private let recipe: Recipe
  private let rows: YOLORows
  private let scale: (x: Float, y: Float)

  static let facts = YOLORows.facts(.detection, reads: "boxes with an angle")

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, 4 + 2 + 1, ground.allCells], [1, 300, 7], [1, nil, 7])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    scale = plan.scale(usual: .pixels)
    rows = try YOLORows(plan, at: try plan.index(named: plan.output.scores), extra: 1, finished: [])
  }

  var used: [Int] { [rows.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (found, check) = outputs.withFloats(rows.index) { values in
      let (found, check) = rows.candidates(values, recipe, scale, isCentred: true)
      let turned = found.map { candidate in
        var candidate = candidate
        candidate.angle = Double(rows.extras(values, of: candidate.row)[0])
        return candidate
      }
      return (turned.filter(\.angle.isFinite), check)
    }
    try check.verdict()
    let kept = try recipe.kept(
      found, at: placement, hasDoubles: rows.manner != .finished, hidesAll: true, by: { $0.gaussianOverlap($1) })
    return kept.compactMap { candidate in
      let corners = candidate.upright.corners.map { placement.toPicture(x: $0.x, y: $0.y) }
      let box = Rect(around: corners).clipped(to: .unit)
      guard box.area > 0 else { return nil }
      var prediction = recipe.prediction(candidate, in: box)
      prediction.points = zip(Prediction.cornerNames, corners).map { Keypoint(name: $0, x: $1.x, y: $1.y) }
      return prediction
    }
  }
}

extension Candidate {
  /// The same box, turned by less than a quarter.
  var upright: Candidate {
    var candidate = self
    candidate.angle = angle.truncatingRemainder(dividingBy: .pi)
    if candidate.angle < 0 { candidate.angle += .pi }
    guard candidate.angle >= .pi / 2 else { return candidate }
    candidate.angle -= .pi / 2
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    candidate.box = Rect(x: x - box.height / 2, y: y - box.width / 2, width: box.height, height: box.width)
    return candidate
  }

  /// Clockwise from what is the left top corner before it is turned.
  var corners: [(x: Double, y: Double)] {
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    let along = (x: box.width / 2 * cos(angle), y: box.width / 2 * sin(angle))
    let across = (x: -box.height / 2 * sin(angle), y: box.height / 2 * cos(angle))
    return [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].map { a, b in
      (x + a * along.x + b * across.x, y + a * along.y + b * across.y)
    }
  }

  /// Variances along x and y, and what they share, of a Gaussian that is as wide, as high and turned as the box.
  private var spread: (x: Double, y: Double, both: Double) {
    let (wide, high) = (box.width * box.width / 12, box.height * box.height / 12)
    let (c, s) = (cos(angle), sin(angle))
    return (wide * c * c + high * s * s, wide * s * s + high * c * c, (wide - high) * c * s)
  }

  /// 1 less the Hellinger distance of both Gaussians: 1 for the same box.
  func gaussianOverlap(_ other: Candidate) -> Double {
    let (one, two) = (spread, other.spread)
    let sum = (x: one.x + two.x, y: one.y + two.y, both: one.both + two.both)
    let determinant = sum.x * sum.y - sum.both * sum.both
    let (dx, dy) = (
      box.x + box.width / 2 - other.box.x - other.box.width / 2,
      box.y + box.height / 2 - other.box.y - other.box.height / 2
    )
    let parts = max(0, one.x * one.y - one.both * one.both) * max(0, two.x * two.y - two.both * two.both)
    guard determinant > 0, parts > 0 else { return 0 }
    let distance =
      (sum.x * dy * dy + sum.y * dx * dx - 2 * sum.both * dx * dy) / determinant / 4
      + log(determinant / (4 * parts.squareRoot())) / 2
    return 1 - max(0, 1 - exp(-max(0, distance))).squareRoot()
  }
}
