/// A place in a stretch of bytes from which bits are read; behind the end there are zeros.
///
/// The bytes are handed in at every call, because a cursor may not keep them.
struct BitCursor {
  private var position: Int

  init(at byte: Int = 0) { position = byte * 8 }

  /// The byte that the next bit stands in.
  var byte: Int { position / 8 }

  mutating func bit(_ bytes: Span<UInt8>) -> Bool {
    defer { position += 1 }
    guard position / 8 < bytes.count else { return false }
    return bytes[position / 8] >> (7 - position % 8) & 1 == 1
  }

  mutating func bits(_ count: Int, _ bytes: Span<UInt8>) -> Int {
    var value = 0
    for _ in 0..<count { value = value << 1 | (bit(bytes) ? 1 : 0) }
    return value
  }

  /// A number in Exp-Golomb code (ITU-T H.264, 9.1); `nil` for one beyond 31 bits.
  mutating func golomb(_ bytes: Span<UInt8>) -> Int? {
    var zeros = 0
    while !bit(bytes) {
      zeros += 1
      guard zeros < 32 else { return nil }
    }
    return (1 << zeros) - 1 + bits(zeros, bytes)
  }
}
