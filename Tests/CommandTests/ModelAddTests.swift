import Foundation
import TestKit
import Testing

/// A network file that gets a name, and what is said of one that does not need it or cannot have it.
struct ModelAddTests {
  let folder = TemporaryFolder()
  static let network = Program.models + "/line-inspector/line-inspector.onnx"
  /// What line-inspector's manifest says, as options.
  static let rules = [
    "--decoder", "yolox", "--strides", "16", "--color", "rgb", "--resize", "letterbox", "--anchor", "top-left",
    "--mean",
    "0", "--scale", "255",
  ]

  private func add(_ name: String, _ more: [String] = []) throws -> ShellResult {
    try "good\nscratch\nchip\nhole-missing\n".write(
      toFile: folder.file("labels.txt"), atomically: true, encoding: .utf8)
    return Program.run(
      [
        "model", "add", Self.network, "--as", name, "--into", folder.file("models"), "--labels",
        folder.file("labels.txt"),
      ]
        + Self.rules + more)
  }

  private func picture() -> String {
    let path = folder.file("picture.png")
    // Its shape is not the network's, so that there is something to pad.
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x240:d=1", "-frames:v", "1", path])
    return path
  }

  private func seen(_ model: String, _ picture: String) throws -> [String] {
    let result = Program.run(
      [
        "analyze", picture, "--model", model, "--threshold", "0.02", "--json", "--force", "--output",
        folder.file("out"),
      ])
    #expect(result.status == 0, "\(result.errors)")
    let files = try #require(result.json["files"] as? [[String: Any]])
    return try #require(files[0]["predictions"] as? [[String: Any]]).map {
      "\($0["box"]!) \($0["label"]!) \($0["score"]!)"
    }
  }

  @Test(
    "A network that was added answers as it does by its shipped manifest; with other gray around a picture it does not")
  func added() throws {
    let picture = picture()
    let result = try add("mine", ["--pad", "114", "--picture", picture])
    #expect(result.status == 0 && result.output.contains("sees      "), "\(result.errors)")
    #expect(result.output.contains("use it    ridley analyze FILE --model \(folder.file("models/mine"))"))
    let known = try seen("line-inspector", picture)
    #expect(try !known.isEmpty && seen(folder.file("models/mine"), picture) == known)
    #expect(try add("other", ["--pad", "0"]).status == 0)
    #expect(try seen(folder.file("models/other"), picture) != known)
  }

  @Test("A name that is taken or is none, and an option out of range, are refused and change nothing")
  func refused() throws {
    #expect(try add("mine").status == 0)
    let manifest = try Data(contentsOf: URL(filePath: folder.file("models/mine/model.yaml")))
    let again = try add("mine", ["--pad", "0"])
    #expect(again.status == 4 && again.errors.contains("models/mine holds a model already: take another name"))
    #expect(try Data(contentsOf: URL(filePath: folder.file("models/mine/model.yaml"))) == manifest)
    #expect(try add("Mine Too").errors.contains("'Mine Too' is not a model's name"))
    #expect(try add("more", ["--pad", "256"]).errors.contains("--pad takes a whole number from 0 to 255, not '256'"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("models")) == ["mine"])
  }

  @Test("A network that the engine gets wrong is shown with the reason, and nothing is asked about it")
  func defect() throws {
    var network = ONNXNetwork()
    network.opset = 12
    network.input("x", .float, [.fixed(1), .fixed(3), .fixed(8), .fixed(8)])
    network.output("y", .float, [.fixed(1), .fixed(3), .fixed(8), .fixed(8)])
    network.node("Softmax", ["x"], ["y"], attributes: [ONNXNetwork.attribute("axis", integer: 1)])
    try network.write(to: folder.file("n.onnx"))
    let result = Program.run(["model", "inspect", folder.file("n.onnx"), "--engine", "openvino"])
    #expect(result.output.contains("which OpenVINO computes wrongly without saying so"), "\(result.output)")
    #expect(!result.output.contains("does not tell what it is for") && !result.errors.contains("--decoder"))
    #expect(try add("mine").status == 0)
    let refused = Program.run([
      "model", "add", folder.file("n.onnx"), "--into", folder.file("models"), "--decoder", "raw",
      "--engine", "openvino",
    ])
    #expect(refused.status == 5 && refused.errors.contains("which OpenVINO computes wrongly"), "\(refused.errors)")
    let other = Program.run([
      "model", "inspect", folder.file("n.onnx"), "--decoder", "raw", "--normalize", "none",
    ])
    #expect(other.output.contains("runs here yes, on ONNX Runtime 1."), "\(other.output)")
    #expect(other.output.contains("runs it, and not OpenVINO: the network uses Softmax"), "\(other.output)")
  }

  @Test("A server that serves a bare network as tensors names the command that gives it a meaning")
  func bare() throws {
    let place = folder.file("models/bare/1")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.network, toPath: place + "/model.onnx")
    let told = Program.toldOnServing(folder)
    #expect(told.contains("ridley model add"), "\(told)")
  }
}
