internal import Base

/// The parts of a request as text: what goes into its head, and how it is spelled there.
enum HTTPText {
  /// Headers that are about one connection, and those by which proxies say who a client is: these are the gateway's to say.
  static let notPassed: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "content-length", "expect", "forwarded", "x-forwarded-for", "x-forwarded-proto",
    "x-forwarded-host", "x-forwarded-port", "x-real-ip",
  ]

  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
  }

  /// Nothing that could end a line.
  static func isValue(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 } }

  /// Of IPv4 or IPv6, as far as its letters go; who reads it decides.
  static func isAddress(_ text: String) -> Bool {
    (1...45).contains(text.utf8.count)
      && text.utf8.allSatisfy { isDigit($0) || "abcdefABCDEF.:".utf8.contains($0) }
  }

  /// A path as a gateway gives it, encoded; without the stage, which an HTTP API puts before it.
  static func path(_ given: String, stage: String?) -> String {
    var path = given[...]
    if let stage, stage != "$default", !stage.isEmpty {
      if path == "/\(stage)" {
        path = "/"
      } else if path.hasPrefix("/\(stage)/") {
        path = path.dropFirst(stage.count + 1)
      }
    }
    let text = escaped(String(path), as: .path)
    return text.hasPrefix("/") ? text : "/" + text
  }

  enum Part { case path, query }

  /// Spells out what cannot stand in an encoded part of an address, and leaves what is encoded.
  ///
  /// An HTTP API gives paths decoded, a REST API and a function's address as they were sent, and nothing says which it is.
  static func escaped(_ text: String, as part: Part) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    for (place, byte) in bytes.enumerated() {
      let isPlain =
        switch byte {
        case UInt8(ascii: "%"): place + 2 < bytes.count && isHex(bytes[place + 1]) && isHex(bytes[place + 2])
        case UInt8(ascii: "?"): part == .query
        default: isUnreserved(byte) || "/:@!$&'()*+,;=".utf8.contains(byte)
        }
      if isPlain { result.append(byte) } else { result += hex(byte) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A name or a value of a query, of which nothing is encoded yet.
  static func encoded(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 { if isUnreserved(byte) { result.append(byte) } else { result += hex(byte) } }
    return String(decoding: result, as: UTF8.self)
  }

  private static func hex(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "-._~".utf8.contains(byte)
  }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte & 0xdf) && byte < 0x80 }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x46).contains(byte & 0xdf) && byte < 0x80
  }
}
