import Base
import Foundation
import Predictions
import Testing

@testable import Vision

@Suite("Detections")
struct DetectionTests {
  private func logarithm(_ value: Double) -> Float { Float(log(value)) }

  @Test("yolox: a row is a cell, with offsets from it; levels follow each other")
  func yolox() throws {
    // 32x32, strides 16 and 32: four cells, then one.
    var rows = [Float](repeating: 0, count: 5 * 7)
    rows.replaceSubrange(21..<28, with: [0.5, 0.25, 0, logarithm(1.5), 0.8, 0.5, 0.9])
    rows.replaceSubrange(28..<35, with: [0.5, 0.5, logarithm(0.25), logarithm(0.5), 1, 0.6, 0.1])
    let recipe = recipe(.yolox, labels: ["cat", "dog"]) { ($0.strides, $0.threshold) = ([16, 32], 0.3) }
    let found = try decode(recipe, Tensors([1, 5, 7], rows), on: Size(width: 32, height: 32))
    #expect(found.map(\.label) == ["dog", "cat"])
    #expect(near(Double(found[0].score!), 0.72) && near(Double(found[1].score!), 0.6))
    // Cell 1,1 of stride 16: centre 24,20, sides 16 and 24.
    #expect(near(found[0].box, [16, 8, 32, 32], of: Size(width: 32, height: 32)))
    // The cell of stride 32: centre 16,16, sides 8 and 16.
    #expect(near(found[1].box, [12, 8, 20, 24], of: Size(width: 32, height: 32)))
  }

  @Test("yolox: an input that is no multiple of the stride has a cell for the rest")
  func yoloxRest() throws {
    // 40x24, stride 16: three cells a row, two rows. The last is cell 2,1.
    var rows = [Float](repeating: 0, count: 6 * 6)
    rows.replaceSubrange(30..<36, with: [0, 0, 0, 0, 1, 1])
    let found = try decode(
      recipe(.yolox) { ($0.strides, $0.threshold) = ([16], 0.3) }, Tensors([1, 6, 6], rows),
      on: Size(width: 40, height: 24))
    #expect(near(found.first?.box, [24, 8, 40, 24], of: Size(width: 40, height: 24)))
  }

  @Test("yolox: neither objectness nor class score alone reaches the threshold")
  func yoloxThreshold() throws {
    let rows: [Float] = [0, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0.29, 1, 0, 0, 0, 0, 1, 0.3, 0, 0, 0, 0, 0.9, 0.33]
    let found = try decode(
      recipe(.yolox) { ($0.strides, $0.threshold, $0.iou) = ([16], 0.3, 1) }, Tensors([1, 4, 6], rows),
      on: Size(width: 32, height: 32))
    #expect(found.map(\.score) == [0.3])
  }

  @Test("yolov5: rows of centre and size in pixels, objectness and classes")
  func yolov5() throws {
    let rows: [Float] = [50, 25, 20, 10, 0.8, 0.25, 0.75, 50, 25, 20, 10, 0.5, 0.1, 0.9, 10, 10, 4, 4, 0.9, 0.5, 0.4]
    let recipe = recipe(.yolov5, labels: ["cat", "dog"]) { $0.threshold = 0.4 }
    let found = try decode(recipe, Tensors([1, 3, 7], rows), on: Size(width: 100, height: 50))
    #expect(found.map(\.label) == ["dog", "cat"])
    #expect(near(Double(found[0].score!), 0.6) && near(Double(found[1].score!), 0.45))
    #expect(near(found[0].box, [0.4, 0.4, 0.6, 0.6]))
    #expect(near(found[1].box, [0.08, 0.16, 0.12, 0.24]))
  }

