internal import Base
internal import Glibc
internal import Predictions

/// Boxes as offsets from priors: Liu et al., "SSD: Single Shot MultiBox Detector" (2016), equation 2 solved for the box.
struct SSDDecoder: Decoder {
  private let recipe: Recipe
  private let outputs: ScoredBoxes
  private let priors: [Prior]

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
    priors = Prior.all(plan.output, network: plan.network)
    let told = innerShape(plan.outputs[outputs.boxes], rank: 2)?[0]
    guard told == nil || told == priors.count else {
      throw plan.mismatch(
        "it answers about \(told!) boxes, and strides and sizes of the recipe make \(priors.count) priors")
    }
  }

  var used: [Int] { [outputs.scores, outputs.boxes] }

  func decode(_ tensors: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (near, far) = (recipe.output.variance[0], recipe.output.variance[1])
    let found = try outputs.candidates(tensors, recipe) { offsets, index in
      guard index < priors.count else { return Rect(x: 0, y: 0, width: 0, height: 0) }
      let prior = priors[index]
      let x = prior.x + offsets[index * 4] * near * prior.width
      let y = prior.y + offsets[index * 4 + 1] * near * prior.height
      let size = (prior.width * expf(offsets[index * 4 + 2] * far), prior.height * expf(offsets[index * 4 + 3] * far))
      return Rect(centre: (x, y), size: size)
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

  /// Level by level, row by row, cell by cell: one square a size, then the first size in each further ratio.
  ///
  /// A level has `side / stride` cells along each side, rounded up, spread evenly over it. Where the recipe clips, no prior is larger than the input.
  static func all(_ recipe: OutputRecipe, network: Size) -> [Prior] {
    let (width, height) = (Float(network.width), Float(network.height))
    let limit: (width: Float, height: Float) = recipe.clip ?? true ? (width, height) : (.infinity, .infinity)
    var priors: [Prior] = []
    for (stride, sizes) in zip(recipe.strides, recipe.sizes) {
      let sides = sides(sizes, recipe.ratios)
      let columns = (network.width + stride - 1) / stride
      let rows = (network.height + stride - 1) / stride
      for cell in 0..<columns * rows {
        let x = (Float(cell % columns) + 0.5) / Float(columns) * width
        let y = (Float(cell / columns) + 0.5) / Float(rows) * height
        priors += sides.map {
          Prior(x: x, y: y, width: min($0.width, limit.width), height: min($0.height, limit.height))
        }
      }
    }
    return priors
  }

  private static func sides(_ sizes: [Float], _ ratios: [Float]) -> [(width: Float, height: Float)] {
    guard let first = sizes.first else { return [] }
    return sizes.map { ($0, $0) } + ratios.dropFirst().map { (first * sqrtf($0), first / sqrtf($0)) }
  }
}
