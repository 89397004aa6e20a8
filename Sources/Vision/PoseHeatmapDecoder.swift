internal import Base
internal import Predictions

/// One pose as a map for each of its points, `[1,K,h,w]` or `[1,h,w,K]` over the input (`pose-heatmap` in manifests).
///
/// A point is the highest cell of its map, moved by a quarter of a cell towards the higher neighbour on either axis where the cell is
/// not at the border: Xiao et al., "Simple Baselines for Human Pose Estimation and Tracking" (2018), and HRNet after it. Cell `i` of `w`
/// is at `i · W / w` of the input, or at `i · (W - 1) / (w - 1)` where the corners are aligned: Huang et al., "The Devil is in the Details:
/// Delving into Unbiased Data Processing for Human Pose Estimation" (2020), and ViTPose after it. The score of a point is its map's highest
/// value.
struct PoseHeatmapDecoder: Decoder {
  private let recipe: Recipe
  private let names: PointNames
  private let index: Int
  private let network: Size

  static let facts = DecoderFacts(
    task: .pose, reads: "a map for each point of one pose, as HRNet and ViTPose give them",
    keys: [.activation, .threshold, .unit, .zero, .scores, .layout, .points, .align], activations: [.none, .sigmoid],
    layouts: [.nchw, .nhwc])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let (height, width) = (max(2, ground.network.height / 4), max(2, ground.network.width / 4))
    return ground.one([1, 17, nil, nil], [1, 17, height, width], [1, height, width, 17], [1, nil, nil, 2])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    let maps = PoseMaps(spec.shape, plan.output, network)
    let isOpen = spec.isDynamic && spec.shape.count == 4 && [nil, 1].contains(spec.shape[0])
    guard let count = maps?.grid.classes ?? (isOpen ? Self.points(of: spec, plan.output) : nil) else {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), and maps [1,points,h,w] or [1,h,w,points] that lie over the input are expected: say layout nchw or nhwc where both could be"
      )
    }
    names = try PointNames(plan, count: count)
  }

  /// Where the sides of the maps are open, the one that is not is how many there are.
  private static func points(of spec: TensorSpec, _ output: OutputRecipe) -> Int? {
    output.layout == .nhwc ? spec.shape[3] : spec.shape[1] ?? (output.layout == nil ? spec.shape[3] : nil)
  }

  var used: [Int] { [index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    guard let grid = PoseMaps(outputs.specs[index].shape, recipe.output, network)?.grid, grid.classes == names.count,
      outputs.withFloats(index, { $0.count >= grid.size.area * grid.classes })
    else { return [] }
    let cell = (x: step(network.width, grid.size.width), y: step(network.height, grid.size.height))
    var range = ScoreRange()
    let points = outputs.withFloats(index) { values in
      (0..<names.count).map { number in
        let peak = grid.peak(of: number, values)
        let shift = grid.quarter(of: number, at: peak, values)
        let (x, y) = placement.toPicture(
          x: (Double(peak.x) + shift.x) * cell.x, y: (Double(peak.y) + shift.y) * cell.y)
        let score = recipe.output.activation == .sigmoid ? logistic(peak.score) : peak.score
        range.note(score)
        return Keypoint(name: names[number], x: x, y: y, score: score)
      }
    }
    // Such maps are taught heights of 0 to 1, and go beyond a little; what is far from them is something else.
    if range.low < -1 || range.high > 2 { try range.check(recipe) }
    return recipe.pose(of: points, label: names.label)
  }
}

extension PoseHeatmapDecoder {
  /// Pixels of the input from one cell to the next.
  private func step(_ pixels: Int, _ cells: Int) -> Double {
    recipe.output.align == .corners ? Grid.step(pixels, cells) : Double(pixels) / Double(cells)
  }
}

/// Which side of a stack of maps counts the points.
struct PoseMaps {
  let grid: Grid

  /// `nil` where the sides are open, lie over the input in neither way, or in both and nothing tells which is meant.
  init?(_ shape: [Int?], _ output: OutputRecipe, _ network: Size) {
    guard shape.count == 4, shape[0] == nil || shape[0] == 1, !shape.dropFirst().contains(where: { ($0 ?? 0) < 1 })
    else { return nil }
    let layouts: [OutputRecipe.Layout] = output.layout.map { [$0] } ?? [.nchw, .nhwc]
    var grids = layouts.compactMap { Grid(shape, $0) }.filter { $0.covers(network) }
    if grids.count > 1 {
      let named = grids.filter {
        $0.classes == (output.points.isEmpty ? OutputRecipe.personPoints : output.points).count
      }
      if named.count == 1 { grids = named }
    }
    guard grids.count == 1 else { return nil }
    grid = grids[0]
  }
}

/// What the points of one pose are called, and what has them.
struct PointNames {
  private let names: [String]
  let label: String?

  /// Those that are said, or the labels where they name the points, else COCO's where there are as many.
  init(_ plan: DecoderPlan, count: Int) throws(Fault) {
    let isNamed = plan.output.points.isEmpty && count > 1 && plan.recipe.labels.count == count
    let said = isNamed ? plan.recipe.labels : plan.output.points
    names = said.isEmpty ? OutputRecipe.personPoints : said
    guard names.count == count else {
      throw plan.mismatch(
        "it gives \(count) points, and \(said.isEmpty ? "nothing says their names" : "\(said.count) are said"): say points: \(count), or their names"
      )
    }
    guard count > 0 else { throw plan.mismatch("it gives no points") }
    if !isNamed { try plan.checkLabels(classes: 1) }
    label = (isNamed ? nil : plan.recipe.labels.first) ?? (names == OutputRecipe.personPoints ? "person" : nil)
  }

  var count: Int { names.count }
  subscript(number: Int) -> String { names[number] }
}

extension Grid {
  /// Pixels from one cell to the next where the first and the last cell stand at the first and the last pixel.
  static func step(_ pixels: Int, _ cells: Int) -> Double {
    cells > 1 ? Double(pixels - 1) / Double(cells - 1) : 0
  }

  /// The first of the highest cells of a map.
  func peak(of map: Int, _ values: Span<Float>) -> (x: Int, y: Int, score: Float) {
    var peak = (x: 0, y: 0, score: values[index(map, x: 0, y: 0)])
    for y in 0..<size.height {
      for x in 0..<size.width {
        let score = values[index(map, x: x, y: y)]
        if score > peak.score || !peak.score.isFinite && score.isFinite { peak = (x, y, score) }
      }
    }
    return peak
  }

  /// A quarter towards the higher neighbour on either axis; none in the first two or the last columns and rows, as HRNet has it.
  func quarter(of map: Int, at peak: (x: Int, y: Int, score: Float), _ values: Span<Float>) -> (x: Double, y: Double) {
    guard peak.x > 1, peak.x < size.width - 1, peak.y > 1, peak.y < size.height - 1 else { return (0, 0) }
    func side(_ before: Float, _ after: Float) -> Double { after > before ? 0.25 : after < before ? -0.25 : 0 }
    return (
      side(values[index(map, x: peak.x - 1, y: peak.y)], values[index(map, x: peak.x + 1, y: peak.y)]),
      side(values[index(map, x: peak.x, y: peak.y - 1)], values[index(map, x: peak.x, y: peak.y + 1)])
    )
  }
}
