internal import Base

/// Cuts the bytes of a call into its messages: each behind five bytes, whether it is compressed and how long it is.
///
/// Pure; it is the same wherever the bytes are cut.
struct MessageCutter {
  enum Step: Equatable {
    /// A message of so many bytes.
    case begins(byteCount: Int)
    /// The next of its bytes, where they stand.
    case bytes(Range<Int>)
    case ends
    /// All is read.
    case more
  }

  private var prefix: [UInt8] = []
  /// Bytes of the message that have not come.
  private var left: Int?

  /// Whether a message has begun and not ended.
  var isInside: Bool { !prefix.isEmpty || left != nil }

  /// What comes at a place, which then is behind it; a compressed message is `unsupported`.
  mutating func next(in bytes: [UInt8], at place: inout Int) throws(Fault) -> Step {
    if let left {
      guard left > 0 else {
        (prefix, self.left) = ([], nil)
        return .ends
      }
      let end = place + min(left, bytes.count - place)
      guard end > place else { return .more }
      defer { place = end }
      self.left = left - (end - place)
      return .bytes(place..<end)
    }
    while prefix.count < RPC.prefixCount {
      guard place < bytes.count else { return .more }
      prefix.append(bytes[place])
      place += 1
    }
    guard prefix[0] == 0 else { throw RPC.compressed }
    let count = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
    left = count
    return .begins(byteCount: count)
  }
}
