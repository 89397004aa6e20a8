import Base
import Predictions
import TestKit
import Testing
import Vision

/// Detectors with anchors and points.
///
/// The numbers that are expected were computed apart from this program.
@Suite("Faces, palms and people from anchors")
struct FaceTests {
  /// No multiple of 16 or 32, and wider than high.
  private let network = Size(width: 40, height: 24)

  /// Outputs of zeros, into which rows are put.
  private struct Planted {
    var tensors: Tensors

    init(_ outputs: [(name: String, shape: [Int])]) {
      tensors = Tensors([0])
      (tensors.specs, tensors.values) = ([], [])
      for output in outputs { tensors.add(output.name, output.shape) }
    }

    mutating func put(_ values: [Float], _ name: String, row: Int) {
      let index = tensors.specs.firstIndex { $0.name == name }!
      tensors.values[index].replaceSubrange(row * values.count..<(row + 1) * values.count, with: values)
    }

    /// The same outputs the other way round.
    var reversed: Tensors {
      var other = tensors
      (other.specs, other.values) = (tensors.specs.reversed(), tensors.values.reversed())
      return other
    }
  }

  private func expectPoints(_ found: Prediction, _ sides: [Double], _ place: SourceLocation = #_sourceLocation) {
    #expect(found.points.count * 2 == sides.count, sourceLocation: place)
    for (number, point) in found.points.enumerated() {
      #expect(near(point.x * 40, sides[2 * number], 1e-4), sourceLocation: place)
      #expect(near(point.y * 24, sides[2 * number + 1], 1e-4), sourceLocation: place)
    }
  }

  // MARK: RetinaFace

  private static let landmarks: [Float] = [-0.5, -1, 0, -1, -0.25, -0.8, -0.5, -0.6, 0, -0.6]

  private func retinaFace(_ scores: [Float] = [0.1, 0.9]) -> Planted {
    // 15, 6 and 2 cells of two priors; the first of cell 1,1 of stride 16 has 64 pixels.
    var planted = Planted([("loc", [1, 46, 4]), ("conf", [1, 46, 2]), ("landms", [1, 46, 10])])
    planted.put([-0.5, -0.9, -6, -7], "loc", row: 38)
    planted.put(scores, "conf", row: 38)
    planted.put(Self.landmarks, "landms", row: 38)
    return planted
  }

  @Test("retinaface: boxes and points lie from priors in the middle of cells, and the score is the second of two")
  func retinaFacePlaces() throws {
    let face = recipe(.retinaface, labels: ["face"]) { $0.threshold = 0.5 }
    for tensors in [retinaFace().tensors, retinaFace().reversed] {
      let found = try decode(face, tensors, on: network)
      try #require(found.count == 1)
      #expect(found[0].label == "face" && found[0].score == 0.9)
      #expect(near(found[0].box, [11.16179 / 40, 10.3489 / 24, 30.43821 / 40, 1]))
      #expect(found[0].points.map(\.name) == ["right-eye", "left-eye", "nose", "right-mouth", "left-mouth"])
      expectPoints(found[0], [20.8, 17.6, 24, 17.6, 22.4, 18.88, 20.8, 20.16, 24, 20.16])
    }
  }

  @Test("retinaface: logits are an error that names softmax, which makes scores of them")
  func retinaFaceLogits() throws {
    let tensors = retinaFace([1, 3]).tensors
    let fault = #expect(throws: Fault.self) { try decode(recipe(.retinaface), tensors, on: network) }
    #expect(fault?.kind == .unsupported && fault?.message.contains("activation softmax") == true)
    let said = recipe(.retinaface) { ($0.activation, $0.threshold) = (.softmax, 0.6) }
    let found = try decode(said, tensors, on: network)
    #expect(found.count == 1 && near(Double(found[0].score!), 0.8808, 1e-4))
  }

  @Test("retinaface: three outputs behind each other in one are read alike")
  func retinaFaceTogether() throws {
    let (apart, face) = (retinaFace().tensors, recipe(.retinaface) { $0.threshold = 0.5 })
    let rows = (0..<46).flatMap { row in
      zip([4, 2, 10], apart.values).flatMap { width, values in values[row * width..<(row + 1) * width] }
    }
    #expect(try decode(face, Tensors([1, 46, 16], rows), on: network) == decode(face, apart, on: network))
  }

