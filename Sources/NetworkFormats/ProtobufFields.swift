/// What a file that is not what it should be costs: the reading of it.
package struct Damaged: Error { package init() {} }

/// The fields of one message of Protocol Buffers, one after the other, as they stand in a part of a file.
///
/// Lengths are never believed: what leads out of the message ends in ``Damaged``. Encoding: protobuf.dev, "Encoding".
package struct ProtobufFields {
  package enum Value {
    case number(UInt64)
    /// A text, bytes, a message or packed numbers: where they stand.
    case bytes(Range<Int>)
  }

  package struct Field {
    package let number: Int
    package let value: Value

    /// `nil` where the field is of another kind than it should be.
    package var bytes: Range<Int>? { if case .bytes(let range) = value { range } else { nil } }
    package var integer: UInt64? { if case .number(let value) = value { value } else { nil } }
  }

  private let file: FileWindow
  private var place: Int
  private let end: Int

  package init(_ file: FileWindow, _ range: Range<Int>) {
    (self.file, place, end) = (file, range.lowerBound, range.upperBound)
  }

  /// `nil` at the end of the message.
  package mutating func next() throws(Damaged) -> Field? {
    guard place < end else { return nil }
    let tag = try varint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw Damaged() }
    let number = Int(tag >> 3)
    switch tag & 7 {
    case 0: return Field(number: number, value: .number(try varint()))
    case 1: return Field(number: number, value: .bytes(try take(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(end) else { throw Damaged() }
      return Field(number: number, value: .bytes(try take(Int(length))))
    case 5: return Field(number: number, value: .bytes(try take(4)))
    default: throw Damaged()  // groups, which none of the formats here has
    }
  }

  /// The next number where numbers stand packed, in place of fields; `nil` at their end.
  package mutating func nextPacked() throws(Damaged) -> UInt64? { place < end ? try varint() : nil }

  private mutating func take(_ count: Int) throws(Damaged) -> Range<Int> {
    guard count <= end - place else { throw Damaged() }
    defer { place += count }
    return place..<place + count
  }

  private mutating func varint() throws(Damaged) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<10 {
      guard place < end, let byte = file.byte(at: place) else { throw Damaged() }
      place += 1
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw Damaged()
  }
}

extension FileWindow {
  /// The first fields follow each other as Protocol Buffers have them: known wire types, lengths inside the file.
  var isProtobuf: Bool {
    var fields = ProtobufFields(self, 0..<byteCount)
    do throws(Damaged) {
      for _ in 0..<64 { if try fields.next() == nil { break } }
      return true
    } catch { return false }
  }

  /// A text of at most `limit` bytes.
  func text(_ range: Range<Int>, limit: Int) throws(Damaged) -> String {
    guard range.count <= limit, let text = String(validating: read(range.count, at: range.lowerBound), as: UTF8.self)
    else { throw Damaged() }
    return text
  }
}
