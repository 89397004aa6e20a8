internal import Base
internal import Predictions

/// Boxes with a mask each: mask coefficients behind a box's other numbers, and prototypes that they weigh (`yolo-segment` in manifests).
///
/// YOLACT's arithmetic (Bolya et al., 2019) as Ultralytics' families have it: a mask is the weighted sum of the prototypes, brought to the
/// input's size, where it is above 0 and inside the box.
struct InstanceDecoder: Decoder {
  private let recipe: Recipe
  private let rows: YOLORows
  private let prototypes: MaskPrototypes
  private let scale: (x: Float, y: Float)

  static let facts = YOLORows.facts(.detection, reads: "boxes with mask coefficients, and the maps that they weigh")

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let sides = ground.prototypeSides
    return [
      ground.named([("a", [1, 4 + 3 + 8, ground.allCells]), ("b", [1, 8] + sides)]),
      ground.named([("a", [1, 300, 6 + 8]), ("b", [1] + sides + [8])]),
      ground.named([("a", [1, 3 * ground.allCells, 5 + 3 + 8]), ("b", [1, 8] + sides)]),
      ground.named([("a", [1, nil, 6 + 8]), ("b", [1, 8, nil, nil])]),
    ]
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    scale = plan.scale(usual: .pixels)
    guard let prototypes = MaskPrototypes(plan) else {
      throw plan.mismatch(
        "an output of boxes [1,numbers,boxes] and one of maps [1,maps,height,width] are expected: \(plan.outputs.map(\.description).joined(separator: ", "))"
      )
    }
    self.prototypes = prototypes
    let boxes = plan.outputs.indices.filter { $0 != prototypes.index && innerShape(plan.outputs[$0], rank: 2) != nil }
    guard plan.output.scores != nil || boxes.count == 1 else {
      throw plan.mismatch("say which output has the boxes and scores, as scores: NAME")
    }
    let index = try plan.index(named: plan.output.scores, otherwise: boxes.first ?? 0)
    rows = try YOLORows(plan, at: index, extra: prototypes.count, finished: [])
  }

  var used: [Int] { [rows.index, prototypes.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let (found, check) = outputs.withFloats(rows.index) { rows.candidates($0, recipe, scale) }
    try check.verdict()
    let kept = try recipe.kept(found, at: placement, hasDoubles: rows.manner != .finished)
    let weights = outputs.withFloats(rows.index) { values in kept.map { rows.extras(values, of: $0.row) } }
    guard let maps = prototypes.maps(outputs.specs[prototypes.index].shape) else { return [] }
    let picture = PictureGrid(map: placement.network, at: placement)
    return outputs.withFloats(prototypes.index) { values in
      zip(kept, weights).compactMap { candidate, weights in
        let box = placement.toPicture(candidate.box)
        guard box.area > 0, maps.fits(values) else { return nil }
        let patch = MaskPatch(values, maps, weights, candidate.box, placement.network)
        // The family leaves out what has no mask.
        guard let mask = patch.mask(on: picture, placement.network) else { return nil }
        var prediction = recipe.prediction(candidate, in: box)
        prediction.mask = mask
        return prediction
      }
    }
  }
}

extension SampleGround {
  /// A quarter of the input's.
  fileprivate var prototypeSides: [Int] { [max(1, network.height / 4), max(1, network.width / 4)] }
}

/// Which output holds the maps that mask coefficients weigh, and how they lie in it.
struct MaskPrototypes {
  let index: Int
  /// How many maps.
  let count: Int
  private let isChannelsFirst: Bool

  /// The shape of one run's maps.
  struct Maps {
    let size: Size
    let count: Int
    let isChannelsFirst: Bool

    func fits(_ values: Span<Float>) -> Bool { values.count >= size.area * count }

    func place(_ map: Int, _ x: Int, _ y: Int) -> Int {
      let cell = y * size.width + x
      return isChannelsFirst ? map * size.area + cell : cell * count + map
    }
  }

  /// `nil` where there is not one output of four sides.
  init?(_ plan: DecoderPlan) {
    let four = plan.outputs.indices.filter { plan.outputs[$0].shape.count == 4 }
    guard four.count == 1, let sides = innerShape(plan.outputs[four[0]], rank: 3) else { return nil }
    index = four[0]
    isChannelsFirst = Self.isChannelsFirst(sides, plan)
    guard let count = sides[isChannelsFirst ? 0 : 2], count > 0 else { return nil }
    self.count = count
  }

