import Foundation

/// A network in ONNX that is put together by hand, message by message, as Protocol Buffers have them.
///
/// Messages and their field numbers are those of `onnx.proto`, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.
public struct ONNXNetwork {
  /// Numbers as `TensorProto.DataType` has them.
  public enum Element: Int, Sendable {
    case float = 1, uint8 = 2, int8 = 3, int32 = 6, int64 = 7, bool = 9, double = 11, uint64 = 13
  }

  /// One side of a port; an open one has a name.
  public enum Side {
    case fixed(Int)
    case open(String)
  }

  /// A message, or bytes, under construction.
  public struct Message {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func number(_ field: Int, _ value: Int) {
      varint(UInt64(field) << 3)
      varint(UInt64(bitPattern: Int64(value)))
    }

    public mutating func bytes(_ field: Int, _ content: [UInt8]) {
      varint(UInt64(field) << 3 | 2)
      varint(UInt64(content.count))
      bytes += content
    }

    public mutating func text(_ field: Int, _ text: String) { bytes(field, Array(text.utf8)) }
    public mutating func message(_ field: Int, _ message: Message) { bytes(field, message.bytes) }

    private mutating func varint(_ value: UInt64) {
      var rest = value
      while rest > 0x7f {
        bytes.append(UInt8(rest & 0x7f) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }

  public private(set) var graph = Message()
  /// Operators of ONNX's own set are those of this version.
  public var opset = 13
  /// Further fields of the model, such as functions.
  public var extra = Message()

  public init() { graph.text(2, "g") }

  public mutating func input(_ name: String, _ element: Element, _ sides: [Side]) { port(11, name, element, sides) }
  public mutating func output(_ name: String, _ element: Element, _ sides: [Side]) { port(12, name, element, sides) }

  private mutating func port(_ field: Int, _ name: String, _ element: Element, _ sides: [Side]) {
    var shape = Message()
    for side in sides {
      var dimension = Message()
      switch side {
      case .fixed(let count): dimension.number(1, count)
      case .open(let name): dimension.text(2, name)
      }
      shape.message(1, dimension)
    }
    var (tensor, type, port) = (Message(), Message(), Message())
    tensor.number(1, element.rawValue)
    tensor.message(2, shape)
    type.message(1, tensor)
    port.text(1, name)
    port.message(2, type)
    graph.message(field, port)
  }

  /// `attributes` are whole messages: see ``attribute(_:tensor:)`` and its like.
  public mutating func node(
    _ kind: String, _ inputs: [String], _ outputs: [String], domain: String = "", attributes: [Message] = []
  ) {
    graph.message(1, Self.node(kind, inputs, outputs, domain: domain, attributes: attributes))
  }

  public static func node(
    _ kind: String, _ inputs: [String], _ outputs: [String], domain: String = "", attributes: [Message] = []
  ) -> Message {
    var node = Message()
    for input in inputs { node.text(1, input) }
    for output in outputs { node.text(2, output) }
    node.text(4, kind)
    for attribute in attributes { node.message(5, attribute) }
    if !domain.isEmpty { node.text(7, domain) }
    return node
  }

  public static func attribute(_ name: String, tensor: Message) -> Message {
    attribute(name, type: 4, field: 5, tensor)
  }
  public static func attribute(_ name: String, graph: Message) -> Message { attribute(name, type: 5, field: 6, graph) }

  private static func attribute(_ name: String, type: Int, field: Int, _ value: Message) -> Message {
    var attribute = Message()
    attribute.text(1, name)
    attribute.message(field, value)
    attribute.number(20, type)
    return attribute
  }

  public static func attribute(_ name: String, word: String) -> Message {
    var attribute = Message()
    attribute.text(1, name)
    attribute.text(4, word)
    attribute.number(20, 3)
    return attribute
  }

  public static func attribute(_ name: String, integer: Int) -> Message {
    var attribute = Message()
    attribute.text(1, name)
    attribute.number(3, integer)
    attribute.number(20, 2)
    return attribute
  }

  public static func attribute(_ name: String, integers: [Int]) -> Message {
    var attribute = Message()
    attribute.text(1, name)
    for integer in integers { attribute.number(8, integer) }
    attribute.number(20, 7)
    return attribute
  }

  public mutating func constant(_ tensor: Message) { graph.message(5, tensor) }

  /// A tensor whose values stand in the file itself.
  public static func tensor<Value: BitwiseCopyable>(
    _ name: String, _ element: Element, _ sides: [Int], _ values: [Value]
  ) -> Message {
    var tensor = head(name, element, sides)
    tensor.bytes(9, values.withUnsafeBytes { Array($0) })
    return tensor
  }

  /// A tensor whose values stand in another file; `nil` leaves out what may be left out.
  public static func tensor(
    _ name: String, _ element: Element, _ sides: [Int], at location: String, offset: String? = nil,
    length: String? = nil, more: (key: String, value: String)? = nil
  ) -> Message {
    var tensor = head(name, element, sides)
    let more: (String, String?) = (more?.key ?? "", more?.value)
    for (key, value) in [("location", location), ("offset", offset), ("length", length), more] {
      guard let value else { continue }
      var entry = Message()
      entry.text(1, key)
      entry.text(2, value)
      tensor.message(13, entry)
    }
    tensor.number(14, 1)
    return tensor
  }

  private static func head(_ name: String, _ element: Element, _ sides: [Int]) -> Message {
    var tensor = Message()
    for side in sides { tensor.number(1, side) }
    tensor.number(2, element.rawValue)
    tensor.text(8, name)
    return tensor
  }

  /// The whole file.
  public var bytes: [UInt8] {
    var (model, set, microsoft) = (Message(), Message(), Message())
    model.number(1, 8)
    model.message(7, graph)
    set.text(1, "")
    set.number(2, opset)
    microsoft.text(1, "com.microsoft")
    microsoft.number(2, 1)
    for set in [set, microsoft] { model.message(8, set) }
    return model.bytes + extra.bytes
  }

  public func write(to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

  /// Multiplies `x` [1,2] by two floats of another file.
  public static func external(
    _ location: String, offset: String? = nil, length: String? = nil, more: (key: String, value: String)? = nil
  ) -> ONNXNetwork {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(2)])
    network.output("y", .float, [.fixed(1), .fixed(2)])
    network.constant(tensor("w", .float, [2], at: location, offset: offset, length: length, more: more))
    network.node("Mul", ["x", "w"], ["y"])
    return network
  }

  /// Two floats, as a file beside ``external(_:offset:length:)`` has them.
  public static func weights(_ first: Float, _ second: Float) -> [UInt8] {
    [first, second].withUnsafeBytes { Array($0) }
  }
}
