public import Base

extension InferCall {
  /// Takes a whole body as the one input of a model, as `Inference-Header-Content-Length: 0` asks for.
  ///
  /// A side of `input` that is not known is found from the number of bytes, the first of several is 1 where one more is left;
  /// a body for an input of strings is one string. All outputs are wanted, as binary data. Faults are `badInput`.
  public static func raw(_ body: RawSpan, for input: TensorSpec) throws(Fault) -> InferCall {
    let count = body.byteCount
    guard input.element != .string else {
      guard count <= UInt32.max else { throw Fault(.badInput, "the request: a string of \(count) bytes is too long") }
      var tensor: [UInt8] = []
      tensor.reserveCapacity(count + 4)
      body.withUnsafeBytes { StringTensor.append($0, to: &tensor) }
      return one(input, [Int](repeating: 1, count: max(1, input.shape.count)), .values(tensor))
    }
    var sides = input.shape
    let open = sides.indices.filter { sides[$0] == nil }
    if open.count == 2, open[0] == 0 { sides[0] = 1 }
    guard let known = TensorSpec.elementCount(of: sides.compactMap { $0 }), sides.count(where: { $0 == nil }) < 2 else {
      throw Fault(
        .badInput, "the request: bytes alone do not tell the shape of \(input): send it with its shape, as JSON says")
    }
    let unit = known * input.element.byteCount
    let fits = open.isEmpty || !sides.contains(nil) ? count == unit : unit > 0 && count > 0 && count % unit == 0
    guard fits else { throw Fault(.badInput, "the request: \(count) bytes do not fit \(input)") }
    return one(input, sides.map { $0 ?? count / unit }, .body(0..<count))
  }

  private static func one(_ input: TensorSpec, _ shape: [Int], _ content: Content) -> InferCall {
    let input = Input(name: input.name, element: input.element, shape: shape, content: content)
    return InferCall(inputs: [input], binaryByDefault: true)
  }
}
