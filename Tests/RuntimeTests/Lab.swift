import Base
import Foundation
import Inference
import LiteRT
import ONNXRuntime
import TestKit

/// Networks, run by an engine that has all runtimes.
struct Lab {
  let folder = TemporaryFolder()
  let engine: Engine

  /// Without runtimes where they are not installed.
  init(isInstalled: Bool = true) throws {
    let folders = isInstalled ? nil : [String]()
    engine = try Engine(
      cacheFolder: nil,
      runtimes: [
        ONNXRuntime(folders: folders ?? RuntimeFile.folders("onnxruntime")),
        LiteRT(folders: folders ?? RuntimeFile.folders("litert")),
      ])
  }

  func compile(
    _ network: ONNXNetwork, by choice: EngineChoice = .onnxruntime, _ change: (inout CompileOptions) -> Void = { _ in }
  ) throws -> CompiledNetwork {
    try network.write(to: folder.file("n.onnx"))
    return try compile(folder.file("n.onnx"), by: choice, change)
  }

  func compile(
    _ path: String, by choice: EngineChoice = .onnxruntime, _ change: (inout CompileOptions) -> Void = { _ in }
  ) throws -> CompiledNetwork {
    var options = CompileOptions()
    (options.streams, options.threads) = (1, 1)
    change(&options)
    return try CompiledNetwork(try engine.read(path, by: choice), with: options, on: engine)
  }
}

/// What came out of one request, output by output.
struct Answer: Sendable {
  var specs: [TensorSpec] = []
  var bytes: [[UInt8]] = []

  func values<Number: BitwiseCopyable>(_ index: Int = 0, as: Number.Type) -> [Number] {
    bytes[index].withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Number>.size).map {
        raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Number>.size, as: Number.self)
      }
    }
  }
}

extension Answer {
  /// An output's elements as floats, whatever they are.
  func numbers(_ index: Int) -> [Float] {
    switch specs[index].element {
    case .f32: values(index, as: Float.self)
    case .u8, .bool: values(index, as: UInt8.self).map { Float($0) }
    case .i8: values(index, as: Int8.self).map { Float($0) }
    case .i32: values(index, as: Int32.self).map { Float($0) }
    case .i64: values(index, as: Int64.self).map { Float($0) }
    default: []
    }
  }
}

/// Runs one request, and waits for its answer.
func run(_ unit: InferenceUnit, _ inputs: [[UInt8]], rows: Int = 1) throws -> Answer {
  let answer = Monitor<Result<Answer, Fault>?>(nil)
  let request = InferenceRequest(inputs.map { SharedBytes($0) }, rows: rows, source: "") { outcome, _ in
    let result: Result<Answer, Fault>
    switch outcome {
    case .answered(let outputs):
      let bytes = outputs.specs.indices.map { index in
        outputs.withBytes(index) { span in
          (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
      }
      result = .success(Answer(specs: outputs.specs, bytes: bytes))
    case .failed(let fault): result = .failure(fault)
    case .late, .cancelled, .lost: result = .failure(Fault(.bug, "neither was asked for"))
    }
    answer.update { $0 = result }
  }
  do { try unit.submitWaiting(request) } catch { throw error.fault }
  return try answer.wait(for: "an answer") { $0 }.get()
}

func run(_ network: CompiledNetwork, _ inputs: [[UInt8]], rows: Int = 1) throws -> Answer {
  try run(try InferenceUnit(network), inputs, rows: rows)
}

extension GoldenCase {
  /// The picture in the order of colours that the network wants.
  var bytes: [UInt8] {
    switch color {
    case "bgr": rgb.indices.map { rgb[$0 - $0 % 3 + 2 - $0 % 3] }
    case "gray": stride(from: 0, to: rgb.count, by: 3).map { rgb[$0] }
    default: rgb
    }
  }

  var picture: PictureInput {
    PictureInput(
      width: width, height: height, channels: color == "gray" ? 1 : 3, channelsFirst: layout == "NCHW",
      mean: isQuantised ? [] : mean, scale: isQuantised ? [] : scale)
  }
}

/// Numbers as bytes.
func bytes<Number: BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
