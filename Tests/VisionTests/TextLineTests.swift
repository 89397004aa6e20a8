import Base
import Predictions
import TestKit
import Testing

@testable import Vision

/// Expected corners are those of OpenCV's and Clipper's steps as PaddleOCR strings them together, which cut to whole pixels twice on the way.
@Suite("Lines of text")
struct TextLineTests {
  private let size = Size(width: 96, height: 64)

  /// An upright line, one that is turned, one of three rows, and one that is unsure.
  private var planted: [Float] {
    var map = [Float](repeating: 0, count: size.area)
    for y in 0..<64 {
      for x in 0..<96 {
        let (along, across) = (
          Double(x - 48) * 0.8 + Double(y - 44) * 0.6, Double(y - 44) * 0.8 - Double(x - 48) * 0.6
        )
        if (24..<32).contains(y), (2..<30).contains(x) { map[y * 96 + x] = 0.5 }
        if abs(along) <= 20, abs(across) <= 4.2 { map[y * 96 + x] = 0.8 }
        if (8..<16).contains(y), (10..<60).contains(x) { map[y * 96 + x] = 0.9 }
        if (2..<5).contains(y), (70..<90).contains(x) { map[y * 96 + x] = 0.95 }
      }
    }
    return map
  }

  private func corners(_ prediction: Prediction, _ size: Size) -> [[Double]] {
    prediction.points.map { [$0.x * Double(size.width), $0.y * Double(size.height)] }
  }

  /// Each expected corner is one of those that were found, however they are numbered.
  private func agree(_ found: [[Double]], _ expected: [[Double]], within pixels: Double) -> Bool {
    found.count == 4
      && expected.allSatisfy { corner in
        found.contains { near($0[0], corner[0], pixels) && near($0[1], corner[1], pixels) }
      }
  }

