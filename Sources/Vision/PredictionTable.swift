internal import Base

/// One output as a table: a box each with its numbers, either box after box or number after number.
struct PredictionTable {
  let index: Int
  /// Numbers of one box.
  let width: Int
  private let isColumns: Bool

  init(index: Int, width: Int, isColumns: Bool) {
    (self.index, self.width, self.isColumns) = (index, width, isColumns)
  }

  /// Where `least` numbers come before those of classes; `usual` is how the family gives them.
  init(_ plan: DecoderPlan, usual: OutputRecipe.Layout, least: Int) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    let spec = plan.outputs[index]
    let (name, expected) = (plan.output.decoder.rawValue, "\(least)+classes")
    guard let shape = innerShape(spec, rank: 2) else {
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and \(name) gives [1,boxes,\(expected)]")
    }
    isColumns = plan.output.layout.map { $0 == .columns } ?? Self.isColumns(shape, plan, usual)
    guard let width = shape[isColumns ? 0 : 1], width > least else {
      let text = isColumns ? "[1,\(expected),boxes]" : "[1,boxes,\(expected)]"
      throw plan.mismatch("output '\(spec.name)' is \(spec.shapeText), and \(name) gives \(text)")
    }
    self.width = width
    if let other = Self.prototypes(plan, width - least, besides: index) {
      throw plan.mismatch(
        "output '\(other.name)' \(other.shapeText) makes masks, so the last numbers of each box are not classes: read it with yolo-segment"
      )
    }
    try plan.checkLabels(classes: width - least)
  }

  /// As the family has it, unless only the other way there is a box for each cell.
  private static func isColumns(_ shape: [Int?], _ plan: DecoderPlan, _ usual: OutputRecipe.Layout) -> Bool {
    let cells = [8, 16, 32].reduce(0) { $0 + plan.cells(stride: $1).area }
    let fits = shape.map { $0 == cells || $0 == 3 * cells }
    return fits[0] == fits[1] ? usual == .columns : fits[1]
  }

  /// The one stack of small maps that goes with coefficients in each box, as YOLACT and its heirs have it.
  private static func prototypes(_ plan: DecoderPlan, _ classes: Int, besides index: Int) -> TensorSpec? {
    let maps = plan.outputs.indices.filter { $0 != index && plan.outputs[$0].shape.count == 4 }
    guard maps.count == 1, let sides = Optional(plan.outputs[maps[0]].shape) else { return nil }
    guard let channels = sides[2] == sides[3] || sides[3].map({ $0 > 64 }) ?? true ? sides[1] : sides[3] else {
      return nil
    }
    return channels > 1 && channels < classes ? plan.outputs[maps[0]] : nil
  }

  func count(_ values: Span<Float>) -> Int { values.count / width }

  /// Where a number of a box stands among `count` boxes.
  func place(_ box: Int, _ number: Int, of count: Int) -> Int {
    isColumns ? number * count + box : box * width + number
  }

  /// The greatest number of each box from `first` on, before `end`, and which it is; the skipped one does not count.
  func best(
    _ values: Span<Float>, from first: Int, to end: Int? = nil, skipping skipped: Int?
  ) -> (labels: [Int32], scores: [Float]) {
    let (count, end) = (count(values), end ?? width)
    var labels = [Int32](repeating: 0, count: count)
    var scores = [Float](repeating: -.infinity, count: count)
    if isColumns {
      // Class by class, so that memory is read in its own order.
      for label in 0..<end - first where label != skipped {
        let start = (first + label) * count
        for box in 0..<count where values[start + box] > scores[box] {
          (labels[box], scores[box]) = (Int32(label), values[start + box])
        }
      }
      return (labels, scores)
    }
    for box in 0..<count {
      let best = values.best(from: box * width + first, count: end - first, skipping: skipped)
      (labels[box], scores[box]) = (Int32(best.index), best.score)
    }
    return (labels, scores)
  }

  /// Centre and size in the first four numbers, in input pixels.
  func box(_ values: Span<Float>, _ box: Int, of count: Int, _ scale: (x: Float, y: Float)) -> Rect {
    func number(_ at: Int) -> Float { values[place(box, at, of: count)] }
    return Rect(
      centre: (number(0) * scale.x, number(1) * scale.y), size: (number(2) * scale.x, number(3) * scale.y))
  }
}

extension DecoderPlan {
  /// From the numbers of a box to input pixels.
  func scale(usual: OutputRecipe.Coordinates) -> (x: Float, y: Float) {
    (output.coordinates ?? usual) == .pixels ? (1, 1) : (Float(network.width), Float(network.height))
  }
}
