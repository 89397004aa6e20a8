public import Base

/// Where a live stream comes from; user and password are kept apart, and shown nowhere.
public struct StreamSource: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case rtsp(host: String, port: Int)
    /// A film that is played as a camera would send it, once or again and again.
    case film(path: String, loops: Bool)
  }

  public let kind: Kind
  /// Without user and password: what is asked for, listed and logged.
  public let shown: String
  let account: (user: String, password: String)?

  /// Reads `rtsp://user:password@host:port/path`, or the path of a film, which `?loop=1` begins anew at its end.
  public init(_ text: String) throws(Fault) {
    guard text.utf8.count <= 2000, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw Fault(.badInput, "the address of a stream has at most 2000 characters, and none that steers a terminal")
    }
    guard let colon = text.firstRange(of: "://") else {
      try self.init(film: text)
      return
    }
    switch text[..<colon.lowerBound].lowercased() {
    case "rtsp": try self.init(rtsp: text[colon.upperBound...])
    case "file": try self.init(film: String(text[colon.upperBound...]))
    case let scheme:
      throw Fault(
        .unsupported, "streams come by rtsp:// or from a file, and not by '\(scheme.prefix(20))://'")
    }
  }

  /// Films are played from below some folders alone; which those are is not told.
  static func check(_ path: String, isBelow roots: [String]) throws(Fault) {
    let isBelow = roots.contains { root in
      let folder = FileSystem.absolute(root)
      return path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
    guard isBelow else {
      throw Fault(
        .denied,
        "films are played from the folders that the server's configuration names under 'films', and from no other")
    }
  }

  private init(rtsp rest: Substring) throws(Fault) {
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest[authority.endIndex...]
    let at = authority.lastIndex(of: "@")
    let server = at.map { authority[authority.index(after: $0)...] } ?? authority
    let (host, port) = Self.halves(server)
    guard !host.isEmpty, let number = port.isEmpty ? 554 : Int(port), (1...65535).contains(number) else {
      throw Fault(.badInput, "'rtsp://\(server)' names no host, or no port from 1 to 65535")
    }
    kind = .rtsp(host: host, port: number)
    shown = "rtsp://\(server)\(path.isEmpty ? "/" : path)"
    account = at.map { place in
      let words = authority[..<place].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.plain(words[0]), words.count > 1 ? Self.plain(words[1]) : "")
    }
  }

  private init(film text: String) throws(Fault) {
    let parts = text.split(separator: "?", maxSplits: 1)
    let asked = parts.count > 1 ? parts[1] : ""
    guard ["", "loop=1", "loop=0"].contains(asked), let path = parts.first else {
      throw Fault(.badInput, "'\(text.prefix(100))' is no path: after '?' stands loop=1, or nothing")
    }
    (kind, shown, account) = (.film(path: String(path), loops: asked == "loop=1"), text, nil)
  }

  /// Host and port; an address of version 6 stands in brackets.
  private static func halves(_ server: Substring) -> (String, String) {
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

  public static func == (a: StreamSource, b: StreamSource) -> Bool {
    a.kind == b.kind && a.shown == b.shown && a.account?.user == b.account?.user
      && a.account?.password == b.account?.password
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(shown)
  }
}
