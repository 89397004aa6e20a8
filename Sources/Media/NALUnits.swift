/// Walks the units of an H.264 or HEVC packet; the packet's bytes are handed in at every step.
struct NALUnits {
  /// Bytes of the length in front of each unit; 0 for start codes.
  private let lengthSize: Int
  private var offset = 0

  init(lengthSize: Int) { self.lengthSize = lengthSize }

  /// Where the next unit lies, its header first; with start codes a unit may keep zeros behind it.
  mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
    lengthSize == 0 ? afterStartCode(bytes) : afterLength(bytes)
  }

  private mutating func afterLength(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard offset + lengthSize < bytes.count else { return nil }
    var length = 0
    for index in offset..<offset + lengthSize { length = length << 8 | Int(bytes[index]) }
    let start = offset + lengthSize
    guard length > 0, length <= bytes.count - start else { return nil }
    offset = start + length
    return start..<offset
  }

  private mutating func afterStartCode(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard let start = startCode(bytes, from: offset), start < bytes.count else { return nil }
    // The picture's own unit is long and the last that is asked for: its end is not looked for.
    let isPicture = bytes[start] & 0x1F == 1 || bytes[start] & 0x1F == 5
    let end = isPicture ? nil : startCode(bytes, from: start)
    offset = end.map { $0 - 3 } ?? bytes.count
    return start..<offset
  }

  /// The place behind the next 00 00 01.
  private func startCode(_ bytes: Span<UInt8>, from place: Int) -> Int? {
    var index = place
    while index + 2 < bytes.count {
      if bytes[index + 2] > 1 {
        index += 3
      } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
        return index + 3
      } else {
        index += 1
      }
    }
    return nil
  }

  /// A unit without its emulation prevention bytes (ITU-T H.264, 7.4.1), at most `limit` bytes of it.
  static func unescaped(_ unit: Span<UInt8>, limit: Int = 4096) -> [UInt8] {
    var (plain, zeros) = ([UInt8](), 0)
    for index in 0..<min(unit.count, limit) {
      let byte = unit[index]
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros + 1 : 0
      plain.append(byte)
    }
    return plain
  }
}
