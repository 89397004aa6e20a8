import Foundation
import TestKit
import Testing

/// The engine with a part that cannot be loaded, as in an image that lacks a library.
struct EngineLibraryTests {
  private let folder = TemporaryFolder()
  private static let networks = Checkout.path + "/Tests/Fixtures/networks/"

  /// Runs the program with a copy of the engine's libraries, one of which is another file or missing.
  private func run(_ arguments: [String], without part: String, instead bytes: String?) throws -> ShellResult {
    let libraries = Checkout.path + "/.deps/openvino/libs"
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: libraries) {
      if !name.hasPrefix(part) {
        try files.createSymbolicLink(atPath: folder.file(name), withDestinationPath: "\(libraries)/\(name)")
      } else if let bytes {
        try Data(bytes.utf8).write(to: URL(filePath: folder.file(name)))
      }
    }
    // The engine looks beside the file that a link stands for, so its own library is a file here.
    for name in try files.contentsOfDirectory(atPath: libraries) where name.hasPrefix("libopenvino.so.") {
      try files.removeItem(atPath: folder.file(name))
      try files.copyItem(atPath: "\(libraries)/\(name)", toPath: folder.file(name))
    }
    return Program.run(arguments, environment: ["LD_LIBRARY_PATH": folder.path])
  }

  @Test(
    "a front end that cannot be loaded is said, and the network is not called unknown",
    arguments: ["no library", nil],
    [
      ("onnx", "nchw.onnx", "ONNX"), ("tensorflow_lite", "lite.tflite", "TensorFlow Lite"),
      ("ir", "ir-f32.xml", "OpenVINO IR"), ("tensorflow", "frozen.pb", "TensorFlow"),
      ("paddle", "paddle.pdmodel", "Paddle"),
    ])
  func frontEnd(_ instead: String?, _ format: (part: String, file: String, name: String)) throws {
    let result = try run(
      ["model", "inspect", Self.networks + format.file], without: "libopenvino_\(format.part)_frontend",
      instead: instead)
    #expect(result.status != 0)
    #expect(result.errors.contains("the \(format.name) front end of the inference engine cannot be loaded: "))
    #expect(!result.errors.contains("known format"), "\(result.errors)")
    #expect(!result.errors.contains(folder.path), "no folder: \(result.errors)")
  }

  @Test("a CPU plugin that cannot be loaded is said, and not that there is no CPU", arguments: ["no library", nil])
  func plugin(_ instead: String?) throws {
    let picture = folder.file("a.png")
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", picture])
    let result = try run(
      ["analyze", picture, "--model", "line-inspector", "--output", folder.file("out")],
      without: "libopenvino_intel_cpu_plugin", instead: instead)
    #expect(result.status != 0)
    #expect(result.errors.contains("the CPU plugin of the inference engine cannot be loaded: "), "\(result.errors)")
  }
}
