internal import Base

/// An address of `http` or `https`, as far as a client of registries has to look into it.
struct RegistryAddress: Sendable, Hashable {
  let scheme: String
  /// Host and port as they were written.
  let authority: String
  /// Path and query, from the slash on.
  let rest: String

  var text: String { "\(scheme)://\(authority)\(rest)" }

  /// `nil` for what is no such address, or says who asks.
  init?(_ text: String) {
    guard let colon = text.firstRange(of: "://") else { return nil }
    scheme = text[..<colon.lowerBound].lowercased()
    let behind = text[colon.upperBound...].prefix { $0 != "#" }
    let end = behind.firstIndex { $0 == "/" || $0 == "?" } ?? behind.endIndex
    authority = String(behind[..<end])
    rest = (end == behind.endIndex || behind[end] == "?" ? "/" : "") + behind[end...]
    guard ["http", "https"].contains(scheme), text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), Self.isHost(authority)
    else { return nil }
  }

  /// Who is asked: another text for another scheme, host or port.
  var origin: String {
    let host = String(authority.lowercased())
    let bare = host.hasPrefix("[") ? String(host[host.index(after: host.lastIndex(of: "]")!)...]) : host
    let hasPort = bare.contains(":") && !bare.hasSuffix(":")
    return "\(scheme)://\(hasPort ? host : "\(host):\(scheme == "https" ? 443 : 80)")"
  }

  /// Where the header `Location` of an answer from here leads; `nil` where that is no address, or one that is less safe than this.
  func following(_ location: String) -> RegistryAddress? {
    let found: RegistryAddress? =
      if location.hasPrefix("//") {
        RegistryAddress("\(scheme):\(location)")
      } else if location.hasPrefix("/") {
        RegistryAddress("\(scheme)://\(authority)\(location)")
      } else if location.hasPrefix("?") {
        RegistryAddress("\(scheme)://\(authority)\(path)\(location)")
      } else if location.contains("://") {
        RegistryAddress(location)
      } else {
        RegistryAddress("\(scheme)://\(authority)\(path.prefix(through: path.lastIndex(of: "/")!))\(location)")
      }
    guard let found, scheme == "http" || found.scheme == "https" else { return nil }
    return found
  }

  /// The same with one more parameter of its query, which stays.
  func adding(_ parameter: String) -> RegistryAddress {
    RegistryAddress(
      text + (rest.contains("?") ? rest.hasSuffix("?") || rest.hasSuffix("&") ? "" : "&" : "?") + parameter)!
  }

  private var path: Substring { rest.prefix { $0 != "?" } }

  /// A name or number, with or without a port; no user.
  private static func isHost(_ text: String) -> Bool {
    let isBracketed = text.hasPrefix("[")
    guard isBracketed == text.contains("]") else { return false }
    let end = isBracketed ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
    let (host, port) = (text[..<(end ?? text.endIndex)], text[(end ?? text.endIndex)...])
    let inner = isBracketed ? host.dropFirst().dropLast() : host
    let plain = inner.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2d, 0x2e, 0x5f].contains(byte) || isBracketed && byte == UInt8(ascii: ":")
    }
    let number = port.isEmpty ? 1 : port.first == ":" ? Int(port.dropFirst()) ?? 0 : 0
    return !inner.isEmpty && plain && (1...65_535).contains(number) && !port.contains("+")
  }
}
