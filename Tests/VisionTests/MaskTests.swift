import Base
import Foundation
import Predictions
import TestKit
import Testing
import Vision

@Suite("Masks")
struct MaskTests {
  /// Which pixels a mask holds, row by row: the runs read back as COCO defines them.
  private func pixels(_ mask: Mask) -> [Bool] {
    let columns = mask.counts.enumerated().flatMap { [Bool](repeating: $0.offset % 2 == 1, count: $0.element) }
    #expect(columns.count == mask.size.area)
    guard columns.count == mask.size.area else { return [] }
    #expect(mask.counts.dropFirst().allSatisfy { $0 > 0 })
    return (0..<mask.size.area).map { columns[$0 % mask.size.width * mask.size.height + $0 / mask.size.width] }
  }

  /// Compares one prediction with the pixels it should hold.
  private func expect(_ found: Prediction, _ size: Size, inside: (Int, Int) -> Bool) {
    guard let mask = found.mask, mask.size == size else {
      Issue.record("the mask is \(String(describing: found.mask?.size)), not \(size)")
      return
    }
    let places = (0..<size.area).map { (x: $0 % size.width, y: $0 / size.width) }
    #expect(pixels(mask) == places.map { inside($0.x, $0.y) })
    let held = places.filter { inside($0.x, $0.y) }
    #expect(near(mask.share, Double(held.count) / Double(size.area)))
    let (xs, ys) = (held.map { Double($0.x) }, held.map { Double($0.y) })
    #expect(near(found.box, [xs.min()!, ys.min()!, xs.max()! + 1, ys.max()! + 1], of: size))
  }

  @Test("a class for each pixel: one mask a class, the largest first, nothing for the background")
  func classIDs() throws {
    let ids: [Float] = [0, 1, 1, 2, 1, 1]
    let found = try decode(
      recipe(.mask, labels: ["none", "bird", "cat"]) { $0.background = 0 }, Tensors([1, 2, 3], ids, element: .i64),
      on: Size(width: 3, height: 2))
    #expect(found.map(\.label) == ["bird", "cat"])
    #expect(found.map(\.score) == [nil, nil])
    // Columns: 0 2, 1 1, 1 1.
    #expect(found[0].mask == Mask(size: Size(width: 3, height: 2), counts: [2, 4], share: 4.0 / 6))
    #expect(found[1].mask == Mask(size: Size(width: 3, height: 2), counts: [1, 1, 4], share: 1.0 / 6))
    #expect(near(found[0].box, [1, 0, 3, 2], of: Size(width: 3, height: 2)))
    #expect(near(found[1].box, [0, 1, 1, 2], of: Size(width: 3, height: 2)))
  }

  @Test("a mask that holds the first pixel begins with no pixels outside")
  func firstPixel() throws {
    let found = try decode(recipe(.mask), Tensors([1, 1, 2], [3, 0], element: .u8), on: Size(width: 2, height: 1))
    #expect(found.first { $0.label == "class 3" }?.mask?.counts == [0, 1, 1])
    #expect(found.first { $0.label == "class 0" }?.mask?.counts == [1, 1])
  }

