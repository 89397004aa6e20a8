import Base
import Foundation
import Predictions
import Testing
import Vision

/// Poses from maps and lists; expected numbers are numpy's.
@Suite("Poses from maps")
struct PoseMapTests {
  /// Four points on maps of 24 by 32 cells, for an input of 96 by 128.
  private let size = Size(width: 96, height: 128)
  private let points = ["a", "b", "c", "d"]

  private var maps: [Float] {
    [(10.3, 20.4, 0.9), (5.8, 7.6, 0.7), (0.2, 30.9, 0.5), (12, 9, 0.8)].flatMap { middle in
      (0..<32).flatMap { y in
        (0..<24).map { x in
          let (dx, dy) = (Double(x) - middle.0, Double(y) - middle.1)
          return Float(middle.2 * exp(-(dx * dx + dy * dy) / 8))
        }
      }
    }
  }

  private func check(_ found: [Prediction], _ expected: [[Double]], _ size: Size) {
    #expect(found.count == 1 && found.first?.kind == .pose && found.first?.points.count == expected.count)
    for (point, at) in zip(found.first?.points ?? [], expected) {
      let (x, y) = (point.x * Double(size.width), point.y * Double(size.height))
      #expect(near(x, at[0], 1e-4) && near(y, at[1], 1e-4) && near(Double(point.score ?? 0), at[2], 1e-5), "\(point)")
    }
  }

  private let expected: [[Double]] = [[41, 81, 0.87231], [23, 31, 0.682717], [0, 124, 0.496885], [48, 36, 0.8]]

  @Test("a point is the highest cell of its map, a quarter towards the higher neighbour, but not at the border")
  func heatmaps() throws {
    let said = recipe(.poseHeatmap) { $0.points = points }
    let found = try decode(said, Tensors([1, 4, 32, 24], maps), on: size)
    check(found, expected, size)
    #expect(found[0].points.map(\.name) == points && found[0].label == nil)
    #expect(try decode(recipe(.poseHeatmap, labels: points), Tensors([1, 4, 32, 24], maps), on: size) == found)
    #expect(near(Double(found[0].score!), 0.712978, 1e-5))
    #expect(near(found[0].box, [0, 31 / 128, 0.5, 124 / 128]))
    let cells = (0..<32 * 24).flatMap { cell in (0..<4).map { maps[$0 * 32 * 24 + cell] } }
    check(try decode(said, Tensors([1, 32, 24, 4], cells), on: size), expected, size)
    let low = try decode(
      recipe(.poseHeatmap) { ($0.points, $0.threshold) = (points, 0.72) }, Tensors([1, 4, 32, 24], maps), on: size)
    #expect(low.isEmpty)
  }

  @Test("where corners are aligned, the last cell is the last pixel")
  func corners() throws {
    let found = try decode(
      recipe(.poseHeatmap) { ($0.points, $0.align) = (points, .corners) }, Tensors([1, 4, 32, 24], maps), on: size)
    let step = (x: 95 / 23.0, y: 127 / 31.0)
    let moved = expected.map { [$0[0] / 4 * step.x, $0[1] / 4 * step.y, $0[2]] }
    check(found, moved, size)
    #expect(near(found[0].points[2].y * 128, 127, 1e-9))
  }

  @Test("a letterboxed person is told in the picture, logits are made scores, and what is far from scores is refused")
  func ways() throws {
    let said = recipe(.poseHeatmap) { $0.points = points }
    let wide = Placement(picture: Size(width: 96, height: 64), network: size, recipe: letterbox())
    let found = try decode(said, Tensors([1, 4, 32, 24], maps), on: size, at: wide)
    #expect(near(found[0].points[0].y, (81 - 32) / 64.0) && near(found[0].points[0].x, 41 / 96.0))
    let logits = Tensors([1, 4, 32, 24], maps.map { $0 * 9 - 4 })
    let sigmoid = try decode(
      recipe(.poseHeatmap) { ($0.points, $0.activation) = (points, .sigmoid) }, logits, on: size)
    #expect(near(Double(sigmoid[0].points[3].score!), 1 / (1 + exp(-3.2)), 1e-5))
    let fault = #expect(throws: Fault.self) { try decode(said, logits, on: size) }
    #expect(fault?.message.contains("activation sigmoid") == true)
    // A height of 1.02 is what such maps give, too.
    #expect(try decode(said, Tensors([1, 4, 32, 24], maps.map { $0 * 1.2 }), on: size).count == 1)
  }

