/// Tensors, whose numbers are passed over.
extension ONNXReader {
  /// Gives the name of its values and the type of its numbers.
  mutating func sparseTensor(_ range: Range<Int>) throws(Damaged) -> (name: String, element: Int) {
    var (named, fields) = (("", 0), ProtobufFields(file, range))
    while let field = try fields.next() {
      guard let range = field.bytes, field.number <= 2 else { continue }
      let found = try tensor(range)
      if field.number == 1 { named = (found.name, found.element) }
    }
    return named
  }

  /// Notes it where its bytes stand elsewhere, and gives its name and the type of its numbers.
  ///
  /// Of the floats in it, where they are few, also whether all are above 0, as scales are.
  mutating func tensor(
    _ range: Range<Int>
  ) throws(Damaged) -> (name: String, element: Int, sides: [Int], isPositive: Bool) {
    var floats: Range<Int>?
    var (external, isExternal, element) = (ONNXFile.ExternalTensor(), false, 0)
    var sides: [Int] = []
    // Without sides it is one number.
    var hasValues = false
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .number(let side)) where sides.count < ONNXNode.Attribute.most:
        sides.append(Int(truncatingIfNeeded: side))
      case (1, .bytes(let range)) where sides.count < ONNXNode.Attribute.most: sides += numbers(range)
      case (2, .number(let type)): element = Int(clamping: Int64(bitPattern: type))
      case (4, .bytes(let range)), (9, .bytes(let range)): (hasValues, floats) = (true, range)
      case (5, .bytes), (6, .bytes), (7, .bytes), (10, .bytes), (11, .bytes): hasValues = true
      case (5, .number), (7, .number), (11, .number): hasValues = true
      case (8, .bytes(let range)): external.name = try text(range)
      case (13, .bytes(let range)): try entry(range, &external)
      case (14, .number(let place)): isExternal = isExternal || place == 1
      default: break
      }
    }
    try spend(8 * sides.count)
    if isExternal { found.externals.append(external) }
    // FLOAT16 and BFLOAT16.
    if element == 10 || element == 16 { found.usesHalf = true }
    if !isExternal, !sides.contains(0), !hasValues {
      checker.fail("the weight '\(NetworkParts.shown(external.name))' has no values")
    }
    var isPositive = true
    if element == 1, let floats { isPositive = try areAboveZero(floats) }
    return (external.name, element, sides, isPositive)
  }

  /// Of packed 32-bit floats; more than the channels of any layer are not looked at.
  private func areAboveZero(_ range: Range<Int>) throws(Damaged) -> Bool {
    guard range.count <= 4 * 8192 else { return true }
    let bytes = try file.bytes(range, limit: 4 * 8192)
    return stride(from: 0, to: bytes.count - 3, by: 4).allSatisfy { at in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
      return Float(bitPattern: bits) > 0
    }
  }

  /// Those that stand packed there: the first ``ONNXNode/Attribute/most``, and none from damage on.
  func numbers(_ range: Range<Int>) -> [Int] {
    var (numbers, packed): ([Int], ProtobufFields) = ([], ProtobufFields(file, range))
    while numbers.count < ONNXNode.Attribute.most, let number = try? packed.nextPacked() {
      numbers.append(Int(truncatingIfNeeded: number))
    }
    return numbers
  }

  /// One thing that is said twice would be read in one way here and in another there.
  private mutating func entry(_ range: Range<Int>, _ external: inout ONNXFile.ExternalTensor) throws(Damaged) {
    var (key, value, fields) = ("", "", ProtobufFields(file, range))
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      if field.number == 1 { key = try text(range) }
      if field.number == 2 { value = try text(range) }
    }
    switch key {
    case "location":
      guard external.location.isEmpty || external.location == value else { throw Damaged() }
      external.location = value
    case "offset":
      guard external.offset == nil || external.offset == value else { throw Damaged() }
      external.offset = value
    case "length":
      guard external.length == nil || external.length == value else { throw Damaged() }
      external.length = value
    case "checksum", "basepath": break
    default:
      checker.fail(
        "the place of weights in another file has the entry '\(NetworkParts.shown(key))', which ONNX does not know")
    }
  }
}
