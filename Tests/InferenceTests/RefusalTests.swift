import Base
import Inference
import TestKit
import Testing

@Suite(.enabled(if: TestData.isThere, "\(TestData.whyNot)"))
struct RefusalTests {
  /// Network, and words that the sentence must hold.
  static let cases: [(String, String)] = [
    ("google-coral+test_data/mobilenet_v1_0.25_128_quant_edgetpu.tflite", "operator edgetpu-custom-op"),
    (
      "google-coral+test_data/posenet/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite",
      "operator PosenetDecoderOp"
    ),
    ("tensorflow+tflite-micro/tensorflow/lite/micro/models/person_detect.tflite", "quantisation is broken"),
    ("PINTO0309+Keras-OneClassAnomalyDetection/irmodels/tensorflow/FP16/weights.xml", "IR version 4"),
    ("onnx+tutorials/tutorials/assets/super_resolution.onnx", "ONNX file is not valid at operator Add"),
    (
      "tensorflow+serving/tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_cpu/00000123",
      "takes text"
    ),
    ("google-coral+test_data/invalid_models/model_invoking_error.tflite", "a tensor has no 'name'"),
    ("google+attention-center/model/center.tflite", "input 'filename:0' takes text"),
  ]

  @Test("A network that cannot run here is refused with a sentence that names the reason", arguments: cases)
  func refused(_ path: String, _ words: String) throws {
    let engine = try Engine(cacheFolder: nil)
    let fault = #expect(throws: Fault.self) {
      let network = try engine.read(TestData.path(path))
      _ = try CompiledNetwork(network, with: CompileOptions(), on: engine)
    }
    let message = try #require(fault).message
    #expect(message.contains(words), "\(message)")
    #expect(!message.contains(".cpp"), "no source file of the engine: \(message)")
    #expect(!message.contains("\n"), "one sentence: \(message)")
  }

  @Test("A quantised network that the engine cannot compile for one thread a copy is compiled for two, and says so")
  func oneThread() throws {
    let path = TestData.path("../cases/05-qdq-one-thread/mobilenetv2-qdq-u8.onnx")
    guard FileSystem.kind(of: path) != nil else { return print("\(path) is not here: nothing was tried") }
    let folder = TemporaryFolder()
    let engine = try Engine(cacheFolder: folder.file("cache"))
    var options = CompileOptions()
    (options.streams, options.threads) = (1, 1)
    for turn in 0..<2 {
      var wasRead = false
      let made = try CompiledNetwork.load("n", with: options, on: engine) { _ throws(Fault) in
        wasRead = true
        return try engine.read(path)
      }
      // The engine fails where its kernels are those of AVX-512; others of it compile the network as asked.
      if made.notes.isEmpty {
        print("this processor's kernels compile the network for one thread: nothing is to be said")
      }
      #expect(
        wasRead == (turn == 0) && made.notes.allSatisfy { $0.contains("runs on 2 threads") }, "\(made.notes)")
      let picture = (0..<224 * 224 * 3).map { Float($0 % 255) / 255 }
      let answer = try infer(try InferenceUnit(made), tensors: [picture]).values[0]
      #expect(isNear([answer.reduce(0, +)], [1], within: 0.05), "\(answer)")
    }
  }

  @Test("What is no network is refused: missing, empty, text, a folder, weights that are gone")
  func noNetwork() throws {
    let engine = try Engine(cacheFolder: nil)
    let folder = TemporaryFolder()
    func message(_ name: String, _ text: String?) throws -> String {
      if let text { try FileSystem.write(Array(text.utf8), to: folder.file(name)) }
      return try #require(#expect(throws: Fault.self) { _ = try engine.read(folder.file(name)) }).message
    }
    #expect(try message("none.onnx", nil).contains("there is no network file"))
    #expect(try message("empty.onnx", "").contains("is empty"))
    #expect(try message("text.onnx", "just words\n").contains("not a network file"))
    #expect(try message("a.xml", "<?xml?><net name=\"x\" version=\"11\"></net>").contains("weights"))
    #expect(
      try #require(#expect(throws: Fault.self) { _ = try engine.read(folder.path) }).message.contains("saved_model.pb"))
  }
}