  @Test("lines are boxes that may be turned, grown by their rims; small and unsure ones are none")
  func lines() throws {
    let found = try decode(recipe(.textLines) { $0.threshold = 0.6 }, Tensors([1, 1, 64, 96], planted), on: size)
    #expect(found.map(\.label) == ["text", "text"] && found.allSatisfy { $0.kind == .detection })
    #expect(
      near(Double(found[0].score!), 0.9, 1e-6) && near(Double(found[1].score!), 0.70417, 0.02), "\(found[1].score!)")
    #expect(found[0].points.map(\.name) == Prediction.cornerNames && found[0].corners != nil)
    // 49 by 7 between the middles of its cells: 4.59375 on each side.
    #expect(near(found[0].box, [5.40625, 3.40625, 63.59375, 19.59375], of: size))
    #expect(agree(corners(found[0], size), [[5, 3], [64, 3], [64, 20], [5, 20]], within: 1))
    #expect(
      agree(corners(found[1], size), [[61.85, 66.16], [21.8, 35.82], [33.15, 20.84], [73.2, 51.18]], within: 1))
    // Clockwise, the first before it was turned at the left and the top.
    let turned = corners(found[1], size)
    #expect(near(turned[0][0], 33.15, 1) && near(turned[1][0], 73.2, 1) && near(turned[2][0], 61.85, 1))
  }

  @Test("the same of a smaller map, of channels last, of logits, and of a letterboxed picture")
  func ways() throws {
    let said = recipe(.textLines) { $0.threshold = 0.6 }
    let map = planted
    let usual = try decode(said, Tensors([1, 1, 64, 96], map), on: size)
    #expect(try decode(said, Tensors([1, 64, 96, 1], map), on: size) == usual)
    #expect(try decode(said, Tensors([1, 64, 96], map), on: size) == usual)
    let twice = try decode(said, Tensors([1, 1, 64, 96], map), on: Size(width: 192, height: 128))
    #expect(twice.map(\.box) == usual.map(\.box))
    let logits = map.map { $0 == 0 ? -9 : $0 * 3 }
    let sigmoid = try decode(
      recipe(.textLines) { ($0.threshold, $0.activation) = (0.92, .sigmoid) }, Tensors([1, 1, 64, 96], logits), on: size
    )
    #expect(sigmoid.map(\.box) == [usual[0].box] && near(Double(sigmoid[0].score!), 0.937027, 1e-5))
    let fault = #expect(throws: Fault.self) { try decode(said, Tensors([1, 1, 64, 96], logits), on: size) }
    #expect(fault?.message.contains("activation sigmoid") == true)
    // The picture of 96 by 32 stands in the middle of the input.
    let flat = Placement(picture: Size(width: 96, height: 32), network: size, recipe: letterbox())
    let seen = try decode(said, Tensors([1, 1, 64, 96], map), on: size, at: flat)
    #expect(seen.count == 2 && near(seen[0].box, [5.40625, 0, 63.59375, 3.59375], of: Size(width: 96, height: 32)))
  }

  @Test("a number of the map that is infinite or none is an error")
  func unsound() throws {
    var map = planted
    map[0] = .infinity
    let fault = #expect(throws: Fault.self) { try decode(recipe(.textLines), Tensors([1, 1, 64, 96], map), on: size) }
    #expect(fault?.kind == .unsupported && fault?.message.contains("1 of 6144 numbers") == true)
  }

  /// Corners of squares in each other, one cell wide and one apart, and as many cells in rows.
  private func nested(_ side: Int, isNested: Bool) -> [Float] {
    (0..<side * side).map { cell in
      let (x, y) = (cell % side, cell / side)
      return (isNested ? max(x, y) : y) % 2 == 0 ? 0.9 : 0
    }
  }

  @Test("lines that surround others cost as much as lines that do not")
  func nestedLines() throws {
    let side = 900
    let size = Size(width: side, height: side)
    func time(isNested: Bool) throws -> Duration {
      let map = Tensors([1, 1, side, side], nested(side, isNested: isNested))
      let said = recipe(.textLines) { $0.threshold = 0.6 }
      // The better of two: others are at work beside.
      return try (0..<2).map { _ in try ContinuousClock().measure { _ = try decode(said, map, on: size) } }.min()!
    }
    let (rows, corners) = (try time(isNested: false), try time(isNested: true))
    // Three times as much here, and fourteen times where each box is gone through cell by cell.
    #expect(corners < rows * 8, "\(corners) against \(rows)")
  }

  @Test("the mean of a box is that of its cells, those that lie outside the map left out")
  func means() {
    let map = ScoreMap((0..<12).map { Float($0) }, Size(width: 4, height: 3))
    let box: ([Double]) -> [(x: Double, y: Double)] = {
      [($0[0], $0[1]), ($0[2], $0[1]), ($0[2], $0[3]), ($0[0], $0[3])]
    }
    #expect(map.mean(in: box([1, 0, 2, 1])) == 3.5)
    #expect(map.mean(in: box([-5, -5, 9, 9])) == 5.5)
    #expect(map.mean(in: box([3, 2, 7, 2])) == 11)
    #expect(map.mean(in: box([5, 5, 6, 6])) == 0)
  }

  @Test("a line grows as far as is said")
  func unclip() throws {
    let found = try decode(
      recipe(.textLines) { ($0.threshold, $0.unclip) = (0.6, 3) }, Tensors([1, 1, 64, 96], planted), on: size)
    #expect(near(found[0].box, [10 - 9.1875, 0, 59 + 9.1875, 15 + 9.1875], of: size))
  }

  @Test("cells that touch at a corner alone are one line, and a line along a diagonal is turned by 45 degrees")
  func diagonal() throws {
    var map = [Float](repeating: 0, count: size.area)
    for step in 0..<40 { for rim in 0..<6 { map[(step + 8) * 96 + step + 10 + rim] = 0.9 } }
    let found = try decode(recipe(.textLines) { $0.threshold = 0.6 }, Tensors([1, 1, 64, 96], map), on: size)
    #expect(found.count == 1)
    let turned = corners(found[0], size)
    #expect(near(turned[1][1] - turned[0][1], turned[1][0] - turned[0][0], 1e-9))
    var dots = [Float](repeating: 0, count: size.area)
    for step in 0..<30 { dots[(step + 10) * 96 + step + 10] = 0.9 }
    #expect(try decode(recipe(.textLines), Tensors([1, 1, 64, 96], dots), on: size).isEmpty)
  }

  @Test(
    "PaddleOCR's detector finds the lines that its own steps find", .enabled(if: TestData.isThere, "\(TestData.whyNot)")
  )
  func paddle() throws {
    let golden = try #require(GoldenCase.all.first { $0.model.contains("en_PP-OCRv3_det") })
    let size = Size(width: golden.width, height: golden.height)
    let map = try #require(golden.outputs.first?.value)
    let found = try decode(
      recipe(.textLines) { $0.threshold = 0.6 }, Tensors([1, 1, size.height, size.width], map), on: size)
    let expected: [(Double, [[Double]])] = [
      (0.8648, [[747.7, 396.1], [508.9, 392.9], [509.3, 362.9], [748.1, 366.1]]),
      (0.8623, [[749.3, 268.3], [296.7, 257.7], [297.7, 216.7], [750.3, 227.3]]),
      (0.8080, [[673, 417], [509, 417], [509, 397], [673, 397]]),
      (0.7451, [[749.7, 297.1], [294.9, 288.9], [295.2, 267.9], [750.1, 276.1]]),
      (0.7181, [[701.7, 358.2], [510.8, 353.9], [511.3, 332.8], [702.2, 337.1]]),
      (0.7144, [[749.2, 339.3], [507.7, 331.7], [508.8, 296.7], [750.3, 304.3]]),
    ]
    #expect(found.count == expected.count)
    for (one, (score, corners)) in zip(found, expected) {
      let mine = self.corners(one, size)
      #expect(near(Double(one.score!), score, 0.003) && agree(mine, corners, within: 2), "\(one.score!) \(mine)")
    }
  }
}
