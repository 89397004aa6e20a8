internal import Base
internal import Predictions

/// Lines of text in a map of probabilities (`text-lines` in manifests): differentiable binarization, as PaddleOCR reads it.
///
/// Liao et al., "Real-time Scene Text Detection with Differentiable Binarization" (2020). Cells above 0.3 that touch, also at a corner, are
/// one line; it has the smallest box, turned as may be, around the middles of its cells, and scores the mean of the map in it. The map shows
/// lines without their rims, so a box grows by `w · h · 1.5 / (2 · (w + h))` on each side. Boxes below 3 cells before that, or below 5
/// after, are none.
struct TextLineDecoder: Decoder {
  private let recipe: Recipe
  private let map: OneMap
  private let network: Size

  private static let inside: Float = 0.3
  private static let least = (before: 3.0, after: 5.0)

  static let facts = DecoderFacts(
    task: .detection, reads: "lines of text in a map of probabilities, as PaddleOCR's detectors (DB) give them",
    keys: [.activation, .threshold, .unit, .zero, .scores, .unclip], activations: [.none, .sigmoid], threshold: 0.6)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, 1, nil, nil], [1, nil, nil], [1, ground.network.height, ground.network.width, 1])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    var recipe = plan.recipe
    if recipe.labels.isEmpty { recipe.labels = ["text"] }
    (self.recipe, network) = (recipe, plan.network)
    map = try OneMap(plan)
  }

  var used: [Int] { [map.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let values = try map.read(outputs)
    try values.checkFinite(values.numbers)
    var range = ScoreRange()
    for score in values.numbers { range.note(score) }
    try range.check(recipe)
    let map = ScoreMap(values.numbers, values.size)
    let lines = map.regions(above: Self.inside).compactMap { line($0, in: map) }
    return try recipe.detections(lines, at: placement, hasDoubles: false, pointNames: Prediction.cornerNames)
  }

  /// The box of a line in pixels of the input, with its corners; `nil` where it is too small or too unsure.
  private func line(_ region: ScoreMap.Region, in map: ScoreMap) -> Candidate? {
    guard var box = TurnedBox(around: region.ends), min(box.width, box.height) >= Self.least.before else { return nil }
    let score = map.mean(in: box.corners)
    guard score >= recipe.output.threshold else { return nil }
    let unclip = Double(recipe.output.unclip ?? 1.5)
    box.grow(by: box.width * box.height * unclip / (2 * (box.width + box.height)))
    guard min(box.width, box.height) >= Self.least.after else { return nil }
    let scale = (
      x: Double(network.width) / Double(map.size.width), y: Double(network.height) / Double(map.size.height)
    )
    let corners = box.corners.map { (x: $0.x * scale.x, y: $0.y * scale.y) }
    var found = Candidate(label: 0, score: score, box: Rect(around: corners))
    found.points = corners.flatMap { [$0.x, $0.y] }
    return found
  }
}

/// A map of finite scores, row by row.
struct ScoreMap {
  let size: Size
  private let scores: [Float]
  /// What stands before each cell of its row, added up, and the whole row at its end: lines that surround others have large boxes with many
  /// cells in common, and the mean of a box takes a step for each of its rows alone.
  private let sums: [Double]

  init(_ scores: [Float], _ size: Size) {
    (self.scores, self.size) = (scores, size)
    var sums: [Double] = []
    sums.reserveCapacity((size.width + 1) * size.height)
    for y in 0..<size.height {
      var sum = 0.0
      for x in 0..<size.width {
        sums.append(sum)
        sum += Double(scores[y * size.width + x])
      }
      sums.append(sum)
    }
    self.sums = sums
  }

  /// Cells that touch, as the first and last column of each of their rows: no other cell is a corner of what surrounds them.
  struct Region {
    fileprivate(set) var ends: [(x: Int, y: Int)] = []
  }

  /// Regions of cells above a score, each cell touching another at a side or a corner; in the order of their first cells.
  func regions(above least: Float) -> [Region] {
    var isNew = scores.map { $0 > least }
    var (regions, waiting): ([Region], [Int]) = ([], [])
    for first in isNew.indices where isNew[first] {
      var rows: [Int: (first: Int, last: Int)] = [:]
      isNew[first] = false
      waiting.append(first)
      while let cell = waiting.popLast() {
        let (x, y) = (cell % size.width, cell / size.width)
        let row = rows[y] ?? (x, x)
        rows[y] = (min(row.first, x), max(row.last, x))
        for down in max(0, y - 1)...min(size.height - 1, y + 1) {
          for along in max(0, x - 1)...min(size.width - 1, x + 1) where isNew[down * size.width + along] {
            isNew[down * size.width + along] = false
            waiting.append(down * size.width + along)
          }
        }
      }
      let ends = rows.keys.sorted().flatMap { [(x: rows[$0]!.first, y: $0), (x: rows[$0]!.last, y: $0)] }
      regions.append(Region(ends: ends))
    }
    return regions
  }

  /// The mean of the cells inside a convex polygon and on its sides, its corners cut to whole cells; 0 where it has none.
  func mean(in corners: [(x: Double, y: Double)]) -> Float {
    let points = corners.map { (x: Int($0.x.rounded(.down)), y: Int($0.y.rounded(.down))) }
    var rows: [Int: (first: Int, last: Int)] = [:]
    for (from, to) in zip(points, points.dropFirst() + points.prefix(1)) {
      let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
      for step in 0...steps {
        let share = Double(step) / Double(steps)
        let x = from.x + Int((Double(to.x - from.x) * share).rounded())
        let y = from.y + Int((Double(to.y - from.y) * share).rounded())
        let row = rows[y] ?? (x, x)
        rows[y] = (min(row.first, x), max(row.last, x))
      }
    }
    var (sum, count) = (0.0, 0)
    for (y, row) in rows where (0..<size.height).contains(y) && row.last >= 0 && row.first < size.width {
      let (start, first, end) = (y * (size.width + 1), max(0, row.first), min(size.width, row.last + 1))
      (sum, count) = (sum + sums[start + end] - sums[start + first], count + end - first)
    }
    return count > 0 ? Float(sum / Double(count)) : 0
  }
}
