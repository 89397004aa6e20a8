/// Takes apart what a camera sends over one connection: messages, and packets between them.
struct RTSPStream {
  enum Part: Sendable, Hashable {
    case message(RTSPMessage)
    /// Of one of the channels that were set up.
    case packet(channel: UInt8, [UInt8])
    /// What came is not RTSP.
    case nonsense
  }

  private static let (mostHead, mostBody) = (64 << 10, 1 << 20)

  private var bytes: [UInt8] = []
  private var place = 0

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
    // Some cameras send empty lines between messages.
    while place < bytes.count, bytes[place] == 10 || bytes[place] == 13 { place += 1 }
    guard place < bytes.count else { return nil }
    return bytes[place] == 0x24 ? packet() : message()
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
