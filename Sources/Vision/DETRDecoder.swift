internal import Base
internal import Glibc
internal import Predictions

/// Detection transformers (DETR, Deformable and Conditional DETR, RT-DETR, D-FINE, RF-DETR, YOLOS): a box a query as centre and size in
/// fractions of the input, and a score for each class; no doubles are dropped, for there are none.
///
/// Logits and boxes come in an output each, or as rows of four and class scores (Ultralytics' RT-DETR, whose scores are probabilities
/// already). With `softmax` the last class means no object (Carion et al., 2020), and a query has its best class; with `sigmoid` it has
/// each class that reaches the threshold (Zhu et al., "Deformable DETR", 2021).
struct DETRDecoder: Decoder {
  private let recipe: Recipe
  private let source: Source
  private let classes: Int
  private let scale: (x: Float, y: Float)
  private let box: BoxColumns

  private enum Source {
    case rows(Int)
    case apart(scores: Int, boxes: Int)
  }

  /// Answers of one picture, at most: what the families give.
  private static let most = 300

  static let facts = DecoderFacts(
    task: .detection, reads: "a query's centre and size in fractions, and class scores",
    keys: [.activation, .threshold, .unit, .zero, .scores, .boxes, .background, .coordinates, .columns],
    activations: [.none, .softmax, .sigmoid], threshold: 0.25)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    [
      ground.named([("logits", [1, 9, 7]), ("pred_boxes", [1, 9, 4])]),
      ground.named([("dets", [1, nil, 4]), ("labels", [1, nil, 7])]), ground.named([("out", [1, 30, 7])]),
    ]
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    scale = plan.scale(usual: .fractions)
    box = try BoxColumns(plan.output.columns, usual: [.x, .y, .width, .height], plan)
    (source, classes) = try Self.source(plan)
    recipe = try Self.settled(plan, classes, isApart: plan.outputs.count > 1)
  }

  private static func source(_ plan: DecoderPlan) throws(Fault) -> (Source, classes: Int) {
    guard plan.outputs.count == 1 else {
      var bare = plan
      // How many labels there may be, the activation decides.
      bare.recipe.labels = []
      let parts = try ScoredBoxes(bare)
      return (.apart(scores: parts.scores, boxes: parts.boxes), parts.classes)
    }
    let spec = plan.outputs[0]
    guard let sides = innerShape(spec, rank: 2), let width = sides[1], width > 4 else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and logits and boxes in an output each, or [1,queries,4+classes] are expected"
      )
    }
    return (.rows(0), width - 4)
  }

  /// With what makes scores of its numbers, and the class that means no object.
  private static func settled(_ plan: DecoderPlan, _ classes: Int, isApart: Bool) throws(Fault) -> Recipe {
    var recipe = plan.recipe
    let labels = recipe.labels.count
    if recipe.output.activation == nil, isApart {
      // One label less than columns: the last is none. As many: all of them are classes, and each is asked by itself.
      switch labels {
      case classes: recipe.output.activation = .sigmoid
      case classes - 1 where labels > 0: recipe.output.activation = .softmax
      default:
        throw plan.mismatch(
          "it gives \(classes) numbers a query, and \(labels == 0 ? "no" : "\(labels)") labels tell what they are: say activation sigmoid (RT-DETR, Deformable DETR, D-FINE, RF-DETR: all are classes) or softmax (DETR, YOLOS: the last is no object)"
        )
      }
    }
    let hasNothing = recipe.output.activation == .softmax && recipe.output.background == nil
    if hasNothing { recipe.output.background = classes - 1 }
    // The label of what means nothing may be left out where it is the last.
    guard labels == 0 || labels == classes || labels == classes - 1 && recipe.output.background == labels else {
      throw plan.mismatch("it tells \(classes) classes apart, and there are \(labels) labels")
    }
    return recipe
  }

  var used: [Int] {
    switch source {
    case .rows(let index): [index]
    case .apart(let scores, let boxes): [scores, boxes]
    }
  }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (found, range) =
      switch source {
      case .rows(let index):
        outputs.withFloats(index) { candidates($0, first: 4, boxes: $0, step: classes + 4) }
      case .apart(let scores, let boxes):
        outputs.withFloats(scores) { scores in
          outputs.withFloats(boxes) { candidates(scores, first: 0, boxes: $0, step: 4) }
        }
      }
    try range.check(recipe)
    let best = found.sorted { ($0.score, $1.row) > ($1.score, $0.row) }.prefix(Self.most)
    return try recipe.detections(Array(best), at: placement, hasDoubles: false)
  }

  private func candidates(
    _ scores: Span<Float>, first: Int, boxes: Span<Float>, step: Int
  ) -> ([Candidate], ScoreRange) {
    var (found, range): ([Candidate], ScoreRange) = ([], ScoreRange())
    let (wide, output) = (first + classes, recipe.output)
    for query in 0..<min(scores.count / wide, boxes.count / step) {
      let start = query * wide + first
      for (label, score) in answers(scores, start) {
        range.note(score)
        guard score.isFinite, score >= output.threshold, label != output.background else { continue }
        var candidate = Candidate(label: label, score: score, box: box.box(boxes, from: query * step, scale))
        candidate.row = query
        found.append(candidate)
      }
    }
    return (found, range)
  }

  /// What one query may be.
  private func answers(_ scores: Span<Float>, _ start: Int) -> [(label: Int, score: Float)] {
    guard recipe.output.activation == .sigmoid else {
      var best = scores.best(from: start, count: classes, skipping: recipe.output.background)
      guard recipe.output.activation == .softmax, best.score.isFinite else { return [(best.index, best.score)] }
      let row = (0..<classes).map { scores[start + $0] }
      // Shifted by the greatest of all, so that the exponentials stay finite where nothing is there.
      let peak = row.max() ?? 0
      let share = recipe.output.activation!.apply(toBest: peak, of: classes) { row[$0] }
      best.score = share * expf(best.score - peak)
      return [(best.index, best.score)]
    }
    return (0..<classes).map { ($0, logistic(scores[start + $0])) }
  }
}
