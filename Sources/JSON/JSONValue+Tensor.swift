public import Base
internal import CSimdjson

extension JSONValue {
  /// The numbers of an array as the bytes of a tensor: little-endian, in the order of the text.
  ///
  /// The array is flat, or nested regularly; nested as deep as the shape, it must have the shape's sides. Elements of
  /// `string` stand behind their lengths in 4 bytes, those of `bool` are true, false, 1 or 0. Whole numbers may be written `3.0`.
  /// Sides of the shape are 0 or more. Faults are `badInput` and name the element; `unsupported` for 16-bit floats, which the
  /// Open Inference Protocol does not have in JSON.
  public func tensor(_ element: ElementType, shape: [Int]) throws(Fault) -> [UInt8] {
    guard let packed = element.packed else {
      throw fault("\(element.rawValue) has no form in JSON: send it as binary data", .unsupported)
    }
    guard kind == .array else { throw unfit("an array") }
    guard let expected = TensorSpec.elementCount(of: shape) else { throw fault("the shape \(shape) is too large") }
    var result = ridley_json_packing()
    let size = try room(packed, expected, element.byteCount)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { room, count in
      unsafe result = document.pack(index, packed, into: UnsafeMutableBufferPointer(rebasing: room[..<size]))
      count = result.outcome == RIDLEY_JSON_PACKED && result.size == size ? size : 0
    }
    try check(result, element)
    guard result.count == expected else {
      throw fault("\(result.count) elements where the shape \(shape) asks for \(expected)")
    }
    let sides = Self.sides(of: result)
    guard sides.count == 1 || sides.count != shape.count || sides == shape else {
      throw fault("the arrays are nested as \(sides) where the shape is \(shape)")
    }
    return bytes
  }

  /// Bytes that `expected` elements need, or 0 where there cannot be so many: a shape alone reserves no memory.
  private func room(_ element: ridley_json_element, _ expected: Int, _ byteCount: Int) throws(Fault) -> Int {
    guard expected <= document.end(of: index) - index else { return 0 }
    guard element == RIDLEY_JSON_STRING else { return expected * byteCount }
    let measured = unsafe document.pack(index, element, into: UnsafeMutableBufferPointer(start: nil, count: 0))
    try check(measured, .string)
    return measured.size
  }

  private func check(_ result: ridley_json_packing, _ element: ElementType) throws(Fault) {
    let value = JSONValue(document, at: result.place)
    switch result.outcome {
    case RIDLEY_JSON_PACKED: return
    case RIDLEY_JSON_OUT_OF_RANGE: throw value.fault("\(value.described) does not fit \(element.rawValue)")
    case RIDLEY_JSON_RAGGED: throw value.fault("arrays of one depth are of different lengths or hold different things")
    default: throw value.unfit(element.expected)
    }
  }

  /// How long the arrays of each depth are.
  private static func sides(of result: ridley_json_packing) -> [Int] {
    var result = result
    return unsafe withUnsafeBytes(of: &result.sides) { raw in
      unsafe raw.bindMemory(to: Int.self).prefix(Int(result.depth)).map { $0 }
    }
  }
}
