import Base
import OpenInference
import Testing

@Suite("Open Inference: refusals")
struct RefusalTests {
  private static let ok = #""name":"a","shape":[2],"datatype":"FP32""#

  @Test(
    "a request that is wrong is refused with the place",
    arguments: [
      ("[]", 0, "the request: an array stands where an object is expected"),
      ("{}", 0, "the request: the key 'inputs' is missing"),
      (#"{"inputs":{}}"#, 0, "inputs: an object stands where an array is expected"),
      (#"{"inputs":[1]}"#, 0, "inputs[0]: 1 stands where an object is expected"),
      (#"{"inputs":[],"inputs":[]}"#, 0, "the request: the key 'inputs' stands here twice"),
      (#"{"id":7,"inputs":[]}"#, 0, "id: 7 stands where a string is expected"),
      (#"{"inputs":[{"shape":[2],"datatype":"FP32","data":[1,2]}]}"#, 0, "inputs[0]: the key 'name' is missing"),
      (#"{"inputs":[{"name":"a","datatype":"FP32","data":[1,2]}]}"#, 0, "inputs[0]: the key 'shape' is missing"),
      (#"{"inputs":[{"name":"a","shape":[2],"data":[1,2]}]}"#, 0, "inputs[0]: the key 'datatype' is missing"),
      (
        #"{"inputs":[{"name":"a","shape":[2],"datatype":"FLOAT32","data":[1,2]}]}"#, 0,
        "inputs[0].datatype: 'FLOAT32' is not known, expected BOOL, UINT8"
      ),
      (
        #"{"inputs":[{"name":"a","shape":[2],"datatype":"fp32","data":[1,2]}]}"#, 0, "inputs[0].datatype: 'fp32' is not"
      ),
      (
        #"{"inputs":[{"name":"a","shape":[-1],"datatype":"INT8","data":[1]}]}"#, 0,
        "inputs[0].shape[0]: -1 is out of range"
      ),
      (
        #"{"inputs":[{"name":"a","shape":2,"datatype":"INT8","data":[1]}]}"#, 0,
        "inputs[0].shape: 2 stands where an array"
      ),
      (#"{"inputs":[{\#(ok)}]}"#, 0, "inputs[0]: 'data' is missing, or parameters.binary_data_size"),
      (#"{"inputs":[{\#(ok),"data":[1]}]}"#, 0, "inputs[0].data: 1 elements where the shape [2] asks for 2"),
      (#"{"inputs":[{\#(ok),"data":[1,"2"]}]}"#, 0, "inputs[0].data[1]: the string \"2\" stands where a number"),
      (#"{"inputs":[{\#(ok),"data":[1,2]},{\#(ok),"data":[1,2]}]}"#, 0, "inputs[1]: the input 'a' stands here twice"),
      (
        #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","data":[300]}]}"#, 0,
        "inputs[0].data[0]: 300 does not fit UINT8"
      ),
      (
        #"{"inputs":[{"name":"a","shape":[1],"datatype":"FP16","data":[1]}]}"#, 0,
        "inputs[0].data: FP16 has no form in JSON"
      ),
      (
        #"{"inputs":[{\#(ok),"data":[1,2],"parameters":{"binary_data_size":8}}]}"#, 8,
        "inputs[0]: both 'data' and parameters.binary_data_size stand here"
      ),
      (
        #"{"inputs":[{\#(ok),"parameters":{"binary_data_size":7}}]}"#, 7,
        "inputs[0].parameters.binary_data_size: 7 bytes are announced where FP32 [2] has 8"
      ),
      (
        #"{"inputs":[{\#(ok),"parameters":{"binary_data_size":8}}]}"#, 7,
        "inputs[0].parameters.binary_data_size: 8 bytes are announced, and 7 are left in the request's body"
      ),
      (
        #"{"inputs":[{\#(ok),"parameters":{"binary_data_size":9223372036854775807}}]}"#, 7,
        "inputs[0].parameters.binary_data_size: 9223372036854775807 bytes are announced, and 7"
      ),
      (
        #"{"inputs":[{\#(ok),"parameters":{"binary_data_size":-8}}]}"#, 8,
        "inputs[0].parameters.binary_data_size: -8 is"
      ),
      (
        #"{"inputs":[{\#(ok),"parameters":{"binary_data_size":8}}]}"#, 9,
        "the request: 1 bytes are left over behind the last tensor"
      ),
      (
        #"{"inputs":[{"name":"a","shape":[4611686018427387904,4],"datatype":"INT8","parameters":{"binary_data_size":0}}]}"#,
        0,
        "inputs[0].shape: [4611686018427387904, 4] is too large"
      ),
      (
        #"{"inputs":[{"name":"a","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":5}}]}"#, 5,
        "inputs[0]: the tensor ends within the length of a string, at byte 4"
      ),
      (
        #"{"inputs":[{"name":"a","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":4}}]}"#, 4,
        "inputs[0]: 1 strings are sent where the shape [2] asks for 2"
      ),
      (#"{"inputs":[],"outputs":[{}]}"#, 0, "outputs[0]: the key 'name' is missing"),
      (#"{"inputs":[],"outputs":[{"name":"x"},{"name":"x"}]}"#, 0, "outputs[1]: the output 'x' stands here twice"),
      (
        #"{"inputs":[],"outputs":[{"name":"x","parameters":{"classification":"3"}}]}"#, 0,
        "outputs[0].parameters.classification: the string \"3\" stands where a whole number is expected"
      ),
      (
        #"{"inputs":[],"outputs":[{"name":"x","parameters":{"binary_data":1}}]}"#, 0,
        "outputs[0].parameters.binary_data: 1 stands where true or false is expected"
      ),
      (#"{"inputs":[],"parameters":{"timeout":-1}}"#, 0, "parameters.timeout: -1 is out of range, expected 0 or more"),
      (#"{"inputs":[],"parameters":{"priority":"high"}}"#, 0, "parameters.priority: the string \"high\" stands where"),
      (#"{"inputs":[],"parameters":{"sequence_id":"s1"}}"#, 0, "parameters: models here keep nothing between requests"),
      (#"{"inputs":[],"parameters":[1]}"#, 0, "parameters: an array stands where an object is expected"),
    ])
  func refused(head: String, tail: Int, expected: String) {
    let body = RequestBody(head: head, tail: [UInt8](repeating: 0, count: tail))
    let fault = fault { _ = try body.call() }
    #expect(fault?.message.hasPrefix(expected) == true, "\(fault?.message ?? "no fault")")
    #expect(fault?.kind == .badInput || fault?.kind == .unsupported)
  }

  @Test("a string that is longer than its tensor is refused")
  func longString() {
    let body = RequestBody(
      head: #"{"inputs":[{"name":"a","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":6}}]}"#,
      tail: [0xff, 0xff, 0xff, 0xff, 1, 2])
    #expect(
      fault { _ = try body.call() }?.message
        == "inputs[0]: a string of 4294967295 bytes begins at byte 0 of the tensor, which goes on for 2")
  }

  @Test("a shape with no end of sides is refused")
  func rank() {
    let shape = [String](repeating: "1", count: 33).joined(separator: ",")
    let body = RequestBody(head: #"{"inputs":[{"name":"a","shape":[\#(shape)],"datatype":"INT8","data":[1]}]}"#)
    #expect(fault { _ = try body.call() }?.message.hasPrefix("inputs[0].shape: more than 32 sides") == true)
  }

  @Test("the header that tells the length of the JSON is checked, and asked for where it is missing")
  func headCount() {
    let body = RequestBody(head: #"{"inputs":[]}"#).bytes
    for count in [-1, body.count + 1, .max, .min] {
      let fault = fault { _ = try InferCall.parse(body.span.bytes, headCount: count) }
      #expect(fault?.message.hasPrefix("the header Inference-Header-Content-Length says \(count)") == true)
    }
    #expect(throws: Fault.self) { try InferCall.parse(body.span.bytes, headCount: body.count - 1) }
    let input = #"{"inputs":[{"name":"a","shape":[2],"datatype":"INT8","parameters":{"binary_data_size":2}}]}"#
    let untold = RequestBody(head: input, tail: [1, 2], tells: false)
    #expect(
      fault { _ = try untold.call() }?.message.contains("the header Inference-Header-Content-Length tells how") == true)
    let without = RequestBody(head: input, tells: false)
    #expect(
      fault { _ = try without.call() }?.message.hasPrefix("inputs[0]: sent as binary data without the header") == true)
  }

  @Test(
    "what a model does not take is refused before it is run",
    arguments: [
      (
        InferCall.Input(name: "imgae", element: .f32, shape: [1, 3], content: .values([])),
        "there is no input 'imgae' (did you"
      ),
      (
        .init(name: "q", element: .f32, shape: [1, 3], content: .values([])),
        "there is no input 'q': the model has image"
      ),
      (
        .init(name: "image", element: .u8, shape: [1, 3], content: .values([])),
        "the input 'image' is UINT8, the model takes FP32"
      ),
      (
        .init(name: "image", element: .f32, shape: [1, 4], content: .values([])),
        "the input 'image' has the shape [1,4], the model takes [?,3]"
      ),
      (.init(name: "image", element: .f32, shape: [3], content: .values([])), "the input 'image' has the shape [3]"),
    ])
  func models(input: InferCall.Input, expected: String) throws {
    let model = [TensorSpec(name: "image", shape: [nil, 3], element: .f32)]
    let said = fault { _ = try InferCall(inputs: [input]).inputs(for: model) }
    #expect(said?.message.hasPrefix(expected) == true, "\(said?.message ?? "no fault")")
    #expect(
      fault { _ = try InferCall(inputs: []).inputs(for: model) }?.message
        == "the input 'image' is missing: the model takes image FP32 [?,3]")
  }

  @Test("inputs come in the model's order, whatever the request's is")
  func order() throws {
    let inputs = ["b", "a"].map { InferCall.Input(name: $0, element: .u8, shape: [2], content: .values([1, 2])) }
    let model = ["a", "b"].map { TensorSpec(name: $0, shape: [nil], element: .u8) }
    #expect(try InferCall(inputs: inputs).inputs(for: model).map(\.name) == ["a", "b"])
  }

  @Test("outputs that a model cannot give are refused before it is run")
  func outputs() {
    let model = [
      TensorSpec(name: "scores", shape: [1, 5], element: .f16), TensorSpec(name: "text", shape: [1], element: .string),
    ]
    func refusal(_ output: WantedOutput) -> String? {
      fault { try InferCall(inputs: [], outputs: [output]).checkOutputs(of: model) }?.message
    }
    #expect(
      refusal(WantedOutput(name: "scroes", binary: true)) == "there is no output 'scroes' (did you mean 'scores'?)")
    #expect(refusal(WantedOutput(name: "scores", binary: true)) == nil)
    #expect(refusal(WantedOutput(name: "scores", binary: false))?.contains("JSON has no form of") == true)
    #expect(refusal(WantedOutput(name: "scores", binary: false, classes: 2)) == nil)
    #expect(refusal(WantedOutput(name: "text", binary: false)) == nil)
    #expect(refusal(WantedOutput(name: "text", binary: false, classes: 2))?.contains("has no scores") == true)
    #expect(fault { try InferCall(inputs: []).checkOutputs(of: model) }?.kind == .unsupported)
    #expect(fault { try InferCall(inputs: [], binaryByDefault: true).checkOutputs(of: model) } == nil)
  }

  @Test("a body that is one tensor alone gets its shape from the model")
  func raw() throws {
    func shape(_ sides: [Int?], _ element: ElementType, _ count: Int) throws -> [Int] {
      let body = [UInt8](repeating: 7, count: count)
      let call = try InferCall.raw(body.span.bytes, for: TensorSpec(name: "a", shape: sides, element: element))
      #expect(call.binaryByDefault && call.inputs.count == 1 && call.inputs[0].content == .body(0..<count))
      return call.inputs[0].shape
    }
    #expect(try shape([1, 3], .u8, 3) == [1, 3])
    #expect(try shape([nil, 3], .f32, 24) == [2, 3])
    #expect(try shape([nil, nil, 3], .u8, 12) == [1, 4, 3])
    for (sides, count) in [
      ([1, 3], 4), ([nil, 3], 4), ([nil, 3], 0), ([nil, 0], 0), ([nil, nil, nil], 3), ([3, nil, nil], 9),
    ]
      as [([Int?], Int)]
    {
      #expect(throws: Fault.self) { try shape(sides, .u8, count) }
    }
    let picture: [UInt8] = [0xff, 0xd8, 0xff]
    let call = try InferCall.raw(picture.span.bytes, for: TensorSpec(name: "s", shape: [nil, 1], element: .string))
    #expect(call.inputs[0].shape == [1, 1] && call.inputs[0].content == .values(strings([picture])))
  }
}
