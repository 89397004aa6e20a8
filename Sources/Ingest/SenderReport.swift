/// What a sender says of its clocks (RTCP, RFC 3550, section 6.4.1): one moment by the clock on the wall, and by that of its timestamps.
struct SenderReport: Sendable, Hashable {
  let sender: UInt32
  /// Seconds since 1970, as the sender's clock has it.
  let date: Double
  let timestamp: UInt32

  /// The first report of a compound packet; `nil` where it has none.
  init?(_ bytes: Span<UInt8>) {
    var place = 0
    while place + 4 <= bytes.count, bytes[place] >> 6 == 2 {
      let end = place + 4 + 4 * BigEndian.u16(bytes, place + 2)
      guard end <= bytes.count else { return nil }
      if bytes[place + 1] == 200, end >= place + 28 {
        sender = BigEndian.u32(bytes, place + 4)
        let (whole, part) = (BigEndian.u32(bytes, place + 8), BigEndian.u32(bytes, place + 12))
        // Seconds since 1900; a sender without a clock says nothing.
        guard whole > 2_208_988_800 else { return nil }
        date = Double(whole) - 2_208_988_800 + Double(part) / 4_294_967_296
        timestamp = BigEndian.u32(bytes, place + 16)
        return
      }
      place = end
    }
    return nil
  }
}