  @Test("retinaface: other strides and sizes are obeyed, and must belong together")
  func retinaFaceSizes() throws {
    let small: @Sendable (inout OutputRecipe) -> Void = {
      ($0.strides, $0.sizes, $0.threshold) = ([16], [[10, 20, 40]], 0.5)
    }
    var planted = Planted([("loc", [1, 18, 4]), ("conf", [1, 18, 2]), ("landms", [1, 18, 10])])
    planted.put([0, 1], "conf", row: 3 * 3 + 1)
    let found = try decode(recipe(.retinaface, small), planted.tensors, on: network)
    // Cell 0,1 has its middle at 8,24; 20 pixels.
    #expect(found.count == 1 && near(found[0].box, [0, 14.0 / 24, 18.0 / 40, 1]))
    let fault = #expect(throws: Fault.self) {
      try decode(recipe(.retinaface) { $0.sizes = [[16]] }, planted.tensors, on: network)
    }
    #expect(fault?.message.contains("a list for each of the 3 strides") == true)
  }

  @Test("retinaface of insightface: planes a stride, the larger prior first, scores of faces behind those of nothing")
  func stridedRetinaFace() throws {
    let maps: [(Int, [Int])] = [(32, [1, 2]), (16, [2, 3]), (8, [3, 5])]
    let ports = [("cls_prob_reshape", 4), ("bbox_pred", 8), ("landmark_pred", 20)]
    var planted = Planted(
      maps.flatMap { stride, map in ports.map { ("face_rpn_\($0.0)_stride\(stride)", [1, $0.1] + map) } })
    // Stride 16, cell 2,0, the second prior: 64 pixels about 39.5,7.5.
    func put(_ word: String, _ planes: [Int: Float]) {
      let index = planted.tensors.specs.firstIndex { $0.name == "face_rpn_\(word)_stride16" }!
      for (plane, value) in planes { planted.tensors.values[index][plane * 6 + 2] = value }
    }
    put("cls_prob_reshape", [1: 0.05, 3: 0.95])
    put("bbox_pred", [4: -0.1, 5: 0.05, 6: -1.3862944, 7: -1.609438])
    put("landmark_pred", [10: -0.2, 11: 0.1])
    for tensors in [planted.tensors, planted.reversed] {
      let found = try decode(recipe(.retinaface) { $0.threshold = 0.5 }, tensors, on: network)
      try #require(found.count == 1)
      #expect(found[0].score == 0.95)
      #expect(near(found[0].box, [25.6 / 40, 4.8 / 24, 1, 16.6 / 24]))
      #expect(near(found[0].points[0].x * 40, 26.7, 1e-4) && near(found[0].points[0].y * 24, 13.9, 1e-4))
    }
    // Logits: nothing -1, a face 2.
    put("cls_prob_reshape", [0: 9, 1: -1, 2: -9, 3: 2])
    let fault = #expect(throws: Fault.self) { try decode(recipe(.retinaface), planted.tensors, on: network) }
    #expect(fault?.message.contains("activation softmax") == true)
    let soft = try decode(
      recipe(.retinaface) { ($0.activation, $0.threshold) = (.softmax, 0.6) }, planted.tensors, on: network)
    #expect(soft.count == 1 && near(Double(soft[0].score!), 0.952574, 1e-6))
    #expect(near(soft[0].box, [25.6 / 40, 4.8 / 24, 1, 16.6 / 24]))
  }

  @Test("retinaface of insightface: whether it takes RGB or BGR is asked, but where its file says so")
  func stridedColours() throws {
    let input = TensorSpec(name: "data", shape: [1, 3, 24, 40], element: .f32)
    let outputs = [(32, [1, 2]), (16, [2, 3]), (8, [3, 5])].flatMap { stride, map in
      [("cls_prob_reshape", 4), ("bbox_pred", 8), ("landmark_pred", 20)].map { word, planes in
        TensorSpec(name: "face_rpn_\(word)_stride\(stride)", shape: [1, planes] + map, element: .f32)
      }
    }
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [input], outputs: outputs, labels: 0) }
    #expect(doubt?.reason.contains("RGB") == true && doubt?.choices.map(\.color) == [.rgb, .bgr, nil])
    #expect(doubt?.choices.map(\.normalization) == ["none", "none", nil])
    #expect(doubt?.choices.map(\.output.decoder) == [.retinaface, .retinaface, .raw])
    var facts = NetworkFacts()
    for isReversed in [true, false] {
      facts.isReversed = isReversed
      let guess = Guess.make(inputs: [input], outputs: outputs, facts: facts, labels: 0)
      #expect(guess?.output.decoder == .retinaface && guess?.input?.mean == [])
    }
  }

  // MARK: SCRFD

  private static let faces: [(String, Int)] = [("score", 1), ("bbox", 4), ("kps", 10)]

  private func scrfd(_ ports: [(String, Int)] = faces, repeats: Int = 2) -> Planted {
    Planted(
      ports.flatMap { name, width in
        [(8, 15), (16, 6), (32, 2)].map { ("\(name)_\($0.0)", [repeats * $0.1, width]) }
      })
  }

  @Test("scrfd: distances and points in strides from the corner of a cell that has two anchors")
  func scrfdPlaces() throws {
    var planted = scrfd()
    // The second anchor of cell 3,1 of stride 8; the first tells the same face, a little less sure.
    for (row, score) in [(16, Float(0.7)), (17, 0.8)] {
      planted.put([score], "score_8", row: row)
      planted.put([1.5, 0.5, 0.75, 1.25], "bbox_8", row: row)
      planted.put([-0.5, -0.25, 0.5, -0.25, 0, 0, -0.5, 0.75, 0.5, 0.75], "kps_8", row: row)
    }
    for tensors in [planted.tensors, planted.reversed] {
      let found = try decode(recipe(.scrfd) { ($0.threshold, $0.iou) = (0.5, 0.4) }, tensors, on: network)
      try #require(found.count == 1)
      #expect(found[0].score == 0.8 && near(found[0].box, [12, 4, 30, 18], of: network))
      #expect(found[0].points.map(\.name) == ["right-eye", "left-eye", "nose", "right-mouth", "left-mouth"])
      expectPoints(found[0], [20, 6, 28, 6, 24, 8, 20, 14, 28, 14])
    }
  }

  @Test("scrfd: without points, with one anchor a cell, with a batch in front, and as maps")
  func scrfdShapes() throws {
    var bare = scrfd(Array(Self.faces.prefix(2)), repeats: 1)
    bare.put([0.8], "score_8", row: 8)
    bare.put([1.5, 0.5, 0.75, 1.25], "bbox_8", row: 8)
    for index in bare.tensors.specs.indices { bare.tensors.specs[index].shape.insert(1, at: 0) }
    let face = recipe(.scrfd) { $0.threshold = 0.5 }
    let found = try decode(face, bare.tensors, on: network)
    #expect(found.count == 1 && found[0].points.isEmpty && near(found[0].box, [12, 4, 30, 18], of: network))
    // Channels first: four numbers of two anchors are eight planes.
    var maps = Planted(
      [(8, [3, 5]), (16, [2, 3]), (32, [1, 2])].flatMap { stride, map in
        [("score_\(stride)", [1, 2] + map), ("bbox_\(stride)", [1, 8] + map)]
      })
    maps.tensors.values[0][15 + 8] = 0.8
    for (plane, value) in zip(4..., [Float(1.5), 0.5, 0.75, 1.25]) { maps.tensors.values[1][plane * 15 + 8] = value }
    #expect(try decode(face, maps.tensors, on: network) == found)
  }

  @Test("scrfd: rows that the file leaves open stand in the order of the strides, and a wrong number is told")
  func scrfdOpen() throws {
    var planted = scrfd(Array(Self.faces.prefix(2)))
    planted.put([0.8], "score_16", row: 9)
    planted.put([0.5, 0.5, 0.5, 0.5], "bbox_16", row: 9)
    var open = planted.tensors.specs
    for index in open.indices { open[index].shape[0] = nil }
    let face = recipe(.scrfd) { $0.threshold = 0.5 }
    let head = try Head(face, outputs: open, network: network)
    let whole = Placement(picture: network, network: network, recipe: InputRecipe())
    let found = try head.decode(planted.tensors, at: whole)
    #expect(found.count == 1 && near(found[0].box, [8, 8, 24, 24], of: network))
    // Half as many rows are one anchor a cell.
    var single = scrfd(Array(Self.faces.prefix(2)), repeats: 1)
    single.put([0.8], "score_16", row: 5)
    single.put([0.5, 0.5, 0.5, 0.5], "bbox_16", row: 5)
    let one = try head.decode(single.tensors, at: whole)
    #expect(one.count == 1 && near(one[0].box, [24, 8, 40, 24], of: network))
    var mixed = single.tensors
    let boxes = mixed.specs.firstIndex { $0.name == "bbox_32" }!
    mixed.values[boxes] = [Float](repeating: 0, count: 16)
    let odd = #expect(throws: Fault.self) { try head.decode(mixed, at: whole) }
    #expect(odd?.kind == .unsupported && odd?.message.contains("'bbox_32'") == true)
    #expect(odd?.message.contains("2 anchors of 4") == true)
    var short = planted.tensors
    short.values[0].removeLast()
    let fault = #expect(throws: Fault.self) { try head.decode(short, at: whole) }
    #expect(fault?.kind == .unsupported && fault?.message.contains("30 anchors") == true)
  }
}
