internal import Base
internal import Predictions

/// Detections that the network has post-processed itself, in an output each for boxes, classes and scores.
///
/// This is how TensorFlow Lite's `TFLite_Detection_PostProcess` answers: boxes `[1, R, 4]` are top, left, bottom, right
/// in fractions of the input; classes and scores are `[1, R]`; rows without a detection score 0. `columns` and `coordinates`
/// say where others differ. Those of TensorFlow's Object Detection API are known by their names, and count classes from 1. Without a
/// batch they are `[R, 4]`, `[R]`, `[R]`, as torchvision has them.
struct PostProcessedParts: Decoder {
  private let recipe: Recipe
  private let places: Places
  private let box: BoxColumns
  private let scale: (x: Float, y: Float)
  private let count: Int?

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
      if let named = Self.named(outputs) {
        self = named
        return
      }
      let fours = outputs.indices.filter { outputs[$0].shape.count == 3 && innerShape(outputs[$0], rank: 2)?[1] == 4 }
      let bare = outputs.indices.filter { outputs[$0].shape.count == 2 && outputs[$0].shape[1] == 4 }
      guard let at = fours.count == 1 ? fours[0] : fours.isEmpty && bare.count == 1 ? bare[0] : nil else { return nil }
      let hasBatch = outputs[at].shape.count == 3
      let lists = Self.lists(outputs, of: outputs[at].shape.dropLast().last ?? nil, hasBatch: hasBatch)
      guard lists.count == 2 else { return nil }
      let named = scores.flatMap { name in lists.first { outputs[$0].name == name } } ?? Self.scores(lists, outputs)
      // Without a batch only names and types tell which list is which.
      guard hasBatch || named != nil else { return nil }
      boxes = at
      self.scores = named ?? (boxes < lists[0] ? lists[1] : lists[0])
      classes = self.scores == lists[0] ? lists[1] : lists[0]
    }

    private init(boxes: Int, classes: Int, scores: Int) {
      (self.boxes, self.classes, self.scores) = (boxes, classes, scores)
    }

    /// Lists of a number a row.
    private static func lists(_ outputs: [TensorSpec], of rows: Int?, hasBatch: Bool) -> [Int] {
      outputs.indices.filter { index in
        let shape = outputs[index].shape
        guard shape.count == (hasBatch ? 2 : 1), shape.last == rows else { return false }
        return !hasBatch || shape[0] == nil || shape[0] == 1
      }
    }

    /// The names of the Object Detection API, whose networks give raw boxes too.
    static let names = ["detection_boxes", "detection_classes", "detection_scores"]

    private static func named(_ outputs: [TensorSpec]) -> Places? {
      let places = names.map { name in
        outputs.firstIndex { $0.name == name || $0.name.hasPrefix(name + ":") }
      }
      guard let boxes = places[0], let classes = places[1], let scores = places[2],
        (outputs[boxes].shape.last ?? nil) == 4, innerShape(outputs[scores], rank: 1) != nil,
        innerShape(outputs[classes], rank: 1) != nil
      else { return nil }
      return Places(boxes: boxes, classes: classes, scores: scores)
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
    var recipe = plan.recipe
    if recipe.output.first == nil, recipe.output.background == nil,
      plan.outputs[places.classes].name.hasPrefix(Places.names[1])
    {
      recipe.output.first = 1
    }
    (self.recipe, self.places) = (recipe.countedFromFirst, places)
    count = RowCount.output(plan, beside: [places.boxes, places.classes, places.scores])
    box = try BoxColumns(plan.output.columns, usual: [.top, .left, .bottom, .right], plan)
    scale = plan.scale(usual: .fractions)
    if let name = plan.output.scores { _ = try plan.index(named: name) }
  }

  var used: [Int] { [places.boxes, places.classes, places.scores] + [count].compactMap { $0 } }
  var indices: [Int] { [places.classes] + [count].compactMap { $0 } }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var (found, check): ([Candidate], RowCheck) = ([], RowCheck(recipe))
    let most = RowCount.read(count, outputs) ?? .max
    outputs.withFloats(places.scores) { scores in
      outputs.withFloats(places.classes) { classes in
        outputs.withFloats(places.boxes) { boxes in
          for row in 0..<min(scores.count, classes.count, boxes.count / 4, most)
          where check.note(score: scores[row], label: classes[row]) {
            let place = box.box(boxes, from: row * 4, scale)
            found.append(Candidate(label: Int(classes[row]), score: scores[row], box: place))
          }
        }
      }
    }
    try check.verdict()
    return try recipe.detections(found, at: placement, hasDoubles: false)
  }
}
