import Base
import Testing

@Suite("Geometry")
struct GeometryTests {
  private func box() -> Rect {
    // Whole numbers, so that squares can be counted.
    Rect(
      x: Double(Int.random(in: 0..<12)), y: Double(Int.random(in: 0..<12)), width: Double(Int.random(in: 0...8)),
      height: Double(Int.random(in: 0...8)))
  }

  private func squares(_ rect: Rect) -> Set<[Int]> {
    var inside: Set<[Int]> = []
    for y in Int(rect.y)..<Int(rect.bottom) {
      for x in Int(rect.x)..<Int(rect.right) { inside.insert([x, y]) }
    }
    return inside
  }

  @Test("overlap is shared squares over all squares, the same from both sides, and 1 with itself")
  func iou() {
    for _ in 0..<300 {
      let (a, b) = (box(), box())
      let (shared, all) = (squares(a).intersection(squares(b)).count, squares(a).union(squares(b)).count)
      let expected = all == 0 ? 0 : Double(shared) / Double(all)
      #expect(abs(a.iou(b) - expected) < 1e-12, "\(a) \(b)")
      #expect(a.iou(b) == b.iou(a))
      if a.area > 0 { #expect(a.iou(a) == 1) }
    }
  }

  @Test("clipping keeps what both hold; once is enough")
  func clipped() {
    for _ in 0..<300 {
      let (a, b) = (box(), box())
      let both = a.clipped(to: b)
      #expect(squares(both) == squares(a).intersection(squares(b)))
      #expect(both.width >= 0 && both.height >= 0)
      #expect(both.clipped(to: b) == both)
      #expect(both.x >= b.x && both.right <= b.right && both.y >= b.y && both.bottom <= b.bottom)
    }
  }

  @Test("rectangles turned inside out have no area, and overlap nothing")
  func inverted() {
    let inverted = Rect(left: 5, top: 5, right: 1, bottom: 1)
    #expect(inverted.area == 0)
    #expect(inverted.iou(Rect(x: 0, y: 0, width: 10, height: 10)) == 0)
    #expect(Rect(x: 0, y: 0, width: 10, height: 10).iou(inverted) == 0)
  }

  @Test("corners and sides tell the same rectangle")
  func corners() {
    let rect = Rect(left: 1, top: 2, right: 4, bottom: 8)
    #expect(rect == Rect(x: 1, y: 2, width: 3, height: 6))
    #expect(rect.right == 4 && rect.bottom == 8 && rect.area == 18)
    #expect("\(Size(width: 640, height: 360))" == "640x360" && Size(width: 640, height: 360).area == 230_400)
  }

  @Test("a ratio without a denominator is unknown, and zero")
  func ratio() {
    #expect(Ratio(30000, 1001).value == 30000 / 1001.0)
    #expect(Ratio(1, 0).value == 0 && !Ratio(1, 0).isKnown && !Ratio(0, 1).isKnown && Ratio(1, 25).isKnown)
  }

  @Test("a tensor is told in a line; open sides are question marks")
  func specs() {
    let spec = TensorSpec(name: "in", shape: [1, 3, nil, nil], element: .f32)
    #expect("\(spec)" == "in FP32 [1,3,?,?]" && spec.isDynamic)
    #expect(ElementType.allCases.filter { $0.byteCount == 0 } == [.string])
  }

  @Test("a fault is its message, and keeps kind and cause when it is given a place")
  func fault() {
    let fault = Fault(.badInput, "it ends early", cause: "EOF").at("a.mp4")
    #expect(fault == Fault(.badInput, "a.mp4: it ends early", cause: "EOF") && "\(fault)" == "a.mp4: it ends early")
  }
}