  @Test("yolov8: the same lying down, without objectness, and back through the letterbox")
  func yolov8() throws {
    let columns: [Float] = [
      50, 10, 50,  // x
      50, 50, 50,  // y
      20, 4, 20,  // width
      10, 4, 10,  // height
      0.1, 0.7, 0.2,  // cat
      0.9, 0.1, 0.8,  // dog
    ]
    let placement = Placement(
      picture: Size(width: 200, height: 100), network: Size(width: 100, height: 100), recipe: letterbox())
    let recipe = recipe(.yolov8, labels: ["cat", "dog"]) { $0.threshold = 0.3 }
    let found = try decode(recipe, Tensors([1, 6, 3], columns), on: Size(width: 100, height: 100), at: placement)
    #expect(found.map(\.label) == ["dog", "cat"])
    #expect(found.map(\.score) == [0.9, 0.7])
    #expect(near(found[0].box, [0.4, 0.4, 0.6, 0.6]))
    #expect(near(found[1].box, [0.08, 0.46, 0.12, 0.54]))
  }

  @Test(
    "boxes: corners in fractions, found by their four columns; the class that means nothing is left out",
    arguments: [false, true])
  func boxes(boxesFirst: Bool) throws {
    let corners: [Float] = [0.1, 0.2, 0.3, 0.4, 0, 0, 1, 1, -0.5, 0.5, 0.5, 1.5]
    let scores: [Float] = [0.1, 0.9, 0.9, 0.1, 0.2, 0.8]
    var tensors = boxesFirst ? Tensors([1, 3, 4], corners, name: "b") : Tensors([1, 3, 2], scores, name: "s")
    if boxesFirst { tensors.add("s", [1, 3, 2], scores) } else { tensors.add("b", [1, 3, 4], corners) }
    let recipe = recipe(.boxes, labels: ["background", "face"]) { ($0.background, $0.threshold) = (0, 0.7) }
    let found = try decode(recipe, tensors, on: Size(width: 320, height: 240))
    #expect(found.map(\.label) == ["face", "face"])
    #expect(found.map(\.score) == [0.9, 0.8])
    #expect(near(found[0].box, [0.1, 0.2, 0.3, 0.4]))
    #expect(near(found[1].box, [0, 0.5, 0.5, 1]))
  }

  @Test("boxes: four classes and four sides are told apart by name")
  func boxesByName() throws {
    var tensors = Tensors([1, 1, 4], [0.1, 0.2, 0.9, 0.3], name: "scores")
    tensors.add("boxes", [1, 1, 4], [0, 0, 0.5, 0.5])
    let found = try decode(
      recipe(.boxes) { ($0.scores, $0.boxes) = ("scores", "boxes") }, tensors, on: Size(width: 8, height: 8))
    #expect(found.map(\.label) == ["class 2"])
    #expect(near(found.first?.box, [0, 0, 0.5, 0.5]))
  }

  @Test("ssd: offsets from priors of every size, then of every further ratio; levels are rounded up and spread evenly")
  func ssd() throws {
    // 20x16, stride 8: three cells a row, two rows. Each has 8x8, 12x12 and, at ratio 1/4, 4x16.
    var offsets = [Float](repeating: 0, count: 18 * 4)
    var scores = [Float](repeating: 0, count: 18 * 2)
    offsets.replaceSubrange(68..<72, with: [1, -2, logarithm(2) / 0.2, 0])
    scores[35] = 0.9
    scores[0] = 0.8
    var tensors = Tensors([1, 18, 4], offsets, name: "offsets")
    tensors.add("scores", [1, 18, 2], scores)
    let recipe = recipe(.ssd, labels: ["mask", "none"]) {
      ($0.strides, $0.sizes, $0.ratios, $0.threshold) = ([8], [[8, 12]], [1, 0.25], 0.5)
    }
    let found = try decode(recipe, tensors, on: Size(width: 20, height: 16))
    #expect(found.map(\.label) == ["none", "mask"])
    // Prior 17 stands at 2.5/3 of 20 and 12; centre 17.0667,8.8; sides 8 and 16.
    #expect(near(found[0].box, [13.06667, 0.8, 20, 16], of: Size(width: 20, height: 16)))
    // Prior 0 is untouched: centre 20/6,4; 8x8; cut at the left.
    #expect(near(found[1].box, [0, 0, 7.33333, 8], of: Size(width: 20, height: 16)))
  }

