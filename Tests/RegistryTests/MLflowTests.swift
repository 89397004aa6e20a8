import Base
import TestKit
import Testing

@testable import Registry

@Suite struct MLflowTests {
  private let folder = TemporaryFolder()

  private func write(_ text: String, files: [String] = []) throws -> String {
    let place = folder.file("m\(Int.random(in: 0..<Int.max))")
    try FileSystem.makeFolder(place)
    try FileSystem.write(Array(text.utf8), to: "\(place)/MLmodel")
    for file in files {
      try FileSystem.makeFolder(FileSystem.folder(of: "\(place)/\(file)"))
      try FileSystem.write([1], to: "\(place)/\(file)")
    }
    return place
  }

  /// As mlflow.onnx.log_model writes it.
  private static let onnx = """
    artifact_path: model
    flavors:
      onnx:
        code: null
        data: model.onnx
        onnx_version: 1.16.0
        providers:
        - CUDAExecutionProvider
        - CPUExecutionProvider
      python_function:
        data: model.onnx
        env:
          conda: conda.yaml
          virtualenv: python_env.yaml
        loader_module: mlflow.onnx
        python_version: 3.11.4
    mlflow_version: 2.14.1
    model_size_bytes: 4321
    model_uuid: 2d5bd1f8c3ae4ef0a1f6f0a5c4f2f1d3
    prompts: null
    run_id: 8b1f0a4d6f0e4b54a3a4e2a5d0c3b1f2
    signature:
      inputs: '[{"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
      outputs: '[{"name": "y", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
      params: null
    utc_time_created: '2026-03-04 10:11:12.131415'

    """

  @Test("The network, the run and the schema of a model that MLflow logged are found")
  func found() throws {
    let place = try write(Self.onnx, files: ["model.onnx"])
    let model = try MLflowFolder(place)
    #expect(model.network == "\(place)/model.onnx" && model.run == "8b1f0a4d6f0e4b54a3a4e2a5d0c3b1f2")
    #expect(model.schema?.contains(#""inputs":[{"name": "x""#) == true && model.schema?.hasSuffix("]}") == true)
    let bare = try MLflowFolder(try write("flavors: {onnx: {data: a/b.onnx}}", files: ["a/b.onnx"]))
    #expect(bare.network.hasSuffix("/a/b.onnx") && bare.run == nil && bare.schema == nil)
    let saved = try write("flavors: {tensorflow: {saved_model_dir: tf2model}}", files: ["tf2model/saved_model.pb"])
    #expect(try MLflowFolder(saved).network == "\(saved)/tf2model")
  }

  @Test("A model without a network, or a folder that is none of MLflow's, is refused with what it has")
  func refused() throws {
    let message = { (place: String) -> String in
      do { _ = try MLflowFolder(place) } catch { return (error as? Fault)?.message ?? "another error" }
      return ""
    }
    let python = try write(
      "flavors: {python_function: {loader_module: mlflow.sklearn}, sklearn: {pickled_model: m.pkl}}")
    #expect(message(python).contains("python_function, sklearn") && message(python).contains("no network file"))
    #expect(message(folder.path).contains("no file MLmodel"))
    #expect(message(try write(Self.onnx)).contains("there is no"))
    #expect(message(try write("flavors: {onnx: {data: ../other.onnx}}")).contains("leads out"))
    #expect(message(try write("flavors: {onnx: {data: /etc/passwd}}")).contains("leads out"))
    #expect(message(try write("name: x")).contains("'flavors' is missing"))
    for text in ["flavors: [1", ""] { #expect(!message(try write(text)).isEmpty) }
  }
}