  @Test("seventeen maps of sixteen by sixteen are seventeen points of a person; where both could be, it is asked")
  func small() throws {
    let square = Size(width: 64, height: 64)
    var values = [Float](repeating: 0, count: 17 * 256)
    for point in 0..<17 { values[point * 256 + 5 * 16 + point % 16] = 0.9 }
    let person = try decode(recipe(.poseHeatmap), Tensors([1, 17, 16, 16], values), on: square)
    #expect(person[0].label == "person" && person[0].points.map(\.name) == OutputRecipe.personPoints)
    #expect(near(person[0].points[8].x, 0.5) && near(person[0].points[8].y, 20 / 64.0))
    let fifteen = OutputRecipe.points(15)
    let doubt = #expect(throws: Fault.self) {
      try decode(recipe(.poseHeatmap), Tensors([1, 15, 16, 16]), on: square)
    }
    #expect(doubt?.message.contains("say layout nchw or nhwc") == true)
    let said = recipe(.poseHeatmap) { ($0.points, $0.layout) = (fifteen, .nchw) }
    #expect(try decode(said, Tensors([1, 15, 16, 16]), on: square)[0].points.count == 15)
  }

  /// Three points on 3 by 4 cells of an input of 65 by 97: 32 pixels to a cell.
  private func posenet(_ isNHWC: Bool) -> Tensors {
    func values(_ channels: Int, _ value: (Int, Int, Int) -> Float) -> [Float] {
      var values = [Float](repeating: 0, count: channels * 12)
      for cell in 0..<12 {
        for channel in 0..<channels {
          values[isNHWC ? cell * channels + channel : channel * 12 + cell] = value(channel, cell / 3, cell % 3)
        }
      }
      return values
    }
    let heat = values(3) { (k: Int, y: Int, x: Int) -> Float in
      let step = (k * 7 + y * 5 + x * 3) % 11
      return Float(step) / 2 - 3
    }
    let steps = values(6) { (k: Int, y: Int, x: Int) -> Float in
      let step = (k * 5 + y * 3 + x * 2) % 13
      return Float(step - 6)
    }
    var tensors = Tensors(isNHWC ? [1, 4, 3, 6] : [1, 6, 4, 3], steps, name: "offsets")
    tensors.add("heatmaps", isNHWC ? [1, 4, 3, 3] : [1, 3, 4, 3], heat)
    return tensors
  }

  @Test("PoseNet's point is its map's highest cell and the offset there", arguments: [true, false])
  func posenet(isNHWC: Bool) throws {
    let size = Size(width: 65, height: 97)
    let said = recipe(.posenet) { ($0.points, $0.activation) = (["a", "b", "c"], .sigmoid) }
    let found = try decode(said, posenet(isNHWC), on: size)
    check(found, [[2, 64, 0.880797], [35, 1, 0.880797], [36, 98, 0.880797]], size)
    let fault = #expect(throws: Fault.self) {
      try decode(recipe(.posenet) { $0.points = ["a", "b", "c"] }, posenet(isNHWC), on: size)
    }
    #expect(fault?.message.contains("activation sigmoid") == true)
  }

  /// Of each point a number for each place, `start · point + step · place` modulo `end`.
  private func list(_ length: Int, _ start: Int, _ step: Int, _ end: Int, _ unit: Float) -> [Float] {
    (0..<3 * length).map { (at: Int) -> Float in
      let number = (at / length * start + at % length * step) % end
      return Float(number) / unit
    }
  }

  private var lists: Tensors {
    var tensors = Tensors([1, 3, 128], list(128, 13, 5, 127, 110), name: "simcc_y")
    tensors.add("simcc_x", [1, 3, 96], list(96, 11, 7, 97, 100))
    return tensors
  }

  @Test("RTMPose's point is the highest column and row, half a pixel each, and scores the lesser of both")
  func simcc() throws {
    let size = Size(width: 48, height: 64)
    let expected: [[Double]] = [[41.5, 38, 0.96], [13, 24, 0.96], [33, 10, 0.96]]
    check(try decode(recipe(.simcc) { $0.points = ["a", "b", "c"] }, lists, on: size), expected, size)
    var bare = lists
    for (index, name) in ["p", "q"].enumerated() { bare.specs[index].name = name }
    check(try decode(recipe(.simcc) { $0.points = ["a", "b", "c"] }, bare, on: size), expected, size)
    // On a square nothing but the name tells columns from rows.
    var square = Tensors([1, 17, 64], name: "p")
    square.add("q", [1, 17, 64])
    let fault = #expect(throws: Fault.self) { try decode(recipe(.simcc), square, on: Size(width: 32, height: 32)) }
    #expect(fault?.message.contains("scores: NAME") == true)
    let head = try Head(
      recipe(.simcc) { $0.scores = "q" }, outputs: square.specs, network: Size(width: 32, height: 32))
    #expect(head.unused.isEmpty)
  }
}
