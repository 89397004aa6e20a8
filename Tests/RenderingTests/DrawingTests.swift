import Base
import Predictions
import Rendering
import Testing

@Suite("Drawing")
struct DrawingTests {
  private let size = Size(width: 160, height: 120)
  private let gray = [UInt8](repeating: 128, count: 160 * 120 * 3)

  private func draw(_ predictions: [Prediction], palette: Palette = Palette()) -> [UInt8] {
    var pixels = gray
    Drawing.draw(predictions, on: &pixels, size: size, palette: palette)
    return pixels
  }

  private func pixel(_ pixels: [UInt8], _ x: Int, _ y: Int) -> [UInt8] {
    Array(pixels[(y * size.width + x) * 3..<(y * size.width + x) * 3 + 3])
  }

  private func bytes(_ color: Palette.Color) -> [UInt8] { [color.red, color.green, color.blue] }

  @Test("a box has its label's colour on its sides and leaves its inside alone")
  func box() {
    let palette = Palette(labels: ["good", "chip"])
    let chip = Prediction(
      kind: .detection, label: "chip", score: 0.9, box: Rect(x: 0.25, y: 0.5, width: 0.5, height: 0.25))
    let drawn = draw([chip], palette: palette)
    let color = bytes(palette.color(for: "chip"))
    #expect(pixel(drawn, 40, 75) == color)
    #expect(pixel(drawn, 119, 75) == color)
    #expect(pixel(drawn, 80, 89) == color)
    #expect(pixel(drawn, 80, 75) == [128, 128, 128])
    #expect(pixel(drawn, 39, 75) == [128, 128, 128])
  }

  @Test("a map of numbers is laid over its box, firmly where they are great; other tensors are not drawn")
  func map() {
    var found = Prediction(kind: .tensor, box: Rect(x: 0, y: 0, width: 0.5, height: 1))
    (found.vector, found.tensor) = (
      [0, 1, 0.5, 0],
      TensorSummary(
        spec: TensorSpec(name: "depth", shape: [2, 2], element: .f32), minimum: 0, maximum: 1, mean: 0.375)
    )
    let palette = Palette()
    let color = bytes(palette.color(for: "tensor")).map { ((128 * 56) + Int($0) * 200) >> 8 }
    let drawn = draw([found], palette: palette)
    #expect(pixel(drawn, 60, 30).map(Int.init) == color)
    #expect(pixel(drawn, 20, 40) == [128, 128, 128] && pixel(drawn, 60, 110) == [128, 128, 128])
    #expect(pixel(drawn, 20, 90) != [128, 128, 128] && pixel(drawn, 100, 40) == [128, 128, 128])
    // The same numbers a thousand times as great are as firm.
    found.vector = found.vector.map { $0 * 1000 }
    #expect(draw([found], palette: palette) == drawn)
    found.vector.append(1)
    #expect(found.mapSize == nil)
  }

  @Test("a map of attention glows where there is more than area gives, by the same colours in every frame")
  func heat() {
    var found = Prediction(kind: .saliency)
    func show(_ cells: [UInt8]) -> [UInt8] {
      let map = AttentionMap(size: Size(width: 8, height: 6), cells: cells)!
      found.setAttention(map, named: "saliency", range: 0...1, mean: 0)
      return draw([found])
    }
    #expect(show([UInt8](repeating: 200, count: 48)) == gray)
    var cells = [UInt8](repeating: 0, count: 48)
    cells[9] = 255
    let sharp = show(cells)
    // The middle of that cell has the brightest colour, seven tenths of it.
    #expect(pixel(sharp, 30, 30)[0] > 210 && pixel(sharp, 30, 30)[2] < 120)
    #expect(pixel(sharp, 130, 100) == [128, 128, 128])
    // The same byte means less where the rest is attended too.
    for place in cells.indices where place != 9 { cells[place] = 130 }
    let even = show(cells)
    #expect(even != gray && pixel(even, 30, 30) != pixel(sharp, 30, 30) && pixel(even, 130, 100) == [128, 128, 128])
    var picture = gray
    HeatMap.paint(found.attention!, on: &picture, size: size, strength: 0)
    #expect(picture == gray)
  }

  @Test("a mask is laid over the cells its runs name, column by column")
  func mask() {
    var found = Prediction(kind: .segmentation)
    found.mask = Mask(size: Size(width: 2, height: 2), counts: [2, 1, 1], share: 0.25)
    let drawn = draw([found])
    #expect(pixel(drawn, 120, 30) != [128, 128, 128])
    #expect(pixel(drawn, 40, 30) == [128, 128, 128])
    #expect(pixel(drawn, 120, 90) == [128, 128, 128])
  }

  @Test("words go to the top left, whatever their letters", arguments: ["retriever", "größe 🦊", ""])
  func caption(label: String) {
    let drawn = draw([Prediction(kind: .classification, label: label, score: 0.5)])
    #expect(pixel(drawn, 8, 8) != [128, 128, 128])
    #expect(pixel(drawn, 150, 110) == [128, 128, 128])
  }

  @Test("labels that a model lists differ in colour; a label keeps its colour")
  func colors() {
    let labels = (0..<11).map { "label \($0)" }
    let palette = Palette(labels: labels)
    #expect(Set(labels.map { palette.color(for: $0) }).count == 11)
    #expect(Palette().color(for: "good") == Palette(labels: ["x"]).color(for: "good"))
  }

  /// Any number a broken network may give.
  private func wild() -> Double {
    let odd = [0, 1, -1, .nan, .infinity, -.infinity, 1e300, -1e300, .leastNonzeroMagnitude, 1e18, -0.5, 1.5]
    return Bool.random() ? odd[Int.random(in: 0..<odd.count)] : Double.random(in: -2...3)
  }

  @Test("no rectangle, point, run or size makes it fail")
  func hostile() {
    let huge = [0, 1, -1, 7, 1 << 40, Int.max, Int.min]
    for _ in 0..<2000 {
      let sides = Size(width: Int.random(in: 1...40), height: Int.random(in: 1...40))
      let kind = ModelTask.allCases.randomElement() ?? .pose
      var found = Prediction(kind: kind, label: "x", score: Float(wild()))
      if Bool.random() { found.box = Rect(x: wild(), y: wild(), width: wild(), height: wild()) }
      let names = ["nose", "left_eye", "Left Shoulder", "right-shoulder"]
      if Bool.random() { found.points = names.map { Keypoint(name: $0, x: wild(), y: wild(), score: Float(wild())) } }
      let grid = Size(width: huge.randomElement() ?? 0, height: huge.randomElement() ?? 0)
      let counts = (0..<3).map { _ in huge.randomElement() ?? 0 }
      if Bool.random() { found.mask = Mask(size: grid, counts: counts, share: wild()) }
      var pixels = [UInt8](repeating: 9, count: sides.area * 3)
      Drawing.draw([found], on: &pixels, size: sides)
      #expect(pixels.count == sides.area * 3)
    }
  }
}
