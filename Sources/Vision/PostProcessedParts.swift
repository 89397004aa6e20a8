internal import Base
internal import Predictions

/// Detections that the network has post-processed itself, in an output each for boxes, classes and scores.
///
/// This is how TensorFlow Lite's `TFLite_Detection_PostProcess` answers: boxes `[1, R, 4]` are top, left, bottom, right
/// in fractions of the input; classes and scores are `[1, R]`; rows without a detection score 0.
struct PostProcessedParts: Decoder {
  private let recipe: Recipe
  private let network: Size
  private let places: Places

  /// Which output is which.
  struct Places {
    let boxes: Int
    let classes: Int
    let scores: Int

    /// From the shapes, or `nil` where they are others; `scores` names the output of scores, where the order misleads.
    ///
    /// The operator's own order is boxes, classes, scores, count. Exporters that sort by name, as TensorFlow 2's, put
    /// the scores in front: scores, boxes, count, classes.
    init?(_ outputs: [TensorSpec], scores: String? = nil) {
      let fours = outputs.indices.filter { outputs[$0].shape.count == 3 && innerShape(outputs[$0], rank: 2)?[1] == 4 }
      guard fours.count == 1, let rows = outputs[fours[0]].shape[1] else { return nil }
      let lists = outputs.indices.filter { outputs[$0].shape == [1, rows] }
      guard lists.count == 2 else { return nil }
      let named = scores.flatMap { name in lists.first { outputs[$0].name == name } }
      boxes = fours[0]
      self.scores = named ?? (boxes < lists[0] ? lists[1] : lists[0])
      classes = self.scores == lists[0] ? lists[1] : lists[0]
    }
  }

  init(_ plan: DecoderPlan, _ places: Places) throws(Fault) {
    (recipe, network, self.places) = (plan.recipe, plan.network, places)
    if let name = plan.output.scores { _ = try plan.index(named: name) }
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    let found = outputs.withFloats(places.scores) { scores in
      outputs.withFloats(places.classes) { classes in
        outputs.withFloats(places.boxes) { boxes in
          let rows = min(scores.count, classes.count, boxes.count / 4)
          return (0..<rows).compactMap { candidate(score: scores[$0], label: classes[$0], boxes, $0 * 4) }
        }
      }
    }
    // The network has dropped doubles already; with an overlap of 1 nothing more goes.
    var lenient = recipe
    lenient.output.iou = 1
    return lenient.detections(found, at: placement)
  }

  private func candidate(score: Float, label: Float, _ boxes: Span<Float>, _ start: Int) -> Candidate? {
    guard score >= recipe.output.threshold, score > 0, label.isFinite, label >= 0, label < 1e6 else { return nil }
    let (width, height) = (Double(network.width), Double(network.height))
    let box = Rect(
      left: Double(boxes[start + 1]) * width, top: Double(boxes[start]) * height,
      right: Double(boxes[start + 3]) * width, bottom: Double(boxes[start + 2]) * height)
    return Candidate(label: Int(label), score: score, box: box)
  }
}
