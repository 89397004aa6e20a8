internal import Predictions

extension Pen {
  /// Points surer than this are drawn; a point without a score is sure.
  private static let surePoint: Float = 0.2

  /// Limbs of a body, by the names of COCO's keypoints.
  private static let limbs: [(String, String)] = [
    ("left shoulder", "right shoulder"), ("left hip", "right hip"),
    ("left shoulder", "left hip"), ("right shoulder", "right hip"),
    ("left shoulder", "left elbow"), ("left elbow", "left wrist"),
    ("right shoulder", "right elbow"), ("right elbow", "right wrist"),
    ("left hip", "left knee"), ("left knee", "left ankle"),
    ("right hip", "right knee"), ("right knee", "right ankle"),
    ("nose", "left eye"), ("nose", "right eye"), ("left eye", "left ear"), ("right eye", "right ear"),
  ]

  /// Limbs between the points whose names are parts of a body, and a dot for each point.
  func drawPose(_ points: [Keypoint], _ color: Palette.Color, on canvas: inout Canvas) {
    var places: [String: (x: Int, y: Int)] = [:]
    let sure = points.filter { $0.score.map { $0 >= Self.surePoint } ?? true }
    for point in sure { places[plain(point.name)] = pixel(point) }
    for (first, second) in Self.limbs {
      guard let from = places[first], let to = places[second] else { continue }
      canvas.line(from, to, thickness: thickness, color)
    }
    for center in sure.compactMap(pixel) {
      canvas.disc(center, radius: thickness + 1, .white)
      canvas.disc(center, radius: thickness, color)
    }
  }

  /// Lines from point to point, and back to the first.
  func drawOutline(_ points: [(x: Int, y: Int)], _ color: Palette.Color, on canvas: inout Canvas) {
    for (from, to) in zip(points, points.dropFirst() + points.prefix(1)) {
      canvas.line(from, to, thickness: thickness, color)
    }
  }

  /// A ring with four lines that leave its middle free.
  func drawCrosshair(_ point: Keypoint, _ color: Palette.Color, on canvas: inout Canvas) {
    guard let center = pixel(point) else { return }
    for (ink, width) in [(Palette.Color.black, thickness + 2), (color, thickness)] {
      let (near, far) = (6 * thickness, 14 * thickness)
      canvas.line((center.x - far, center.y), (center.x - near, center.y), thickness: width, ink)
      canvas.line((center.x + near, center.y), (center.x + far, center.y), thickness: width, ink)
      canvas.line((center.x, center.y - far), (center.x, center.y - near), thickness: width, ink)
      canvas.line((center.x, center.y + near), (center.x, center.y + far), thickness: width, ink)
      canvas.disc(center, radius: width, ink)
    }
  }

  /// `left_shoulder`, `left-shoulder` and `Left Shoulder` are one name.
  private func plain(_ name: String) -> String {
    String(name.lowercased().map { $0 == "_" || $0 == "-" ? " " : $0 })
  }
}
