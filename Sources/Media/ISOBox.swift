/// One box of an ISO media file (ISO/IEC 14496-12, 4.2): its name, and where its content stands in what was searched.
package struct ISOBox {
  package let name: String
  package let content: Range<Int>

  /// The boxes that lie in a row from the start of some bytes, as far as they are whole.
  package static func list(_ bytes: ArraySlice<UInt8>) -> [ISOBox] {
    walk(byteCount: bytes.count) { start, count in Array(bytes[(bytes.startIndex + start)...].prefix(count)) }
      .map { ISOBox(name: $0.name, content: $0.content.shifted(by: bytes.startIndex)) }
  }

  /// Names of four letters, one after the other.
  static func words(_ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count - 3, by: 4).map { String(decoding: bytes[$0..<$0 + 4], as: UTF8.self) }
  }

  /// `read` gives so many bytes at a place, or fewer.
  package static func walk(byteCount: Int, read: (Int, Int) -> [UInt8]) -> [ISOBox] {
    var (boxes, offset) = ([ISOBox](), 0)
    while offset + 8 <= byteCount, boxes.count < 4096 {
      var head = ByteCursor(read(offset, 16)[...])
      let (short, name) = (head.number(4), head.word())
      let length = short == 1 ? head.number(8) : short == 0 ? byteCount - offset : short
      let start = short == 1 ? 16 : 8
      guard length >= start, length <= byteCount - offset else { break }
      boxes.append(ISOBox(name: name, content: offset + start..<offset + length))
      offset += length
    }
    return boxes
  }
}

extension MediaFile {
  /// The whole boxes of the file, if it starts as MP4, QuickTime and HEIF files do.
  var boxes: [ISOBox]? {
    let starts: Set = ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"]
    let first = bytes(4..<8)
    guard byteCount >= 8, starts.contains(String(decoding: first, as: UTF8.self)) else { return nil }
    return ISOBox.walk(byteCount: byteCount) { bytes($0..<$0 + $1) }
  }
}

extension Range<Int> {
  func shifted(by offset: Int) -> Range { lowerBound + offset..<upperBound + offset }
}

/// Reads big-endian numbers one after the other; behind the end there are zeros.
package struct ByteCursor {
  package private(set) var rest: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }
  package init(_ bytes: [UInt8]) { rest = bytes[...] }

  package mutating func skip(_ count: Int) { rest = rest.dropFirst(count) }

  package mutating func number(_ count: Int) -> Int {
    defer { skip(count) }
    return (0..<count).reduce(0) { value, place in
      let index = rest.startIndex + place
      return (value & (.max >> 8)) << 8 | (index < rest.endIndex ? Int(rest[index]) : 0)
    }
  }

  package mutating func word() -> String {
    defer { skip(4) }
    return String(decoding: rest.prefix(4), as: UTF8.self)
  }
}
