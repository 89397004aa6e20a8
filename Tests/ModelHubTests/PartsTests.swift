import Base
import Predictions
import Testing
import Vision

@testable import ModelHub

/// Manifests of networks that are read in several ways, and keys that came with families.
@Suite struct PartsTests {
  private static let head = "name: n\nsummary: s\nlicense: MIT\nfiles: [{path: a.onnx}]\n"

  private func manifest(_ text: String) throws -> Manifest {
    try Manifest.read(bytes: Array((Self.head + text).utf8), name: "model.yaml")
  }

  /// What is written is read as it was.
  private func expectKept(_ manifest: Manifest) throws {
    let read = try Manifest.read(bytes: Array(manifest.text.utf8)).recipe
    #expect(read.output == manifest.recipe.output && read.more == manifest.recipe.more)
    #expect(read.labels == manifest.recipe.labels)
  }

  private static let two = """
    task: detection
    outputs:
      - { decoder: yolov8, scores: boxes, iou: 0.5 }
      - { decoder: classes, scores: weather, activation: softmax, top: 1, labels: [sun, "rain: much"] }
    labels: [person]
    """

  @Test func `Several outputs are read each with its own decoder and labels`() throws {
    let manifest = try manifest(Self.two)
    #expect(manifest.recipe.output.decoder == .yolov8 && manifest.recipe.labels == ["person"])
    #expect(manifest.recipe.input == .usual(.yolov8))
    var weather = OutputRecipe.usual(.classes)
    (weather.scores, weather.activation, weather.top) = ("weather", .softmax, 1)
    #expect(manifest.recipe.more == [Recipe.Part(output: weather, labels: ["sun", "rain: much"])])
    try expectKept(manifest)
  }

  @Test func `What is read besides counts in the model's digest`() throws {
    let digests = try [Self.two, Self.two.replacing("sun", with: "snow"), Self.two.replacing("top: 1", with: "top: 2")]
      .map {
        let manifest = try manifest($0)
        return Model.digest(manifest, manifest.recipe)
      }
    #expect(Set(digests).count == 3)
  }

  @Test(arguments: [
    ("outputs: []", "outputs is empty"), ("outputs: [{decoder: classes}]", "does not answer task detection"),
    ("output: {decoder: yolox}\noutputs: [{decoder: yolox}]", "exclude each other"),
    ("output: {decoder: yolox, labels: [a]}", "labels are the manifest's own"),
    ("outputs: [{decoder: yolox}, {decoder: classes, iou: 0.5}]", "iou is for decoder"),
    ("output: {decoder: yolo-pose, points: [a, a]}", "the point 'a' stands twice"),
    ("output: {decoder: yolo-segment, points: 5}", "points is for decoder scrfd, mediapipe, yolo-pose,"),
    ("output: {decoder: yolox, first: 1}", "first is for decoder finished"),
    ("output: {decoder: yolox, origin: middle}", "origin is for decoder nanodet"),
    ("output: {decoder: nanodet, origin: side}", "expected middle or corner"),
    ("output: {decoder: mediapipe, activation: softmax}", "expected none, sigmoid"),
    ("output: {decoder: fastestdet, layout: rows}", "expected nchw, nhwc"),
    ("output: {decoder: retinaface, clip: false}", "clip is for decoder ssd"),
    ("output: {decoder: yolox, align: corners}", "align is for decoder pose-heatmap"),
    ("output: {decoder: text-lines, unclip: 0}", "unclip"),
  ])
  func `Mistakes are told`(text: String, words: String) {
    let task = text.contains("yolo-pose") ? "pose" : "detection"
    let fault = #expect(throws: Fault.self) { try manifest("task: \(task)\n" + text) }
    #expect(fault?.message.contains(words) == true, "\(fault?.message ?? "")")
  }

  @Test func `Points are a count or names, and the first label's class a number`() throws {
    let pose = try manifest("task: pose\noutput: {decoder: yolo-pose, points: 2}")
    #expect(pose.recipe.output.points == ["point-1", "point-2"] && pose.recipe.input == .usual(.yoloPose))
    let named = try manifest("task: pose\noutput: {decoder: yolo-pose, points: [tip, root]}")
    #expect(named.recipe.output.points == ["tip", "root"])
    try expectKept(named)
    let usual = try manifest("task: pose\noutput: {decoder: yolo-pose}")
    let said = try manifest("task: pose\noutput: {decoder: yolo-pose, points: 17}")
    #expect(Model.digest(usual, usual.recipe) == Model.digest(said, said.recipe))
    #expect(Model.digest(usual, usual.recipe) != Model.digest(named, named.recipe))
    let finished = try manifest("task: detection\noutput: {decoder: finished, first: 1}")
    #expect(finished.recipe.output.first == 1)
    try expectKept(finished)
  }

  @Test func `What families of anchors have themselves need not be said`() throws {
    let palm = try manifest("task: detection\ninput: {mean: 0, scale: 255}\noutput: {decoder: mediapipe}")
    #expect(palm.recipe.output.activation == .sigmoid && palm.recipe.output.iou == 0.3)
    #expect(palm.recipe.input.resize == .letterbox && palm.recipe.input.pad == 0 && palm.recipe.input.scale == [255])
    try expectKept(palm)
    let scores = try manifest("task: detection\noutput: {decoder: mediapipe, activation: none}")
    #expect(scores.recipe.output.activation == OutputRecipe.Activation.none)
    let face = try manifest("task: detection\noutput: {decoder: retinaface}")
    #expect(face.recipe.input.mean == [104, 117, 123] && face.recipe.input.color == .bgr)
    let pico = try manifest("task: detection\noutput: {decoder: nanodet, origin: middle}")
    let plus = try manifest("task: detection\noutput: {decoder: nanodet, origin: corner}")
    #expect(pico.recipe.output.origin == .middle)
    try expectKept(pico)
    #expect(Model.digest(pico, pico.recipe) != Model.digest(plus, plus.recipe))
  }

  @Test func `How maps are aligned and how far lines grow is kept, and counts where it is not the usual`() throws {
    let heads = ["", ", align: cells", ", align: corners"].map { "task: pose\noutput: {decoder: pose-heatmap\($0)}" }
    let lines = ["", ", unclip: 1.5", ", unclip: 2"].map { "task: detection\noutput: {decoder: text-lines\($0)}" }
    for texts in [heads, lines] {
      let manifests = try texts.map { try manifest($0) }
      for manifest in manifests { try expectKept(manifest) }
      let digests = manifests.map { Model.digest($0, $0.recipe) }
      #expect(digests[0] == digests[1] && digests[1] != digests[2])
    }
    #expect(try manifest(heads[2]).recipe.output.align == .corners)
    #expect(try manifest(lines[2]).recipe.output.unclip == 2)
    #expect(try manifest(lines[0]).recipe.output.threshold == 0.6)
  }
}
