import Base
import Inference
import Loading
import ModelHub
import TestKit

@testable import ModelProcess

/// A folder with models and a cache of its own, and processes of the built program.
struct Lab {
  let folder = TemporaryFolder()

  func version(_ model: String, _ write: (String) throws -> Void) throws -> ModelVersion {
    let path = folder.file("models/\(model)/1")
    try FileSystem.makeFolder(path)
    try write(path + "/model")
    return ModelVersion(model: model, version: "1", path: path)
  }

  func sum() throws -> ModelVersion { try version("sum") { try SumNetwork.write(to: $0) } }

  /// The same as ONNX, for engines that read that.
  func sumAsONNX() throws -> ModelVersion {
    try version("sum-onnx") { path in
      var network = ONNXNetwork()
      network.input("in", .float, [.open("N"), .fixed(2), .fixed(2), .fixed(3)])
      network.output("sum", .float, [.open("N")])
      network.constant(ONNXNetwork.tensor("axes", .int64, [3], [1, 2, 3] as [Int64]))
      network.node("ReduceSum", ["in", "axes"], ["sum"], attributes: [ONNXNetwork.attribute("keepdims", integer: 0)])
      try network.write(to: path + ".onnx")
    }
  }

  func order(_ version: ModelVersion, batch: Int? = nil, engine: EngineChoice? = nil) -> ModelOrder {
    var options = LoadOptions()
    (options.streams, options.batch, options.engine) = (1, batch, engine)
    return ModelOrder(version, store: folder.file("store"), cache: folder.file("cache"), options: options)
  }

  static func options(_ change: (inout ModelProcessOptions) -> Void = { _ in }) -> ModelProcessOptions {
    var options = ModelProcessOptions()
    options.program = Program.path
    change(&options)
    return options
  }

  /// A shell in place of the program.
  static func shell(_ words: String, seconds: Double = 60) -> ModelProcessOptions {
    options { options in
      (options.program, options.arguments) = ("/bin/sh", ["-c", words])
      options.seconds = seconds
    }
  }
}

/// What a call says when it fails.
func fault(_ body: () throws(Fault) -> Void) -> Fault? {
  do throws(Fault) { try body() } catch { return error }
  return nil
}
