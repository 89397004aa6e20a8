internal import Base
internal import Predictions

/// Detections that the network has post-processed itself, NMS included (`finished` in manifests): rows of numbers.
///
/// Rows of six are left, top, right, bottom in input pixels, score, class, where nothing else is said. OpenVINO's
/// `DetectionOutput`, `[1,1,rows,7]`, is picture, class, score, then the corners in fractions of the input; other rows of seven
/// have no usual order, so `columns` says it. Rows of five beside a list of whole numbers are left, top, right, bottom, score, and
/// that list their classes (MMDetection). An output of one number that is called a count says how many rows are there.
struct PostProcessedDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let columns: [OutputRecipe.Column]
  private let score: Int
  private let label: Int?
  private let picture: Int?
  /// The output of classes, where rows have none.
  private let labels: Int?
  private let count: Int?
  private let box: BoxColumns
  private let scale: (x: Float, y: Float)

  static let facts = DecoderFacts(
    task: .detection, reads: "finished detections, doubles dropped",
    keys: [.threshold, .scores, .background, .coordinates, .columns, .first], threshold: 0.25)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, 6], [1, 1, nil, 7], [1, 9, 6])
      + [
        ground.named([("b", [1, 5, 4]), ("c", [1, 5]), ("s", [1, 5]), ("n", [1])]),
        ground.named([("dets", [1, nil, 5]), ("labels", [1, nil])]),
        ground.named([("boxes", [nil, 4]), ("labels", [nil]), ("scores", [nil])]),
        ground.named([("rows", [nil, 6]), ("num", [1])]),
      ]
  }

  static func make(_ plan: DecoderPlan) throws(Fault) -> any Decoder {
    guard let parts = PostProcessedParts.Places(plan.outputs, scores: plan.output.scores) else { return try Self(plan) }
    return try PostProcessedParts(plan, parts)
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe.countedFromFirst
    index = try plan.index(named: plan.output.scores, otherwise: Self.rows(plan))
    let spec = plan.outputs[index]
    let labels = Self.labels(plan, beside: index)
    guard let width = spec.shape.last ?? nil, spec.shape.count >= 2,
      [6, 7].contains(width) || width == 5 && labels != nil || !plan.output.columns.isEmpty
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
    (self.score, label, picture) = (score, columns.firstIndex(of: .label), columns.firstIndex(of: .picture))
    self.labels = label == nil ? labels : nil
    count = RowCount.output(plan, beside: [index, self.labels].compactMap { $0 })
    box = try BoxColumns(columns, usual: [], plan)
    scale = plan.scale(usual: isOpenVINO ? .fractions : .pixels)
  }

  /// The only output that can be rows, else the first.
  private static func rows(_ plan: DecoderPlan) -> Int {
    let rows = plan.outputs.indices.filter { index in
      let shape = plan.outputs[index].shape
      return shape.count >= 2 && (shape.last ?? nil).map { $0 >= 5 } ?? false
    }
    return rows.count == 1 ? rows[0] : 0
  }

  /// A list of whole numbers, one a row.
  private static func labels(_ plan: DecoderPlan, beside index: Int) -> Int? {
    let rows = plan.outputs[index].shape.dropLast()
    let lists = plan.outputs.indices.filter { other in
      let spec = plan.outputs[other]
      return other != index && spec.element.isIndex && spec.shape.count == rows.count
        && zip(spec.shape, rows).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
    }
    return lists.count == 1 ? lists[0] : nil
  }

  private static func columns(
    _ plan: DecoderPlan, _ spec: TensorSpec, _ width: Int, _ isOpenVINO: Bool
  ) throws(Fault) -> [OutputRecipe.Column] {
    guard plan.output.columns.isEmpty else { return plan.output.columns }
    if width == 5 { return [.left, .top, .right, .bottom, .score] }
    if width == 6 { return [.left, .top, .right, .bottom, .score, .label] }
    guard isOpenVINO else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and such rows have no usual order: say columns, such as picture, left, top, right, bottom, class, score"
      )
    }
    return [.picture, .label, .score, .left, .top, .right, .bottom]
  }

  var used: [Int] { [index] + [labels, count].compactMap { $0 } }
  var indices: [Int] { [labels, count].compactMap { $0 } }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let width = columns.count
    let told = labels.map { outputs.withFloats($0) { values in values.indices.map { values[$0] } } }
    let most = RowCount.read(count, outputs)
    var (found, check): ([Candidate], RowCheck) = ([], RowCheck(recipe))
    outputs.withFloats(index) { values in
      for number in 0..<min(values.count / width, told?.count ?? .max, most ?? .max) {
        let row = number * width
        // A picture that is none ends the rows.
        if let picture, values[row + picture] < 0 { break }
        let (score, label) = (values[row + score], label.map { values[row + $0] } ?? told?[number] ?? 0)
        guard check.note(score: score, label: label) else { continue }
        found.append(Candidate(label: Int(label), score: score, box: box.box(values, from: row, scale)))
      }
    }
    try check.verdict()
    return try recipe.detections(found, at: placement, hasDoubles: false)
  }
}

