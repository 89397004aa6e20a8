import Base
import Testing
import Vision

/// Outputs that a decoder must refuse, and the words that tell why.
struct Misfit: Sendable, CustomTestStringConvertible {
  let recipe: Recipe
  let outputs: [TensorSpec]
  let words: [String]

  init(_ recipe: Recipe, _ outputs: [(String, [Int?])], _ words: String...) {
    self.recipe = recipe
    self.outputs = outputs.map { TensorSpec(name: $0.0, shape: $0.1, element: .f32) }
    self.words = words
  }

  var testDescription: String { "\(recipe.output.decoder) on \(outputs.map(\.description).joined(separator: ", "))" }
}

@Suite("Refusals")
struct RefusalTests {
  private static let pair: @Sendable (inout OutputRecipe) -> Void = { ($0.scores, $0.boxes) = ("s", "b") }
  private static let priors: @Sendable (inout OutputRecipe) -> Void = { ($0.strides, $0.sizes) = ([16], [[8]]) }

  private static var faces: [(String, [Int?])] {
    [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)].flatMap { name, width in
      [(8, 16), (16, 4), (32, 1)].map { ("\(name)_\($0.0)", [1, $0.1, width]) }
    }
  }

  private static func faces(_ name: String, _ shape: [Int?]) -> [(String, [Int?])] {
    faces.map { $0.0 == name ? (name, shape) : $0 }
  }

  private static func scrfd(_ name: String, _ shape: [Int?]) -> [(String, [Int?])] {
    [("score", 1), ("bbox", 4), ("kps", 10)].flatMap { word, width in
      [(8, 32), (16, 8), (32, 2)].map { stride, rows in
        ("\(word)_\(stride)", "\(word)_\(stride)" == name ? shape : [rows, width])
      }
    }
  }

  /// Scores and distances of strides 8, 16 and 32.
  private static func heads(_ classes: [Int], _ width: Int) -> [(String, [Int?])] {
    let cells = [16, 4, 1]
    return cells.indices.flatMap { level in
      [("c\(level)", [1, cells[level], classes[level]]), ("d\(level)", [1, cells[level], width])]
    }
  }

  /// The network is 32x32 throughout.
  static let misfits: [Misfit] = [
    Misfit(recipe(.classes), [], "0 output(s)", "'classes'"),
    Misfit(
      recipe(.classes) { $0.scores = "scorse" }, [("scores", [1, 2])], "no output 'scorse'", "did you mean 'scores'?"),
    Misfit(recipe(.classes, labels: ["a", "b"]), [("out", [1, 3])], "3 classes", "2 labels"),
    Misfit(recipe(.yolox), [("out", [1, 20, 85])], "'out' is [1,20,85]", "[8, 16, 32]", "32x32", "[1,21,5+classes]"),
    Misfit(recipe(.yolox), [("out", [1, 21, 5])], "'out' is [1,21,5]", "[1,21,5+classes]"),
    Misfit(recipe(.yolox), [("out", [1, 21])], "'out' is [1,21]", "[1,21,5+classes]"),
    Misfit(recipe(.yolox), [("out", [2, 21, 85])], "'out' is [2,21,85]", "[1,21,5+classes]"),
    Misfit(recipe(.yolox), [("out", [1, nil, 85])], "'out' is [1,?,85]", "[1,21,5+classes]"),
    Misfit(recipe(.yolox, labels: ["a"]), [("out", [1, 21, 7])], "2 classes", "1 labels"),
    Misfit(recipe(.yolov5), [("out", [1, 10, 5])], "'out' is [1,10,5]", "[1,boxes,5+classes]"),
    Misfit(recipe(.yolov5), [("out", [10])], "'out' is [10]", "[1,boxes,5+classes]"),
    Misfit(recipe(.yolov5, labels: ["a"]), [("out", [1, 10, 7])], "2 classes", "1 labels"),
    Misfit(recipe(.yolov8), [("out", [1, 4, 10])], "'out' is [1,4,10]", "[1,4+classes,boxes]"),
    Misfit(recipe(.yolov8), [("out", [1, nil, 10])], "'out' is [1,?,10]", "[1,4+classes,boxes]"),
    Misfit(recipe(.boxes), [("out", [1, 10, 4])], "'boxes' needs an output of scores and one of boxes"),
    Misfit(recipe(.boxes), [("s", [1, 10, 2]), ("b", [1, 10, 5])], "no output is [1,boxes,4]", "b FP32 [1,10,5]"),
    Misfit(recipe(.boxes, pair), [("s", [1, 10, 4]), ("b", [1, 10, 5])], "'b' is [1,10,5]", "[1,boxes,4]"),
    Misfit(recipe(.boxes, pair), [("s", [10]), ("b", [1, 10, 4])], "'s' is [10]", "[1,boxes,classes]"),
    Misfit(recipe(.boxes, pair), [("s", [1, 10, 0]), ("b", [1, 10, 4])], "'s' is [1,10,0]", "[1,boxes,classes]"),
    Misfit(
      recipe(.boxes, pair), [("s", [1, 9, 2]), ("b", [1, 10, 4])], "'s' [1,9,2]", "'b' [1,10,4]", "different numbers"),
    Misfit(recipe(.boxes, labels: ["a"], pair), [("s", [1, 10, 2]), ("b", [1, 10, 4])], "2 classes", "1 labels"),
    Misfit(recipe(.ssd, priors), [("s", [1, 5, 2]), ("b", [1, 5, 4])], "5 boxes", "4 priors"),
    Misfit(recipe(.yunet), Array(faces.dropLast()), "no output 'kps_32'"),
    Misfit(recipe(.yunet), faces("bbox_16", [1, 4, 5]), "'bbox_16' is [1,4,5]", "32x32", "[1,4,4]"),
    Misfit(recipe(.yunet), faces("cls_8", [1, 15, 1]), "'cls_8' is [1,15,1]", "[1,16,1]"),
    Misfit(recipe(.yunet), faces("kps_32", [1]), "'kps_32' is [1]", "[1,1,10]"),
    Misfit(recipe(.finished), [("out", [1, 10, 5])], "'out' is [1,10,5]", "6 or 7"),
    Misfit(recipe(.finished), [("out", [])], "'out' is []", "6 or 7"),
    Misfit(recipe(.yoloSegment), [("out", [1, 38, 21])], "one of maps"),
    Misfit(recipe(.yoloSegment), [("out", [1, 36, 21]), ("maps", [1, 32, 8, 8])], "'out' is [1,36,21]", "32x32"),
    Misfit(recipe(.yoloSegment), [("out", [1, 500, 40]), ("maps", [1, 32, 8, 8])], "'out' is [1,500,40]"),
    Misfit(
      recipe(.yoloSegment, labels: ["a"]), [("out", [1, 38, 21]), ("maps", [1, 32, 8, 8])], "2 classes", "1 labels"),
    Misfit(recipe(.yoloPose), [("out", [1, 68, 21])], "63 numbers a box", "17 points", "points: N"),
    Misfit(recipe(.yoloPose) { $0.points = ["a", "b"] }, [("out", [1, 300, 9])], "'out' is [1,300,9]"),
    Misfit(recipe(.yoloOBB), [("out", [1, 5, 21])], "'out' is [1,5,21]"),
    Misfit(recipe(.yoloOBB, labels: ["a"]), [("out", [1, 7, 21])], "2 classes", "1 labels"),
    Misfit(recipe(.detr), [("logits", [1, 9, 7]), ("pred_boxes", [1, 9, 4])], "7 numbers", "sigmoid", "softmax"),
    Misfit(
      recipe(.detr, labels: ["a"]) { $0.activation = .sigmoid }, [("logits", [1, 9, 2]), ("pred_boxes", [1, 9, 4])],
      "2 classes", "1 labels"),
    Misfit(recipe(.detr), [("out", [1, 9, 4])], "'out' is [1,9,4]", "[1,queries,4+classes]"),
    Misfit(
      recipe(.retinaface), [("l", [1, 40, 4]), ("c", [1, 42, 2]), ("p", [1, 42, 10])], "no output is [1,42,4]", "32x32",
      "l FP32 [1,40,4]"),
    Misfit(
      recipe(.retinaface), [("l", [1, 42, 4]), ("m", [1, 42, 4]), ("c", [1, 42, 2]), ("p", [1, 42, 10])],
      "2 outputs are [1,42,4]"),
    Misfit(recipe(.retinaface, labels: ["a", "b"]), [("all", [1, 42, 16])], "2 labels"),
    Misfit(recipe(.scrfd), scrfd("score_16", [9, 1]), "no output holds scores for stride 16", "[1,8,1]", "32x32"),
    Misfit(recipe(.scrfd), scrfd("bbox_8", [32, 5]), "no output holds boxes for stride 8", "[1,32,4]"),
    Misfit(recipe(.scrfd), scrfd("kps_32", [2, 8]), "no output holds points for stride 32", "[1,2,10]"),
    Misfit(
      recipe(.scrfd) { $0.points = ["a", "b"] }, scrfd("x", []), "no output holds points for stride 8", "[1,32,4]"),
    Misfit(recipe(.scrfd, labels: ["a", "b"]), scrfd("x", []), "1 classes", "2 labels"),
    Misfit(
      recipe(.mediapipe), [("b", [1, 60, 16]), ("s", [1, 60, 1])], "60 anchors", "[8, 16, 16, 16] 56", "strides"),
    Misfit(
      recipe(.mediapipe), [("b", [1, 56, 15]), ("s", [1, 56, 1])], "[1,anchors,4+2·points]", "b FP32 [1,56,15]"),
    Misfit(recipe(.mediapipe), [("b", [1, 56, 16]), ("s", [1, 55, 1])], "[1,anchors,1]"),
    Misfit(
      recipe(.mediapipe) { $0.points = ["a"] }, [("b", [1, 56, 16]), ("s", [1, 56, 1])], "6 points", "1 are named"),
    Misfit(recipe(.nanodet), [("out", [1, 20, 112])], "'out' is [1,20,112]", "32x32", "16 cells at stride 8"),
    Misfit(recipe(.nanodet), [("out", [1, 21, 32])], "'out' is [1,21,32]", "classes+32"),
    Misfit(recipe(.nanodet), [("out", [1, 21, 112])], "origin: middle or origin: corner"),
    Misfit(recipe(.nanodet, labels: ["a"]) { $0.origin = .corner }, [("out", [1, 21, 34])], "2 classes", "1 labels"),
    Misfit(
      recipe(.nanodet), heads([3, 3, 3], 36),
      "no output holds boxes for stride 8", "[1,16,32]"),
    Misfit(
      recipe(.nanodet), heads([3, 3, 4], 32),
      "scores of classes are needed for each of the strides [8, 16, 32]"),
    Misfit(recipe(.fastestdet), [("out", [1, 85, 3, 2])], "'out' is [1,85,3,2]", "32x32", "[1,5+classes,2,2]"),
    Misfit(recipe(.fastestdet), [("out", [1, 4, 85])], "'out' is [1,4,85]"),
    Misfit(recipe(.fastestdet, labels: ["a"]), [("out", [1, 7, 2, 2])], "2 classes", "1 labels"),
    Misfit(recipe(.fastestdet) { $0.strides = [8, 16] }, [("out", [1, 7, 2, 2])], "one stride", "2 are said"),
    Misfit(recipe(.mask), [("out", [9])], "'out' is [9]", "a map"),
    Misfit(recipe(.mask, labels: ["a"]), [("out", [1, 2, 8, 8])], "2 classes", "1 labels"),
    Misfit(recipe(.heatmap), [("out", [1, 2, 8, 8])], "'out' is [1,2,8,8]", "one map"),
    Misfit(recipe(.heatmap), [("out", [9])], "'out' is [9]", "one map"),
    Misfit(recipe(.point), [("out", [1, 3])], "'out' is [1,3]", "x and y"),
    Misfit(recipe(.keypoints), [("out", [1, 1, 17, 2])], "'out' is [1,1,17,2]", "[1,1,points,3]"),
    Misfit(recipe(.keypoints), [("out", [1, 1, 21, 3])], "21 points", "labels"),
    Misfit(recipe(.keypoints, labels: ["a"]), [("out", [1, 1, 17, 3])], "17 classes", "1 labels"),
    Misfit(recipe(.textLines), [("out", [1, 2, 8, 8])], "'out' is [1,2,8,8]", "one map"),
    Misfit(recipe(.textLines), [("out", [1, 1, 39, 84])], "'out' is [1,1,39,84]", "one map"),
    Misfit(recipe(.textLines, labels: ["a", "b"]), [("out", [1, 1, 32, 32])], "1 classes", "2 labels"),
    Misfit(recipe(.poseHeatmap), [("out", [1, 17, 8])], "'out' is [1,17,8]", "[1,points,h,w]"),
    Misfit(recipe(.poseHeatmap), [("out", [2, 17, 8, 8])], "'out' is [2,17,8,8]", "[1,points,h,w]"),
    Misfit(recipe(.poseHeatmap), [("out", [1, 5, 8, 8])], "5 points", "points: 5"),
    Misfit(recipe(.poseHeatmap) { $0.points = ["a"] }, [("out", [1, 17, 8, 8])], "17 points", "1 are said"),
    Misfit(recipe(.posenet), [("a", [1, 2, 2, 17]), ("b", [1, 2, 2, 17])], "offsets", "a FP32 [1,2,2,17]"),
    Misfit(recipe(.posenet), [("a", [1, 2, 2, 5]), ("b", [1, 2, 2, 10])], "5 points"),
    Misfit(recipe(.posenet), [("a", [1, 2, 9, 17]), ("b", [1, 2, 9, 34])], "'a' is [1,2,9,17]", "32x32"),
    Misfit(recipe(.simcc), [("simcc_x", [1, 17, 64])], "simcc_x FP32 [1,17,64]", "simcc_y"),
    Misfit(recipe(.simcc), [("simcc_x", [1, 17, 64]), ("simcc_y", [1, 17, 80])], "N·32", "[1,17,80]"),
    Misfit(recipe(.simcc), [("simcc_x", [1, 9, 64]), ("simcc_y", [1, 9, 64])], "9 points", "points: 9"),
    Misfit(recipe(.ctc, labels: ["a", "b"]), [("out", [1, 4, 3])], "'out' is [1,4,3]", "layout rows"),
    Misfit(recipe(.ctc, labels: ["a", "b"]), [("out", [3, 1, 9])], "'out' is [3,1,9]", "2 characters"),
    Misfit(recipe(.number), [("out", [1, 2])], "'out' is [1,2]", "one number"),
    Misfit(recipe(.vector), [], "0 output(s)"),
    Misfit(recipe(.ctc), [("out", [1, 5, 5])], "characters as labels"),
    Misfit(recipe(.ctc, labels: ["a", "b"]), [("out", [1, 9, 9])], "'out' is [1,9,9]", "2 characters"),
  ]

  @Test("outputs that do not fit are refused, in words that name the output and what was expected", arguments: misfits)
  func refused(misfit: Misfit) {
    let fault = #expect(throws: Fault.self) {
      try Head(misfit.recipe, outputs: misfit.outputs, network: Size(width: 32, height: 32))
    }
    #expect(fault?.kind == .badInput)
    let message = fault?.message ?? ""
    #expect(message.hasPrefix("the network does not fit its recipe: "))
    for words in misfit.words { #expect(message.contains(words), "\(message)") }
  }
}
