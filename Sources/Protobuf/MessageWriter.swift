internal import CNanopb

/// Writes the fields of a message, in the order of the calls.
public struct MessageWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// A number; one that is 0 is left out, as everybody takes it for 0 then.
  public mutating func field(_ number: Int, _ value: Int) {
    if value != 0 { self.number(number, value) }
  }

  /// A number, 0 too: for fields of which it counts that they are there.
  public mutating func number(_ number: Int, _ value: Int) {
    tag(number, PB_WT_VARINT)
    write(UInt64(bitPattern: Int64(value)))
  }

  /// A number that is written with eight bytes, 0 too.
  public mutating func fixed64(_ number: Int, _ value: UInt64) {
    tag(number, PB_WT_64BIT)
    for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
  }

  public mutating func field(_ number: Int, _ value: Bool) { field(number, value ? 1 : 0) }

  /// A text; an empty one is left out.
  public mutating func field(_ number: Int, _ text: String) {
    guard !text.isEmpty else { return }
    bytes(number, Array(text.utf8))
  }

  /// Texts of a list, empty ones too.
  public mutating func field(_ number: Int, _ texts: [String]) {
    for text in texts { bytes(number, Array(text.utf8)) }
  }

  /// Bytes, none too.
  public mutating func bytes(_ number: Int, _ content: [UInt8]) {
    begin(number, byteCount: content.count)
    bytes += content
  }

  /// The head of so many bytes, which the caller appends.
  public mutating func begin(_ number: Int, byteCount: Int) {
    tag(number, PB_WT_STRING)
    write(UInt64(byteCount))
  }

  /// Bytes that ``begin(_:byteCount:)`` announced.
  public mutating func append(_ content: RawSpan) {
    unsafe content.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Numbers, packed.
  public mutating func field(_ number: Int, packed numbers: [Int]) {
    guard !numbers.isEmpty else { return }
    var list = MessageWriter()
    for value in numbers { list.write(UInt64(bitPattern: Int64(value))) }
    bytes(number, list.bytes)
  }

  /// A message inside.
  public mutating func message(_ number: Int, _ write: (inout MessageWriter) -> Void) {
    var inner = MessageWriter()
    write(&inner)
    bytes(number, inner.bytes)
  }

  private mutating func tag(_ number: Int, _ type: pb_wire_type_t) {
    write(UInt64(number) << 3 | UInt64(type.rawValue))
  }

  private mutating func write(_ value: UInt64) {
    var room: (UInt64, UInt16) = (0, 0)
    unsafe withUnsafeMutableBytes(of: &room) { room in
      let count = unsafe ridley_write_number(value, room.baseAddress?.assumingMemoryBound(to: UInt8.self))
      unsafe bytes.append(contentsOf: room[..<count])
    }
  }
}
