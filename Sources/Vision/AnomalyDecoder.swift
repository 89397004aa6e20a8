internal import Base
internal import Predictions

/// How far a picture is from good ones, and where: a number, a map over the input, or both, as anomalib exports them.
///
/// Answers are a score of 0 to 1, the label `good` or `anomaly` by the threshold, the point where the map is highest, and the map
/// (``AnomalyMap``), with the box that it covers where that is not the whole picture. Without a number, the score is the highest of the map, as
/// anomalib has it. Numbers of another range are brought to 0 to 1 by `(v - cut) / (max - min) + 0.5`, cut off at both ends: its
/// "min-max normalization" (anomalib.post_processing, and metadata.json of its versions before 2).
struct AnomalyDecoder: Decoder {
  private let recipe: Recipe
  private let score: Int?
  private let map: Int?
  private let network: Size

  static let facts = DecoderFacts(
    task: .anomaly, reads: "how far a picture is from good ones, and where",
    keys: [.threshold, .scores, .map, .range, .cut, .mapCut, .metadata], threshold: 0.5)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    [
      ground.named([
        ("pred_score", [1, nil]), ("anomaly_map", [1, 1, ground.network.height, ground.network.width]),
      ]), ground.named([("pred_score", [1])]),
      ground.named([("anomaly_map", [1, 1, ground.network.height, ground.network.width])]),
    ]
  }

  /// What anomalib's exports since version 2 call their outputs; their numbers are 0 to 1, with .5 where an anomaly begins.
  private static let (scoreName, mapName) = ("pred_score", "anomaly_map")

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    map = try Self.map(plan)
    score = try Self.score(plan)
    if score == nil, map == nil {
      throw plan.mismatch(
        "none of its outputs is one number or one map of the input: say which with scores: NAME and map: NAME")
    }
    guard plan.recipe.labels.isEmpty else {
      throw plan.mismatch("answers about anomalies are called good and anomaly: take the labels away")
    }
    guard plan.output.range.isEmpty else { return }
    for index in used where ![Self.scoreName, Self.mapName].contains(plan.outputs[index].name) {
      throw plan.mismatch(
        "nothing says what the numbers of output '\(plan.outputs[index].name)' are: exports of anomalib before version 2 tell it in their metadata.json (metadata: metadata.json); else say range: [LEAST, GREATEST] and cut: N, the number from which on a picture is an anomaly (range: [0, 1], cut: 0.5 where they are 0 to 1 already)"
      )
    }
  }

  private static func score(_ plan: DecoderPlan) throws(Fault) -> Int? {
    if let name = plan.output.scores {
      let index = try plan.index(named: name)
      guard isNumber(plan.outputs[index]) else {
        throw plan.mismatch("output '\(name)' is \(plan.outputs[index].shapeText), and one number is expected")
      }
      return index
    }
    return try only(plan, scoreName, "one number", "scores") { isNumber(plan.outputs[$0]) }
  }

  private static func map(_ plan: DecoderPlan) throws(Fault) -> Int? {
    if let name = plan.output.map {
      let index = try plan.index(named: name)
      try plan.checkIsMap(index)
      return index
    }
    return try only(plan, mapName, "one map", "map") { isMap($0, plan) }
  }

  /// The output of that name, or the only one that fits; of several, none is taken.
  private static func only(
    _ plan: DecoderPlan, _ name: String, _ what: String, _ key: String, fits: (Int) -> Bool
  ) throws(Fault) -> Int? {
    let fitting = plan.outputs.indices.filter { !plan.outputs[$0].element.isIndex && fits($0) }
    if let named = fitting.first(where: { plan.outputs[$0].name == name }) { return named }
    guard fitting.count < 2 else {
      let names = fitting.map { "'\(plan.outputs[$0].name)'" }.joined(separator: ", ")
      throw plan.mismatch("\(names) are each \(what): say which is meant, as \(key): NAME")
    }
    return fitting.first
  }

  private static func isNumber(_ spec: TensorSpec) -> Bool {
    spec.shape.count <= 2 && spec.shape.allSatisfy { $0 == nil || $0 == 1 }
  }

  private static func isMap(_ index: Int, _ plan: DecoderPlan) -> Bool {
    let spec = plan.outputs[index]
    return spec.shape.count > 2 && !isNumber(spec) && (try? plan.checkIsMap(index)) != nil
  }

  var used: [Int] { [score, map].compactMap { $0 } }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let seen = try map.map { (index) throws(Fault) in try read(index, outputs, placement) }
    var found = seen?.peak.score ?? 0
    if let score {
      let number = outputs.withFloats(score) { $0.count > 0 ? $0[0] : Float.nan }
      found = try told(number, about: recipe.output.cut, outputs.specs[score].name)
    }
    let labels = Prediction.anomalyLabels
    var prediction = Prediction(
      kind: .anomaly, label: found >= recipe.output.threshold ? labels.anomaly : labels.good, score: found)
    guard let seen, let map else { return [prediction] }
    prediction.points = [Keypoint(name: "peak", x: seen.peak.x, y: seen.peak.y, score: seen.peak.score)]
    let shown = Size(width: Int(placement.source.width), height: Int(placement.source.height))
    if let compact = AnomalyMap(seen.numbers, seen.size, of: shown) {
      let sum = seen.numbers.reduce(0.0) { $0 + Double($1) }
      prediction.setAnomaly(
        compact, named: outputs.specs[map].name, range: (seen.numbers.min() ?? 0)...(seen.numbers.max() ?? 0),
        mean: Float(sum / Double(seen.numbers.count)))
    }
    // A part of the picture, or of what was cropped: it says which.
    let box = placement.toPicture(placement.target)
    if box.area < 1 - 1e-6 { prediction.box = box }
    return [prediction]
  }

  /// What the map has under what the network was shown.
  private struct Seen {
    let size: Size
    /// Row by row.
    var numbers: [Float] = []
    /// In fractions of the picture.
    var peak = (score: -Float.infinity, x: 0.5, y: 0.5)
  }

  private func read(_ index: Int, _ outputs: some OutputTensors, _ placement: Placement) throws(Fault) -> Seen {
    let map = try OneMap(index, network: network).read(outputs)
    let (columns, rows) = PictureDecoder.part(of: map.size, at: placement)
    var (seen, peak) = (Seen(size: Size(width: columns.count, height: rows.count)), 0)
    for number in rows.flatMap({ y in columns.map { x in map.numbers[y * map.size.width + x] } }) {
      let score = try told(number, about: recipe.output.mapCut ?? recipe.output.cut, map.name)
      if score > seen.peak.score { (seen.peak.score, peak) = (score, seen.numbers.count) }
      seen.numbers.append(score)
    }
    let (column, row) = (columns.lowerBound + peak % columns.count, rows.lowerBound + peak / columns.count)
    (seen.peak.x, seen.peak.y) = placement.toPicture(
      x: (Double(column) + 0.5) * Double(network.width) / Double(map.size.width),
      y: (Double(row) + 0.5) * Double(network.height) / Double(map.size.height))
    return seen
  }

  /// A number of the network as a score.
  private func told(_ number: Float, about cut: Float?, _ name: String) throws(Fault) -> Float {
    guard number.isFinite else {
      throw Fault(
        .unsupported,
        "output '\(name)' holds a number that is infinite or none (NaN), so nothing can be told: 16-bit arithmetic overflows so (say precision f32)"
      )
    }
    if recipe.output.range.count == 2, let cut {
      return min(max((number - cut) / (recipe.output.range[1] - recipe.output.range[0]) + 0.5, 0), 1)
    }
    guard (-ScoreRange.slack...1 + ScoreRange.slack).contains(number) else {
      throw Fault(
        .unsupported,
        "output '\(name)' holds \(number), and scores of 0 to 1 are expected: it was exported without normalisation; say range: [LEAST, GREATEST] and cut: N, or export it with"
      )
    }
    return min(max(number, 0), 1)
  }
}
