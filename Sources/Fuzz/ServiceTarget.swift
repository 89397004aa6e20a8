internal import Base
internal import Forms
internal import JSON
internal import OpenInference

/// Bodies of requests.
enum ServiceTarget {
  /// Any JSON text: every value is read, its place named, every array taken for a tensor.
  static func json(_ bytes: [UInt8]) throws(Fault) {
    var left = 2000
    try walk(JSONDocument(parsing: bytes.span.bytes, name: "fuzz.json").root, &left)
  }

  private static func walk(_ value: JSONValue, _ left: inout Int) throws(Fault) {
    left -= 1
    guard left > 0 else { return }
    precondition(!value.place.isEmpty, "a value stands nowhere")
    switch value.kind {
    case .object: for (_, member) in try value.members() { try walk(member, &left) }
    case .array:
      for element in ElementType.allCases {
        if let tensor = try? value.tensor(element, shape: [4]), element != .string {
          precondition(tensor.count == 4 * element.byteCount, "a tensor has other bytes than its shape")
        }
      }
      for element in try value.elements() { try walk(element, &left) }
    case .string: _ = try value.string()
    case .number:
      _ = try value.number()
      _ = try? value.integer()
    case .bool: _ = try value.bool()
    case .null: break
    }
  }

  private struct Echo: LentTensors {
    var specs: [TensorSpec] = []
    var contents: [[UInt8]] = []

    func withBytes<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
      let held = contents[index]
      return body(held.span.bytes)
    }
  }

  /// Two bytes of the JSON's length, all ones for none, and a request's body; what was read is answered with, and read again.
  static func infer(_ bytes: [UInt8]) throws(Fault) {
    guard bytes.count >= 2 else { return }
    let length = Int(bytes[0]) | Int(bytes[1]) << 8
    let body = Array(bytes[2...])
    var call = try InferCall.parse(body.span.bytes, headCount: length == 0xffff ? nil : length)
    let echo = echo(of: call, in: body)
    _ = try? call.answer(echo, model: "m", version: "1", labels: ["a", "b"])
    call.outputs = call.inputs.map { WantedOutput(name: $0.name, binary: true) }
    let answer = try call.answer(echo, model: "m", version: "1")
    let sizes = echo.contents.reduce(0) { $0 + $1.count }
    precondition(answer.bytes.count == (answer.headCount ?? answer.bytes.count) + sizes, "an answer lost bytes")
    let head = Array(answer.bytes[..<(answer.headCount ?? answer.bytes.count)])
    do throws(Fault) { _ = try JSONDocument(parsing: head.span.bytes, name: "answer") } catch {
      preconditionFailure("an answer is not JSON: \(error.message)")
    }
  }

  /// `ModelInferRequest`, whose answer is written with what was read, and `ServerReflectionRequest`.
  static func rpc(_ bytes: [UInt8]) throws(Fault) {
    _ = InferMessage.isLight(bytes.span.bytes, at: 0..<bytes.count)
    _ = InferMessage.id(of: bytes.span.bytes, at: 0..<bytes.count)
    let told = ReflectionMessage.answer(bytes.span.bytes, at: 0..<bytes.count, from: .served)
    precondition(!told.isEmpty, "a question about the services has no answer")
    let message = try InferMessage.parse(bytes.span.bytes, at: 0..<bytes.count)
    let echo = echo(of: message.call, in: bytes)
    _ = try? message.call.message(echo, model: "m", version: "1", labels: ["a", "b"])
    var call = message.call
    call.outputs = nil
    let answer = try call.message(echo, model: "m", version: "1", isStreamed: true)
    precondition(answer.count >= echo.contents.reduce(0) { $0 + $1.count }, "an answer lost bytes")
  }

  private static func echo(of call: InferCall, in body: [UInt8]) -> Echo {
    var echo = Echo()
    for input in call.inputs {
      echo.specs.append(TensorSpec(name: input.name, shape: input.shape, element: input.element))
      switch input.content {
      case .body(let range): echo.contents.append(Array(body[range]))
      case .values(let values): echo.contents.append(values)
      }
      let count = input.shape.reduce(1, *) * input.element.byteCount
      precondition(input.element == .string || input.byteCount == count, "an input has other bytes than its shape")
    }
    return echo
  }

  /// A line with a Content-Type, and a form's body.
  static func form(_ bytes: [UInt8]) throws(Fault) {
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let boundary = try MultipartForm.boundary(of: String(decoding: bytes[..<end], as: UTF8.self))
    let body = Array(bytes[min(end + 1, bytes.count)...])
    var last = 0
    for part in try MultipartForm.parts(of: body.span.bytes, boundary: boundary) {
      precondition(
        part.content.lowerBound > last && part.content.upperBound < body.count, "a part lies outside the body")
      last = part.content.upperBound
    }
  }
}
