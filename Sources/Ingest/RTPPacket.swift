/// What the header of one RTP packet says (RFC 3550, section 5.1), and where its payload lies.
struct RTPPacket: Sendable, Hashable {
  /// Which of the session's formats the payload has.
  let format: UInt8
  /// For video: the last packet of a picture.
  let isMarked: Bool
  let sequence: UInt16
  /// In the clock of the format, from an arbitrary beginning; it wraps.
  let timestamp: UInt32
  /// Who sends it.
  let source: UInt32
  let payload: Range<Int>

  /// `nil` where the bytes are no RTP packet.
  init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return nil }
    var start = 12 + 4 * Int(bytes[0] & 0x0F)
    if bytes[0] & 0x10 != 0 {
      guard start + 4 <= bytes.count else { return nil }
      start += 4 + 4 * BigEndian.u16(bytes, start + 2)
    }
    let padding = bytes[0] & 0x20 != 0 ? Int(bytes[bytes.count - 1]) : 0
    guard start <= bytes.count, padding <= bytes.count - start else { return nil }
    (format, isMarked) = (bytes[1] & 0x7F, bytes[1] & 0x80 != 0)
    sequence = UInt16(BigEndian.u16(bytes, 2))
    timestamp = BigEndian.u32(bytes, 4)
    source = BigEndian.u32(bytes, 8)
    payload = start..<bytes.count - padding
  }
}

/// Numbers as networks write them; whoever asks has looked that the bytes are there.
enum BigEndian {
  static func u16(_ bytes: Span<UInt8>, _ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

  static func u32(_ bytes: Span<UInt8>, _ place: Int) -> UInt32 {
    UInt32(u16(bytes, place)) << 16 | UInt32(u16(bytes, place + 2))
  }

  static func bytes(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
}
