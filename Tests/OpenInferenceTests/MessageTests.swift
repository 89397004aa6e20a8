import Base
import OpenInference
import Protobuf
import Testing

/// Messages of gRPC, written field by field as `grpc_service.proto` numbers them.
@Suite("Open Inference: messages")
struct InferMessageTests {
  private static func parse(_ write: (inout MessageWriter) -> Void) throws(Fault) -> (InferMessage, [UInt8]) {
    var message = MessageWriter()
    write(&message)
    // Something before it and behind it, as a body has.
    let body = [1, 2, 3, 4, 5] + message.bytes + [9]
    return (try InferMessage.parse(body.span.bytes, at: 5..<body.count - 1), body)
  }

  private static func tensor(
    _ message: inout MessageWriter, _ name: String, _ type: String, _ shape: [Int],
    contents: ((inout MessageWriter) -> Void)? = nil
  ) {
    message.message(5) { input in
      input.field(1, name)
      input.field(2, type)
      input.field(3, packed: shape)
      if let contents { input.message(5, contents) }
    }
  }

  private static func parameter(
    _ name: String, _ number: Int, _ value: Int
  ) -> @Sendable (inout MessageWriter) -> Void {
    { entry in
      entry.field(1, name)
      entry.message(2) { $0.field(number, value) }
    }
  }

  @Test("all that a request says is read, and raw tensors are left where they stand")
  func whole() throws {
    let (message, body) = try Self.parse { message in
      message.field(1, "m")
      message.field(2, "3")
      message.field(3, "id-7")
      message.message(4, Self.parameter("timeout", 2, 1500))
      message.message(4, Self.parameter("priority", 5, 2))
      message.message(4, Self.parameter("unknown", 1, 1))
      Self.tensor(&message, "a", "FP32", [1, 2])
      Self.tensor(&message, "b", "BYTES", [1])
      message.message(6) { output in
        output.field(1, "top")
        output.message(2, Self.parameter("classification", 2, 3))
      }
      message.bytes(7, bytes([1, 2] as [Float]))
      message.bytes(7, strings([[0x68, 0x69]]))
      message.field(99, "of another version of the protocol")
    }
    #expect(message.model == "m" && message.version == "3")
    let call = message.call
    #expect(call.id == "id-7" && call.timeout == 1500 && call.priority == 2)
    #expect(call.outputs == [WantedOutput(name: "top", binary: true, classes: 3)])
    #expect(call.inputs.map(\.name) == ["a", "b"] && call.inputs.map(\.shape) == [[1, 2], [1]])
    guard case .body(let floats) = call.inputs[0].content, case .body(let text) = call.inputs[1].content else {
      Issue.record("a tensor was copied")
      return
    }
    #expect(Array(body[floats]) == bytes([1, 2] as [Float]) && Array(body[text]) == strings([[0x68, 0x69]]))
  }

  @Test("elements that stand one by one become the same tensor, packed or not")
  func contents() throws {
    let cases: [(String, Int, [Int], [UInt8])] = [
      ("INT8", 2, [-128, 0, 127], bytes([-128, 0, 127] as [Int8])),
      ("INT16", 2, [-300, 0, 9], bytes([-300, 0, 9] as [Int16])),
      ("INT32", 2, [-70000, 0, 9], bytes([-70000, 0, 9] as [Int32])),
      ("INT64", 3, [-1 << 40, 0, 9], bytes([-1 << 40, 0, 9] as [Int64])),
      ("UINT8", 4, [255, 0, 9], bytes([255, 0, 9] as [UInt8])),
      ("UINT16", 4, [65535, 0, 9], bytes([65535, 0, 9] as [UInt16])),
      ("UINT32", 4, [1 << 31, 0, 9], bytes([1 << 31, 0, 9] as [UInt32])),
      ("UINT64", 5, [1 << 50, 0, 9], bytes([1 << 50, 0, 9] as [UInt64])),
      ("BOOL", 1, [1, 0, 7], [1, 0, 1]),
    ]
    for (type, list, values, wanted) in cases {
      for isPacked in [true, false] {
        let (message, _) = try Self.parse { message in
          message.field(1, "m")
          Self.tensor(&message, "a", type, [3]) { contents in
            if isPacked {
              contents.field(list, packed: values)
            } else {
              // A single 0 stands packed, because a field that is 0 is left out.
              for value in values { contents.field(list, packed: [value]) }
            }
          }
        }
        #expect(message.call.inputs[0].content == .values(wanted), "\(type)")
      }
    }
  }

  @Test("floats that stand packed are not copied; texts get their lengths")
  func floats() throws {
    let (message, body) = try Self.parse { message in
      message.field(1, "m")
      Self.tensor(&message, "a", "FP32", [2]) { $0.bytes(6, bytes([0.5, -2] as [Float])) }
      Self.tensor(&message, "b", "FP64", [1]) { $0.bytes(7, bytes([0.25] as [Double])) }
      Self.tensor(&message, "c", "BYTES", [2]) { $0.field(8, ["", "hi"]) }
    }
    guard case .body(let range) = message.call.inputs[0].content else {
      Issue.record("the floats were copied")
      return
    }
    #expect(Array(body[range]) == bytes([0.5, -2] as [Float]))
    #expect(message.call.inputs[2].content == .values(strings([[], [0x68, 0x69]])))
  }

  private typealias Case = (words: String, write: @Sendable (inout MessageWriter) -> Void)

