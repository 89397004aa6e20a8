import Base
import Inference
import TestKit
import Testing

/// Real networks on their own runtimes.
@Suite(.enabled(if: TestData.isThere, "\(TestData.whyNot)"))
struct NetworkDataTests {
  /// Refused with a reason: an input of text, and outputs whose size only a run tells.
  static let refused = ["center.tflite", "version-slim-320_without_postprocessing.tflite"]

  private func answer(_ golden: GoldenCase, by choice: EngineChoice) throws -> Answer {
    try run(try Lab().compile(TestData.path(golden.model), by: choice) { $0.picture = golden.picture }, [golden.bytes])
  }

  @Test(
    "ONNX networks answer as ONNX Runtime in Python, in all numbers",
    arguments: GoldenCase.all.filter { $0.model.hasSuffix(".onnx") })
  func onnx(_ golden: GoldenCase) throws {
    let answer = try answer(golden, by: .onnxruntime)
    for (name, expected) in golden.outputs {
      let index = try #require(answer.specs.firstIndex { $0.name == name }, "\(answer.specs)")
      let found = answer.numbers(index)
      try #require(found.count == expected.count)
      let range = expected.max()! - expected.min()!
      let worst = zip(found, expected).map { abs($0 - $1) }.max()!
      #expect(worst <= 1e-4 * range, "\(name) is off by \(worst), its range is \(range)")
    }
  }

  @Test(
    "TensorFlow Lite networks answer as LiteRT in Python, in all numbers",
    arguments: GoldenCase.all.filter { $0.model.hasSuffix(".tflite") && !refused.contains("\($0)") })
  func lite(_ golden: GoldenCase) throws {
    let answer = try answer(golden, by: .litert)
    for (name, expected) in golden.outputs {
      let index = try #require(answer.specs.firstIndex { $0.name == name }, "\(answer.specs)")
      let found = answer.numbers(index)
      try #require(found.count == expected.count)
      let range = expected.max()! - expected.min()!
      let worst = zip(found, expected).map { abs($0 - $1) }.max()!
      // Inside of a quantised one a number may fall to the next step.
      let isQuantised = golden.isQuantised || golden.model.contains("int8")
      #expect(worst <= (isQuantised ? 0.004 : 1e-4) * range, "\(name) is off by \(worst), its range is \(range)")
    }
  }

  @Test("Outputs that have other sides than the file says are refused before they are written anywhere")
  func untold() throws {
    let path =
      "Linzaer+Ultra-Light-Fast-Generic-Face-Detector-1MB/tflite/pretrained/version-slim-320_without_postprocessing.tflite"
    let fault = try #require(throws: Fault.self) { try Lab().compile(TestData.path(path), by: .litert) }
    #expect(fault.kind == .unsupported && fault.message.contains("tells the size of its outputs only once it has run"))
  }

  @Test(
    "What neither engine runs is refused by the operator's name",
    arguments: [
      ("google-coral+test_data/posenet/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite", "PosenetDecoderOp")
    ])
  func refusals(_ path: String, _ name: String) throws {
    for choice in [EngineChoice.auto, .litert] {
      let fault = try #require(throws: Fault.self) { try Lab().compile(TestData.path(path), by: choice) }
      #expect(fault.kind == .unsupported && fault.message.contains("does not have its operator \(name)"))
    }
  }
}
