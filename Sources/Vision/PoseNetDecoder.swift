internal import Base
internal import Predictions

/// One pose as a map for each point and how far the point is from each cell: PoseNet, its single pose (`posenet` in manifests).
///
/// Heatmaps `[1,h,w,K]` and offsets `[1,h,w,2·K]`, or the same with the channels first; the first K offsets are along y, in pixels of the
/// input. A point is its map's highest cell times the stride, `(W - 1) / (w - 1)`, plus the offset there. Papandreou et al., "Towards
/// Accurate Multi-person Pose Estimation in the Wild" (2017).
struct PoseNetDecoder: Decoder {
  private let recipe: Recipe
  private let names: PointNames
  private let places: Places
  private let network: Size

  static let facts = DecoderFacts(
    task: .pose, reads: "maps of points and offsets from their cells, as PoseNet gives them",
    keys: [.activation, .threshold, .unit, .zero, .scores, .points], activations: [.none, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    [
      ground.named([("float_heatmaps", [1, 5, 4, 17]), ("float_short_offsets", [1, 5, 4, 34])]),
      ground.named([("a", [1, nil, nil, 17]), ("b", [1, nil, nil, 34])]),
      ground.named([("a", [1, 2, 3, 3]), ("b", [1, 4, 3, 3])]),
    ]
  }

  /// Which output is which.
  struct Places {
    let heatmaps: Int
    let offsets: Int
    let layout: OutputRecipe.Layout
    let count: Int

    /// The only two of which one has twice the channels and the same cells; `scores` names the heatmaps.
    init?(_ outputs: [TensorSpec], scores: String?) {
      var found: [Places] = []
      for one in outputs.indices where scores == nil || outputs[one].name == scores {
        for two in outputs.indices where two != one {
          found += [Places(outputs, one, two, .nhwc), Places(outputs, one, two, .nchw)].compactMap { $0 }
        }
      }
      let named = found.filter { outputs[$0.heatmaps].name.hasPrefix("float_heatmaps") }
      if named.count == 1 { found = named }
      guard found.count == 1 else { return nil }
      self = found[0]
    }

    private init?(_ outputs: [TensorSpec], _ heatmaps: Int, _ offsets: Int, _ layout: OutputRecipe.Layout) {
      let channel = layout == .nhwc ? 3 : 1
      let (maps, steps) = (outputs[heatmaps].shape, outputs[offsets].shape)
      guard maps.count == 4, steps.count == 4, maps[0] == nil || maps[0] == 1,
        let count = maps[channel], count > 0, steps[channel] == 2 * count,
        (0..<4).allSatisfy({ $0 == channel || maps[$0] == steps[$0] }),
        (1..<4).allSatisfy({ maps[$0] ?? 1 > 0 })
      else { return nil }
      (self.heatmaps, self.offsets, self.layout, self.count) = (heatmaps, offsets, layout, count)
    }
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    if let name = plan.output.scores { _ = try plan.index(named: name) }
    guard let places = Places(plan.outputs, scores: plan.output.scores) else {
      let known = plan.outputs.map(\.description).joined(separator: ", ")
      throw plan.mismatch(
        "posenet needs maps [1,h,w,points] and offsets [1,h,w,2·points], or both with their channels first; it gives \(known.isEmpty ? "nothing" : known)"
      )
    }
    self.places = places
    names = try PointNames(plan, count: places.count)
    let spec = plan.outputs[places.heatmaps]
    guard spec.isDynamic || Grid(spec.shape, places.layout)?.covers(network) == true else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), which does not lie over an input of \(network)")
    }
  }

  var used: [Int] { [places.heatmaps, places.offsets] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    guard let grid = Grid(outputs.specs[places.heatmaps].shape, places.layout),
      let steps = Grid(outputs.specs[places.offsets].shape, places.layout), grid.size == steps.size,
      grid.classes == names.count, steps.classes == 2 * names.count, grid.size.area > 0,
      outputs.withFloats(places.heatmaps, { $0.count >= grid.size.area * grid.classes }),
      outputs.withFloats(places.offsets, { $0.count >= grid.size.area * steps.classes })
    else { return [] }
    var range = ScoreRange()
    let points = outputs.withFloats(places.heatmaps) { maps in
      outputs.withFloats(places.offsets) { offsets in
        (0..<names.count).map { number in
          let peak = grid.peak(of: number, maps)
          let down = Double(offsets[steps.index(number, x: peak.x, y: peak.y)])
          let along = Double(offsets[steps.index(number + names.count, x: peak.x, y: peak.y)])
          let (x, y) = placement.toPicture(
            x: Double(peak.x) * Grid.step(network.width, grid.size.width) + along,
            y: Double(peak.y) * Grid.step(network.height, grid.size.height) + down)
          let score = recipe.output.activation == .sigmoid ? logistic(peak.score) : peak.score
          range.note(score)
          return Keypoint(name: names[number], x: x, y: y, score: score)
        }
      }
    }
    try range.check(recipe)
    return recipe.pose(of: points, label: names.label)
  }
}
