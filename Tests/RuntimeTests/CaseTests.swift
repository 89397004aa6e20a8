import Base
import Foundation
import Inference
import TestKit
import Testing

/// Networks that OpenVINO computed wrongly, refused or crashed with: they run on their own runtime.
@Suite(.enabled(if: Cases.folder != nil, "\(Cases.whyNot)"))
struct CaseTests {
  @Test("What OpenVINO is known to compute wrongly runs on the runtime of its format", arguments: Cases.wrong)
  func wrong(_ path: String) throws {
    let network = try Lab().compile(Cases.path(path), by: .auto)
    #expect(network.runtime == (path.hasSuffix(".onnx") ? .onnxruntime : .litert))
    #expect(network.notes.first?.contains("runs it, and not OpenVINO: ") == true)
    try network.warmUp()
  }
}

/// The folder of cases beside the checkout, as that of test data.
enum Cases {
  static let folder = TestData.folder.map { URL(filePath: $0).deletingLastPathComponent().path + "/cases" }.flatMap {
    FileManager.default.fileExists(atPath: $0) ? $0 : nil
  }
  static let whyNot = "the folder of cases is not beside that of test data"

  static func path(_ name: String) -> String { "\(folder!)/\(name)" }

  static let wrong = ["02-quantised-onnx-wrong", "03-hybrid-u8-tflite-wrong", "10-litert-external-buffers"].flatMap {
    name in
    let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: "\($0)/\(name)") } ?? []
    return names.filter { $0.hasSuffix(".onnx") || $0.hasSuffix(".tflite") }.sorted().map { "\(name)/\($0)" }
  }
}
