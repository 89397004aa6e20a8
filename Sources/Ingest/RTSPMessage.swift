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
      let value = line[line.index(after: colon)...].trimmed
      headers.append((line[..<colon].trimmed.lowercased(), String(value)))
    }
  }
}

extension Substring {
  /// Without spaces and tabs around it.
  var trimmed: Substring {
    let isSpace = { (letter: Character) in letter == " " || letter == "\t" }
    var text = drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }
}
