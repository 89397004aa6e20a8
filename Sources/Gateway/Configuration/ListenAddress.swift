public import Base

/// Where a server listens: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:8443`.
public struct ListenAddress: Sendable, Hashable {
  /// An address or a name, IPv6 without brackets.
  public let host: String
  /// 0 for any free one.
  public let port: Int

  public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

  /// Reads an address or a name with a port.
  public init(text: String) throws(Fault) {
    let example =
      "expected an address and a port, e.g. 127.0.0.1:8080, or 0.0.0.0:8080 for every address of this machine"
    guard let colon = text.lastIndex(of: ":"), !text[..<colon].isEmpty else {
      throw Fault(.usage, "'\(text)' is no place to listen at, \(example)")
    }
    let digits = text[text.index(after: colon)...]
    guard let port = Int(digits), (0...65_535).contains(port), String(port) == digits else {
      throw Fault(.usage, "'\(digits)' in '\(text)' is no port, expected 0 to 65535")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw Fault(.usage, "'\(text)': put an IPv6 address in brackets: [\(host)]:\(port)")
    }
    let isPlain = host.utf8.allSatisfy {
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:%_".utf8.contains($0)
    }
    guard !host.isEmpty, isPlain else { throw Fault(.usage, "'\(text)' is no place to listen at, \(example)") }
    self.init(host: String(host), port: port)
  }

  /// Whether only this machine reaches it.
  public var isLoopback: Bool { Authority.isThisMachine(host: host) }

  public var text: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}
