import Base
import Predictions
import TestKit
import Testing
import Vision

/// A public detector with the recipe of its manifest, and what its expected raw outputs mean.
struct GoldenBoxes: Sendable, CustomTestStringConvertible {
  let model: String
  let shapes: [(name: String, shape: [Int])]
  let recipe: Recipe
  /// Class, score, then left, top, right, bottom in fractions of the network's input.
  let expected: [(label: Int, score: Double, left: Double, top: Double, right: Double, bottom: Double)]

  var testDescription: String { model }
  var golden: GoldenCase { get throws { try #require(GoldenCase.all.first { $0.description == model }) } }

  var tensors: Tensors {
    get throws {
      let outputs = try golden.outputs
      var tensors = Tensors([0])
      (tensors.specs, tensors.values) = ([], [])
      // In the archives a slash of a name is a bar.
      for (name, shape) in shapes {
        let values = try #require(outputs[name] ?? outputs[name.replacing("/", with: "|")], "\(outputs.keys)")
        tensors.add(name, shape, values)
      }
      return tensors
    }
  }
}

/// The expected numbers are what `python3 Tests/golden_boxes.py` prints, which knows nothing of this code.
@Suite("Golden boxes", .enabled(if: TestData.isThere, "\(TestData.whyNot)"))
struct GoldenBoxTests {
  private static let coco = recipe(.yolox, labels: (0..<80).map { "class \($0)" }) {
    ($0.strides, $0.threshold, $0.iou) = ([8, 16, 32], 0.3, 0.45)
  }

  static let detectors: [GoldenBoxes] = [
    GoldenBoxes(
      model: "yolox_nano.onnx", shapes: [("output", [1, 3549, 85])], recipe: coco,
      expected: [
        (16, 0.8759, 0.0597, 0.2978, 0.4558, 0.9539),
        (2, 0.3345, 0.8644, 0.3408, 0.9236, 0.3776),
        (11, 0.3181, 0.2286, 0.1825, 0.5352, 0.4824),
      ]),
    GoldenBoxes(
      model: "yolox_nano_float16_quantize.tflite", shapes: [("PartitionedCall:0", [1, 3549, 85])], recipe: coco,
      expected: [
        (16, 0.8760, 0.0598, 0.2977, 0.4557, 0.9539),
        (2, 0.3316, 0.8644, 0.3408, 0.9236, 0.3776),
        (11, 0.3082, 0.2280, 0.1825, 0.5353, 0.4825),
      ]),
    // Its boxes are cut off inside the network: too small, and two for the dog.
    GoldenBoxes(
      model: "yolox_nano_int8_quantize.tflite", shapes: [("PartitionedCall:0", [1, 3549, 85])], recipe: coco,
      expected: [
        (16, 0.8759, 0.1537, 0.5109, 0.3620, 0.7192),
        (16, 0.7335, 0.2121, 0.5588, 0.3162, 0.6629),
        (2, 0.3342, 0.8680, 0.3408, 0.9200, 0.3776),
        (11, 0.3186, 0.3710, 0.2555, 0.4751, 0.3596),
      ]),
    GoldenBoxes(
      model: "model.onnx", shapes: [("output", [1, 756, 6])],
      recipe: recipe(.yolox, labels: ["class 0"]) { ($0.strides, $0.threshold, $0.iou) = ([8, 16, 32], 0.3, 0.45) },
      expected: [
        (0, 0.8502, 0.0396, 0.3478, 0.2861, 0.9966),
        (0, 0.8324, 0.7302, 0.3169, 0.9305, 0.9866),
        (0, 0.7404, 0.3881, 0.5343, 0.6438, 0.9920),
        (0, 0.7081, 0.2234, 0.5961, 0.4326, 0.9974),
        (0, 0.6777, 0.5569, 0.5644, 0.8021, 0.9970),
        (0, 0.6549, 0.2651, 0.3555, 0.4148, 0.7098),
        (0, 0.6004, 0.4936, 0.2846, 0.6518, 0.6716),
        (0, 0.5978, 0.3599, 0.2833, 0.5407, 0.7366),
        (0, 0.5478, 0.6086, 0.3017, 0.7779, 0.7330),
      ]),
    GoldenBoxes(
      model: "version-RFB-320.onnx", shapes: [("scores", [1, 4420, 2]), ("boxes", [1, 4420, 4])],
      recipe: recipe(.boxes, labels: ["class 0", "class 1"]) {
        ($0.scores, $0.boxes, $0.background, $0.threshold, $0.iou) = ("scores", "boxes", 0, 0.7, 0.3)
      },
      expected: [
        (1, 0.9993, 0.1413, 0.3647, 0.1847, 0.4512),
        (1, 0.9989, 0.4429, 0.2972, 0.4827, 0.3753),
        (1, 0.9987, 0.5168, 0.5618, 0.5672, 0.6508),
        (1, 0.9987, 0.7987, 0.3525, 0.8432, 0.4306),
        (1, 0.9984, 0.2261, 0.3514, 0.2663, 0.4269),
        (1, 0.9984, 0.3351, 0.6235, 0.3819, 0.7089),
        (1, 0.9963, 0.5526, 0.3062, 0.5952, 0.3835),
        (1, 0.9941, 0.6497, 0.5942, 0.6994, 0.6870),
        (1, 0.9921, 0.6749, 0.3255, 0.7199, 0.4083),
        (1, 0.9863, 0.3310, 0.3827, 0.3684, 0.4504),
      ]),
    GoldenBoxes(
      model: "version-slim-320_without_postprocessing.tflite",
      shapes: [("Identity", [1, 4420, 4]), ("Identity_1", [1, 4420, 2])],
      recipe: recipe(.ssd, labels: ["class 0", "class 1"]) {
        ($0.scores, $0.boxes, $0.background, $0.threshold, $0.iou) = ("Identity_1", "Identity", 0, 0.7, 0.3)
        ($0.strides, $0.sizes) = ([8, 16, 32, 64], [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]])
        $0.clip = true
      },
      expected: [
        (1, 0.9968, 0.4425, 0.2946, 0.4805, 0.3713),
        (1, 0.9952, 0.5179, 0.5608, 0.5683, 0.6519),
        (1, 0.9949, 0.1370, 0.3646, 0.1851, 0.4558),
        (1, 0.9938, 0.3346, 0.6245, 0.3808, 0.7094),
        (1, 0.9934, 0.6498, 0.5985, 0.6970, 0.6904),
        (1, 0.9914, 0.2272, 0.3532, 0.2657, 0.4249),
        (1, 0.9892, 0.7993, 0.3559, 0.8434, 0.4311),
        (1, 0.9841, 0.5515, 0.3049, 0.5944, 0.3904),
        (1, 0.9796, 0.6740, 0.3251, 0.7188, 0.4083),
        (1, 0.9487, 0.3290, 0.3822, 0.3700, 0.4532),
      ]),
    GoldenBoxes(
      model: "face_mask_detection.tflite",
      shapes: [("loc_branch_concat_1/concat", [1, 5972, 4]), ("cls_branch_concat_1/concat", [1, 5972, 2])],
      recipe: recipe(.ssd, labels: ["class 0", "class 1"]) {
        ($0.scores, $0.boxes) = ("cls_branch_concat_1/concat", "loc_branch_concat_1/concat")
        ($0.threshold, $0.iou, $0.strides, $0.ratios) = (0.5, 0.4, [8, 16, 32, 64, 128], [1, 0.62, 0.42])
        $0.sizes = [[10.4, 14.56], [20.8, 28.6], [41.6, 57.2], [83.2, 117], [166.4, 187.2]]
      },
      expected: [
        (1, 0.9982, 0.5062, 0.1415, 0.6766, 0.4867),
        (1, 0.9973, 0.8603, 0.3313, 0.9508, 0.5038),
        (1, 0.9916, 0.0146, 0.2922, 0.0930, 0.4566),
        (1, 0.9823, 0.2544, 0.2362, 0.4251, 0.5694),
      ]),
  ]

  private func decoded(_ detector: GoldenBoxes) throws -> [Prediction] {
    let golden = try detector.golden
    return try decode(detector.recipe, detector.tensors, on: Size(width: golden.width, height: golden.height))
  }

  @Test("a public network's answer becomes the boxes that numpy makes of it", arguments: detectors)
  func boxes(detector: GoldenBoxes) throws {
    let found = try decoded(detector)
    #expect(found.map(\.label) == detector.expected.map { "class \($0.label)" })
    for (prediction, expected) in zip(found, detector.expected) {
      #expect(near(Double(prediction.score!), expected.score, 1e-4))
      let box = Rect(left: expected.left, top: expected.top, right: expected.right, bottom: expected.bottom)
      #expect(prediction.box!.iou(box) >= 0.99)
    }
  }

  @Test("weights of half precision change no label, no box by more than two hundredths and no score by more than one")
  func halfPrecision() throws {
    let (full, half) = (try decoded(Self.detectors[0]), try decoded(Self.detectors[1]))
    #expect(full.map(\.label) == half.map(\.label))
    for (one, other) in zip(full, half) {
      #expect(one.box!.iou(other.box!) >= 0.98)
      #expect(near(Double(one.score!), Double(other.score!), 0.01))
    }
  }

  @Test("other public networks' answers mean what numpy makes of them")
  func others() throws {
    func answer(_ part: String, _ shape: [Int], _ recipe: Recipe, _ element: ElementType = .f32) throws -> [Prediction]
    {
      let golden = try #require(GoldenCase.all.first { $0.model.contains(part) })
      let tensors = Tensors(shape, golden.outputs.first!.value, element: element)
      return try decode(recipe, tensors, on: Size(width: golden.width, height: golden.height))
    }
    let person = try answer(
      "SINet", [1, 2, 320, 320], recipe(.mask, labels: ["none", "person"]) { $0.background = 0 })
    #expect(person.map(\.label) == ["person"] && near(person[0].mask!.share, 0.3534, 1e-4))
    let animals = try answer("deeplabv3", [1, 513, 513], recipe(.mask) { $0.background = 0 }, .i64)
    #expect(animals.map(\.label) == ["class 3", "class 12", "class 13"])
    #expect(near(animals[0].mask!.share, 0.170746, 1e-6))
    // PaddleOCR's en_dict: the printable characters from 0, then those before 0, then a space.
    let letters = [UInt8](0x30...0x7e) + [UInt8](0x21...0x2f) + [0x20]
    let words = try answer("en_number", [1, 55, 97], recipe(.ctc, labels: letters.map { String(UnicodeScalar($0)) }))
    #expect(words.map(\.text) == ["Japan TourismAgency"] && near(Double(words[0].score!), 0.98849, 1e-4))
    let center = try answer("center.tflite", [1, 2], recipe(.point))
    #expect(near(center[0].points[0].x, 336.5327 / 640) && near(center[0].points[0].y, 190.59495 / 480))
    let grace = try answer("mobilenet_v2", [1, 1001], recipe(.classes) { ($0.background, $0.top) = (0, 1) }, .u8)
    #expect(grace.map(\.label) == ["class 653"] && grace.map(\.score) == [0.921875])
  }
}
