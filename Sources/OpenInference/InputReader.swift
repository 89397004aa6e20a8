internal import Base
internal import JSON

extension CallReader {
  private enum InputKey: String, CaseIterable { case name, shape, datatype, parameters, data }
  private enum InputParameter: String, CaseIterable { case binaryDataSize = "binary_data_size" }

  /// More sides than any network has; a longer list is a mistake or an attack.
  private static let maxRank = 32

  mutating func input(_ value: JSONValue, _ body: RawSpan) throws(Fault) -> InferCall.Input {
    let fields = try value.fields(InputKey.self, others: .ignored)
    let name = try fields.required(.name).string()
    let element: ElementType = try fields.required(.datatype).choice()
    let sides = try fields.required(.shape)
    let shape = try Self.shape(sides)
    var size: JSONValue?
    if let parameters = fields.given(.parameters) {
      try SharedMemory.refuse(parameters)
      size = try parameters.fields(InputParameter.self, others: .ignored).given(.binaryDataSize)
    }
    let content: InferCall.Content
    switch (size, fields.given(.data)) {
    case (let size?, nil):
      guard let count = TensorSpec.elementCount(of: shape) else { throw sides.fault("\(shape) is too large") }
      content = .body(try binary(value, size, Tensor(element: element, shape: shape, count: count), body))
    case (nil, let data?): content = .values(try data.tensor(element, shape: shape))
    case (nil, nil):
      throw value.fault("'data' is missing, or parameters.binary_data_size where it is sent as binary data")
    default: throw value.fault("both 'data' and parameters.binary_data_size stand here: leave out one of them")
    }
    return InferCall.Input(name: name, element: element, shape: shape, content: content)
  }

  private struct Tensor {
    let element: ElementType
    let shape: [Int]
    let count: Int
  }

  /// Takes the next bytes of the body.
  private mutating func binary(
    _ value: JSONValue, _ size: JSONValue, _ tensor: Tensor, _ body: RawSpan
  ) throws(Fault) -> Range<Int> {
    let bytes = try size.integer(in: 0 ... .max)
    guard !isAllJSON || bytes == 0 else {
      let header = "the header Inference-Header-Content-Length, which tells where the JSON ends"
      throw value.fault("sent as binary data without \(header)")
    }
    guard bytes <= body.byteCount - next else {
      throw size.fault("\(bytes) bytes are announced, and \(body.byteCount - next) are left in the request's body")
    }
    let range = next..<next + bytes
    next += bytes
    if tensor.element == .string {
      try Self.check(body.extracting(range), tensor, value)
    } else if tensor.count * tensor.element.byteCount != bytes {
      let expected = "\(tensor.element.rawValue) \(tensor.shape) has \(tensor.count * tensor.element.byteCount)"
      throw size.fault("\(bytes) bytes are announced where \(expected)")
    }
    return range
  }

  private static func check(_ bytes: RawSpan, _ tensor: Tensor, _ value: JSONValue) throws(Fault) {
    let found: Int
    do throws(Fault) { found = try StringTensor.ranges(of: bytes).count } catch { throw value.fault(error.message) }
    guard found == tensor.count else {
      throw value.fault("\(found) strings are sent where the shape \(tensor.shape) asks for \(tensor.count)")
    }
  }

  private static func shape(_ value: JSONValue) throws(Fault) -> [Int] {
    var shape: [Int] = []
    for side in try value.elements() {
      guard shape.count < maxRank else { throw value.fault("more than \(maxRank) sides, which no tensor here has") }
      shape.append(try side.integer(in: 0 ... .max))
    }
    return shape
  }
}
