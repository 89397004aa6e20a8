import Foundation
import TestKit
import Testing

/// Networks in the shape, with the names and the words of real exports, whose answer is known, on a picture of another shape.
struct FamilyTests {
  let folder = TemporaryFolder()
  private static let cells = 84

  /// One output that is always the same, whatever is shown.
  struct Held {
    let name: String
    let sides: [Int]
    var floats: [Float] = []
    var longs: [Int64] = []
    /// It is multiplied by an input of the side sizes, twice.
    var isScaled = false
  }

  private func write(_ outputs: [Held], sides: [String] = [], words: [String: String] = [:]) throws -> String {
    var network = ONNXNetwork()
    // The picture does not stand first where others do.
    for side in sides { network.input(side, side == "orig_target_sizes" ? .int64 : .float, [.open("N"), .fixed(2)]) }
    network.input("images", .float, [.open("N"), .fixed(3), .fixed(64), .fixed(64)])
    network.constant(ONNXNetwork.tensor("nothing", .float, [1], [Float(0)]))
    let keep = ONNXNetwork.attribute("keepdims", integer: 0)
    network.node("ReduceMean", ["images"], ["mean"], attributes: [keep])
    network.node("Mul", ["mean", "nothing"], ["zero"])
    for side in sides {
      network.node("Cast", [side], [side + "-f"], attributes: [ONNXNetwork.attribute("to", integer: 1)])
      network.node("ReduceMean", [side + "-f"], [side + "-mean"], attributes: [keep])
      network.node("Mul", [side + "-mean", "nothing"], [side + "-zero"])
      network.node(
        "Concat", [side + "-f", side + "-f"], [side + "-two"], attributes: [ONNXNetwork.attribute("axis", integer: 1)])
    }
    let all = ["zero"] + sides.map { $0 + "-zero" }
    network.node("Sum", all, ["none"])
    for held in outputs {
      let isLong = !held.longs.isEmpty
      network.output(held.name, isLong ? .int64 : .float, held.sides.map { .fixed($0) })
      let constant =
        isLong
        ? ONNXNetwork.tensor(held.name + "-held", .int64, held.sides, held.longs)
        : ONNXNetwork.tensor(held.name + "-held", .float, held.sides, held.floats)
      network.constant(constant)
      network.node(
        "Cast", ["none"], [held.name + "-none"], attributes: [ONNXNetwork.attribute("to", integer: isLong ? 7 : 1)])
      network.node("Add", [held.name + "-held", held.name + "-none"], [held.isScaled ? held.name + "-own" : held.name])
      if held.isScaled { network.node("Mul", [held.name + "-own", sides[0] + "-two"], [held.name]) }
    }
    for (key, value) in words.sorted(by: { $0.key < $1.key }) {
      var entry = ONNXNetwork.Message()
      entry.text(1, key)
      entry.text(2, value)
      network.extra.message(14, entry)
    }
    try network.write(to: folder.file("net.onnx"))
    return folder.file("net.onnx")
  }

  private func words(_ task: String, _ more: [String: String] = [:]) -> [String: String] {
    let usual = [
      "author": "Ultralytics", "task": task, "stride": "32", "names": "{0: 'a', 1: 'b'}", "imgsz": "[64, 64]",
      "description": "Ultralytics YOLO model",
    ]
    return usual.merging(more) { $1 }
  }

  /// What `analyze` sees on a picture of 128 by 64, drawn too.
  private func seen(_ network: String, _ more: [String] = []) throws -> [[String: Any]] {
    let picture = folder.file("picture.png")
    _ = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=128x64:d=1", "-frames:v", "1", picture])
    let result = Program.run(
      ["analyze", picture, "--model", network, "--json", "--video", "--force", "--output", folder.file("out")] + more)
    #expect(result.status == 0, "\(result.errors)")
    let files = try #require(result.json["files"] as? [[String: Any]])
    return try #require(files[0]["predictions"] as? [[String: Any]])
  }

  private func isNear(_ numbers: Any?, _ wanted: [Double]) -> Bool {
    guard let numbers = numbers as? [Double], numbers.count == wanted.count else { return false }
    return zip(numbers, wanted).allSatisfy { abs($0 - $1) < 0.002 }
  }

  private func points(_ prediction: [String: Any]) -> [Double] {
    (prediction["points"] as? [[String: Any]] ?? []).flatMap { [$0["x"] as! Double, $0["y"] as! Double] }
  }

  /// Left 8, top 18, right 40, bottom 46 of the input: behind letterboxing the picture is its rows 16 to 48.
  private let box = [0.125, 0.0625, 0.5, 0.875]

  /// `[1, numbers, cells]` with one object.
  private func columns(_ numbers: [Float]) -> Held {
    var values = [Float](repeating: 0, count: numbers.count * Self.cells)
    for (place, number) in numbers.enumerated() { values[place * Self.cells + 20] = number }
    return Held(name: "output0", sides: [1, numbers.count, Self.cells], floats: values)
  }

  private func rows(_ name: String, _ count: Int, _ numbers: [Float], isScaled: Bool = false) -> Held {
    let rest = [Float](repeating: 0, count: (count - 1) * numbers.count)
    return Held(name: name, sides: [1, count, numbers.count], floats: numbers + rest, isScaled: isScaled)
  }

