internal import Base
internal import Predictions

/// One pose as scores of columns, `[1,K,Wx]`, and of rows, `[1,K,Wy]`, for each point: SimCC, as RTMPose has it (`simcc` in manifests).
///
/// Li et al., "SimCC: a Simple Coordinate Classification Perspective for Human Pose Estimation" (2022). A pixel of the input has
/// `Wx / W` columns, usually two; a point is the highest of both lists, and its score the lesser of the two heights, which are no
/// probabilities and may go beyond 1.
struct SimCCDecoder: Decoder {
  private let recipe: Recipe
  private let names: PointNames
  private let places: Places
  private let network: Size

  static let facts = DecoderFacts(
    task: .pose, reads: "scores of columns and rows for each point of one pose, as RTMPose gives them",
    keys: [.threshold, .unit, .zero, .scores, .points])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let (wide, high) = (2 * ground.network.width, 2 * ground.network.height)
    return [
      ground.named([("simcc_x", [1, 17, wide]), ("simcc_y", [1, 17, high])]),
      ground.named([("simcc_y", [1, 2, high]), ("simcc_x", [1, 2, wide])]),
    ]
  }

  /// Which output is which.
  struct Places {
    let columns: Int
    let rows: Int
    let count: Int

    /// By their names, or as `scores` says which has the columns; else by how many there are, where the input is no square.
    init?(_ outputs: [TensorSpec], scores: String?, _ network: Size) {
      let listed = outputs.indices.filter { index in
        let shape = outputs[index].shape
        return shape.count == 3 && (shape[0] == nil || shape[0] == 1) && (shape[1] ?? 0) > 0 && (shape[2] ?? 0) > 1
      }
      func named(_ word: String) -> Int? {
        listed.first { outputs[$0].name == word || outputs[$0].name.hasPrefix(word + ":") }
      }
      if let columns = named("simcc_x"), let rows = named("simcc_y"), scores == nil {
        self.init(outputs, columns, rows, network)
        return
      }
      let pairs = listed.flatMap { one in listed.filter { $0 != one }.compactMap { Places(outputs, one, $0, network) } }
      let fitting = pairs.filter { scores == nil || outputs[$0.columns].name == scores }
      guard fitting.count == 1 else { return nil }
      self = fitting[0]
    }

    private init?(_ outputs: [TensorSpec], _ columns: Int, _ rows: Int, _ network: Size) {
      guard let count = outputs[columns].shape[1], count == outputs[rows].shape[1],
        let wide = outputs[columns].shape[2], let high = outputs[rows].shape[2]
      else { return nil }
      // As many to a pixel on both sides, one at least; nobody can say where the input is not known.
      let isOpen = network.width == 1 && network.height == 1
      guard isOpen || wide >= network.width && wide * network.height == high * network.width else { return nil }
      (self.columns, self.rows, self.count) = (columns, rows, count)
    }
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    if let name = plan.output.scores { _ = try plan.index(named: name) }
    guard let places = Places(plan.outputs, scores: plan.output.scores, network) else {
      let known = plan.outputs.map(\.description).joined(separator: ", ")
      throw plan.mismatch(
        "simcc needs columns [1,points,N·\(network.width)] and rows [1,points,N·\(network.height)], called simcc_x and simcc_y, or say which has the columns, as scores: NAME; it gives \(known.isEmpty ? "nothing" : known)"
      )
    }
    self.places = places
    names = try PointNames(plan, count: places.count)
  }

  var used: [Int] { [places.columns, places.rows] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let wide = best(outputs, places.columns)
    let high = best(outputs, places.rows)
    guard wide.count == names.count, high.count == names.count else { return [] }
    let points = (0..<names.count).map { number in
      let (x, y) = placement.toPicture(
        x: wide[number].place * Double(network.width), y: high[number].place * Double(network.height))
      return Keypoint(name: names[number], x: x, y: y, score: min(wide[number].score, high[number].score))
    }
    return recipe.pose(of: points, label: names.label)
  }

  /// Of each point the highest number, and where it stands in its list, as a share of it.
  private func best(_ outputs: some OutputTensors, _ index: Int) -> [(place: Double, score: Float)] {
    outputs.withFloats(index) { values in
      let length = values.count / names.count
      guard length > 0 else { return [] }
      return (0..<names.count).map { number in
        let best = values.best(from: number * length, count: length)
        return (Double(best.index) / Double(length), best.score)
      }
    }
  }
}
