/// One message of RTSP (RFC 2326): a request, or an answer to one.
struct RTSPMessage: Sendable, Hashable {
  enum Start: Sendable, Hashable {
    case request(method: String, address: String)
    case answer(status: Int, phrase: String)
  }

  let start: Start
  /// Names in small letters; in the order in which they came, as often as they came.
  var headers: [(name: String, value: String)]
  var body: [UInt8] = []

  /// The first of that name; `name` in small letters.
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  func headers(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

  static func == (a: RTSPMessage, b: RTSPMessage) -> Bool {
    a.start == b.start && a.body == b.body && a.headers.elementsEqual(b.headers) { $0 == $1 }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(start)
    hasher.combine(body)
  }

  init(_ start: Start, headers: [(name: String, value: String)] = []) { (self.start, self.headers) = (start, headers) }

  /// As it is sent.
  var bytes: [UInt8] {
    var text: String
    switch start {
    case .request(let method, let address): text = "\(method) \(address) RTSP/1.0\r\n"
    case .answer(let status, let phrase): text = "RTSP/1.0 \(status) \(phrase)\r\n"
    }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8) + body
  }

  /// From all lines up to the empty one; `nil` where that is no message.
  init?(head: [UInt8]) {
    let lines = head.split(whereSeparator: { $0 == 10 || $0 == 13 }).map { String(decoding: $0, as: UTF8.self) }
    guard let first = lines.first else { return nil }
    let words = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
    if first.hasPrefix("RTSP/1."), words.count > 1, let status = Int(words[1]), (100...599).contains(status) {
      start = .answer(status: status, phrase: words.count > 2 ? String(words[2]) : "")
    } else if words.count == 3, words[2].hasPrefix("RTSP/1.") {
      start = .request(method: String(words[0]), address: String(words[1]))
    } else {
      return nil
    }
    headers = []
    for line in lines.dropFirst().prefix(100) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      headers.append((line[..<colon].lowercased(), String(value)))
    }
  }
}

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
