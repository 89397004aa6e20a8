/// Takes apart what a camera sends over one connection: messages, and packets between them.
struct RTSPStream {
  enum Part: Sendable, Hashable {
    case message(RTSPMessage)
    /// Of one of the channels that were set up.
    case packet(channel: UInt8, [UInt8])
    /// What came is not RTSP.
    case nonsense
  }

  private static let (mostHead, mostBody, mostNoise) = (64 << 10, 1 << 20, 1 << 18)

  /// The channels of packets, once they are known: from then on what can be neither a message nor a packet is passed over.
  var channels: Set<UInt8>?
  private var bytes: [UInt8] = []
  private var place = 0
  /// Bytes that were passed over since the last part.
  private var noise = 0

  /// Takes in what was read.
  mutating func add(_ part: Span<UInt8>) {
    if place > 0, place == bytes.count || place > 1 << 18 {
      bytes.removeSubrange(..<place)
      place = 0
    }
    bytes.reserveCapacity(bytes.count + part.count)
    for index in part.indices { bytes.append(part[index]) }
  }

  /// The next part that is whole.
  mutating func next() -> Part? {
    while true {
      // Some cameras send empty lines between messages.
      while place < bytes.count, bytes[place] == 10 || bytes[place] == 13 { place += 1 }
      guard place < bytes.count else { return nil }
      let isPacket = bytes[place] == 0x24
      guard let channels else {
        return isPacket ? packet() : message()
      }
      guard let isOne = isPacket ? beginsPacket(channels) : beginsMessage() else { return nil }
      if isOne {
        let part = isPacket ? packet() : message()
        if part != .nonsense {
          noise = part == nil ? noise : 0
          return part
        }
      }
      guard passOver() else { return .nonsense }
    }
  }

  /// Goes on to where the next part may begin; `false` where that is too far away.
  private mutating func passOver() -> Bool {
    repeat { (place, noise) = (place + 1, noise + 1) } while place < bytes.count && !Self.mayBegin(bytes[place])
    return noise <= Self.mostNoise
  }

  private static func mayBegin(_ byte: UInt8) -> Bool { byte == 0x24 || (0x41...0x5A).contains(byte) }

  /// Whether a packet is at hand; `nil` before that can be told.
  ///
  /// RTP and its reports are of version 2. What a camera sends on another channel than those that were set up has to end where a part may begin.
  private func beginsPacket(_ channels: Set<UInt8>) -> Bool? {
    guard place + 5 <= bytes.count else { return nil }
    let count = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
    guard count >= 8, bytes[place + 4] >> 6 == 2 else { return false }
    if channels.contains(bytes[place + 1]) { return true }
    guard count <= 4096 else { return false }
    guard place + 4 + count < bytes.count else { return nil }
    return [0x24, 0x52, 13].contains(bytes[place + 4 + count])
  }

  /// Whether the first word of a message is at hand; `nil` before that can be told.
  private func beginsMessage() -> Bool? {
    let word = bytes[place...].prefix(16).prefix { (0x41...0x5A).contains($0) || $0 == 0x5F }
    guard place + word.count < bytes.count else { return word.count < 16 ? nil : false }
    let isAnswer = bytes[place + word.count] == 0x2F && word.elementsEqual("RTSP".utf8)
    return isAnswer || bytes[place + word.count] == 0x20 && word.count > 2
  }

  private mutating func packet() -> Part? {
    guard place + 4 <= bytes.count else { return nil }
    let count = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
    guard place + 4 + count <= bytes.count else { return nil }
    defer { place += 4 + count }
    return .packet(channel: bytes[place + 1], Array(bytes[place + 4..<place + 4 + count]))
  }

  private mutating func message() -> Part? {
    guard let end = headEnd() else { return bytes.count - place > Self.mostHead ? .nonsense : nil }
    guard var message = RTSPMessage(head: Array(bytes[place..<end])) else { return .nonsense }
    let count = message.header("content-length").flatMap { Int($0.filter { $0 != " " }) } ?? 0
    guard (0...Self.mostBody).contains(count) else { return .nonsense }
    guard end + count <= bytes.count else { return nil }
    message.body = Array(bytes[end..<end + count])
    place = end + count
    return .message(message)
  }

  /// Behind the empty line.
  private func headEnd() -> Int? {
    var index = place
    let most = min(bytes.count, place + Self.mostHead)
    while index < most {
      guard bytes[index] == 10 else {
        index += 1
        continue
      }
      if index + 1 < bytes.count, bytes[index + 1] == 10 { return index + 2 }
      if index + 2 < bytes.count, bytes[index + 1] == 13, bytes[index + 2] == 10 { return index + 3 }
      index += 1
    }
    return nil
  }
}