  @Test(
    "scores for each class and pixel: channels first or last, the best class of a pixel has it",
    arguments: [true, false])
  func channels(first: Bool) throws {
    var dice = SeededRandom(4)
    for _ in 0..<40 {
      let size = Size(width: .random(in: 4...9, using: &dice), height: .random(in: 4...9, using: &dice))
      let classes = 3
      var scores = [Float](repeating: 0, count: size.area * classes)
      var winner = [Int](repeating: 0, count: size.area)
      var sums = [Float](repeating: 0, count: classes)
      for pixel in 0..<size.area {
        let row = (0..<classes).map { _ in Float.random(in: 0...1, using: &dice) }
        winner[pixel] = row.indices.max { row[$0] < row[$1] }!
        sums[winner[pixel]] += row.max()!
        for label in 0..<classes { scores[first ? label * size.area + pixel : pixel * classes + label] = row[label] }
      }
      let shape = first ? [1, classes, size.height, size.width] : [1, size.height, size.width, classes]
      let found = try decode(recipe(.mask) { $0.background = 1 }, Tensors(shape, scores), on: size)
      #expect(
        Set(found.map(\.label)) == Set(winner).subtracting([1]).map { "class \($0)" }.reduce(into: []) { $0.insert($1) }
      )
      #expect(found.map { $0.mask!.share } == found.map { $0.mask!.share }.sorted(by: >))
      for prediction in found {
        let label = Int(prediction.label!.dropFirst(6))!
        expect(prediction, size) { winner[$1 * size.width + $0] == label }
        let count = Float(winner.filter { $0 == label }.count)
        #expect(near(Double(prediction.score!), Double(sums[label] / count), 1e-4))
      }
    }
  }

  @Test(
    "one channel of scores is one class against nothing, by threshold",
    arguments: [[1, 1, 2, 3], [1, 2, 3], [2, 3], [1, 2, 3, 1]])
  func oneChannel(shape: [Int]) throws {
    let recipe = recipe(.mask, labels: ["text"]) { $0.threshold = 0.5 }
    let found = try decode(recipe, Tensors(shape, [0.5, 0.4, 0.9, 0.1, 0.6, .nan]), on: Size(width: 3, height: 2))
    try #require(found.count == 1)
    #expect(found[0].label == "text" && near(Double(found[0].score!), (0.5 + 0.9 + 0.6) / 3))
    expect(found[0], Size(width: 3, height: 2)) { [[0, 0], [2, 0], [1, 1]].contains([$0, $1]) }
  }

  @Test("sigmoid and softmax are taken before the threshold")
  func activation() throws {
    let one = try decode(
      recipe(.mask) { ($0.activation, $0.threshold) = (.sigmoid, 0.6) }, Tensors([1, 1, 1, 2], [0.2, 1]),
      on: Size(width: 2, height: 1))
    #expect(one.first?.mask?.counts == [1, 1])
    #expect(near(Double(one.first?.score ?? 0), 1 / (1 + exp(-1))))
    let rows: [Float] = [0, 3, 0, 0, 0, 0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0]  // 3x3, two channels
    let two = try decode(
      recipe(.mask) { ($0.activation, $0.threshold, $0.background) = (.softmax, 0.6, 1) }, Tensors([1, 2, 3, 3], rows),
      on: Size(width: 3, height: 3))
    try #require(two.count == 1)
    #expect(two[0].mask?.counts == [3, 1, 5])
    #expect(near(Double(two[0].score!), 1 / (1 + exp(-3))))
  }

  @Test("quantised scores count in 1/256, or in the unit that is told")
  func quantised() throws {
    let scores = Tensors([1, 2, 2, 2], [255, 10, 10, 10, 0, 200, 20, 20], element: .u8)
    let found = try decode(recipe(.mask) { $0.threshold = 0.5 }, scores, on: Size(width: 2, height: 2))
    #expect(found.map(\.label) == ["class 0", "class 1"])
    #expect(found.map(\.score) == [0.99609375, 0.78125])
    let one = try decode(
      recipe(.mask) { ($0.threshold, $0.unit) = (0.5, Float(1) / 255) }, Tensors([1, 1, 2], [255, 100], element: .u8),
      on: Size(width: 2, height: 1))
    #expect(one.map(\.score) == [1])
  }

  @Test("letterboxed, the grid covers the picture without the padding")
  func letterboxed() throws {
    // A picture of 8x4 fills rows 2 to 5 of 8x8, which are rows 1 and 2 of a map of 4x4.
    let network = Size(width: 8, height: 8)
    let placement = Placement(picture: Size(width: 8, height: 4), network: network, recipe: letterbox())
    let ids: [Float] = [1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    let found = try decode(
      recipe(.mask) { $0.background = 0 }, Tensors([1, 4, 4], ids, element: .i32), on: network, at: placement)
    try #require(found.count == 1)
    expect(found[0], Size(width: 4, height: 2)) { [[1, 0], [3, 1]].contains([$0, $1]) }
  }

  @Test("cropped, the grid covers also what the network did not see, and holds nothing there")
  func cropped() throws {
    // Of 16x8 the middle 8x8 are seen: columns 2 to 5 of a grid of 8x4.
    let network = Size(width: 8, height: 8)
    let placement = Placement(picture: Size(width: 16, height: 8), network: network, recipe: crop())
    let ids = [Float](repeating: 1, count: 16)
    let found = try decode(recipe(.mask), Tensors([1, 4, 4], ids, element: .i32), on: network, at: placement)
    try #require(found.count == 1)
    expect(found[0], Size(width: 8, height: 4)) { x, _ in (2...5).contains(x) }
  }

  @Test("classes that cannot be are passed over")
  func impossible() throws {
    let ids: [Float] = [-1, 9.3e18, -9.3e18, 5]
    let found = try decode(
      recipe(.mask, labels: ["a"]), Tensors([1, 1, 4], ids, element: .i64), on: Size(width: 4, height: 1))
    #expect(found.map(\.label) == ["class 5"])
  }
}