extension Recipe {
  /// For class numbers that may begin elsewhere than the labels.
  var countedFromFirst: Recipe {
    guard let first = output.first, first > 0, !labels.isEmpty else { return self }
    var recipe = self
    recipe.labels = (0..<first).map { "class \($0)" } + labels
    return recipe
  }
}

/// The output that says how many rows are detections, where there is one.
enum RowCount {
  /// The only one beside those that are read that is a single number.
  static func output(_ plan: DecoderPlan, beside used: [Int]) -> Int? {
    let ones = plan.outputs.indices.filter { index in
      let (shape, name) = (plan.outputs[index].shape, plan.outputs[index].name.lowercased())
      let isNamed = name.contains("num") || name.contains("count")
      guard !used.contains(index), shape.count <= 2 else { return false }
      return isNamed
        ? shape.allSatisfy { $0 == nil || $0 == 1 }
        : plan.outputs[index].element.isIndex && shape.allSatisfy { $0 == 1 }
    }
    return ones.count == 1 ? ones[0] : nil
  }

  /// `nil` where it tells nothing that can be a count.
  static func read(_ index: Int?, _ outputs: some OutputTensors) -> Int? {
    guard let index else { return nil }
    return outputs.withFloats(index) { values in
      guard values.count == 1, values[0] >= 0, values[0] < 1e6 else { return nil }
      return Int(exactly: values[0])
    }
  }
}

/// Holds rows of finished detections to what their columns are called: scores are probabilities, classes whole numbers.
struct RowCheck {
  private let recipe: Recipe
  private var range = ScoreRange()
  private var oddLabel: Float?
  private var unknownLabel: Int?
  private var lowLabel: Int?

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
    if !recipe.labels.isEmpty, Int(label) >= recipe.labels.count, Int(label) != recipe.output.background {
      unknownLabel = unknownLabel ?? Int(label)
    }
    if let first = recipe.output.first, Int(label) < first, !recipe.labels.isEmpty { lowLabel = lowLabel ?? Int(label) }
    return Int(label) != recipe.output.background
  }

  func verdict() throws(Fault) {
    try range.check(recipe)
    if let oddLabel {
      throw Fault(.unsupported, "what should be numbers of classes holds \(oddLabel): say what its columns are")
    }
    if let lowLabel {
      throw Fault(
        .unsupported,
        "it found class \(lowLabel), and its first label is that of class \(recipe.output.first ?? 0): say first, the number of the first label's class"
      )
    }
    if let unknownLabel {
      let (first, mayShift) = (recipe.output.first ?? 0, recipe.output.decoder == .finished)
      throw Fault(
        .unsupported,
        "it found class \(unknownLabel), and there are \(recipe.labels.count - first) labels, the first of them that of class \(first): say all of them, \(mayShift ? "or first, the number of the first label's class, " : "")or what its columns are"
      )
    }
  }
}
