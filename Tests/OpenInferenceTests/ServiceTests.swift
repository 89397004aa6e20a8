import Base
import OpenInference
import Testing

@Suite("Open Inference: metadata, repository, statistics")
struct ServiceTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private let model = ModelMetadata(
    name: "net", versions: ["1", "3"], platform: "openvino",
    inputs: [TensorSpec(name: "image", shape: [nil, 3, 224, nil], element: .u8)],
    outputs: [TensorSpec(name: "text", shape: [nil], element: .string)])

  @Test("metadata is as the protocol has it")
  func metadata() {
    #expect(
      text(ServerMetadata.json(name: "ridley", version: "0.1"))
        == #"{"name":"ridley","version":"0.1","extensions":["binary_tensor_data","classification","parameters","#
        + #""schedule_policy","model_configuration","model_repository","statistics"]}"#)
    #expect(text(ServerMetadata.live(true)) == #"{"live":true}"#)
    #expect(text(ServerMetadata.ready(false)) == #"{"ready":false}"#)
    #expect(text(ModelMetadata.ready("net", true)) == #"{"name":"net","ready":true}"#)
    #expect(
      text(model.json)
        == #"{"name":"net","versions":["1","3"],"platform":"openvino","#
        + #""inputs":[{"name":"image","datatype":"UINT8","shape":[-1,3,224,-1]}],"#
        + #""outputs":[{"name":"text","datatype":"BYTES","shape":[-1]}]}"#)
    #expect(text(ErrorAnswer.json(Fault(.badInput, "a \"b\""))) == #"{"error":"a \"b\""}"#)
  }

  @Test("a configuration leaves the batch out of the sides where there is one")
  func configuration() {
    #expect(
      text(model.configuration(maxBatchSize: 8))
        == #"{"name":"net","platform":"openvino","backend":"openvino","max_batch_size":8,"#
        + #""input":[{"name":"image","data_type":"TYPE_UINT8","dims":[3,224,-1]}],"#
        + #""output":[{"name":"text","data_type":"TYPE_STRING","dims":[]}]}"#)
    #expect(text(model.configuration(maxBatchSize: 0)).contains(#""max_batch_size":0,"#))
    #expect(text(model.configuration(maxBatchSize: 0)).contains(#""dims":[-1,3,224,-1]"#))
  }

  @Test("statistics are in Triton's form")
  func statistics() {
    var one = ModelStatistics(name: "net", version: "1")
    (one.lastInference, one.inferenceCount, one.executionCount) = (1_700_000_000_000, 9, 5)
    (one.success, one.fail, one.queue) = (
      Tally(count: 9, nanoseconds: 90), Tally(count: 1, nanoseconds: 2), Tally(count: 9)
    )
    one.computeInfer = Tally(count: 9, nanoseconds: 70)
    let tally = Tally(count: 5, nanoseconds: 6)
    one.batches = [.init(size: 2, computeInput: tally, computeInfer: tally, computeOutput: tally)]
    #expect(
      text(ModelStatistics.json([one]))
        == #"{"model_stats":[{"name":"net","version":"1","last_inference":1700000000000,"inference_count":9,"#
        + #""execution_count":5,"inference_stats":{"success":{"count":9,"ns":90},"fail":{"count":1,"ns":2},"#
        + #""queue":{"count":9,"ns":0},"compute_input":{"count":0,"ns":0},"compute_infer":{"count":9,"ns":70},"#
        + #""compute_output":{"count":0,"ns":0},"cache_hit":{"count":0,"ns":0},"cache_miss":{"count":0,"ns":0}},"#
        + #""batch_stats":[{"batch_size":2,"compute_input":{"count":5,"ns":6},"compute_infer":{"count":5,"ns":6},"#
        + #""compute_output":{"count":5,"ns":6}}]}]}"#)
    #expect(text(ModelStatistics.json([])) == #"{"model_stats":[]}"#)
  }

  @Test("the repository is asked with a body or without")
  func repository() throws {
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    #expect(try !Repository.wantsReadyOnly(bytes("").span.bytes))
    #expect(try !Repository.wantsReadyOnly(bytes("{}").span.bytes))
    #expect(try Repository.wantsReadyOnly(bytes(#"{"ready":true}"#).span.bytes))
    #expect(throws: Fault.self) { try Repository.wantsReadyOnly(bytes(#"{"ready":"yes"}"#).span.bytes) }
    #expect(
      text(
        Repository.index([
          .init(name: "a", version: "1", state: .ready),
          .init(name: "b", version: "", state: .unavailable, reason: "x"),
        ]))
        == #"[{"name":"a","version":"1","state":"READY","reason":""},"#
        + #"{"name":"b","version":"","state":"UNAVAILABLE","reason":"x"}]"#)
    for good in ["", "{}", #"{"parameters":{}}"#, #"{"parameters":null}"#, #"{"parameters":{"config":null}}"#] {
      #expect(throws: Never.self) { try Repository.checkLoad(bytes(good).span.bytes) }
    }
    for override in [#"{"parameters":{"config":"{}"}}"#, #"{"parameters":{"file:1/model.onnx":"AAAA"}}"#] {
      #expect(fault { try Repository.checkLoad(bytes(override).span.bytes) }?.kind == .unsupported)
    }
    #expect(throws: Never.self) {
      try Repository.checkUnload(bytes(#"{"parameters":{"unload_dependents":false}}"#).span.bytes)
    }
    #expect(throws: Fault.self) {
      try Repository.checkUnload(bytes(#"{"parameters":{"unload_dependents":3}}"#).span.bytes)
    }
    for bad in ["[]", "{", #"{"parameters":[]}"#] {
      #expect(fault { try Repository.checkLoad(bytes(bad).span.bytes) }?.kind == .badInput)
      #expect(fault { try Repository.checkUnload(bytes(bad).span.bytes) }?.kind == .badInput)
    }
  }
}
