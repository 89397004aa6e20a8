internal import Base
internal import Glibc
internal import Predictions

/// Boxes as offsets from priors: Liu et al., "SSD: Single Shot MultiBox Detector" (2016), equation 2 solved for the box.
struct SSDDecoder: Decoder {
  private let recipe: Recipe
  private let outputs: ScoredBoxes
  private let priors: PriorGrid

  static let facts = DecoderFacts(
    task: .detection, reads: "class scores and offsets from priors, which a manifest lists",
    keys: [
      .activation, .threshold, .iou, .unit, .zero, .scores, .boxes, .background, .strides, .sizes, .ratios, .variance,
      .clip,
    ], activations: [.none, .sigmoid, .softmax], threshold: 0.25)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let levels = zip(ground.cells, ground.recipe.sizes)
    let priors = levels.reduce(0) { $0 + $1.0 * ($1.1.count + max(0, ground.recipe.ratios.count - 1)) }
    return [nil, priors].flatMap { (count: Int?) in
      (1...4).map { ground.named([("a", [1, count, $0]), ("b", [1, count, 4])]) }
    }
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    outputs = try ScoredBoxes(plan)
    let longest = plan.output.sizes.joined().max() ?? 0
    guard plan.output.clip != nil || longest <= Float(min(plan.network.width, plan.network.height)) else {
      throw plan.mismatch(
        "priors of \(longest) pixels reach over its input of \(plan.network.width) by \(plan.network.height): say clip: true where they are cut to it, as SSD does, or clip: false, as RetinaFace"
      )
    }
    priors = PriorGrid(plan.output, on: plan.network)
    let told = innerShape(plan.outputs[outputs.boxes], rank: 2)?[0]
    guard told == nil || told == priors.count else { throw plan.mismatch(Self.misfit(told!, priors.count)) }
  }

  private static func misfit(_ told: Int, _ priors: Int) -> String {
    "it answers about \(told) boxes, and strides and sizes of the recipe make \(priors) priors"
  }

  var used: [Int] { [outputs.scores, outputs.boxes] }

  func decode(_ tensors: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    // What an open side turned out to be: with another number, all boxes would lie elsewhere.
    let told = tensors.withFloats(outputs.boxes) { $0.count / 4 }
    guard told == priors.count else { throw Fault(.unsupported, Self.misfit(told, priors.count)) }
    let found = try outputs.candidates(tensors, recipe) { offsets, index in
      priors[index].box((0..<4).map { offsets[index * 4 + $0] }, variance: recipe.output.variance)
    }
    return try recipe.detections(found, at: placement)
  }
}

/// A box that a network was taught to start from, in input pixels.
struct Prior: Sendable, Hashable {
  var x: Float
  var y: Float
  var width: Float
  var height: Float

  /// The box that lies by four offsets from it: of the middle in sides times a variance, of the sides as logarithms divided by another.
  func box(_ offsets: [Float], variance: [Float]) -> Rect {
    let (near, far) = (variance[0], variance[1])
    return Rect(
      centre: (x + offsets[0] * near * width, y + offsets[1] * near * height),
      size: (width * expf(offsets[2] * far), height * expf(offsets[3] * far)))
  }

  /// Points that lie by x and y by turns from its middle, in sides times a variance.
  func points(_ offsets: [Float], variance: Float) -> [Double] {
    offsets.enumerated().map {
      Double($0 % 2 == 0 ? x + $1 * variance * width : y + $1 * variance * height)
    }
  }
}

/// All priors of a network, level by level, row by row, cell by cell; each is computed when it is asked for.
struct PriorGrid: Sendable {
  private let grid: AnchorGrid
  /// Width and height of the priors at a cell, for each level.
  private let shapes: [[(width: Float, height: Float)]]

  init(_ grid: AnchorGrid, shapes: [[(width: Float, height: Float)]]) { (self.grid, self.shapes) = (grid, shapes) }

  /// At a cell one square a size, then the first size in each further ratio.
  ///
  /// A level has `side / stride` cells along each side, rounded up, spread evenly over it unless they measure their stride. Where the recipe clips, no
  /// prior is larger than the input.
  init(_ recipe: OutputRecipe, on network: Size, isSpread: Bool = true) {
    let (width, height) = (Float(network.width), Float(network.height))
    let limit: (width: Float, height: Float) = recipe.clip ?? true ? (width, height) : (.infinity, .infinity)
    let shapes = recipe.sizes.map { sizes in
      Self.sides(sizes, recipe.ratios).map { (width: min($0.width, limit.width), height: min($0.height, limit.height)) }
    }
    self.init(
      AnchorGrid(
        strides: recipe.strides, repeats: shapes.map { $0.count }, origin: 0.5, isSpread: isSpread, on: network),
      shapes: shapes)
  }

  var count: Int { grid.count }

  subscript(number: Int) -> Prior {
    let (anchor, place) = (grid[number], grid.place(of: number))
    let shape = shapes[place.level][place.number % shapes[place.level].count]
    return Prior(x: anchor.x, y: anchor.y, width: shape.width, height: shape.height)
  }

  private static func sides(_ sizes: [Float], _ ratios: [Float]) -> [(width: Float, height: Float)] {
    guard let first = sizes.first else { return [] }
    return sizes.map { ($0, $0) } + ratios.dropFirst().map { (first * sqrtf($0), first / sqrtf($0)) }
  }
}
