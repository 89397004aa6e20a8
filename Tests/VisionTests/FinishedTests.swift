import Base
import Predictions
import Testing
import Vision

@Suite("Finished detections of other exporters")
struct FinishedTests {
  private let size = Size(width: 64, height: 64)
  private static let corners: [OutputRecipe.Column] = [.left, .top, .right, .bottom]

  private func recipe(
    _ labels: [String] = [], _ change: (inout OutputRecipe) -> Void = { _ in }
  ) -> Recipe {
    var output = OutputRecipe.usual(.finished)
    change(&output)
    return Recipe(task: .detection, output: output, labels: labels)
  }

  private let fraction = [0.125, 0.25, 0.625, 0.75]

  @Test("MMDetection gives rows of five, and their classes in a list beside them, in any order")
  func apart() throws {
    var tensors = Tensors([1, 2], [2, 0], name: "labels", element: .i64)
    tensors.add("dets", [1, 2, 5], [8, 16, 40, 48, 0.9, 0, 0, 0, 0, 0])
    let found = try decode(recipe(["a", "b", "c"]), tensors, on: size)
    #expect(found.map(\.label) == ["c"] && near(found[0].box, fraction))
    #expect(try Head(recipe(), outputs: tensors.specs, network: size).unused.isEmpty)
  }

  @Test("Rows behind the count are none, and a count that is none cuts nothing", arguments: [(1, 1), (2, 2), (-1, 2)])
  func counted(count: Float, kept: Int) throws {
    var rows = Tensors([2, 6], [2, 0.9, 8, 16, 40, 48, 1, 0.8, 8, 16, 40, 48], name: "multiclass_nms3_0.tmp_0")
    rows.add("multiclass_nms3_0.tmp_2", [1], [count], .i32)
    let said = recipe { $0.columns = [.label, .score] + Self.corners }
    #expect(try decode(said, rows, on: size).count == kept)
    var parts = Tensors([1, 2, 4], [8, 16, 40, 48, 8, 16, 40, 48], name: "pred_boxes")
    parts.add("pred_scores", [1, 2], [0.9, 0.8])
    parts.add("pred_classes", [1, 2], [2, 1], .i64)
    parts.add("num_predictions", [1, 1], [count], .i64)
    let pixels = recipe { ($0.columns, $0.coordinates) = (Self.corners, .pixels) }
    #expect(try decode(pixels, parts, on: size).count == kept)
  }

  @Test("A picture below 0 ends the rows")
  func ended() throws {
    let rows = Tensors([1, 1, 2, 7], [-1, 0, 0, 0, 0, 0, 0, 0, 2, 0.9, 0.1, 0.1, 0.4, 0.4])
    #expect(try decode(recipe(), rows, on: size).isEmpty)
  }

  private func objectDetection(_ label: Float) -> Tensors {
    var tensors = Tensors([1, 2], [0, 1], name: "detection_anchor_indices")
    tensors.add("detection_boxes", [1, 2, 4], [0.25, 0.125, 0.75, 0.625, 0, 0, 0, 0])
    tensors.add("detection_classes", [1, 2], [label, 1])
    tensors.add("detection_multiclass_scores", [1, 2, 3])
    tensors.add("detection_scores", [1, 2], [0.9, 0])
    tensors.add("num_detections", [1], [2])
    tensors.add("raw_detection_boxes", [1, 9, 4])
    tensors.add("raw_detection_scores", [1, 9, 3])
    return tensors
  }

  @Test("TensorFlow's Object Detection API is known by its names, and counts classes from 1")
  func api() throws {
    let found = try decode(recipe(["a", "b"]), objectDetection(2), on: size)
    #expect(found.map(\.label) == ["b"] && near(found[0].box, fraction))
    #expect(try decode(recipe(), objectDetection(2), on: size).map(\.label) == ["class 2"])
    let from0 = recipe(["a", "b", "c"]) { $0.first = 0 }
    #expect(try decode(from0, objectDetection(2), on: size).map(\.label) == ["c"])
    let withBackground = recipe(["background", "a", "b"]) { $0.background = 0 }
    #expect(try decode(withBackground, objectDetection(2), on: size).map(\.label) == ["b"])
    let fault = #expect(throws: Fault.self) { try decode(recipe(["a", "b"]), objectDetection(0), on: size) }
    #expect(fault?.message.contains("found class 0") == true && fault?.message.contains("say first") == true)
    let picture = TensorSpec(name: "input_tensor", shape: [1, 64, 64, 3], element: .u8)
    let guess = Guess.make(inputs: [picture], outputs: objectDetection(2).specs, labels: 0)
    #expect(guess?.output.decoder == .finished)
  }

