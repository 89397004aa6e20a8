internal import Base

/// An output that holds as many numbers for each anchor of a level, or of all levels, in one of the ways that exporters have.
///
/// - rows: `[rows,width]`; a map whose channels come last, `[h,w,perCell·width]`, lies in memory alike
/// - planes: `[perCell·width,h,w]`, and `[width,rows]` with one anchor a cell: number after number, or, where the numbers of all anchors of a
///   cell stand together, anchor after anchor
struct AnchorTable: Sendable, Hashable {
  /// How its numbers follow each other in memory.
  enum Order: Sendable, Hashable {
    /// Anchor after anchor.
    case rows
    /// A plane for each number of the first anchor of a cell, then of the next.
    case planes
    /// A plane for the first number of each anchor of a cell, then for the next number.
    case planesByNumber
  }

  let index: Int
  /// Numbers of an anchor.
  let width: Int
  /// Anchors.
  let rows: Int
  let perCell: Int
  let order: Order

  /// The ways to read an output that its shape allows and the layout does not rule out; sides that are open are rows of any number.
  ///
  /// `map` is the level's; `nil` for numbers of several levels in one output.
  static func readings(
    of index: Int, rows: Int, map: Size?, perCell: Int, _ plan: DecoderPlan
  ) -> [AnchorTable] {
    var found = map.map { maps(of: index, $0, perCell: perCell, plan) } ?? []
    let (spec, layout) = (plan.outputs[index], plan.output.layout)
    guard !spec.element.isIndex, let sides = innerShape(spec, rank: 2) else { return found }
    if sides[0] == nil || sides[0] == rows, let width = sides[1], width > 0, layout == nil || layout == .rows {
      found.append(AnchorTable(index: index, width: width, rows: rows, perCell: perCell, order: .rows))
    }
    if sides[1] == rows, perCell == 1, let width = sides[0], width > 0, layout == nil || layout == .columns {
      found.append(AnchorTable(index: index, width: width, rows: rows, perCell: perCell, order: .planes))
    }
    // Ways that lie in memory alike are one.
    return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The same of maps, their channels first or last.
  static func maps(of index: Int, _ map: Size, perCell: Int, _ plan: DecoderPlan) -> [AnchorTable] {
    let (spec, layout) = (plan.outputs[index], plan.output.layout)
    guard !spec.element.isIndex, let sides = innerShape(spec, rank: 3) else { return [] }
    let ways: [(layout: OutputRecipe.Layout, isFit: Bool, channels: Int?)] = [
      (.nhwc, sides[0] == map.height && sides[1] == map.width, sides[2]),
      (.nchw, sides[1] == map.height && sides[2] == map.width, sides[0]),
    ]
    return ways.compactMap { way in
      guard way.isFit, layout == nil || layout == way.layout, let channels = way.channels, channels > 0,
        channels % perCell == 0
      else { return nil }
      return AnchorTable(
        index: index, width: channels / perCell, rows: map.width.times(map.height).times(perCell), perCell: perCell,
        order: way.layout == .nchw ? .planes : .rows)
    }
  }

  /// Where a number of an anchor stands.
  func place(_ row: Int, _ number: Int) -> Int {
    switch order {
    case .rows: row * width + number
    case .planes: ((row % perCell) * width + number) * (rows / perCell) + row / perCell
    case .planesByNumber: (number * perCell + row % perCell) * (rows / perCell) + row / perCell
    }
  }

  /// All numbers of one anchor.
  func numbers(_ values: Span<Float>, of row: Int) -> [Float] { (0..<width).map { values[place(row, $0)] } }

  /// Whether a network answered with as many rows as its input has anchors.
  func fits(_ outputs: some OutputTensors) -> Bool { outputs.withFloats(index) { $0.count } == rows.times(width) }

  /// Throws where it did not.
  func check(_ outputs: some OutputTensors) throws(Fault) {
    guard !fits(outputs) else { return }
    let count = outputs.withFloats(index) { $0.count }
    throw Fault(
      .unsupported,
      "output '\(outputs.specs[index].name)' holds \(count) numbers, and \(rows) anchors of \(width) numbers each are expected: say the size that the network was made for"
    )
  }
}

/// What one anchor may be.
struct AnchorScore {
  let row: Int
  let label: Int
  let score: Float
}

extension AnchorTable {
  /// Anchors whose best class, from `first` on, reaches the threshold; the scores are noted in `range`.
  func best(
    _ outputs: some OutputTensors, first: Int = 0, count: Int? = nil, _ recipe: Recipe, _ range: inout ScoreRange
  ) -> [AnchorScore] {
    let (classes, output) = (count ?? width - first, recipe.output)
    let (found, noted) = outputs.withFloats(index) { values in
      var (found, noted): ([AnchorScore], ScoreRange) = ([], ScoreRange())
      for row in 0..<rows {
        var best = (label: 0, score: -Float.infinity)
        for label in 0..<classes where label != output.background {
          let value = values[place(row, first + label)]
          if value > best.score { best = (label, value) }
        }
        if let activation = output.activation, activation != .none, best.score.isFinite {
          best.score = activation.apply(toBest: best.score, of: classes) { values[place(row, first + $0)] }
        }
        noted.note(best.score)
        guard best.score >= output.threshold else { continue }
        found.append(AnchorScore(row: row, label: best.label, score: best.score))
      }
      return (found, noted)
    }
    range.note(noted.low)
    range.note(noted.high)
    return found
  }

  /// The numbers of some anchors.
  func numbers(_ outputs: some OutputTensors, of found: [AnchorScore]) -> [[Float]] {
    outputs.withFloats(index) { values in found.map { numbers(values, of: $0.row) } }
  }
}