  @Test("ssd: a prior is cut to the input or not, which is said where it matters; the variance can be another")
  func ssdPriors() throws {
    var tensors = Tensors([1, 1, 4], [0.5, 0, 0, 0], name: "offsets")
    tensors.add("scores", [1, 1, 1], [1])
    func recipe(_ clip: Bool?) -> Recipe {
      VisionTests.recipe(.ssd) { ($0.strides, $0.sizes, $0.variance, $0.clip) = ([16], [[64]], [0.5, 1], clip) }
    }
    // 16x16 at 8,8, moved by 0.5 * 0.5 * 16 = 4.
    let size = Size(width: 16, height: 16)
    #expect(near(try decode(recipe(true), tensors, on: size).first?.box, [0.25, 0, 1, 1]))
    // Uncut it is 64x64, moved by 16: 24 - 32 to 24 + 32.
    #expect(near(try decode(recipe(false), tensors, on: size).first?.box, [0, 0, 1, 1]))
    let fault = #expect(throws: Fault.self) { try decode(recipe(nil), tensors, on: size) }
    #expect(fault?.message.contains("clip: false") == true)
  }

  @Test(
    "ssd: as many priors as the public face networks have, and the cells of a height that is no multiple stand closer")
  func publicPriors() {
    var ultraface = OutputRecipe(decoder: .ssd)
    (ultraface.strides, ultraface.sizes) = ([8, 16, 32, 64], [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]])
    let priors = PriorGrid(ultraface, on: Size(width: 320, height: 240))
    #expect(priors.count == 4420)
    // The third level begins behind 40x30x3 and 20x15x2: 10 columns, 8 rows.
    #expect(priors[4200] == Prior(x: 16, y: 15, width: 64, height: 64))
    #expect(priors[4200 + 20] == Prior(x: 16, y: 45, width: 64, height: 64))
    var mask = OutputRecipe(decoder: .ssd)
    (mask.strides, mask.ratios) = ([8, 16, 32, 64, 128], [1, 0.62, 0.42])
    mask.sizes = [[10.4, 14.56], [20.8, 28.6], [41.6, 57.2], [83.2, 117], [166.4, 187.2]]
    #expect(PriorGrid(mask, on: Size(width: 260, height: 260)).count == 5972)
  }

  private func yunetTensors() -> Tensors {
    var tensors = Tensors([1, 32, 1], name: "cls_8")
    for (name, width) in [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)] {
      for (stride, cells) in [(8, 32), (16, 8), (32, 2)] where !(name == "cls" && stride == 8) {
        tensors.add("\(name)_\(stride)", [1, cells, width])
      }
    }
    return tensors
  }

  private func put(_ values: [Float], _ name: String, cell: Int, _ tensors: inout Tensors) {
    let index = tensors.specs.firstIndex { $0.name == name }!
    tensors.values[index].replaceSubrange(cell * values.count..<(cell + 1) * values.count, with: values)
  }

  @Test("yunet: the score is the root of two, the box counts in strides, and five landmarks come along")
  func yunet() throws {
    // 64x32; cell 3,1 of stride 16 is number 7 of eight.
    var tensors = yunetTensors()
    put([0.81], "cls_16", cell: 7, &tensors)
    put([1.5], "obj_16", cell: 7, &tensors)  // cut to 1
    put([0.5, 0.25, logarithm(2), 0], "bbox_16", cell: 7, &tensors)
    put([0, 0, 0.5, 0, 0.25, 0.5, 0, 0.75, -1, 0.75], "kps_16", cell: 7, &tensors)
    let found = try decode(
      recipe(.yunet, labels: ["face"]) { ($0.threshold, $0.iou) = (0.6, 0.3) }, tensors, on: Size(width: 64, height: 32)
    )
    try #require(found.count == 1)
    #expect(found[0].label == "face" && near(Double(found[0].score!), 0.9))
    // Centre 56,20; 32x16.
    #expect(near(found[0].box, [40, 12, 64, 28], of: Size(width: 64, height: 32)))
    #expect(found[0].points.map(\.name) == ["right-eye", "left-eye", "nose", "right-mouth", "left-mouth"])
    let expected: [(Double, Double)] = [(48, 16), (56, 16), (52, 24), (48, 28), (32, 28)]
    for (point, (x, y)) in zip(found[0].points, expected) { #expect(near(point.x, x / 64) && near(point.y, y / 32)) }
  }

  @Test("finished rows of six: corners in pixels, score, class; doubles are the network's business")
  func six() throws {
    let rows: [Float] = [10, 20, 30, 40, 0.9, 1, 10, 20, 30, 40, 0.8, 1, 0, 0, 50, 25, 0.2, 0, 0, 0, 0, 0, 0, 0]
    let found = try decode(
      recipe(.finished, labels: ["cat", "dog"]) { $0.threshold = 0.3 }, Tensors([1, 4, 6], rows),
      on: Size(width: 100, height: 50))
    #expect(found.map(\.label) == ["dog", "dog"])
    #expect(found.map(\.score) == [0.9, 0.8])
    #expect(near(found[0].box, [0.1, 0.4, 0.3, 0.8]))
  }

  @Test("finished rows of seven: picture, class, score, corners in fractions; unused rows are no detections")
  func seven() throws {
    let rows: [Float] = [0, 1, 0.9, 0.1, 0.25, 0.3, 0.75, 0, 15, 0.5, 0, 0, 0.5, 2, -1, 0, 0, 0, 0, 0, 0]
    let placement = Placement(
      picture: Size(width: 200, height: 100), network: Size(width: 100, height: 100), recipe: letterbox())
    let found = try decode(
      recipe(.finished), Tensors([1, 1, 3, 7], rows), on: Size(width: 100, height: 100), at: placement)
    #expect(found.map(\.label) == ["class 1", "class 15"])
    // Network rows 25 to 75 are the whole height of the picture.
    #expect(near(found[0].box, [0.1, 0, 0.3, 1]))
    #expect(near(found[1].box, [0, 0, 0.5, 1]))
  }

  @Test("a class below zero or beyond reason is no class")
  func impossibleClass() throws {
    let rows: [Float] = [0, 0, 9, 9, 0.9, -1, 0, 0, 9, 9, 0.9, 1e9, 0, 0, 9, 9, 0.9, .nan, 0, 0, 9, 9, 0.9, .infinity]
    #expect(
      try decode(recipe(.finished, labels: ["cat"]), Tensors([1, 4, 6], rows), on: Size(width: 10, height: 10)).isEmpty)
  }

  /// Boxes as top, left, bottom, right; the third row is empty.
  private static let parts: [(name: String, shape: [Int], values: [Float])] = [
    ("boxes", [1, 3, 4], [0.1, 0.2, 0.5, 0.8, 0, 0, 1, 1.5, 0, 0, 0, 0]),
    ("classes", [1, 3], [1, 0, 0]), ("scores", [1, 3], [0.9, 0.4, 0]), ("count", [1], [2]),
  ]

  /// The operator's own order, TensorFlow 2's, and one that only the recipe's names settle.
  @Test(
    "finished detections in an output each, as TensorFlow Lite's post-processing gives them",
    arguments: [([0, 1, 2, 3], nil), ([2, 0, 3, 1], nil), ([0, 2, 1, 3], "scores")] as [([Int], String?)])
  func finishedParts(order: [Int], scores: String?) throws {
    var tensors = Tensors([1], [0])
    (tensors.specs, tensors.values) = ([], [])
    for index in order { tensors.add(Self.parts[index].name, Self.parts[index].shape, Self.parts[index].values) }
    let found = try decode(
      recipe(.finished, labels: ["cat", "dog"]) { $0.scores = scores }, tensors, on: Size(width: 300, height: 200))
    #expect(found.map(\.label) == ["dog", "cat"])
    #expect(found.map(\.score) == [0.9, 0.4])
    #expect(near(found[0].box, [0.2, 0.1, 0.8, 0.5]))
    #expect(near(found[1].box, [0, 0, 1, 1]), "cut at the picture's edge")
  }
}
