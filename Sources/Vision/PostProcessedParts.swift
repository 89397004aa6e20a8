internal import Base
internal import Predictions

/// Detections that the network has post-processed itself, in an output each for boxes, classes and scores.
///
/// This is how TensorFlow Lite's `TFLite_Detection_PostProcess` answers: boxes `[1, R, 4]` are top, left, bottom, right
/// in fractions of the input; classes and scores are `[1, R]`; rows without a detection score 0. `columns` and `coordinates`
/// say where others differ.
struct PostProcessedParts: Decoder {
  private let recipe: Recipe
  private let places: Places
  private let box: BoxColumns
  private let scale: (x: Float, y: Float)

  static let facts = PostProcessedDecoder.facts

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] { PostProcessedDecoder.samples(ground) }

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
      let named = scores.flatMap { name in lists.first { outputs[$0].name == name } } ?? Self.scores(lists, outputs)
      boxes = fours[0]
      self.scores = named ?? (boxes < lists[0] ? lists[1] : lists[0])
      classes = self.scores == lists[0] ? lists[1] : lists[0]
    }

    /// The list that is called so, or the one beside a list of whole numbers.
    private static func scores(_ lists: [Int], _ outputs: [TensorSpec]) -> Int? {
      let named = lists.filter { outputs[$0].name.lowercased().contains("score") }
      if named.count == 1 { return named[0] }
      let floats = lists.filter { !outputs[$0].element.isIndex }
      return floats.count == 1 ? floats[0] : nil
    }
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    guard let places = Places(plan.outputs, scores: plan.output.scores) else {
      throw plan.mismatch("outputs of boxes, classes and scores are expected")
    }
    try self.init(plan, places)
  }

  init(_ plan: DecoderPlan, _ places: Places) throws(Fault) {
    (recipe, self.places) = (plan.recipe, places)
    box = try BoxColumns(plan.output.columns, usual: [.top, .left, .bottom, .right], plan)
    scale = plan.scale(usual: .fractions)
    if let name = plan.output.scores { _ = try plan.index(named: name) }
  }

  var used: [Int] { [places.boxes, places.classes, places.scores] }
  var indices: [Int] { [places.classes] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var (found, check): ([Candidate], RowCheck) = ([], RowCheck(recipe))
    outputs.withFloats(places.scores) { scores in
      outputs.withFloats(places.classes) { classes in
        outputs.withFloats(places.boxes) { boxes in
          for row in 0..<min(scores.count, classes.count, boxes.count / 4)
          where check.note(score: scores[row], label: classes[row]) {
            let place = box.box(boxes, from: row * 4, scale)
            found.append(Candidate(label: Int(classes[row]), score: scores[row], box: place))
          }
        }
      }
    }
    try check.verdict()
    // The network has dropped doubles already; with an overlap of 1 nothing more goes.
    var lenient = recipe
    lenient.output.iou = 1
    return try lenient.detections(found, at: placement)
  }
}
