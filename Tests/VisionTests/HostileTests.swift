import Base
import Predictions
import TestKit
import Testing
import Vision

/// A decoder, what its network's file promises, and shapes that keep the promise.
struct Victim: Sendable, CustomTestStringConvertible {
  let recipe: Recipe
  let promised: [[Int?]]
  var names = ["a", "b"]
  var element = ElementType.f32

  var testDescription: String { "\(recipe.output.decoder) \(promised) \(element)" }
}

@Suite("Hostile answers")
struct HostileTests {
  private static let network = Size(width: 32, height: 32)

  static let victims: [Victim] = [
    Victim(recipe: recipe(.classes) { $0.activation = .softmax }, promised: [[1, nil]]),
    Victim(recipe: recipe(.classes) { ($0.background, $0.activation) = (7, .sigmoid) }, promised: [[1, 5]]),
    Victim(recipe: recipe(.yolox), promised: [[nil, 21, 7]]),
    Victim(recipe: recipe(.yolov5), promised: [[1, nil, 7]]),
    Victim(recipe: recipe(.yolov8), promised: [[1, 6, nil]]),
    Victim(recipe: recipe(.boxes) { $0.background = 0 }, promised: [[1, nil, 2], [1, nil, 4]]),
    Victim(
      recipe: recipe(.ssd) { ($0.strides, $0.sizes) = ([16], [[8, 9]]) }, promised: [[nil, nil, 1], [nil, nil, 4]]),
    Victim(recipe: recipe(.finished), promised: [[1, nil, 6]]),
    Victim(recipe: recipe(.finished), promised: [[1, 1, nil, 7]]),
    Victim(
      recipe: recipe(.finished), promised: [[1, 4, 4], [1, 4], [1, 4], [1]], names: ["boxes", "classes", "scores", "n"]),
    Victim(recipe: recipe(.mask), promised: [[nil, nil, nil]], element: .i64),
    Victim(recipe: recipe(.mask, labels: ["x"]), promised: [[1, 3, 4]], element: .i8),
    Victim(recipe: recipe(.mask) { $0.activation = .softmax }, promised: [[1, nil, nil, nil]]),
    Victim(recipe: recipe(.mask) { $0.activation = .sigmoid }, promised: [[1, 1, nil, nil]]),
    Victim(recipe: recipe(.heatmap) { $0.activation = .sigmoid }, promised: [[nil, nil, nil]]),
    Victim(recipe: recipe(.point), promised: [[1, nil]]),
    Victim(recipe: recipe(.keypoints, labels: ["p", "q"]), promised: [[1, 1, 2, 3]]),
    Victim(recipe: recipe(.textLines), promised: [[1, 1, nil, nil]]),
    Victim(recipe: recipe(.textLines) { $0.activation = .sigmoid }, promised: [[1, 16, 16]]),
    Victim(recipe: recipe(.poseHeatmap) { $0.points = ["a", "b"] }, promised: [[1, 2, nil, nil]]),
    Victim(recipe: recipe(.poseHeatmap), promised: [[1, 17, 8, 8]]),
    Victim(recipe: recipe(.posenet) { $0.points = ["a"] }, promised: [[1, nil, nil, 1], [1, nil, nil, 2]]),
    Victim(
      recipe: recipe(.posenet) { ($0.points, $0.activation) = (["a"], .sigmoid) },
      promised: [[1, 1, 2, 2], [1, 2, 2, 2]]),
    Victim(
      recipe: recipe(.simcc) { $0.points = ["a", "b"] }, promised: [[1, 2, 64], [1, 2, 64]],
      names: ["simcc_x", "simcc_y"]),
    Victim(recipe: recipe(.picture) { $0.activation = OutputRecipe.Activation.none }, promised: [[1, 1, nil, nil]]),
    Victim(recipe: recipe(.picture) { $0.activation = .sigmoid }, promised: [[1, 16, 16]]),
    Victim(recipe: recipe(.number), promised: [[1, nil]]),
    Victim(recipe: recipe(.vector), promised: [[nil, nil]]),
    Victim(recipe: recipe(.ctc, labels: ["x", "y"]), promised: [[1, nil, nil]]),
    Victim(
      recipe: recipe(.ctc, labels: ["x", "y"]) { ($0.background, $0.activation, $0.layout) = (99, .softmax, .rows) },
      promised: [[1, nil, 3]]),
    Victim(recipe: recipe(.raw), promised: [[nil], [nil, nil]]),
    Victim(recipe: recipe(.yoloSegment), promised: [[1, 15, nil], [1, 8, nil, nil]]),
    Victim(recipe: recipe(.yoloSegment) { $0.coordinates = .fractions }, promised: [[1, nil, 14], [1, 8, 8, 8]]),
    Victim(recipe: recipe(.yoloSegment) { $0.activation = .sigmoid }, promised: [[1, 63, 16], [1, 8, 8, 8]]),
    Victim(recipe: recipe(.yoloPose), promised: [[1, 56, nil]]),
    Victim(recipe: recipe(.yoloPose) { $0.points = ["a", "b"] }, promised: [[1, nil, 10]]),
    Victim(recipe: recipe(.yoloOBB), promised: [[1, 7, nil]]),
    Victim(recipe: recipe(.yoloOBB), promised: [[1, nil, 7]]),
    Victim(recipe: recipe(.detr) { $0.activation = .sigmoid }, promised: [[1, nil, 3], [1, nil, 4]]),
    Victim(recipe: recipe(.detr) { $0.activation = .softmax }, promised: [[1, nil, 3], [1, nil, 4]]),
    Victim(recipe: recipe(.detr), promised: [[1, 9, 7]]),
    Victim(recipe: recipe(.finished, labels: ["x"]) { $0.first = 1 }, promised: [[nil, 6], [1]]),
    Victim(recipe: recipe(.finished), promised: [[nil, 4], [nil], [nil]], names: ["boxes", "classes", "scores"]),
    Victim(recipe: recipe(.retinaface), promised: [[1, 42, 4], [1, nil, 2], [1, 42, 10]], names: ["a", "b", "c"]),
    Victim(recipe: recipe(.retinaface) { $0.activation = .softmax }, promised: [[1, 42, 16]]),
    Victim(
      recipe: recipe(.scrfd), promised: [1, 4, 10].flatMap { [[32, $0], [8, $0], [2, $0]] },
      names: (0..<9).map { "\($0)" }),
    Victim(
      recipe: recipe(.scrfd) { $0.strides = [8] }, promised: [[nil, 1], [nil, 4]]),
    Victim(
      recipe: recipe(.retinaface) { $0.activation = .softmax },
      promised: [4, 2, 1].flatMap { side in [4, 8, 20].map { [1, $0, side, side] } },
      names: [8, 16, 32].flatMap { stride in
        ["cls_prob_reshape", "bbox_pred", "landmark_pred"].map { "face_rpn_\($0)_stride\(stride)" }
      }),
    Victim(recipe: recipe(.mediapipe), promised: [[1, 56, 16], [1, 56, 1]]),
    Victim(recipe: recipe(.mediapipe) { $0.iou = 1 }, promised: [[1, 64, 6], [1, 64, 1]]),
    Victim(recipe: recipe(.nanodet) { $0.origin = .middle }, promised: [[1, 21, 34]]),
    Victim(
      recipe: recipe(.nanodet) { $0.activation = .sigmoid },
      promised: [2, 32].flatMap { [[16, $0], [4, $0], [1, $0]] },
      names: (0..<6).map { "\($0)" }),
    Victim(recipe: recipe(.fastestdet), promised: [[1, 7, 2, 2]]),
    Victim(
      recipe: recipe(.yunet),
      promised: [("c", 1), ("o", 1), ("b", 4), ("k", 10)].flatMap { [[1, 16, $0.1], [1, 4, $0.1], [1, nil, $0.1]] },
      names: ["cls", "obj", "bbox", "kps"].flatMap { ["\($0)_8", "\($0)_16", "\($0)_32"] }),
  ]

