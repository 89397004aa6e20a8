import Base
import Protobuf
import Testing

@Suite("Protocol Buffers")
struct MessageTests {
  /// All fields of a message.
  private static func fields(_ bytes: [UInt8]) throws(Fault) -> [MessageFields.Field] {
    var fields = MessageFields(0..<bytes.count)
    var found: [MessageFields.Field] = []
    while let field = try fields.next(in: bytes.span.bytes) { found.append(field) }
    return found
  }

  @Test("the examples of protobuf.dev, \"Encoding\", are written and read")
  func examples() throws {
    var message = MessageWriter()
    message.field(1, 150)
    message.field(2, "testing")
    message.message(3) { $0.field(1, 150) }
    message.field(6, packed: [3, 270, 86942])
    let bytes: [UInt8] = [
      0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67, 0x1a, 0x03, 0x08, 0x96, 0x01, 0x32, 0x06,
      0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05,
    ]
    #expect(message.bytes == bytes)
    let fields = try Self.fields(bytes)
    #expect(fields.map(\.number) == [1, 2, 3, 6])
    #expect(fields.map(\.value) == [.number(150), .bytes(5..<12), .bytes(14..<17), .bytes(19..<25)])
    var numbers = MessageFields(19..<25)
    var found: [UInt64] = []
    while let number = try numbers.nextNumber(in: bytes.span.bytes) { found.append(number) }
    #expect(found == [3, 270, 86942])
  }

  @Test("numbers of four and eight bytes, negative ones and flags")
  func kinds() throws {
    let fields = try Self.fields([0x0d, 0, 0, 0x80, 0x3f, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    #expect(fields.map(\.value) == [.fixed32(Float(1).bitPattern), .fixed64(1.0.bitPattern)])
    var message = MessageWriter()
    message.field(1, -2)
    message.field(2, true)
    message.field(3, false)
    message.field(4, "")
    message.field(5, ["", "b"])
    #expect(
      try Self.fields(message.bytes).map(\.value) == [
        .number(UInt64(bitPattern: -2)), .number(1), .bytes(15..<15), .bytes(17..<18),
      ])
  }

  @Test("a message that is cut off anywhere is whole up to there, or damaged, and nothing is read behind its end")
  func cuts() throws {
    var message = MessageWriter()
    message.field(1, 1 << 40)
    message.field(2, String(repeating: "x", count: 300))
    message.message(3) { $0.field(packed: 7) }
    let whole = message.bytes
    var ends: Set<Int> = []
    for end in 0...whole.count {
      var fields = MessageFields(0..<end)
      do throws(Fault) {
        while let field = try fields.next(in: whole.span.bytes) {
          if case .bytes(let range) = field.value { #expect(range.upperBound <= end) }
        }
        ends.insert(end)
      } catch { #expect(error.kind == .badInput) }
    }
    #expect(ends == [0, 7, 310, whole.count])
  }

  @Test(
    "what is no message is damaged",
    arguments: [
      [0x00], [0x07, 0x01], [0x0b], [0x0c], [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x0a, 0x80], [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x0d, 1, 2],
      [0x0a, 0x02, 1],
    ] as [[UInt8]])
  func damage(_ bytes: [UInt8]) {
    #expect(throws: Fault.self) { try Self.fields(bytes) }
  }

  @Test("Numbers of eight bytes, and numbers that count even where they are 0")
  func fixed() throws {
    var message = MessageWriter()
    message.fixed64(7, 0x0102_0304_0506_0708)
    message.fixed64(8, 0)
    message.number(3, 0)
    message.number(3, -1)
    message.field(3, 0)
    #expect(message.bytes.prefix(9) == [0x39, 8, 7, 6, 5, 4, 3, 2, 1])
    let fields = try Self.fields(message.bytes)
    #expect(fields.map(\.number) == [7, 8, 3, 3])
    #expect(fields.map(\.value) == [.fixed64(0x0102_0304_0506_0708), .fixed64(0), .number(0), .number(.max)])
  }
}

extension MessageWriter {
  fileprivate mutating func field(packed number: Int) { field(1, packed: [number, -number]) }
}
