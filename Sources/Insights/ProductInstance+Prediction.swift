internal import Base
public import Predictions

/// Instances as answers about a frame, so that they are drawn, kept, exported and counted as any detection, and a film's list can be made of
/// answers that were kept.
extension ProductInstance {
  /// A detection whose label is the product's id; where geometry proves it, its corners are the points.
  ///
  /// The vector holds method, similarity and inliers.
  public func prediction(step: Int, parent: Int? = nil) -> Prediction {
    var prediction = Prediction(kind: .detection, label: product, score: score, box: box)
    prediction.points =
      quad.map { quad in
        zip(Prediction.cornerNames, quad.corners).map { Keypoint(name: $0, x: $1.x, y: $1.y) }
      } ?? []
    prediction.vector = [method == .geometry ? 1 : 0, similarity, Float(inliers)]
    (prediction.step, prediction.parent) = (step, parent)
    return prediction
  }

  /// What ``prediction(step:parent:)`` made; `nil` for any other answer.
  public init?(_ prediction: Prediction) {
    guard prediction.kind == .detection, let product = prediction.label, let score = prediction.score,
      let box = prediction.box, prediction.vector.count == 3, (0...1e6).contains(prediction.vector[2])
    else { return nil }
    let corners = prediction.corners?.map { Quad.Point(x: $0.x, y: $0.y) }
    self.init(
      product: product, method: prediction.vector[0] > 0.5 ? .geometry : .embedding, score: score,
      similarity: prediction.vector[1], inliers: Int(prediction.vector[2]), quad: corners.map { Quad($0) }, box: box)
  }
}

extension ProductListing {
  /// Takes all answers about the next frame; those of step `step` are products.
  public mutating func add(_ answers: [Prediction], step: Int, frame: Int, at moment: Double) {
    let found = answers.filter { $0.step == step && $0.state != .off && $0.span == nil }
    add(found.compactMap(ProductInstance.init), frame: frame, at: moment)
  }
}
