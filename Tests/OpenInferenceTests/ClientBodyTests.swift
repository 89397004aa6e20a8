import Base
import OpenInference
import Testing

/// Bodies as tritonclient 2.73 for Python wrote them.
@Suite("Open Inference: what Triton's client sends")
struct ClientBodyTests {
  @Test("binary tensors are ranges of the body, in the order of the inputs")
  func binary() throws {
    let body = RequestBody(
      head: #"{"inputs":[{"name":"a","shape":[1,3],"datatype":"UINT8","parameters":{"binary_data_size":3}},"#
        + #"{"name":"b","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"#
        + #""parameters":{"binary_data_output":true}}"#,
      tail: [1, 2, 3, 0, 0, 0, 0x3f, 0, 0, 0x80, 0xbf])
    let call = try body.call()
    #expect(call.id == nil && call.outputs == nil && call.binaryByDefault && call.timeout == nil && call.priority == 0)
    #expect(call.inputs.map(\.name) == ["a", "b"])
    #expect(call.inputs.map(\.element) == [.u8, .f32])
    #expect(call.inputs.map(\.shape) == [[1, 3], [2]])
    #expect(call.inputs.map(\.content) == [.body(214..<217), .body(217..<225)])
    #expect(call.inputs[1].bytes(in: body) == bytes([0.5, -1] as [Float]))
    #expect(call.inputs[1].byteCount == 8)
  }

  @Test("JSON and binary tensors stand side by side, with outputs and parameters of all kinds")
  func mixed() throws {
    let body = RequestBody(
      head: #"{"id":"r7","inputs":[{"name":"a","shape":[1,3],"datatype":"UINT8","data":[1,2,3]},"#
        + #"{"name":"b","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}},"#
        + #"{"name":"c","shape":[2],"datatype":"BOOL","data":[true,false]}],"#
        + #""outputs":[{"name":"x","parameters":{"binary_data":true}},{"name":"y","parameters":{"binary_data":false}},"#
        + #"{"name":"z","parameters":{"classification":3,"binary_data":true}}],"#
        + #""parameters":{"priority":2,"timeout":1500000,"mine":"yes"}}"#,
      tail: [0xcd, 0xcc, 0xcc, 0x3d, 0, 0, 0x80, 0xbf])
    let call = try body.call()
    #expect(call.id == "r7" && call.priority == 2 && call.timeout == 1_500_000 && !call.binaryByDefault)
    #expect(call.inputs[0].content == .values([1, 2, 3]))
    #expect(call.inputs[1].bytes(in: body) == bytes([0.1, -1] as [Float]))
    #expect(call.inputs[2].content == .values([1, 0]))
    #expect(
      call.outputs == [
        WantedOutput(name: "x", binary: true), WantedOutput(name: "y", binary: false),
        WantedOutput(name: "z", binary: true, classes: 3),
      ])
  }

  @Test("floats and strings in JSON are what the client had")
  func json() throws {
    let body = RequestBody(
      head: #"{"inputs":[{"name":"a","shape":[3],"datatype":"FP32","#
        + #""data":[0.10000000149011612,9.99999993922529e-09,3.000000060122632e+20]},"#
        + #"{"name":"s","shape":[3],"datatype":"BYTES","data":["\u00E9","","q\""]}],"#
        + #""outputs":[{"name":"x","parameters":{"binary_data":false}}]}"#,
      tells: false)
    let call = try body.call()
    #expect(call.inputs[0].content == .values(bytes([0.1, 1e-8, 3e20] as [Float])))
    #expect(call.inputs[1].content == .values(strings([[0xc3, 0xa9], [], [0x71, 0x22]])))
    #expect(call.outputs == [WantedOutput(name: "x", binary: false)])
  }

  @Test("strings of any bytes, and 16-bit floats, are binary")
  func odd() throws {
    let text = RequestBody(
      head: #"{"inputs":[{"name":"s","shape":[3],"datatype":"BYTES","parameters":{"binary_data_size":16}}],"#
        + #""parameters":{"binary_data_output":true}}"#,
      tail: [2, 0, 0, 0, 0xff, 0, 2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0])
    #expect(try text.call().inputs[0].bytes(in: text) == text.tail)
    let half = RequestBody(
      head: #"{"inputs":[{"name":"h","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}},"#
        + #"{"name":"g","shape":[2],"datatype":"BF16","parameters":{"binary_data_size":4}}]}"#,
      tail: [0, 0x3c, 0, 0xc0, 0x80, 0x3f, 0, 0xc0])
    #expect(try half.call().inputs.map(\.element) == [.f16, .bf16])
  }

  @Test("tensors without elements are tensors")
  func empty() throws {
    let body = RequestBody(
      head: #"{"inputs":[{"name":"e","shape":[0,4],"datatype":"FP32","parameters":{"binary_data_size":0}},"#
        + #"{"name":"f","shape":[0,4],"datatype":"FP32","data":[]},"#
        + #"{"name":"s","shape":[0],"datatype":"BYTES","parameters":{"binary_data_size":0}}]}"#)
    #expect(try body.call().inputs.map(\.byteCount) == [0, 0, 0])
  }

  @Test("sequences and shared memory are refused, politely")
  func refused() {
    let sequence = RequestBody(
      head: #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":1}}],"#
        + #""parameters":{"sequence_id":5,"sequence_start":true,"sequence_end":false,"binary_data_output":true}}"#,
      tail: [1])
    let input = RequestBody(
      head: #"{"inputs":[{"name":"a","shape":[2],"datatype":"UINT8","#
        + #""parameters":{"shared_memory_region":"reg","shared_memory_byte_size":2}}]}"#, tells: false)
    let output = RequestBody(
      head: #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","data":[1]}],"outputs":[{"name":"x","parameters":"#
        + #"{"binary_data":false,"shared_memory_region":"reg","shared_memory_byte_size":8,"shared_memory_offset":4}}]}"#,
      tells: false)
    for (body, word) in [(sequence, "sequence_id"), (input, "shared memory"), (output, "shared memory")] {
      let fault = fault { _ = try body.call() }
      #expect(fault?.kind == .unsupported && fault?.message.contains(word) == true, "\(fault?.message ?? "none")")
    }
  }

  @Test("what other clients write for 'nothing' is nothing")
  func nothing() throws {
    let body = RequestBody(
      head: #"{"id":null,"parameters":null,"outputs":[],"model_name":"m","inputs":[{"name":"a","shape":[1],"#
        + #""datatype":"UINT8","parameters":{"content_type":"np","binary_data_size":null},"data":[1]}]}"#, tells: false)
    let call = try body.call()
    #expect(call.id == nil && call.outputs == nil && call.inputs[0].content == .values([1]))
    let zero = RequestBody(
      head: #"{"inputs":[],"parameters":{"sequence_id":0,"sequence_start":false,"timeout":0,"priority":0}}"#,
      tells: false)
    #expect(try zero.call().timeout == nil)
  }
}
