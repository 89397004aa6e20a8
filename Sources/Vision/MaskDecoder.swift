internal import Base
internal import Glibc
internal import Predictions

/// A class for each pixel (`[H,W]` of whole numbers), or a score for each class and pixel.
///
/// One map of scores is one class against nothing, by threshold; several are compared, the best wins.
struct MaskDecoder: Decoder {
  private let recipe: Recipe
  private let index: Int
  private let holdsClasses: Bool
  private let network: Size

  static let facts = DecoderFacts(
    task: .segmentation, reads: "a class for each pixel, or a score for each class and pixel",
    keys: [.activation, .threshold, .unit, .zero, .scores, .background, .layout],
    activations: [.none, .softmax, .sigmoid], layouts: [.nchw, .nhwc])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, nil, nil], [1, nil, nil, nil], [1, 3, nil, nil], [1, nil, nil, 2], [1, ground.network.area, 2])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    index = try plan.index(named: plan.output.scores)
    network = plan.network
    let spec = plan.outputs[index]
    holdsClasses = (spec.element.isWhole || spec.element == .bool) && Self.isOne(spec) && plan.output.unit == nil
    guard spec.shape.count >= 2 else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and a map is expected")
    }
    guard !spec.isDynamic else { return }
    guard let grid = Grid(spec.shape, plan.output.layout, network), grid.covers(network) else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), which is no map of an input of \(network.width) by \(network.height)"
      )
    }
    guard !holdsClasses else { return }
    if grid.classes > 1 { try plan.checkLabels(classes: grid.classes) }
    guard grid.classes > 1 || plan.output.threshold > 0 else {
      throw plan.mismatch(
        "output '\(spec.name)' is one map of scores, in which nothing is background without a threshold: say threshold, 0.5 is usual"
      )
    }
  }

  /// One map: `[1,H,W]`, `[1,1,H,W]`, or `[1,H,W,1]` as TensorFlow has it.
  private static func isOne(_ spec: TensorSpec) -> Bool {
    innerShape(spec, rank: 2) != nil || spec.shape.last == 1 && innerShape(spec, rank: 3) != nil
  }

  var used: [Int] { [index] }
  var indices: [Int] { holdsClasses ? [index] : [] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    guard let grid = Grid(outputs.specs[index].shape, recipe.output.layout, network) else { return [] }
    guard outputs.withFloats(index, { !$0.isEmpty && $0.count >= grid.size.area * grid.classes }) else { return [] }
    let picture = PictureGrid(map: grid.size, at: placement)
    var (tallies, range): ([Int: MaskTally], ScoreRange) = ([:], ScoreRange())
    outputs.withFloats(index) { values in
      // Down the columns, as the run-length encoding goes.
      for x in 0..<picture.size.width {
        for y in 0..<picture.size.height {
          guard let cell = picture.cell(x: x, y: y) else { continue }
          guard let (label, score) = winner(values, grid, cell.x, cell.y) else { continue }
          if let score { range.note(score) }
          tallies[label, default: MaskTally()].add(x: x, y: y, height: picture.size.height, score: score)
        }
      }
    }
    try range.check(recipe)
    if holdsClasses, recipe.isGuess, recipe.labels.isEmpty, let last = tallies.keys.max(),
      last > 255 || tallies.count > 100
    {
      throw Fault(
        .unsupported,
        "it found \(tallies.count) classes up to number \(last), as maps of distances or of single things do: say labels if they are classes"
      )
    }
    return tallies.keys.sorted().map { tallies[$0]!.prediction(recipe.label($0), size: picture.size) }
      .sorted { ($0.mask?.share ?? 0) > ($1.mask?.share ?? 0) }
  }

  private func winner(_ values: Span<Float>, _ grid: Grid, _ x: Int, _ y: Int) -> (label: Int, score: Float?)? {
    if holdsClasses {
      guard let label = Int(exactly: values[grid.index(0, x: x, y: y)]), label >= 0 else { return nil }
      return label == recipe.output.background ? nil : (label, nil)
    }
    let first = values[grid.index(0, x: x, y: y)]
    if grid.classes == 1 {
      let score = recipe.output.activation == .sigmoid ? logistic(first) : first
      return score >= recipe.output.threshold && score.isFinite ? (0, score) : nil
    }
    var best = (label: 0, score: first)
    for label in 1..<grid.classes {
      let score = values[grid.index(label, x: x, y: y)]
      if score > best.score { best = (label, score) }
    }
    guard best.label != recipe.output.background else { return nil }
    let score = activated(best.score) { (0..<grid.classes).map { values[grid.index($0, x: x, y: y)] } }
    return score >= recipe.output.threshold && score.isFinite ? (best.label, score) : nil
  }

  /// The best score of a pixel as the recipe wants it; which class is best does not change by it.
  private func activated(_ best: Float, among row: () -> [Float]) -> Float {
    switch recipe.output.activation {
    case OutputRecipe.Activation.none?, nil: best
    case .sigmoid: logistic(best)
    case .softmax: 1 / row().reduce(0) { $0 + expf($1 - best) }
    }
  }
}

/// Gathers the pixels of one label, in column order, into runs.
struct MaskTally {
  private var counts: [Int] = []
  private var end = 0
  private var pixels = 0
  private var sum: Float = 0
  private var scored = false
  private var bounds = (left: Int.max, top: Int.max, right: -1, bottom: -1)

  mutating func add(x: Int, y: Int, height: Int, score: Float?) {
    let position = x * height + y
    if position == end, !counts.isEmpty {
      counts[counts.count - 1] += 1
    } else {
      counts.append(position - end)
      counts.append(1)
    }
    end = position + 1
    pixels += 1
    if let score { (sum, scored) = (sum + score, true) }
    bounds = (min(bounds.left, x), min(bounds.top, y), max(bounds.right, x), max(bounds.bottom, y))
  }

  func prediction(_ label: String, size: Size) -> Prediction {
    let (width, height) = (Double(size.width), Double(size.height))
    var prediction = Prediction(kind: .segmentation, label: label, score: scored ? sum / Float(pixels) : nil)
    prediction.box = Rect(
      left: Double(bounds.left) / width, top: Double(bounds.top) / height,
      right: Double(bounds.right + 1) / width, bottom: Double(bounds.bottom + 1) / height)
    prediction.mask = mask(size)
    return prediction
  }

  /// `nil` where there are none.
  func mask(_ size: Size) -> Mask? {
    guard pixels > 0 else { return nil }
    let rest = size.area - end
    return Mask(size: size, counts: rest > 0 ? counts + [rest] : counts, share: Double(pixels) / Double(size.area))
  }
}