  @Test("Ultralytics segment: a mask for each box, by the words of the file")
  func segment() throws {
    let maps = Held(
      name: "output1", sides: [1, 2, 16, 16],
      floats: (0..<256).map { Float($0 % 16) - 5.5 } + [Float](repeating: 1, count: 256))
    let head = columns([24, 32, 32, 28, 0.01, 0.9, 1, 0])
    for outputs in [[head, maps], [maps, head]] {
      let found = try seen(try write(outputs, words: words("segment")))
      #expect(found.count == 1 && found[0]["label"] as? String == "b" && isNear(found[0]["box"], box))
      let mask = try #require(found[0]["mask"] as? [String: Any])
      #expect(mask["size"] as? [Int] == [32, 64])
      // Columns 24 to 39, where the map is above 0, of rows 18 to 45 of the input, which are 2 to 29 of the picture's.
      var wanted = [24 * 32 + 2]
      for _ in 0..<15 { wanted += [28, 4] }
      wanted += [28, 24 * 32 + 2]
      #expect(mask["counts"] as? [Int] == wanted)
    }
  }

  @Test("Ultralytics pose, end to end: points with their names")
  func pose() throws {
    let head = rows("output0", 300, [8, 18, 40, 46, 0.9, 1, 10, 20, 0.8, 30, 40, 0.7])
    let words = words(
      "pose", ["kpt_shape": "[2, 3]", "kpt_names": "{0: ['tip', 'root'], 1: ['tip', 'root']}", "end2end": "True"])
    let found = try seen(try write([head], words: words))
    #expect(found.count == 1 && found[0]["kind"] as? String == "pose" && isNear(found[0]["box"], box))
    let wanted: [Double] = [10.0 / 64, 4.0 / 32, 30.0 / 64, 24.0 / 32]
    #expect(isNear(points(found[0]), wanted))
    #expect((found[0]["points"] as? [[String: Any]])?.map { $0["name"] as? String } == ["tip", "root"])
  }

  @Test("Ultralytics OBB: four corners; a pose cannot be read as something else against the file's words")
  func turned() throws {
    let network = try write([columns([32, 32, 16, 8, 0.9, 0.01, 1.5708])], words: words("obb"))
    let found = try seen(network)
    let (left, top, right, bottom): (Double, Double, Double, Double) = (28.0 / 64, 8.0 / 32, 36.0 / 64, 24.0 / 32)
    let (sides, corners) = (
      [left, top, right - left, bottom - top], [left, top, right, top, right, bottom, left, bottom]
    )
    #expect(found.count == 1 && isNear(found[0]["box"], sides))
    #expect(isNear(points(found[0]), corners))
    let other = Program.run(["analyze", folder.file("picture.png"), "--model", network, "--decoder", "yolov8"])
    #expect(other.status == 2 && other.errors.contains("'obb'") && other.errors.contains("yolo-obb"), "\(other.errors)")
  }

  @Test("RT-DETR: the sizes that it asks for are filled in, by every engine", arguments: ["openvino", "onnxruntime"])
  func sizes(engine: String) throws {
    let outputs = [
      Held(name: "labels", sides: [1, 300], longs: [2] + [Int64](repeating: 0, count: 299)),
      rows("boxes", 300, [0.125, 0.25, 0.625, 0.75], isScaled: true),
      Held(name: "scores", sides: [1, 300], floats: [0.9] + [Float](repeating: 0, count: 299)),
    ]
    let network = try write(outputs, sides: ["orig_target_sizes"])
    let found = try seen(network, ["--normalize", "unit", "--engine", engine])
    #expect(found.count == 1 && found[0]["label"] as? String == "class 2")
    #expect(isNear(found[0]["box"], [0.125, 0.25, 0.5, 0.5]))
  }

  @Test("PaddleDetection: two inputs beside the picture, rows that begin with the class")
  func paddle() throws {
    let outputs = [
      Held(name: "rows", sides: [2, 6], floats: [2, 0.9, 8, 16, 40, 48, 1, 0.8, 8, 16, 40, 48]),
      Held(name: "num", sides: [1], longs: [1]),
    ]
    let found = try seen(try write(outputs, sides: ["im_shape", "scale_factor"]), ["--normalize", "imagenet"])
    #expect(found.count == 1 && found[0]["label"] as? String == "class 2")
    #expect(isNear(found[0]["box"], [0.125, 0.25, 0.5, 0.5]))
  }

  @Test("Several answers of one network, as its manifest says")
  func several() throws {
    let weather = Held(name: "weather", sides: [1, 3], floats: [0.1, 0.7, 0.2])
    _ = try write([columns([24, 32, 32, 28, 0.01, 0.9]), weather])
    try """
    name: both
    summary: Objects and weather.
    license: MIT
    task: detection
    files: [{path: net.onnx}]
    outputs:
      - { decoder: yolov8, scores: output0 }
      - { decoder: classes, scores: weather, top: 1, labels: [sun, rain, snow] }
    labels: [a, b]
    """.write(toFile: folder.file("model.yaml"), atomically: true, encoding: .utf8)
    let found = try seen(folder.path)
    #expect(found.map { $0["kind"] as? String } == ["detection", "classification"])
    #expect(found.map { $0["label"] as? String } == ["b", "rain"])
  }
}