  /// What comes out may be little, but is sound: boxes in the picture, masks that add up, scores that are numbers.
  private func check(_ found: [Prediction]) {
    for prediction in found {
      if let box = prediction.box {
        #expect(
          box.x >= 0 && box.y >= 0 && box.right <= 1 + 1e-9 && box.bottom <= 1 + 1e-9 && box.width >= 0
            && box.height >= 0)
      }
      if prediction.kind == .detection || prediction.kind == .classification { #expect(prediction.score!.isFinite) }
      if let mask = prediction.mask {
        #expect(mask.counts.reduce(0, +) == mask.size.area && mask.counts.allSatisfy { $0 >= 0 })
      }
    }
  }

  @Test("no number and no length of an answer makes a decoder fail", arguments: victims)
  func survives(victim: Victim) throws {
    var dice = SeededRandom(6)
    let specs = zip(victim.names, victim.promised).map { TensorSpec(name: $0, shape: $1, element: victim.element) }
    let head = try Head(victim.recipe, outputs: specs, network: Self.network)
    let resizes = [InputRecipe(), letterbox(.center), letterbox(.topLeft), crop()]
    for _ in 0..<300 {
      let picture = Size(width: .random(in: 1...90, using: &dice), height: .random(in: 1...90, using: &dice))
      let placement = Placement(picture: picture, network: Self.network, recipe: resizes.randomElement(using: &dice)!)
      var tensors = Tensors([0])
      (tensors.specs, tensors.values) = ([], [])
      for spec in specs {
        let shape = spec.shape.map { $0 ?? Int.random(in: 0...6, using: &dice) }
        let values = (0..<shape.reduce(1, *)).map { _ in dice.wild() }
        tensors.add(spec.name, shape, values, spec.element)
      }
      // Numbers that are no probabilities are a refusal, and no other fault comes of them.
      do throws(Fault) { check(try head.decode(tensors, at: placement)) } catch { #expect(error.kind == .unsupported) }
    }
  }
}
