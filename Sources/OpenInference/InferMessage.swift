public import Base
internal import Protobuf

/// A request to infer as gRPC brings it: `ModelInferRequest` of the Open Inference Protocol.
public struct InferMessage: Sendable, Hashable {
  public let model: String
  /// `nil` for the usual one.
  public let version: String?
  public let call: InferCall

  /// Reads the message at a range of a body; tensors are left where they stand there.
  ///
  /// Shape and bytes of each input fit each other. Faults are `badInput` and name the place, `inputs[0].shape: …`; `unsupported` for
  /// what the protocol has and this server has not.
  public static func parse(_ body: RawSpan, at range: Range<Int>) throws(Fault) -> InferMessage {
    var reader = MessageReader()
    try reader.read(body, range)
    return try reader.finish(body)
  }
}

/// Numbers of the fields of `ModelInferRequest` and of what is in it.
private struct MessageReader {
  private var model = ""
  private var version = ""
  private var call = InferCall(inputs: [], binaryByDefault: true)
  private var outputs: [WantedOutput] = []
  private var names: Set<String> = []
  /// Inputs whose bytes are among those that stand apart.
  private var open: [Int] = []
  private var apart: [Range<Int>] = []

  mutating func read(_ body: RawSpan, _ range: Range<Int>) throws(Fault) {
    var fields = MessageFields(range)
    while let field = try fields.next(in: body) {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): model = try MessageText.read(body, text, "model_name")
      case (2, .bytes(let text)): version = try MessageText.read(body, text, "model_version")
      case (3, .bytes(let text)): call.id = try MessageText.read(body, text, "id")
      case (4, .bytes(let entry)): try take(try MessageParameter(body, entry))
      case (5, .bytes(let input)): try read(input: input, body)
      case (6, .bytes(let output)): outputs.append(try Self.output(body, output, outputs.count))
      case (7, .bytes(let bytes)): apart.append(bytes)
      default: break
      }
      guard max(call.inputs.count, outputs.count, apart.count) <= Self.most else {
        throw Fault(.badInput, "more than \(Self.most) tensors, which no network here takes or gives")
      }
    }
  }

  private static let most = 1024

  private mutating func take(_ parameter: MessageParameter) throws(Fault) {
    switch (parameter.name, parameter.value) {
    case ("timeout", .integer(let count)) where count > 0: call.timeout = count
    case ("priority", .integer(let priority)) where priority >= 0: call.priority = priority
    case ("sequence_id", .integer(let id)) where id != 0: throw CallReader.sequenceRefused
    case ("sequence_id", .text(let id)) where !id.isEmpty: throw CallReader.sequenceRefused
    case ("sequence_start", .flag(true)), ("sequence_end", .flag(true)): throw CallReader.sequenceRefused
    default: break
    }
  }

  private mutating func read(input range: Range<Int>, _ body: RawSpan) throws(Fault) {
    let place = "inputs[\(call.inputs.count)]"
    let (input, hasContents) = try TensorMessage.read(body, range, place)
    guard names.insert(input.name).inserted else {
      throw Fault(.badInput, "\(place): the input '\(input.name)' stands here twice")
    }
    if !hasContents { open.append(call.inputs.count) }
    call.inputs.append(input)
  }

  private static func output(_ body: RawSpan, _ range: Range<Int>, _ index: Int) throws(Fault) -> WantedOutput {
    let place = "outputs[\(index)]"
    var output = WantedOutput(name: "", binary: true)
    var fields = MessageFields(range)
    while let field = try fields.next(in: body) {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): output.name = try MessageText.read(body, text, "\(place).name")
      case (2, .bytes(let entry)):
        let parameter = try MessageParameter(body, entry)
        try parameter.refuseSharedMemory(place)
        if parameter.name == "classification", case .integer(let count) = parameter.value, count > 0 {
          output.classes = count
        }
      default: break
      }
    }
    return output
  }

  mutating func finish(_ body: RawSpan) throws(Fault) -> InferMessage {
    guard !model.isEmpty else { throw Fault(.badInput, "model_name is missing") }
    try takeApart(body)
    var wanted: Set<String> = []
    for (index, output) in outputs.enumerated() where !wanted.insert(output.name).inserted {
      throw Fault(.badInput, "outputs[\(index)]: the output '\(output.name)' stands here twice")
    }
    if !outputs.isEmpty { call.outputs = outputs }
    return InferMessage(model: model, version: version.isEmpty ? nil : version, call: call)
  }

  /// Gives the inputs the bytes that stand apart: one for each, or none at all.
  private mutating func takeApart(_ body: RawSpan) throws(Fault) {
    // A tensor without an element needs no bytes.
    if apart.isEmpty, open.allSatisfy({ call.inputs[$0].shape.contains(0) }) { return }
    guard open.count == call.inputs.count || apart.isEmpty else {
      throw Fault(
        .badInput, "raw_input_contents and contents are both there: send all tensors in one way or in the other")
    }
    guard apart.count == open.count else {
      throw Fault(
        .badInput,
        "raw_input_contents has \(apart.count) tensors, and inputs without contents are \(open.count): each needs its bytes"
      )
    }
    for (index, range) in zip(open, apart) {
      try TensorMessage.check(body.extracting(range), call.inputs[index], "inputs[\(index)]")
      call.inputs[index].content = .body(range)
    }
  }
}

enum MessageText {
  /// More than any name has.
  private static let most = 4096

  static func read(_ body: RawSpan, _ range: Range<Int>, _ place: String) throws(Fault) -> String {
    let text = unsafe body.extracting(range).withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
    guard range.count <= most, let text else {
      throw Fault(.badInput, "\(place) is no text of UTF-8, or longer than \(most) bytes")
    }
    return text
  }
}

/// An entry of a list of parameters: `map<string, InferParameter>`.
struct MessageParameter {
  enum Value: Equatable { case flag(Bool), integer(Int), text(String), number(Double) }

  var name = ""
  var value: Value?

  init(_ body: RawSpan, _ range: Range<Int>) throws(Fault) {
    var fields = MessageFields(range)
    while let field = try fields.next(in: body) {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): name = try MessageText.read(body, text, "the name of a parameter")
      case (2, .bytes(let inner)): try read(body, inner)
      default: break
      }
    }
  }

  private mutating func read(_ body: RawSpan, _ range: Range<Int>) throws(Fault) {
    var fields = MessageFields(range)
    while let field = try fields.next(in: body) {
      switch (field.number, field.value) {
      case (1, .number(let flag)): value = .flag(flag != 0)
      case (2, .number(let bits)): value = .integer(Int(Int64(bitPattern: bits)))
      case (3, .bytes(let text)): value = .text(try MessageText.read(body, text, "the parameter '\(name)'"))
      case (4, .fixed64(let bits)): value = .number(Double(bitPattern: bits))
      case (5, .number(let count)): value = .integer(Int(clamping: count))
      default: break
      }
    }
  }

  func refuseSharedMemory(_ place: String) throws(Fault) {
    guard !SharedMemory.keys.contains(name) else {
      throw Fault(.unsupported, "\(place).parameters: \(SharedMemory.refusal)")
    }
  }
}

extension InferMessage {
  /// Whether the message is read in no time: its tensors stand apart, and are not gone through.
  public static func isLight(_ body: RawSpan, at range: Range<Int>) -> Bool {
    var fields = MessageFields(range)
    var (count, read) = (0, 0)
    while let field = try? fields.next(in: body) {
      count += 1
      if field.number != 7, case .bytes(let range) = field.value { read += range.count }
      if count > 4096 || read > 16 << 10 { return false }
    }
    return true
  }
}
