internal import Base

/// The parts of an address of a live source.
struct StreamAddress {
  /// Host and port as they were written.
  let server: Substring
  let host: String
  let port: Int
  /// With the query; begins with `/`.
  let path: String
  let account: (user: String, password: String)?
  /// What stands behind `#key=`.
  let key: String?

  private static let ports = [
    "rtsp": 554, "rtspu": 554, "rtsps": 322, "rtmp": 1935, "rtmps": 443, "http": 80, "https": 443,
  ]

  /// From what stands behind `://`.
  init(_ text: Substring, _ scheme: String) throws(Fault) {
    // What comes before the last '@' of the authority may hold anything.
    let at = text.prefix { $0 != "/" && $0 != "?" }.lastIndex(of: "@")
    let tail = at.map { text[text.index(after: $0)...] } ?? text
    let rest = tail.prefix { $0 != "#" }
    let behind = tail[rest.endIndex...].dropFirst()
    server = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest[server.endIndex...]
    let (host, port) = Self.halves(server)
    guard !host.isEmpty, let number = port.isEmpty ? Self.ports[scheme] : Int(port), (1...65535).contains(number) else {
      // It may be the first half of a password.
      let shown = tail.contains("@") ? "the address" : "'\(scheme)://\(server)'"
      throw Fault(
        .badInput,
        "\(shown) names no host, or no port from 1 to 65535; in a user and a password '/', '?' and '@' are written as %2F, %3F and %40"
      )
    }
    guard behind.isEmpty || behind.hasPrefix("key=sha256//") && !behind.contains(";") else {
      throw Fault(
        .badInput, "behind '#' stands the key of a server, as 'key=sha256//' and its digest in Base64, or nothing")
    }
    (self.host, self.port, key) = (host, number, behind.isEmpty ? nil : String(behind.dropFirst(4)))
    self.path = path.hasPrefix("/") ? String(path) : "/\(path)"
    account = at.map { place in
      let words = text[..<place].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.plain(words[0]), words.count > 1 ? Self.plain(words[1]) : "")
    }
  }

  /// Host and port; an address of version 6 stands in brackets.
  static func halves(_ server: Substring) -> (String, String) {
    if server.hasPrefix("["), let end = server.firstIndex(of: "]") {
      let rest = server[server.index(after: end)...]
      return (String(server[server.index(after: server.startIndex)..<end]), String(rest.drop { $0 == ":" }))
    }
    guard let colon = server.lastIndex(of: ":") else { return (String(server), "") }
    return (String(server[..<colon]), String(server[server.index(after: colon)...]))
  }

  /// `%40` as the byte that it stands for.
  private static func plain(_ text: Substring) -> String {
    var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