  /// The maps lie over the input evenly, as channels first, or else as TensorFlow has them.
  ///
  /// Where both may be, boxes in fractions tell TensorFlow's networks.
  private static func isChannelsFirst(_ sides: [Int?], _ plan: DecoderPlan) -> Bool {
    guard let first = sides[0], let second = sides[1], let third = sides[2] else { return sides[0] != nil }
    func isEven(_ height: Int, _ width: Int) -> Bool {
      plan.network.height * width == plan.network.width * height
    }
    let (isFirst, isLast) = (isEven(second, third), isEven(first, second))
    return isFirst == isLast ? plan.output.coordinates != .fractions : isFirst
  }

  /// With the sides that came; `nil` where they are others than were promised.
  func maps(_ shape: [Int?]) -> Maps? {
    let sides = shape.suffix(3).compactMap { $0 }
    guard sides.count == 3, sides[isChannelsFirst ? 0 : 2] == count else { return nil }
    let size = isChannelsFirst ? Size(width: sides[2], height: sides[1]) : Size(width: sides[1], height: sides[0])
    guard size.width > 0, size.height > 0 else { return nil }
    return Maps(size: size, count: count, isChannelsFirst: isChannelsFirst)
  }
}

/// The weighted sum of prototypes under one box, at their resolution.
struct MaskPatch {
  /// Cells that pixels of the box lie between.
  private let columns: Range<Int>
  private let rows: Range<Int>
  private let sums: [Float]
  private let size: Size
  /// Pixels of the input inside the box: those whose number is at least its edge and less than its other one.
  private let across: Range<Int>
  private let down: Range<Int>

  /// `box` is in pixels of the input.
  init(_ values: Span<Float>, _ maps: MaskPrototypes.Maps, _ weights: [Float], _ box: Rect, _ network: Size) {
    size = maps.size
    across = Self.pixels(box.x, box.right, network.width)
    down = Self.pixels(box.y, box.bottom, network.height)
    columns = Self.cells(across, maps.size.width, network.width)
    rows = Self.cells(down, maps.size.height, network.height)
    var sums = [Float](repeating: 0, count: columns.count * rows.count)
    for (map, weight) in weights.enumerated() {
      var at = 0
      for y in rows {
        for x in columns {
          sums[at] += weight * values[maps.place(map, x, y)]
          at += 1
        }
      }
    }
    self.sums = sums
  }

  private static func pixels(_ from: Double, _ to: Double, _ length: Int) -> Range<Int> {
    func edge(_ place: Double) -> Int { Int(min(max(place.rounded(.up), 0), Double(length))) }
    return edge(from)..<max(edge(from), edge(to))
  }

  private static func cells(_ pixels: Range<Int>, _ count: Int, _ length: Int) -> Range<Int> {
    guard let last = pixels.last else { return 0..<0 }
    return step(pixels.lowerBound, 0, count, length).first..<step(last, 0, count, length).second + 1
  }

  /// Where it is above 0 once it is brought to the input's size, between cells in a straight line; `nil` where it is nowhere.
  func mask(on picture: PictureGrid, _ network: Size) -> Mask? {
    func steps(_ pixels: Range<Int>, _ offset: Int, _ end: Int, _ count: Int, _ length: Int) -> [Step] {
      pixels.clamped(to: max(0, offset)..<max(0, offset, end + offset)).map { Self.step($0, offset, count, length) }
    }
    let columns = steps(across, picture.offset.x, picture.size.width, size.width, network.width)
    let rows = steps(down, picture.offset.y, picture.size.height, size.height, network.height)
    var tally = MaskTally()
    for column in columns {
      for row in rows where value(column, row) > 0 {
        tally.add(x: column.place, y: row.place, height: picture.size.height, score: nil)
      }
    }
    return tally.mask(picture.size)
  }

  /// A line of the picture's grid, between which two lines of cells it lies, and how near to the second.
  private struct Step {
    let place: Int
    let first: Int
    let second: Int
    let share: Float
  }

  private static func step(_ pixel: Int, _ offset: Int, _ count: Int, _ length: Int) -> Step {
    let at = max(0, (Double(pixel) + 0.5) * Double(count) / Double(length) - 0.5)
    let first = min(Int(at), count - 1)
    return Step(
      place: pixel - offset, first: first, second: min(first + 1, count - 1), share: Float(at - Double(first)))
  }

  private func value(_ column: Step, _ row: Step) -> Float {
    let above = sum(column.first, row.first) * (1 - column.share) + sum(column.second, row.first) * column.share
    let below = sum(column.first, row.second) * (1 - column.share) + sum(column.second, row.second) * column.share
    return above * (1 - row.share) + below * row.share
  }

  private func sum(_ x: Int, _ y: Int) -> Float {
    sums[(y - rows.lowerBound) * columns.count + x - columns.lowerBound]
  }
}
