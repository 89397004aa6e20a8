internal import Base
internal import Predictions

/// Detections that the network has post-processed itself, NMS included (`finished` in manifests): rows of numbers.
///
/// Rows of six are left, top, right, bottom in input pixels, score, class, where nothing else is said. OpenVINO's
/// `DetectionOutput`, `[1,1,rows,7]`, is picture, class, score, then the corners in fractions of the input; other rows of seven
/// have no usual order, so `columns` says it.
struct PostProcessedDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let columns: [OutputRecipe.Column]
  private let score: Int
  private let label: Int?
  private let box: BoxColumns
  private let scale: (x: Float, y: Float)

  static let facts = DecoderFacts(
    task: .detection, reads: "finished detections, doubles dropped",
    keys: [.threshold, .scores, .background, .coordinates, .columns], threshold: 0.25)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, 6], [1, 1, nil, 7], [1, 9, 6])
      + [ground.named([("b", [1, 5, 4]), ("c", [1, 5]), ("s", [1, 5]), ("n", [1])])]
  }

  static func make(_ plan: DecoderPlan) throws(Fault) -> any Decoder {
    guard let parts = PostProcessedParts.Places(plan.outputs, scores: plan.output.scores) else { return try Self(plan) }
    return try PostProcessedParts(plan, parts)
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    guard let width = spec.shape.last ?? nil, spec.shape.count >= 2,
      [6, 7].contains(width) || !plan.output.columns.isEmpty
    else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and rows of 6 or 7 numbers are expected, or columns that say what they are"
      )
    }
    let isOpenVINO = width == 7 && spec.shape.count == 4
    columns = try Self.columns(plan, spec, width, isOpenVINO)
    guard columns.count == width, let score = columns.firstIndex(of: .score) else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and \(columns.count) columns (\(columns.map(\.rawValue).joined(separator: ", "))) are said, of which one must be score"
      )
    }
    (self.score, label) = (score, columns.firstIndex(of: .label))
    box = try BoxColumns(columns, usual: [], plan)
    scale = plan.scale(usual: isOpenVINO ? .fractions : .pixels)
  }

  private static func columns(
    _ plan: DecoderPlan, _ spec: TensorSpec, _ width: Int, _ isOpenVINO: Bool
  ) throws(Fault) -> [OutputRecipe.Column] {
    guard plan.output.columns.isEmpty else { return plan.output.columns }
    if width == 6 { return [.left, .top, .right, .bottom, .score, .label] }
    guard isOpenVINO else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and such rows have no usual order: say columns, such as picture, left, top, right, bottom, class, score"
      )
    }
    return [.picture, .label, .score, .left, .top, .right, .bottom]
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let width = columns.count
    var (found, check): ([Candidate], RowCheck) = ([], RowCheck(recipe))
    outputs.withFloats(index) { values in
      for row in stride(from: 0, to: values.count - width + 1, by: width) {
        let (score, label) = (values[row + score], label.map { values[row + $0] } ?? 0)
        guard check.note(score: score, label: label) else { continue }
        found.append(Candidate(label: Int(label), score: score, box: box.box(values, from: row, scale)))
      }
    }
    try check.verdict()
    // The network has dropped doubles already; with an overlap of 1 nothing more goes.
    var lenient = recipe
    lenient.output.iou = 1
    return try lenient.detections(found, at: placement)
  }
}

/// Holds rows of finished detections to what their columns are called: scores are probabilities, classes whole numbers.
struct RowCheck {
  private let recipe: Recipe
  private var range = ScoreRange()
  private var oddLabel: Float?
  private var unknownLabel: Int?

  init(_ recipe: Recipe) { self.recipe = recipe }

  /// Whether a row is a detection.
  ///
  /// Rows that are filled up with zeros, -1 or anything below the threshold are none.
  mutating func note(score: Float, label: Float) -> Bool {
    // Networks fill up with -1, too.
    if score != -1 { range.note(score) }
    guard label.isFinite, score.isFinite else { return false }
    if abs(label) < 1e6, abs(label - label.rounded()) > 1e-3 { oddLabel = oddLabel ?? label }
    guard score >= recipe.output.threshold, score > 0, label >= 0, label < 1e6 else { return false }
    if recipe.isGuess, !recipe.labels.isEmpty, Int(label) >= recipe.labels.count {
      unknownLabel = unknownLabel ?? Int(label)
    }
    return Int(label) != recipe.output.background
  }

  func verdict() throws(Fault) {
    try range.check(recipe)
    if let oddLabel {
      throw Fault(.unsupported, "what should be numbers of classes holds \(oddLabel): say what its columns are")
    }
    if let unknownLabel {
      throw Fault(
        .unsupported,
        "it found class \(unknownLabel), and there are \(recipe.labels.count) labels: say the right ones, or what its columns are"
      )
    }
  }
}
