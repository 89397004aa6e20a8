internal import Base
internal import Protobuf

/// Reads a tensor of `ModelInferRequest`.
enum TensorMessage {
  private static let maxRank = 32

  /// One input, and whether its elements stand in it; else they stand apart.
  static func read(
    _ body: RawSpan, _ range: Range<Int>, _ place: String
  ) throws(Fault) -> (InferCall.Input, hasContents: Bool) {
    var (name, type, shape, contents) = ("", "", [Int](), Range<Int>?.none)
    var fields = MessageFields(range)
    while let field = try fields.next(in: body) {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): name = try MessageText.read(body, text, "\(place).name")
      case (2, .bytes(let text)): type = try MessageText.read(body, text, "\(place).datatype")
      case (3, .number(let side)): shape.append(try Self.side(side, place))
      case (3, .bytes(let list)):
        var sides = MessageFields(list)
        while let side = try sides.nextNumber(in: body) { shape.append(try Self.side(side, place)) }
      case (4, .bytes(let entry)): try MessageParameter(body, entry).refuseSharedMemory(place)
      case (5, .bytes(let inner)): contents = inner
      default: break
      }
      guard shape.count <= maxRank else {
        throw Fault(.badInput, "\(place).shape: more than \(maxRank) sides, which no tensor here has")
      }
    }
    guard let element = ElementType(rawValue: type) else {
      let hint = Suggestion.hint(for: type, among: ElementType.allCases.map(\.rawValue))
      throw Fault(.badInput, "\(place).datatype: there is no type '\(type.prefix(60))'\(hint)")
    }
    var input = InferCall.Input(name: name, element: element, shape: shape, content: .values([]))
    guard TensorSpec.elementCount(of: shape) != nil else {
      throw Fault(.badInput, "\(place).shape: \(shape) is too large")
    }
    guard let contents, !contents.isEmpty else { return (input, false) }
    input.content = try TensorContents.read(body, contents, input, place)
    return (input, true)
  }

  private static func side(_ number: UInt64, _ place: String) throws(Fault) -> Int {
    guard let side = Int(exactly: Int64(bitPattern: number)), side >= 0 else {
      throw Fault(.badInput, "\(place).shape: \(Int64(bitPattern: number)) is no side of a tensor")
    }
    return side
  }

  /// Bytes that stand apart have to be as many as the shape asks for.
  static func check(_ bytes: RawSpan, _ input: InferCall.Input, _ place: String) throws(Fault) {
    let wanted = TensorSpec.elementCount(of: input.shape) ?? 0
    guard input.element == .string else {
      let count = wanted * input.element.byteCount
      guard bytes.byteCount == count else {
        throw Fault(
          .badInput,
          "\(place): \(bytes.byteCount) bytes are sent where \(input.element.rawValue) \(input.shape) has \(count)"
        )
      }
      return
    }
    let found: Int
    do throws(Fault) { found = try StringTensor.ranges(of: bytes).count } catch {
      throw Fault(.badInput, "\(place): \(error.message)")
    }
    guard found == wanted else {
      throw Fault(.badInput, "\(place): \(found) strings are sent where the shape \(input.shape) asks for \(wanted)")
    }
  }
}

/// Elements that stand in the message one by one: `InferTensorContents`.
private enum TensorContents {
  /// The list in which elements of a type stand; `nil` for those that have none.
  private static func field(of element: ElementType) -> Int? {
    switch element {
    case .bool: 1
    case .i8, .i16, .i32: 2
    case .i64: 3
    case .u8, .u16, .u32: 4
    case .u64: 5
    case .f32: 6
    case .f64: 7
    case .string: 8
    case .f16, .bf16: nil
    }
  }

  static func read(
    _ body: RawSpan, _ range: Range<Int>, _ input: InferCall.Input, _ place: String
  ) throws(Fault) -> InferCall.Content {
    let (element, wanted) = (input.element, TensorSpec.elementCount(of: input.shape) ?? 0)
    guard let list = field(of: element) else {
      throw Fault(.badInput, "\(place).contents: \(element.rawValue) has no list there: send it as raw_input_contents")
    }
    var fields = MessageFields(range)
    var tensor = Elements(element: element, most: wanted)
    var whole: Range<Int>?
    while let field = try fields.next(in: body) {
      guard field.number == list else {
        if (1...8).contains(field.number) {
          throw Fault(.badInput, "\(place).contents: that is not where elements of the type \(element.rawValue) stand")
        }
        continue
      }
      // Floats that stand packed are the tensor.
      if case .bytes(let bytes) = field.value, [.f32, .f64].contains(element), tensor.count == 0, whole == nil,
        bytes.count == wanted * element.byteCount
      {
        whole = bytes
        continue
      }
      if whole != nil { throw tensor.unlike(input, place) }
      try tensor.add(field.value, body, place)
    }
    if let whole { return .body(whole) }
    guard tensor.count == wanted else { throw tensor.unlike(input, place) }
    return .values(tensor.bytes)
  }
}

/// Elements that are put together, one by one.
private struct Elements {
  let element: ElementType
  /// As many as the shape asks for; what goes beyond is counted, and not kept.
  let most: Int
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  init(element: ElementType, most: Int) { (self.element, self.most) = (element, most) }

  mutating func add(_ value: MessageFields.Value, _ body: RawSpan, _ place: String) throws(Fault) {
    switch value {
    case .number(let number): try add(number, place)
    case .fixed32(let bits): append(bits)
    case .fixed64(let bits): append(bits)
    case .bytes(let range) where element == .string:
      count += 1
      guard count <= most else { return }
      unsafe body.extracting(range).withUnsafeBytes { unsafe StringTensor.append($0, to: &bytes) }
    case .bytes(let range) where element == .f32 || element == .f64:
      let size = element.byteCount
      guard range.count % size == 0 else { throw Fault(.badInput, "\(place).contents ends within an element") }
      count += range.count / size
      guard count <= most else { return }
      unsafe body.extracting(range).withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    case .bytes(let range):
      var numbers = MessageFields(range)
      while let number = try numbers.nextNumber(in: body) { try add(number, place) }
    }
  }

  private mutating func add(_ number: UInt64, _ place: String) throws(Fault) {
    let signed = Int64(bitPattern: number)
    let fits: Bool
    switch element {
    case .bool: fits = append(exactly: UInt8(number == 0 ? 0 : 1))
    case .i8: fits = append(exactly: Int8(exactly: signed))
    case .i16: fits = append(exactly: Int16(exactly: signed))
    case .i32: fits = append(exactly: Int32(exactly: signed))
    case .i64: fits = append(exactly: signed)
    case .u8: fits = append(exactly: UInt8(exactly: number))
    case .u16: fits = append(exactly: UInt16(exactly: number))
    case .u32: fits = append(exactly: UInt32(exactly: number))
    case .u64: fits = append(exactly: number)
    case .f16, .bf16, .f32, .f64, .string: fits = false
    }
    guard fits else { throw Fault(.badInput, "\(place).contents: element \(count) is no \(element.rawValue)") }
  }

  private mutating func append(exactly number: (some FixedWidthInteger)?) -> Bool {
    guard let number else { return false }
    append(number)
    return true
  }

  private mutating func append(_ number: some FixedWidthInteger) {
    count += 1
    guard count <= most else { return }
    unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  func unlike(_ input: InferCall.Input, _ place: String) -> Fault {
    Fault(.badInput, "\(place).contents: not as many elements as the shape \(input.shape) asks for, which are \(most)")
  }
}
