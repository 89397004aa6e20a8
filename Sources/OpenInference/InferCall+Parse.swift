public import Base
internal import JSON

extension InferCall {
  /// Reads a request's body, of which the first `headCount` bytes are JSON and the rest binary tensors; `nil` where all is JSON.
  ///
  /// `headCount` is what the header `Inference-Header-Content-Length` says; 0 stands for a body that is one tensor alone, which
  /// ``raw(_:for:)`` reads. Shape and bytes of each input fit each other, and no byte is left over. Faults are `badInput` and
  /// name the place, `inputs[0].shape: …`; `unsupported` for what the protocol has and this server has not.
  public static func parse(_ body: RawSpan, headCount: Int? = nil) throws(Fault) -> InferCall {
    let length = headCount ?? body.byteCount
    guard length >= 0, length <= body.byteCount else {
      let said = "the header Inference-Header-Content-Length says \(length)"
      throw Fault(.badInput, "\(said), but the request's body has \(body.byteCount) bytes")
    }
    let root = try document(body.extracting(0..<length), isAll: headCount == nil)
    var reader = CallReader(next: length, isAllJSON: headCount == nil)
    let call = try reader.call(root, body)
    let rest = body.byteCount - reader.next
    guard rest == 0 else {
      throw Fault(.badInput, "the request: \(rest) bytes are left over behind the last tensor")
    }
    return call
  }

  private static func document(_ head: RawSpan, isAll: Bool) throws(Fault) -> JSONValue {
    do throws(Fault) {
      return try JSONDocument(parsing: head, name: "the request").root
    } catch {
      guard isAll, error.kind == .badInput else { throw error }
      let advice =
        "where binary tensors follow the JSON, the header Inference-Header-Content-Length tells how long it is"
      throw Fault(.badInput, "\(error.message) (\(advice))", cause: error.cause)
    }
  }
}

/// Reads a call from its JSON, and finds the tensors behind it in the order of the inputs.
struct CallReader {
  /// Where the next binary tensor begins in the body.
  var next: Int
  let isAllJSON: Bool

  private enum Key: String, CaseIterable { case id, inputs, outputs, parameters }

  private enum Parameter: String, CaseIterable {
    case timeout, priority
    case binaryDataOutput = "binary_data_output"
    case sequenceID = "sequence_id"
    case sequenceStart = "sequence_start"
    case sequenceEnd = "sequence_end"
  }

  mutating func call(_ root: JSONValue, _ body: RawSpan) throws(Fault) -> InferCall {
    let fields = try root.fields(Key.self, others: .ignored)
    var call = InferCall(inputs: [])
    call.id = try fields.given(.id)?.string()
    if let parameters = fields.given(.parameters) { try read(parameters, into: &call) }
    var names: Set<String> = []
    for value in try fields.required(.inputs).elements() {
      let input = try input(value, body)
      guard names.insert(input.name).inserted else { throw value.fault("the input '\(input.name)' stands here twice") }
      call.inputs.append(input)
    }
    if let outputs = fields.given(.outputs) {
      call.outputs = try OutputReader(binaryByDefault: call.binaryByDefault).outputs(outputs)
    }
    return call
  }

  private func read(_ value: JSONValue, into call: inout InferCall) throws(Fault) {
    let parameters = try value.fields(Parameter.self, others: .ignored)
    try refuseSequence(parameters)
    let timeout = try parameters.given(.timeout)?.integer(in: 0 ... .max)
    call.timeout = timeout == 0 ? nil : timeout  // as in Triton, 0 is the server's own choice
    call.priority = try parameters.given(.priority)?.integer(in: 0 ... .max) ?? 0
    call.binaryByDefault = try parameters.given(.binaryDataOutput)?.bool() ?? false
  }

  private func refuseSequence(_ parameters: JSONFields<Parameter>) throws(Fault) {
    var asked = false
    if let id = parameters.given(.sequenceID) {
      asked = try id.kind == .string ? !id.string().isEmpty : id.number() != 0
    }
    for flag in [Parameter.sequenceStart, .sequenceEnd] {
      if try parameters.given(flag)?.bool() == true { asked = true }
    }
    guard !asked else { throw Self.sequenceRefused }
  }

  static let sequenceRefused = Fault(
    .unsupported,
    "parameters: models here keep nothing between requests: send each request without sequence_id, sequence_start and sequence_end"
  )
}

enum SharedMemory {
  static let keys = ["shared_memory_region", "shared_memory_byte_size", "shared_memory_offset"]
  static let refusal = "shared memory is not used here: send and receive tensors in the request itself"

  /// Refuses a tensor that lies elsewhere.
  static func refuse(_ parameters: JSONValue) throws(Fault) {
    for (key, value) in try parameters.members() where keys.contains(key) && !value.isNull {
      throw parameters.fault(refusal, .unsupported)
    }
  }
}