  private static let wrongTensors: [Case] = [
    ("inputs[0].datatype: there is no type 'FLOAT'", { tensor(&$0, "a", "FLOAT", [1]) }),
    ("inputs[0].shape: -1 is no side", { tensor(&$0, "a", "FP32", [-1]) }),
    ("inputs[0].shape: [4611686018427387904, 4] is too large", { tensor(&$0, "a", "FP32", [1 << 62, 4]) }),
    ("inputs[0].contents: not as many elements", { tensor(&$0, "a", "INT32", [2]) { $0.field(2, 7) } }),
    ("inputs[0].contents: element 0 is no INT8", { tensor(&$0, "a", "INT8", [1]) { $0.field(2, 300) } }),
    ("inputs[0].contents: element 0 is no UINT8", { tensor(&$0, "a", "UINT8", [1]) { $0.field(4, -1) } }),
    ("inputs[0].contents: that is not where", { tensor(&$0, "a", "INT64", [1]) { $0.field(2, 1) } }),
    ("inputs[0].contents: FP16 has no list there", { tensor(&$0, "a", "FP16", [1]) { $0.field(6, 1) } }),
    ("inputs[0]: 3 bytes are sent where FP32 [1] has 4", { raw(&$0, "FP32", [1], [[0, 0, 0]]) }),
    ("inputs[0]: 1 strings are sent where the shape [2]", { raw(&$0, "BYTES", [2], [strings([[1]])]) }),
    ("raw_input_contents has 0 tensors", { tensor(&$0, "a", "FP32", [1]) }),
    ("raw_input_contents has 2 tensors", { raw(&$0, "FP32", [1], [[0, 0, 0, 0], [0, 0, 0, 0]]) }),
  ]

  private static let wrongRequests: [Case] = [
    (
      "raw_input_contents and contents are both there",
      {
        tensor(&$0, "b", "INT32", [1]) { $0.field(2, 1) }
        raw(&$0, "INT32", [1], [[0, 0, 0, 0]])
      }
    ),
    (
      "inputs[1]: the input 'a' stands here twice",
      { for _ in 0..<2 { tensor(&$0, "a", "INT32", [1]) { $0.field(2, 1) } } }
    ),
    (
      "parameters: models here keep nothing between requests",
      { $0.message(4, parameter("sequence_id", 2, 5)) }
    ),
    (
      "inputs[0].parameters: shared memory is not used here",
      { $0.message(5) { $0.message(4, parameter("shared_memory_region", 2, 1)) } }
    ),
  ]

  /// A tensor `a` whose bytes stand apart.
  private static func raw(_ message: inout MessageWriter, _ type: String, _ shape: [Int], _ apart: [[UInt8]]) {
    tensor(&message, "a", type, shape)
    for bytes in apart { message.bytes(7, bytes) }
  }

  @Test("a request that is wrong is refused with the place")
  func refusals() {
    #expect(fault { _ = try Self.parse { $0.field(3, "no model") } }?.message == "model_name is missing")
    for (words, write) in Self.wrongTensors + Self.wrongRequests {
      let found = fault {
        _ = try Self.parse { message in
          message.field(1, "m")
          write(&message)
        }
      }
      #expect(found?.message.hasPrefix(words) ?? false, "\(words): \(found?.message ?? "taken")")
    }
  }

  @Test("a message of very many small things is refused, and not taken for a light one")
  func many() {
    var message = MessageWriter()
    message.field(1, "m")
    for index in 0..<20_000 { Self.tensor(&message, "\(index)", "BOOL", []) }
    let bytes = message.bytes
    let isLight = InferMessage.isLight(bytes.span.bytes, at: 0..<bytes.count)
    #expect(!isLight)
    let found = fault { _ = try InferMessage.parse(bytes.span.bytes, at: 0..<bytes.count) }
    #expect(found?.message.hasPrefix("more than 1024 tensors") ?? false)
    let empty = [UInt8](repeating: 0, count: 20_000).flatMap { _ in [0x3a, 0] as [UInt8] }
    let isEmptyLight = InferMessage.isLight(empty.span.bytes, at: 0..<empty.count)
    #expect(!isEmptyLight)
    #expect(fault { _ = try InferMessage.parse(empty.span.bytes, at: 0..<empty.count) } != nil)
  }

  @Test("an answer is read back as it was: names, shapes, and bytes that were lent once")
  func answer() throws {
    let shelf = Shelf([
      ("a", .f32, [1, 2], bytes([1.5, 2] as [Float])), ("b", .u8, [0], []), ("c", .f16, [1], [7, 8]),
    ])
    var call = InferCall(id: "x", inputs: [], binaryByDefault: true)
    let message = try call.message(shelf, model: "m", version: "2")
    var fields = MessageFields(0..<message.count)
    var numbers: [Int] = []
    var raw: [[UInt8]] = []
    while let field = try fields.next(in: message.span.bytes) {
      numbers.append(field.number)
      if field.number == 6, case .bytes(let range) = field.value { raw.append(Array(message[range])) }
    }
    #expect(numbers == [1, 2, 3, 5, 5, 5, 6, 6, 6])
    #expect(raw == [bytes([1.5, 2] as [Float]), [], [7, 8]])
    call.outputs = [WantedOutput(name: "a", binary: true, classes: 1)]
    let top = try call.message(shelf, model: "m", version: "2", labels: ["no", "yes"])
    #expect(String(decoding: top, as: UTF8.self).contains(":1:yes"))
  }
}
