import Foundation
import TestKit
import Testing

/// `ridley tune` as a whole program, on a network of a few kilobytes.
struct TuneTests {
  let folder = TemporaryFolder()

  private var network: [String] {
    let root = URL(filePath: Program.models).deletingLastPathComponent().path
    return ["\(root)/Tests/Fixtures/networks/nchw.onnx", "--task", "classification", "--normalize", "symmetric"]
  }

  private func run(_ arguments: [String]) -> ShellResult {
    Program.run(arguments, environment: ["RIDLEY_CACHE": folder.file("cache")])
  }

  private func notes(_ more: [String] = []) throws -> [String] {
    let picture = folder.file("picture.png")
    _ = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", picture])
    let arguments =
      ["analyze", picture, "--json", "--force", "--output", folder.file("out"), "--model"] + network + more
    let result = run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    let file = try #require((result.json["files"] as? [[String: Any]])?.first)
    return try #require((file["summary"] as? [String: Any])?["notes"] as? [String])
  }

  @Test("ONNX Runtime keeps no name of this machine and no reports to its maker in the user's cache")
  func telemetry() {
    let result = Program.run(
      ["tune"] + network + ["--seconds", "0.5", "--precision", "f32", "--json"],
      environment: ["RIDLEY_CACHE": folder.file("cache"), "XDG_CACHE_HOME": folder.file("home")])
    let engines = (result.json["settings"] as? [[String: Any]])?.compactMap { $0["engine"] as? String }
    #expect(engines?.contains("onnxruntime") == true, "\(result.output)\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("home/Microsoft")))
  }

  @Test("A tuned network runs as it was tuned and says so, unless the user says otherwise or the memory is damaged")
  func remembered() throws {
    #expect(try notes() == [])
    let result = run(["tune"] + network + ["--seconds", "0.5", "--precision", "f32", "--json"])
    #expect(result.status == 0, "\(result.errors)")
    let every = try #require(result.json["settings"] as? [[String: Any]])
    #expect(every.allSatisfy { $0["precision"] as? String == "f32" })
    let settings = every.filter { $0["engine"] as? String == "openvino" }
    #expect(result.json["engine"] as? String == "openvino")
    let best = settings.filter { $0["best_throughput"] as? Bool == true }
    #expect(best.count == 1 && settings.filter { $0["best_latency"] as? Bool == true }.count == 1)
    #expect(settings.filter { $0["automatic"] as? Bool == true }.count == 1)
    let (streams, batch) = (best[0]["streams"] as? Int ?? 0, best[0]["batch"] as? Int ?? 0)
    let found = try notes()
    #expect(found.count == 1 && found[0].contains("tuned") && found[0].contains("\(streams) stream"), "\(found)")
    #expect(found[0].hasSuffix("batch \(batch)"))
    #expect(try notes(["--threshold", "0.2"]) == found, "how the answer is read does not matter")
    #expect(try notes(["--streams", "1"]) == [])
    #expect(try notes(["--batch", "2"]) == [])
    #expect(try notes(["--precision", "auto"]) == [], "only f32 was tuned")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.file("cache/tuned")) {
      try "streams many\n".write(toFile: folder.file("cache/tuned/\(name)"), atomically: true, encoding: .utf8)
    }
    #expect(try notes() == [])
  }

  @Test("The table for people names the choices, and marks the frontier")
  func table() {
    let result = run(["tune"] + network + ["--seconds", "0.5"])
    #expect(result.status == 0, "\(result.errors)")
    for words in [
      "inferences/s", "most a second", "lowest latency", "automatic", "remembered for 'ridley analyze'", "* no other",
    ] {
      #expect(result.output.contains(words), "\(words) in \(result.output)")
    }
    #expect(!result.errors.contains("\r"))
  }

  @Test(
    "Every engine that is installed is measured, each once, and the quickest comes into the manifest where that is asked for"
  )
  func engines() throws {
    let models = folder.file("models")
    #expect(run(["model", "add"] + network + ["--as", "small", "--into", models]).status == 0)
    let manifest = "\(models)/small/model.yaml"
    let before = try String(contentsOfFile: manifest, encoding: .utf8)
    let words = ["tune", "small", "--models", models, "--seconds", "1", "--precision", "f32", "--json"]
    let result = run(words + ["--apply"])
    #expect(result.status == 0, "\(result.errors)")
    let settings = try #require(result.json["settings"] as? [[String: Any]])
    let engines = Set(settings.compactMap { $0["engine"] as? String })
    let isInstalled = run(["version"]).output.contains("onnxruntime")
    #expect(engines == (isInstalled ? ["openvino", "onnxruntime"] : ["openvino"]))
    #expect(settings.count { $0["automatic"] as? Bool == true } == engines.count)
    let best = try #require((result.json["best"] as? [String: Any])?["engine"] as? String)
    let after = try String(contentsOfFile: manifest, encoding: .utf8)
    #expect(after.contains("\nengine: \(best)\n") && after.contains("\nprecision: f32\n"))
    #expect(after.hasPrefix(before.trimmingCharacters(in: .newlines)), "the rest stays as it was")
    let file = run(["tune"] + network + ["--apply"])
    #expect(file.status == 2 && file.errors.contains("ridley model add"), "\(file.errors)")
  }

  @Test("What cannot be tuned is refused like anywhere else")
  func refused() {
    #expect(run(["tune", "nothing.onnx"]).status != 0)
    #expect(run(["tune"] + network + ["--seconds", "0"]).status == 2)
    #expect(run(["tune"] + network + ["--device", "TPU"]).errors.contains("no device 'TPU'"))
  }
}
