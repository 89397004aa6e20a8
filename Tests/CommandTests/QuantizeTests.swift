import Base
import Foundation
import Predictions
import Reports
import TestKit
import Testing

@testable import ridley

/// `ridley model quantize` as a whole program, on a network of a few kilobytes.
struct QuantizeTests {
  private static let checkout = URL(filePath: Program.models).deletingLastPathComponent().path
  private static let python = "\(checkout)/.deps/quantizer/bin/python"
  private static let isThere = FileManager.default.fileExists(atPath: python)
  private static let network = "\(checkout)/Tests/Fixtures/networks/nchw.onnx"
  private let folder = TemporaryFolder()

  private func film() -> String {
    let path = folder.file("film.mp4")
    let source = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=10", "-t", "6", "-pix_fmt", "yuv420p"]
    _ = shell(["ffmpeg", "-v", "error", "-y"] + source + [path])
    return path
  }

  private func run(_ more: [String], python: String? = nil) -> ShellResult {
    let words = ["model", "quantize", Self.network, "--task", "classification", "--normalize", "symmetric"]
    var environment = ["RIDLEY_CACHE": folder.file("cache")]
    if let python { environment["RIDLEY_PYTHON"] = python }
    return Program.run(words + ["--into", folder.file("models"), "--frames", "40"] + more, environment: environment)
  }

  @Test(
    "An 8-bit version is made, compared on frames that it was not calibrated with, kept with its table, and runs",
    .enabled(if: isThere, "onnx and onnxruntime for Python are not here: ./bootstrap fetches them"))
  func kept() throws {
    let film = film()
    let result = run(["--calibrate", film, "--as", "small", "--json"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.json["kept"] as? Bool == true)
    let (calibrated, compared) = (result.json["calibrated"] as? Int ?? 0, result.json["compared"] as? Int ?? 0)
    #expect(calibrated >= 15 && compared >= 2 && calibrated + compared <= 45)
    #expect((result.json["agreement"] as? Double ?? 0) >= 0.95)
    let versions = try #require(result.json["versions"] as? [[String: Any]]).compactMap { $0["version"] as? String }
    #expect(versions.first == "f32" && versions.last == "int8")
    let folder = "\(self.folder.file("models"))/small"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["model.yaml", "nchw.onnx", "quantization.json"])
    let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/nchw.onnx"))
    #expect(bytes.range(of: Data("QuantizeLinear".utf8)) != nil)
    let words = [
      "analyze", film, "--every", "1s", "--model", "small", "--models", self.folder.file("models"), "--json",
    ]
    let answer = Program.run(
      words + ["--output", self.folder.file("out")], environment: ["RIDLEY_CACHE": self.folder.file("cache")])
    #expect(answer.status == 0, "\(answer.errors)")
    let again = run(["--calibrate", film, "--as", "small"])
    #expect(again.status == 4 && again.errors.contains("--as"), "\(again.errors)")
  }

  @Test(
    "What does not agree enough is told of and not kept",
    .enabled(if: isThere, "onnx and onnxruntime for Python are not here: ./bootstrap fetches them"))
  func refused() throws {
    let picture = folder.file("one.png")
    _ = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", picture])
    let few = run(["--calibrate", picture])
    #expect(few.status == 4 && few.errors.contains("too few"), "\(few.errors)")
    let none = run(["--calibrate", film()], python: "/usr/bin/false")
    #expect(none.status == 8 && none.errors.contains("/usr/bin/false"), "\(none.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("models")), "nothing is left of it")
    let late = run(["--calibrate", film(), "--agreement", "2"])
    #expect(late.status == 2 && late.errors.contains("agreement"), "\(late.errors)")
    #expect(!late.errors.contains("looking at"), "refused before any work: \(late.errors)")
  }

  @Test(
    "Footage on which neither version finds anything proves nothing, and nothing is kept",
    .enabled(if: isThere, "onnx and onnxruntime for Python are not here: ./bootstrap fetches them"))
  func nothing() {
    let path = folder.file("gray.mp4")
    let source = ["-f", "lavfi", "-i", "color=gray:s=96x64:r=10", "-t", "3", "-pix_fmt", "yuv420p"]
    _ = shell(["ffmpeg", "-v", "error", "-y"] + source + [path])
    let words = ["model", "quantize", "line-inspector", "--models", Program.models, "--into", folder.file("models")]
    let result = Program.run(
      words + ["--calibrate", path, "--frames", "12", "--difference", "1"],
      environment: ["RIDLEY_CACHE": folder.file("cache")])
    #expect(result.status == 4 && result.errors.contains("neither version found anything"), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("models")))
  }

  @Test(
    "Operators without names are weighed and left out as others are",
    .enabled(if: isThere, "onnx and onnxruntime for Python are not here: ./bootstrap fetches them"))
  func nameless() throws {
    let script =
      "import onnx, sys; m = onnx.load(sys.argv[1]); [setattr(n, 'name', '') for n in m.graph.node]; onnx.save(m, sys.argv[2])"
    let network = folder.file("nameless.onnx")
    #expect(shell([Self.python, "-c", script, Self.network, network]).status == 0)
    let words = ["model", "quantize", network, "--task", "classification", "--normalize", "symmetric"]
    let result = Program.run(
      words + [
        "--into", folder.file("models"), "--frames", "20", "--calibrate", film(), "--difference", "0", "--agreement",
        "0", "--json",
      ],
      environment: ["RIDLEY_CACHE": folder.file("cache")])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.json["kept"] as? Bool == true)
  }

  @Test("Boxes that one version calls otherwise count once as missed and once as added, texts by their letters")
  func counted() {
    func found(_ labels: [String?], _ texts: [String?] = [nil, nil]) -> [Prediction] {
      labels.enumerated().map { number, label in
        let box = Rect(x: Double(number) / 2, y: 0, width: 0.4, height: 0.4)
        var prediction = Prediction(kind: .detection, label: label, score: 0.9, box: box)
        prediction.text = texts[number]
        return prediction
      }
    }
    func agreement(_ one: [Prediction], _ two: [Prediction], _ task: ModelTask) -> Double {
      var agreement = AnswerAgreement(of: "net")
      agreement.add(reference: one, other: two)
      return QuantizeReport(
        name: "net", task: task, result: Quantizer.Result(leftOut: [], weighed: 1, difference: 0), calibrated: 2,
        agreement: agreement, rows: [], bytes: (1, 1)
      ).agreement
    }
    #expect(agreement(found(["a", "b"]), found(["a", "b"]), .detection) == 1)
    #expect(agreement(found(["a", "b"]), found(["a", "c"]), .detection) == 0.5)
    #expect(agreement(found(["a", "b"]), found(["c", "d"]), .detection) == 0)
    let (one, two) = (found([nil, nil], ["x", "y"]), found([nil, nil], ["x", "z"]))
    #expect(agreement(one, two, .text) == 0.5)
  }

  @Test("Footage must be named, and the network must be one that is quantised")
  func usage() {
    #expect(run([]).status == 2)
    let network = "\(Self.checkout)/Tests/Fixtures/networks/lite.tflite"
    let recipe = ["--task", "classification", "--normalize", "symmetric"]
    let words = ["model", "quantize", network, "--calibrate", film()] + recipe
    let result = Program.run(words, environment: ["RIDLEY_CACHE": folder.file("cache")])
    #expect(result.status == 5 && result.errors.contains("no ONNX network"), "\(result.errors)")
    let missing = run(["--calibrate", folder.file("none.mp4")])
    #expect(missing.status == 3 && missing.errors.contains("none.mp4: there is no such file"), "\(missing.errors)")
  }
}
