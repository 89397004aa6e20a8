public import Base
internal import CNanopb

/// The fields of one message, one after the other, as they stand in a run of bytes.
///
/// A value that keeps places alone: it is given the same bytes with each call. Faults are `badInput` and name the byte.
public struct MessageFields: Sendable {
  public enum Value: Sendable, Hashable {
    /// As it stands; a negative one of fewer than 64 bits is written with 64.
    case number(UInt64)
    /// Four or eight bytes, as numbers of floating point have them.
    case fixed32(UInt32)
    case fixed64(UInt64)
    /// A text, bytes, a message, or numbers that stand packed: where they are.
    case bytes(Range<Int>)
  }

  public struct Field: Sendable {
    public let number: Int
    public let value: Value
  }

  private var place: Int
  private let end: Int

  /// Those of the message at `range`.
  public init(_ range: Range<Int>) { (place, end) = (range.lowerBound, range.upperBound) }

  /// `nil` at the end of the message.
  public mutating func next(in bytes: RawSpan) throws(Fault) -> Field? {
    var field = ridley_field()
    let found = unsafe read(bytes) { unsafe ridley_next_field($0, $1, $2, &field) }
    guard found >= 0 else { throw damaged }
    guard found > 0 else { return nil }
    let value: Value
    switch pb_wire_type_t(UInt32(field.type)) {
    case PB_WT_VARINT: value = .number(field.value)
    case PB_WT_32BIT: value = .fixed32(UInt32(truncatingIfNeeded: field.value))
    case PB_WT_64BIT: value = .fixed64(field.value)
    default: value = .bytes(field.start..<field.start + field.count)
    }
    return Field(number: Int(field.number), value: value)
  }

  /// The next number where numbers stand packed, in place of fields; `nil` at their end.
  public mutating func nextNumber(in bytes: RawSpan) throws(Fault) -> UInt64? {
    var value: UInt64 = 0
    let found = unsafe read(bytes) { unsafe ridley_next_number($0, $1, $2, &value) }
    guard found >= 0 else { throw damaged }
    return found > 0 ? value : nil
  }

  private mutating func read(
    _ bytes: RawSpan, _ body: (UnsafePointer<UInt8>?, _ end: Int, UnsafeMutablePointer<Int>) -> Int32
  ) -> Int32 {
    precondition(end <= bytes.byteCount, "a message that is not in its bytes")
    guard place < end else { return 0 }
    return unsafe bytes.withUnsafeBytes { buffer in
      unsafe body(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), end, &place)
    }
  }

  private var damaged: Fault { Fault(.badInput, "the message is damaged, or does not end, at byte \(place)") }
}
