public import Base
internal import Predictions

/// One box that a network proposes, in pixels of its input.
public struct Candidate: Sendable, Hashable {
  public var label: Int
  public var score: Float
  public var box: Rect
  /// Landmarks that came with the box, as x, y by turns.
  public var points: [Double] = []
  /// Where it stands in the network's output, for what else is told of it there.
  var row = 0
  /// By how much the box is turned about its middle, clockwise, in radians.
  var angle: Double = 0

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
    keep(candidates, iou: iou) { $0.box.iou($1.box) }
  }

  /// The same with another measure of how much two boxes overlap.
  ///
  /// With `hidesAll` those that went make others go, too ("fast" suppression: Bolya et al., YOLACT).
  static func keep(
    _ candidates: [Candidate], iou: Float, hidesAll: Bool = false, by overlap: (Candidate, Candidate) -> Double
  ) -> [Candidate] {
    let order = candidates.indices.sorted {
      (candidates[$0].score, $1) > (candidates[$1].score, $0)
    }
    var (kept, seen): ([Candidate], [Candidate]) = ([], [])
    for index in order.prefix(limit) {
      let candidate = candidates[index]
      let hidden = (hidesAll ? seen : kept).contains {
        $0.label == candidate.label && overlap($0, candidate) > Double(iou)
      }
      if !hidden { kept.append(candidate) }
      if hidesAll { seen.append(candidate) }
    }
    return kept
  }

  /// Boxes that overlap the best of them become one with its score: the mean of their boxes and points, weighted by their scores
  /// (Bazarevsky et al., "BlazeFace", 2019, "blending").
  ///
  /// What is no box is left as it is.
  static func merge(_ candidates: [Candidate], iou: Float) -> [Candidate] {
    let sane = candidates.filter { $0.isSane && $0.points.allSatisfy(\.isFinite) }
    var left = sane.indices.sorted { (sane[$0].score, $1) > (sane[$1].score, $0) }.prefix(limit).map { sane[$0] }
    var merged: [Candidate] = []
    while let best = left.first {
      let near = left.filter { $0.label == best.label && $0.box.iou(best.box) > Double(iou) }
      // Overlap with itself is 1, and more than an `iou` of 1 is none.
      merged.append(near.isEmpty ? best : mean(of: near, as: best))
      left = left.dropFirst().filter { !($0.label == best.label && $0.box.iou(best.box) > Double(iou)) }
    }
    return merged + candidates.filter { !$0.isSane }
  }

  private static func mean(of near: [Candidate], as best: Candidate) -> Candidate {
    let total = near.reduce(0) { $0 + Double($1.score) }
    guard total > 0 else { return best }
    func mean(_ number: (Candidate) -> Double) -> Double {
      near.reduce(0) { $0 + number($1) * Double($1.score) } / total
    }
    var merged = best
    merged.box = Rect(
      x: mean(\.box.x), y: mean(\.box.y), width: mean(\.box.width), height: mean(\.box.height))
    merged.points = best.points.indices.map { place in mean { $0.points[place] } }
    return merged
  }
}

extension Recipe {
  /// Drops doubles, takes boxes back to the picture and gives them their labels.
  ///
  /// With `hasDoubles` false all are told: the network has chosen itself. Throws where the boxes cannot be told in what they are said to
  /// be told.
  func detections(
    _ candidates: [Candidate], at placement: Placement, hasDoubles: Bool = true, pointNames: [String] = []
  ) throws(Fault) -> [Prediction] {
    try kept(candidates, at: placement, hasDoubles: hasDoubles).compactMap { candidate in
      let box = placement.toPicture(candidate.box)
      guard box.area > 0, candidate.points.allSatisfy(\.isFinite) else { return nil }
      var prediction = prediction(candidate, in: box)
      prediction.points = zip(pointNames, stride(from: 0, to: candidate.points.count, by: 2)).map { name, at in
        let (x, y) = placement.toPicture(x: candidate.points[at], y: candidate.points[at + 1])
        return Keypoint(name: name, x: x, y: y)
      }
      return prediction
    }
  }

  /// What a candidate becomes whose box in the picture is known.
  func prediction(_ candidate: Candidate, in box: Rect, kind: ModelTask = .detection) -> Prediction {
    Prediction(kind: kind, label: label(candidate.label), score: min(candidate.score, 1), box: box)
  }

  /// The best of what shows the same thing, in pixels of the input; with `hasDoubles` false, of what the network has chosen itself, all.
  ///
  /// Throws where the boxes cannot be told in what they are said to be told.
  func kept(
    _ candidates: [Candidate], at placement: Placement, hasDoubles: Bool = true, hidesAll: Bool = false,
    by overlap: (Candidate, Candidate) -> Double = { $0.box.iou($1.box) }
  ) throws(Fault) -> [Candidate] {
    let sane = candidates.filter(\.isSane)
    // Of a guess one box in ten is enough: what is left out would be missing without a word.
    let isMisread =
      candidates.count(where: \.isInsideOut) * (isGuess ? 10 : 2) > candidates.count
      || isGuess && sane.isEmpty && candidates.contains(where: \.score.isFinite)
    if isMisread {
      throw Fault(
        .unsupported,
        "its boxes are inside out, or no numbers: say what their columns are, such as x,y,width,height, or read it otherwise"
      )
    }
    let kept = NonMaximumSuppression.keep(sane, iou: output.iou, hidesAll: hidesAll) {
      hasDoubles ? overlap($0, $1) : 0
    }
    try checkPlaces(kept, placement.network)
    return kept
  }

  /// Boxes far outside the input, or all in its first two pixels, are told in something else than is believed.
  ///
  /// Of a guess one such box is enough; of what its owner says, most, and farther away.
  private func checkPlaces(_ kept: [Candidate], _ network: Size) throws(Fault) {
    guard !kept.isEmpty, min(network.width, network.height) >= 32 else { return }
    guard !kept.allSatisfy({ $0.box.right <= 2 && $0.box.bottom <= 2 }) else {
      throw Fault(
        .unsupported, "all its boxes lie in the first two pixels, as fractions do: say coordinates fractions")
    }
    let far = kept.filter { $0.isFar(from: network, by: isGuess ? 1 : 4) }.count
    guard isGuess ? far > 0 : far * 2 > kept.count else { return }
    throw Fault(
      .unsupported,
      "its boxes lie far outside the picture, as \(output.decoder == .boxes || output.decoder == .finished ? "pixels read as fractions" : "misread numbers") do: say coordinates, or what its columns are"
    )
  }
}

extension Candidate {
  /// Numbers that no arithmetic went wrong in.
  var isSane: Bool {
    score.isFinite && box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite
      && box.width > 0 && box.height > 0
  }

  /// It ends before it begins.
  fileprivate var isInsideOut: Bool { score.isFinite && (box.width < 0 || box.height < 0) }

  /// Its middle is more than `pictures` from the input's, or it is larger than three times as many.
  func isFar(from network: Size, by pictures: Double) -> Bool {
    let (width, height) = (Double(network.width), Double(network.height))
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    return abs(x - width / 2) > pictures * width || abs(y - height / 2) > pictures * height
      || box.width > 3 * pictures * width || box.height > 3 * pictures * height
  }
}
