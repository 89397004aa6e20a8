internal import Base

/// Where a broker of MQTT is: `mqtt://HOST`, `mqtts://HOST:PORT`, `mqtts://HOST#key=sha256//…`.
struct BrokerAddress: Sendable, Hashable {
  let host: String
  let port: Int
  /// By TLS.
  let isSecure: Bool
  /// `sha256//` and in Base64 the digest of the one public key that it has to show.
  let key: String?

  /// Faults are `badInput`.
  init(_ text: String) throws(Fault) {
    let (secure, plain) = ("mqtts://", "mqtt://")
    isSecure = text.hasPrefix(secure)
    let example = "expected mqtts://HOST or mqtt://HOST, with :PORT or without"
    guard isSecure || text.hasPrefix(plain) else {
      throw Fault(.badInput, "'\(text.prefix(60))' is no address of a broker, \(example)")
    }
    let parts = text.dropFirst(isSecure ? secure.count : plain.count).split(
      separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    var rest = parts[0]
    key = parts.count == 2 ? String(parts[1].dropFirst("key=".count)) : nil
    guard parts.count == 1 || isSecure && parts[1].hasPrefix("key=sha256//") && !parts[1].contains(";") else {
      throw Fault(
        .badInput,
        "behind '#' stands the key of a broker that is asked by TLS, as 'key=sha256//' and its digest in Base64, or nothing"
      )
    }
    if rest.last == "/" { rest = rest.dropLast() }
    guard !rest.contains("@") else {
      throw Fault(.badInput, "a broker's address names no user and no password: they are given beside it")
    }
    let isPlain = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && ![0x2f, 0x3f, 0x23].contains($0) }
    guard isPlain, rest.utf8.count <= 300 else {
      throw Fault(.badInput, "'\(text.prefix(60))' is no address of a broker, \(example)")
    }
    var port = isSecure ? 8883 : 1883
    if let colon = rest.lastIndex(of: ":"), rest.last != "]" {
      guard let number = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(number) else {
        throw Fault(.badInput, "'\(rest[rest.index(after: colon)...].prefix(20))' is no port, expected 1 to 65535")
      }
      (port, rest) = (number, rest[..<colon])
    }
    if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
    guard !rest.isEmpty else { throw Fault(.badInput, "'\(text.prefix(60))' names no host, \(example)") }
    (host, self.port) = (String(rest), port)
  }
}
