public import Base
internal import Predictions

/// One box that a network proposes, in pixels of its input.
public struct Candidate: Sendable, Hashable {
  public var label: Int
  public var score: Float
  public var box: Rect
  /// Landmarks that came with the box, as x, y by turns.
  public var points: [Double] = []

  public init(label: Int, score: Float, box: Rect) { (self.label, self.score, self.box) = (label, score, box) }
}

/// Non-maximum suppression (NMS): keeps the best of boxes that show the same thing.
public enum NonMaximumSuppression {
  /// Candidates looked at, best first; a picture with more tells nothing more.
  static let limit = 1000

  /// Greedy non-maximum suppression within each class: best first, those that overlap a kept one by more than `iou` go.
  ///
  /// Equal scores keep the order in which they came, so the answer does not depend on chance.
  public static func keep(_ candidates: [Candidate], iou: Float) -> [Candidate] {
    let order = candidates.indices.sorted {
      (candidates[$0].score, $1) > (candidates[$1].score, $0)
    }
    var kept: [Candidate] = []
    for index in order.prefix(limit) {
      let candidate = candidates[index]
      let hidden = kept.contains { $0.label == candidate.label && $0.box.iou(candidate.box) > Double(iou) }
      if !hidden { kept.append(candidate) }
    }
    return kept
  }
}

extension Recipe {
  /// Drops doubles, takes boxes back to the picture and gives them their labels.
  func detections(_ candidates: [Candidate], at placement: Placement, pointNames: [String] = []) -> [Prediction] {
    NonMaximumSuppression.keep(candidates.filter(\.isSane), iou: output.iou).compactMap { candidate in
      let box = placement.toPicture(candidate.box)
      guard box.area > 0 else { return nil }
      var prediction = Prediction(kind: .detection, label: label(candidate.label), score: candidate.score, box: box)
      prediction.points = zip(pointNames, stride(from: 0, to: candidate.points.count, by: 2)).map { name, at in
        let (x, y) = placement.toPicture(x: candidate.points[at], y: candidate.points[at + 1])
        return Keypoint(name: name, x: x, y: y)
      }
      return prediction
    }
  }
}

extension Candidate {
  /// Numbers that no arithmetic went wrong in.
  var isSane: Bool {
    score.isFinite && box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite
      && box.width > 0 && box.height > 0
  }
}
