internal import Base
internal import Predictions

/// One output of boxes that carry more than class scores (mask coefficients, points, an angle), in the three ways that YOLO exporters have.
///
/// - cells: centre, size, class scores, more; a box a cell (YOLOv8, 11, 12), `[1,numbers,boxes]` unless it is turned
/// - anchors: centre, size, objectness, class scores, more; three boxes a cell (YOLOv5, 7), `[1,boxes,numbers]`
/// - finished: corners, score, class, more; doubles dropped by the network (end to end: YOLOv10, 26, exports with NMS), `[1,boxes,numbers]`
///
/// Which it is, the number of boxes tells, and the number of numbers where that is no count of cells.
struct YOLORows {
  enum Manner { case cells, anchors, finished }

  /// What is known of a decoder that reads such rows.
  static func facts(_ task: ModelTask, reads: String, _ more: Set<OutputRecipe.Key> = []) -> DecoderFacts {
    DecoderFacts(
      task: task, reads: reads,
      keys: more.union([
        .activation, .threshold, .iou, .unit, .zero, .scores, .background, .coordinates, .layout,
      ]),
      activations: [.none, .sigmoid], layouts: [.columns, .rows], threshold: 0.25,
      input: .letterbox(.rgb, .center, scale: [255]))
  }

  let manner: Manner
  /// Numbers of a box beyond its place, scores and class.
  let extra: Int
  /// 0 where the numbers of classes are not told by the shape.
  let classes: Int
  private let table: PredictionTable

  var index: Int { table.index }

  /// How many numbers stand before `extra`, or before the class scores.
  private var head: Int {
    switch manner {
    case .cells: 4
    case .anchors: 5
    case .finished: 6
    }
  }

  /// `extra` is how many numbers are more; `nil` where that is what is left behind the labels' classes, and then `finished` says which
  /// counts there may be.
  init(_ plan: DecoderPlan, at index: Int, extra: Int?, finished: Set<Int>) throws(Fault) {
    let spec = plan.outputs[index]
    guard let sides = innerShape(spec, rank: 2) else { throw Self.misfit(spec, plan) }
    let widths = extra.map { [$0 + 6] } ?? Set(finished.map { $0 + 6 })
    let isColumns = plan.output.layout.map { $0 == .columns } ?? Self.isColumns(sides, widths, plan)
    guard let width = sides[isColumns ? 0 : 1],
      let manner = Self.manner(sides[isColumns ? 1 : 0], width, isColumns, widths, plan)
    else { throw Self.misfit(spec, plan) }
    (self.manner, table) = (manner, PredictionTable(index: index, width: width, isColumns: isColumns))
    guard manner != .finished else {
      (classes, self.extra) = (0, width - 6)
      guard widths.contains(width) else { throw Self.misfit(spec, plan) }
      return
    }
    let rest = width - (manner == .anchors ? 5 : 4)
    classes = extra.map { rest - $0 } ?? max(1, plan.recipe.labels.count)
    self.extra = extra ?? rest - classes
    guard classes > 0, self.extra > 0 else { throw Self.misfit(spec, plan) }
    try plan.checkLabels(classes: classes)
  }

  private static func misfit(_ spec: TensorSpec, _ plan: DecoderPlan) -> Fault {
    plan.mismatch(
      "output '\(spec.name)' is \(spec.shapeText), and \(plan.output.decoder.rawValue) on \(plan.network) gives [1,numbers,boxes] with a box a cell, [1,boxes,numbers] with three, or finished rows"
    )
  }

  /// Boxes that the grids of the family have: with the usual strides, with one more for large pictures or for small things.
  private static func grids(_ plan: DecoderPlan) -> Set<Int> {
    Set([[8, 16, 32], [8, 16, 32, 64], [4, 8, 16, 32]].map { $0.reduce(0) { $0 + plan.cells(stride: $1).area } })
  }

  private static func isColumns(_ sides: [Int?], _ finished: Set<Int>, _ plan: DecoderPlan) -> Bool {
    let grids = grids(plan)
    let fits = sides.map { side in side.map { grids.contains($0) || grids.contains($0 / 3) && $0 % 3 == 0 } ?? false }
    if fits[0] != fits[1] { return fits[1] }
    guard let first = sides[0], let second = sides[1] else { return sides[1] == nil }
    return !finished.contains(second) && second > first
  }

  /// `nil` where it cannot be told.
  private static func manner(
    _ boxes: Int?, _ width: Int, _ isColumns: Bool, _ finished: Set<Int>, _ plan: DecoderPlan
  ) -> Manner? {
    let grids = grids(plan)
    if let boxes, grids.contains(boxes) { return .cells }
    if let boxes, boxes % 3 == 0, grids.contains(boxes / 3) { return .anchors }
    if isColumns { return .cells }
    // With open sides, one class makes rows of either kind equally long: those of anchors have no task in the file.
    if finished.contains(width) { return .finished }
    return boxes == nil ? .anchors : nil
  }

  /// The numbers of a box that are more.
  func extras(_ values: Span<Float>, of row: Int) -> [Float] {
    let (count, first) = (table.count(values), head + classes)
    return (0..<extra).map { values[table.place(row, first + $0, of: count)] }
  }

  /// Boxes that reach the threshold, each with its row; `isCentred`: finished ones are told as centre and size, too.
  func candidates(
    _ values: Span<Float>, _ recipe: Recipe, _ scale: (x: Float, y: Float), isCentred: Bool = false
  ) -> ([Candidate], RowCheck) {
    let count = table.count(values)
    let (labels, scores) = scores(values, recipe, count)
    var (found, check): ([Candidate], RowCheck) = ([], RowCheck(recipe))
    for row in 0..<count where check.note(score: scores[row], label: labels[row]) {
      var box = table.box(values, row, of: count, scale)
      if manner == .finished, !isCentred { box = corners(values, row, count, scale) }
      var candidate = Candidate(label: Int(labels[row]), score: scores[row], box: box)
      candidate.row = row
      found.append(candidate)
    }
    return (found, check)
  }

  private func corners(_ values: Span<Float>, _ row: Int, _ count: Int, _ scale: (x: Float, y: Float)) -> Rect {
    func number(_ at: Int, _ scale: Float) -> Double { Double(values[table.place(row, at, of: count)] * scale) }
    return Rect(
      left: number(0, scale.x), top: number(1, scale.y), right: number(2, scale.x), bottom: number(3, scale.y))
  }

  private func scores(_ values: Span<Float>, _ recipe: Recipe, _ count: Int) -> (labels: [Float], scores: [Float]) {
    guard manner != .finished else {
      return (
        (0..<count).map { values[table.place($0, 5, of: count)] },
        (0..<count).map { values[table.place($0, 4, of: count)] }
      )
    }
    var (labels, scores) = table.best(values, from: head, to: head + classes, skipping: recipe.output.background)
    let isLogits = recipe.output.activation == .sigmoid
    for row in 0..<count {
      if isLogits { scores[row] = logistic(scores[row]) }
      guard manner == .anchors else { continue }
      let objectness = values[table.place(row, 4, of: count)]
      scores[row] *= isLogits ? logistic(objectness) : objectness
    }
    return (labels.map { Float($0) }, scores)
  }
}