  @Test("torchvision gives boxes, labels and scores without a batch")
  func bare() throws {
    var tensors = Tensors([2, 4], [8, 16, 40, 48, 1, 1, 2, 2], name: "boxes")
    tensors.add("labels", [2], [2, 1], .i64)
    tensors.add("scores", [2], [0.9, 0.1])
    let said = recipe(["a", "b"]) { ($0.columns, $0.coordinates, $0.first) = (Self.corners, .pixels, 1) }
    let found = try decode(said, tensors, on: size)
    #expect(found.map(\.label) == ["b"] && near(found[0].box, fraction))
  }

  @Test("A class beyond the labels is refused, and never told by its number among names")
  func beyond() throws {
    let rows = Tensors([1, 1, 6], [8, 16, 40, 48, 0.9, 3])
    let fault = #expect(throws: Fault.self) { try decode(recipe(["a", "b", "c"]), rows, on: size) }
    #expect(fault?.message.contains("found class 3, and there are 3 labels, the first of them that of class 0") == true)
    #expect(try decode(recipe(["a", "b", "c"]) { $0.first = 1 }, rows, on: size).map(\.label) == ["c"])
    let first = #expect(throws: Fault.self) { try decode(recipe(["a"]) { $0.first = 1 }, rows, on: size) }
    #expect(
      first?.message.contains("there are 1 labels, the first of them that of class 1: say all of them, or first")
        == true)
    #expect(try decode(recipe(), rows, on: size).map(\.label) == ["class 3"])
    #expect(try decode(recipe(["a", "b", "c"]) { $0.background = 3 }, rows, on: size).isEmpty)
    // What scores too little is not looked at.
    #expect(try decode(recipe(["a"]), Tensors([1, 1, 6], [8, 16, 40, 48, 0.1, 3]), on: size).isEmpty)
  }

  private func guess(
    _ inputs: [(String, [Int?])], _ outputs: [(String, [Int?], ElementType)]
  ) -> Guess? {
    Guess.make(
      inputs: inputs.map { TensorSpec(name: $0.0, shape: $0.1, element: $0.0 == "orig_target_sizes" ? .i64 : .f32) },
      outputs: outputs.map { TensorSpec(name: $0.0, shape: $0.1, element: $0.2) }, labels: 0)
  }

  @Test("Families that name their inputs or outputs are known by them")
  func named() throws {
    let picture: [(String, [Int?])] = [("images", [nil, 3, 64, 64])]
    let transformer = guess(
      picture + [("orig_target_sizes", [nil, 2])],
      [("labels", [nil, 300], .i64), ("boxes", [nil, 300, 4], .f32), ("scores", [nil, 300], .f32)])
    #expect(transformer?.output.columns == Self.corners && transformer?.output.coordinates == .pixels)
    let paddle = guess(
      [("im_shape", [nil, 2]), ("image", [nil, 3, 64, 64]), ("scale_factor", [nil, 2])],
      [("multiclass_nms3_0.tmp_0", [nil, 6], .f32), ("multiclass_nms3_0.tmp_2", [nil], .i32)])
    #expect(paddle?.output.columns == [.label, .score] + Self.corners)
    let nas = guess(
      picture,
      [
        ("graph2_num_predictions", [1, 1], .i64), ("graph2_pred_boxes", [1, 1000, 4], .f32),
        ("graph2_pred_scores", [1, 1000], .f32), ("graph2_pred_classes", [1, 1000], .i64),
      ])
    #expect(nas?.output.columns == Self.corners && nas?.output.coordinates == .pixels)
    let mm = guess(picture, [("dets", [1, nil, 5], .f32), ("labels", [1, nil], .i64)])
    #expect(mm?.output.columns == Self.corners + [.score])
    // The same names with other shapes are RF-DETR's.
    #expect(guess(picture, [("dets", [1, 300, 4], .f32), ("labels", [1, 300, 91], .f32)]) == nil)
  }

  @Test("Inputs beside the picture get what makes boxes come in the input's own pixels")
  func sides() {
    let network = Size(width: 640, height: 480)
    func side(_ name: String, _ shape: [Int?], _ element: ElementType = .f32) -> [Double]? {
      SideInput(TensorSpec(name: name, shape: shape, element: element))?.values(on: network)
    }
    #expect(side("orig_target_sizes", [nil, 2], .i64) == [640, 480])
    #expect(side("im_shape", [1, 2]) == [480, 640] && side("scale_factor", [nil, 2]) == [1, 1])
    #expect(
      side("im_shape", [1, 3]) == nil && side("im_info", [1, 2]) == nil && side("im_shape", [1, 2], .u8) == nil)
    let inputs = ["im_shape", "image"].map {
      TensorSpec(name: $0, shape: $0 == "image" ? [1, 3, 8, 8] : [1, 2], element: .f32)
    }
    #expect(SideInput.picture(among: inputs) == 1 && PictureShape(inputs)?.size == Size(width: 8, height: 8))
    #expect(SideInput.picture(among: inputs + inputs) == nil)
  }
}
