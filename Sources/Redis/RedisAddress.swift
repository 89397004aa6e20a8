public import Base

/// Where a server is, and as whom it is asked: `redis://[user:password@]host[:port][/db][?prefix=…]`, with `rediss` for TLS.
///
/// Parts that hold characters of their own are percent-encoded. What is described or told in faults has neither user nor password.
public struct RedisAddress: Sendable {
  public private(set) var host: String
  public private(set) var port: Int
  public let database: Int
  public let isSecure: Bool
  /// Stands before all keys, in braces, so that a cluster keeps them together.
  public let prefix: String
  /// A file of certificates in PEM form to trust in place of the system's.
  public let authorities: String?
  let user: String?
  let password: String?

  /// Parameters: `prefix` (1 to 64 letters, digits, `.`, `_`, `:` and `-`; `ridley` where none is given), `ca` (a file of certificates) and
  /// `password-file` (for a password that is to stand in no command; its first line counts).
  public init(_ text: String) throws(Fault) {
    guard let scheme = ["redis://", "rediss://"].first(where: { text.hasPrefix($0) }) else {
      throw Self.refused("it begins with redis:// or, for TLS, rediss://")
    }
    isSecure = scheme == "rediss://"
    let rest = text.dropFirst(scheme.count)
    let (place, parameters) = Self.halves(rest, at: "?")
    let (authority, path) = Self.halves(place, at: "/")
    let at = authority.lastIndex(of: "@")
    (host, port) = try Self.server(at.map { authority[authority.index(after: $0)...] } ?? authority)
    guard path.isEmpty || Int(path).map({ (0...1_000_000).contains($0) }) == true else {
      throw Self.refused("behind the host stands the number of a database, such as /0")
    }
    database = Int(path) ?? 0
    let named = try Self.parameters(parameters)
    prefix = named["prefix"] ?? "ridley"
    guard (1...64).contains(prefix.utf8.count), prefix.utf8.allSatisfy(Self.isPlain) else {
      throw Self.refused("its prefix has 1 to 64 letters, digits, '.', '_', ':' and '-'")
    }
    authorities = named["ca"]
    guard authorities == nil || isSecure else { throw Self.refused("'ca' is for rediss://") }
    var (user, password) =
      try at.map { (place) throws(Fault) in try Self.credentials(authority[..<place]) } ?? (nil, nil)
    if let path = named["password-file"] {
      guard password == nil else { throw Self.refused("it has a password and a password-file: one is enough") }
      let bytes = try FileSystem.read(path, limit: 4096)
      password = String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }
    guard user == nil || password != nil else { throw Self.refused("a user needs a password: user:password@host") }
    if user == "" { user = nil }
    (self.user, self.password) = (user, password)
  }

  /// Without user and password.
  public var description: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "\(isSecure ? "rediss" : "redis")://\(name):\(port)\(database == 0 ? "" : "/\(database)")"
  }

  /// Another server of the same kind, asked as the same user; `place` is a port behind a colon, and a host before it where it is another.
  func moved(to place: Substring) -> RedisAddress {
    var moved = self
    guard let colon = place.lastIndex(of: ":"), let port = Int(place[place.index(after: colon)...]) else { return self }
    if colon > place.startIndex { moved.host = String(place[..<colon]) }
    moved.port = port
    return moved
  }

  private static func refused(_ why: String) -> Fault {
    Fault(.badInput, "the address of a Redis server cannot be read: \(why); redis://[user:password@]host[:port][/db]")
  }

  private static func halves(_ text: Substring, at mark: Character) -> (Substring, Substring) {
    guard let place = text.firstIndex(of: mark) else { return (text, "") }
    return (text[..<place], text[text.index(after: place)...])
  }

  private static func server(_ text: Substring) throws(Fault) -> (String, Int) {
    var (host, port) = (text, Substring(""))
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      (host, port) = (text[text.index(after: text.startIndex)..<end], text[text.index(after: end)...].dropFirst())
    } else if let colon = text.firstIndex(of: ":") {
      (host, port) = (text[..<colon], text[text.index(after: colon)...])
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ isPlain($0) }) else { throw refused("it names no host") }
    guard let number = port.isEmpty ? 6379 : Int(port), (1...65535).contains(number) else {
      throw refused("its port is a number from 1 to 65535")
    }
    return (String(host), number)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: ".-_:".utf8.contains(byte)
    }
  }

  private static func credentials(_ text: Substring) throws(Fault) -> (String?, String?) {
    let (user, password) = halves(text, at: ":")
    guard text.contains(":") else { throw refused("before the '@' stand user:password, or :password alone") }
    guard let user = decoded(user), let password = decoded(password), !password.isEmpty else {
      throw refused("its user or password is empty or not percent-encoded as it should be")
    }
    return (user, password)
  }

  private static func parameters(_ text: Substring) throws(Fault) -> [String: String] {
    var named: [String: String] = [:]
    for part in text.split(separator: "&") {
      let (name, value) = halves(part, at: "=")
      guard ["prefix", "ca", "password-file"].contains(String(name)), let value = decoded(value), !value.isEmpty else {
        throw refused("behind '?' it takes prefix=, ca= and password-file=")
      }
      named[String(name)] = value
    }
    return named
  }

  /// Without percent signs; `nil` where one stands before no two digits.
  private static func decoded(_ text: Substring) -> String? {
    var (bytes, rest) = ([UInt8](), text.utf8[...])
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
