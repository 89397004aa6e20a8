internal import Base
internal import Glibc
internal import Predictions

/// Which outputs hold scores and boxes: by name, else by shape, since boxes have rows of four.
struct ScoredBoxes {
  let scores: Int
  let boxes: Int
  let classes: Int

  init(_ plan: DecoderPlan) throws(Fault) {
    guard plan.outputs.count >= 2 else {
      throw plan.mismatch("decoder '\(plan.output.decoder.rawValue)' needs an output of scores and one of boxes")
    }
    let fours = plan.outputs.indices.filter { innerShape(plan.outputs[$0], rank: 2)?[1] == 4 }
    guard let first = fours.first else {
      throw plan.mismatch("no output is [1,boxes,4]: \(plan.outputs.map(\.description).joined(separator: ", "))")
    }
    let boxes = try plan.index(named: plan.output.boxes, otherwise: first)
    let other = plan.outputs.indices.first { $0 != boxes } ?? 0
    scores = try plan.index(named: plan.output.scores, otherwise: other)
    let (scored, placed) = (plan.outputs[scores], plan.outputs[boxes])
    guard fours.contains(boxes) else {
      throw plan.mismatch("output '\(placed.name)' is \(placed.shapeText), and [1,boxes,4] is expected")
    }
    guard let shape = innerShape(scored, rank: 2), let classes = shape[1], classes > 0 else {
      throw plan.mismatch("output '\(scored.name)' is \(scored.shapeText), and [1,boxes,classes] is expected")
    }
    let rows = innerShape(placed, rank: 2)?[0]
    guard shape[0] == nil || rows == nil || shape[0] == rows else {
      throw plan.mismatch(
        "outputs '\(scored.name)' \(scored.shapeText) and '\(placed.name)' \(placed.shapeText) tell of different numbers of boxes"
      )
    }
    (self.boxes, self.classes) = (boxes, classes)
    try plan.checkLabels(classes: classes)
  }

  /// The boxes whose best class, `background` left out, reaches the threshold.
  func candidates(
    _ outputs: some OutputTensors, _ recipe: OutputRecipe, box: (Span<Float>, Int) -> Rect
  ) -> [Candidate] {
    outputs.withFloats(scores) { scores in
      outputs.withFloats(boxes) { boxes in
        var found: [Candidate] = []
        for index in 0..<min(scores.count / classes, boxes.count / 4) {
          let best = scores.best(from: index * classes, count: classes, skipping: recipe.background)
          guard best.score >= recipe.threshold else { continue }
          found.append(Candidate(label: best.index, score: best.score, box: box(boxes, index)))
        }
        return found
      }
    }
  }
}

/// Boxes as left, top, right, bottom in fractions of the input, already decoded by the network.
struct BoxDecoder: Decoder {
  private let recipe: Recipe
  private let network: Size
  private let outputs: ScoredBoxes

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    outputs = try ScoredBoxes(plan)
  }

  func decode(_ tensors: some OutputTensors, at placement: Placement) -> [Prediction] {
    let (width, height) = (Double(network.width), Double(network.height))
    let found = outputs.candidates(tensors, recipe.output) { boxes, index in
      Rect(
        left: Double(boxes[index * 4]) * width, top: Double(boxes[index * 4 + 1]) * height,
        right: Double(boxes[index * 4 + 2]) * width, bottom: Double(boxes[index * 4 + 3]) * height)
    }
    return recipe.detections(found, at: placement)
  }
}

/// Boxes as offsets from priors: Liu et al., "SSD: Single Shot MultiBox Detector" (2016), equation 2 solved for the box.
struct PriorDecoder: Decoder {
  private let recipe: Recipe
  private let outputs: ScoredBoxes
  private let priors: [Prior]

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    outputs = try ScoredBoxes(plan)
    priors = Prior.all(plan.output, network: plan.network)
    let told = innerShape(plan.outputs[outputs.boxes], rank: 2)?[0]
    guard told == nil || told == priors.count else {
      throw plan.mismatch(
        "it answers about \(told!) boxes, and strides and sizes of the recipe make \(priors.count) priors")
    }
  }

  func decode(_ tensors: some OutputTensors, at placement: Placement) -> [Prediction] {
    let (near, far) = (recipe.output.variance[0], recipe.output.variance[1])
    let found = outputs.candidates(tensors, recipe.output) { offsets, index in
      guard index < priors.count else { return Rect(x: 0, y: 0, width: 0, height: 0) }
      let prior = priors[index]
      let x = prior.x + offsets[index * 4] * near * prior.width
      let y = prior.y + offsets[index * 4 + 1] * near * prior.height
      let size = (prior.width * expf(offsets[index * 4 + 2] * far), prior.height * expf(offsets[index * 4 + 3] * far))
      return Rect(centre: (x, y), size: size)
    }
    return recipe.detections(found, at: placement)
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
  /// A level has `side / stride` cells along each side, rounded up, spread evenly over it; no prior is larger than the input.
  static func all(_ recipe: OutputRecipe, network: Size) -> [Prior] {
    let (width, height) = (Float(network.width), Float(network.height))
    var priors: [Prior] = []
    for (stride, sizes) in zip(recipe.strides, recipe.sizes) {
      let sides = sides(sizes, recipe.ratios)
      let columns = (network.width + stride - 1) / stride
      let rows = (network.height + stride - 1) / stride
      for cell in 0..<columns * rows {
        let x = (Float(cell % columns) + 0.5) / Float(columns) * width
        let y = (Float(cell / columns) + 0.5) / Float(rows) * height
        priors += sides.map { Prior(x: x, y: y, width: min($0.width, width), height: min($0.height, height)) }
      }
    }
    return priors
  }

  private static func sides(_ sizes: [Float], _ ratios: [Float]) -> [(width: Float, height: Float)] {
    guard let first = sizes.first else { return [] }
    return sizes.map { ($0, $0) } + ratios.dropFirst().map { (first * sqrtf($0), first / sqrtf($0)) }
  }
}
