/// What a receiver says of packets that came, and never came (RTCP, RFC 3550, section 6.4.2).
struct ReceptionReport: Sendable, Hashable {
  /// Who sent them; `nil` before the first.
  let sender: UInt32?
  /// The number of the last one, counted on where that wraps.
  let last: Int
  let lost: Int

  /// As it is sent by `receiver`, with the name that a compound packet has to have.
  func bytes(from receiver: UInt32) -> [UInt8] {
    var bytes: [UInt8] = sender == nil ? [0x80, 201, 0, 1] : [0x81, 201, 0, 7]
    bytes += BigEndian.bytes(receiver)
    if let sender {
      // Neither the part that was lost lately, nor jitter, nor the last report of the sender are told.
      let lost = UInt32(min(max(0, lost), 0x7F_FFFF))
      bytes += BigEndian.bytes(sender) + BigEndian.bytes(lost)
      bytes += BigEndian.bytes(UInt32(truncatingIfNeeded: last)) + [UInt8](repeating: 0, count: 12)
    }
    let name = Array("ridley".utf8)
    // Of version 2 with one source: its number, its name, and the end in four bytes at least.
    bytes += [0x81, 202, 0, 4] + BigEndian.bytes(receiver) + [1, UInt8(name.count)] + name
    return bytes + [0, 0, 0, 0]
  }
}
