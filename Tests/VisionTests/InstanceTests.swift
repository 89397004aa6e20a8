import Base
import Predictions
import Testing
import Vision

@Suite("Instance masks")
struct InstanceTests {
  /// Four maps of 16 by 16: a half plane each, a disc, and all.
  private static func map(_ number: Int, _ x: Int, _ y: Int) -> Float {
    switch number {
    case 0: Float(x) - 6.3
    case 1: Float(y) - 7.1
    case 2: 9 - Float((x - 6) * (x - 6) + (y - 8) * (y - 8))
    default: 1
    }
  }

  private static let weights: [Float] = [0.4, -0.3, 0.5, 0.2]

  /// The family's arithmetic written out plainly: sums at the maps' size, brought to 64 by 64, above 0, cut to the box.
  private func reference(_ box: [Float]) -> [[Bool]] {
    var sums = [[Float]](repeating: [Float](repeating: 0, count: 16), count: 16)
    for y in 0..<16 {
      for x in 0..<16 {
        sums[y][x] = (0..<4).reduce(0) { $0 + Self.weights[$1] * Self.map($1, x, y) }
      }
    }
    func part(_ pixel: Int) -> (Int, Int, Float) {
      let at = max(0, (Float(pixel) + 0.5) / 4 - 0.5)
      return (min(15, Int(at)), min(15, Int(at) + 1), at - Float(Int(at)))
    }
    return (0..<64).map { y in
      (0..<64).map { x in
        let ((x0, x1, u), (y0, y1, v)) = (part(x), part(y))
        let above = sums[y0][x0] * (1 - u) + sums[y0][x1] * u
        let isInside = Float(x) >= box[0] && Float(x) < box[2] && Float(y) >= box[1] && Float(y) < box[3]
        return isInside && above * (1 - v) + (sums[y1][x0] * (1 - u) + sums[y1][x1] * u) * v > 0
      }
    }
  }

  private func tensors(
    _ answer: YOLOAnswer, _ manner: YOLOAnswer.Manner, unit: Float, isLast: Bool
  ) -> Tensors {
    var tensors = answer.tensors(manner, unit: unit)
    let maps = (0..<4).flatMap { number in (0..<256).map { Self.map(number, $0 % 16, $0 / 16) } }
    let turned = (0..<1024).map { maps[$0 % 4 * 256 + $0 / 4] }
    tensors.add("output1", isLast ? [1, 16, 16, 4] : [1, 4, 16, 16], isLast ? turned : maps)
    return tensors
  }

  private func cells(_ mask: Mask) -> [[Bool]] {
    var flat: [Bool] = []
    for (number, count) in mask.counts.enumerated() { flat += Array(repeating: number % 2 == 1, count: count) }
    return (0..<mask.size.height).map { y in (0..<mask.size.width).map { flat[$0 * mask.size.height + y] } }
  }

  @Test(
    "A mask is the weighted prototypes inside its box, on the part of the input that shows the picture",
    arguments: Shown.all, YOLOAnswer.Manner.allCases)
  func masks(shown: Shown, manner: YOLOAnswer.Manner) throws {
    for (unit, coordinates, isLast) in [(1, nil, false), (64, .fractions, true)]
      as [(Float, OutputRecipe.Coordinates?, Bool)]
    {
      var answer = YOLOAnswer()
      answer.extras = Self.weights
      var output = OutputRecipe.usual(.yoloSegment)
      output.coordinates = coordinates
      let found = try decode(
        Recipe(task: .detection, output: output, labels: ["a", "b"]),
        tensors(answer, manner, unit: unit, isLast: isLast), on: YOLOAnswer.network, at: shown.placement)
      #expect(found.count == 1 && found[0].label == "b" && shown.isNear(found[0].box, answer.box))
      let mask = try #require(found[0].mask)
      let wanted = reference(answer.box)
      let (left, top) = (Int(shown.plus.0), Int(shown.plus.1))
      #expect(mask.size == Size(width: 64 - 2 * left, height: 64 - 2 * top))
      let part = wanted[top..<64 - top].map { Array($0[left..<64 - left]) }
      #expect(cells(mask) == part)
      #expect(near(mask.share, Double(part.joined().count { $0 }) / Double(mask.size.area), 1e-9))
    }
  }

  @Test("An object whose mask is nowhere is left out, as the family does it")
  func nothing() throws {
    var answer = YOLOAnswer()
    answer.extras = [0, 0, 0, -1]
    let found = try decode(
      Recipe(task: .detection, output: .usual(.yoloSegment)), tensors(answer, .cells, unit: 1, isLast: false),
      on: YOLOAnswer.network)
    #expect(found.isEmpty)
  }

  @Test("A crop that shows a part of the picture has its mask there, in the whole picture's grid")
  func crop() throws {
    var answer = YOLOAnswer()
    answer.extras = Self.weights
    let region = Rect(x: 64, y: 32, width: 64, height: 64)
    let placement = Placement(
      picture: Size(width: 256, height: 128), region: region, network: YOLOAnswer.network, recipe: InputRecipe())
    let found = try decode(
      Recipe(task: .detection, output: .usual(.yoloSegment)), tensors(answer, .cells, unit: 1, isLast: false),
      on: YOLOAnswer.network, at: placement)
    let mask = try #require(found.first?.mask)
    #expect(mask.size == Size(width: 256, height: 128))
    let wanted = reference(answer.box)
    let grid = cells(mask)
    for y in 0..<64 { #expect(Array(grid[y + 32][64..<128]) == wanted[y]) }
  }
}
