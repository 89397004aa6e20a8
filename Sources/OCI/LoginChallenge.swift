internal import Objects

/// One way to log in that a server offers (RFC 9110, 11.6.1).
struct LoginChallenge: Sendable, Hashable {
  /// `bearer`, `basic`, in small letters.
  let scheme: String
  /// By name, in small letters.
  private(set) var parameters: [String: String] = [:]

  /// All that the headers `WWW-Authenticate` of an answer offer, several in one of them included.
  static func all(in answer: ServerAnswer) -> [LoginChallenge] {
    answer.headers.filter { $0.name.lowercased() == "www-authenticate" }.flatMap { all(in: $0.value) }
  }

  /// What cannot be read is left out: another challenge may be enough.
  static func all(in header: String) -> [LoginChallenge] {
    var found: [LoginChallenge] = []
    var reader = Reader(rest: Array(header.utf8)[...])
    while let word = reader.word() {
      reader.spaces()
      if reader.takes("="), !found.isEmpty {
        reader.spaces()
        let value = reader.value()
        let name = word.lowercased()
        // What stands twice counts as it stood first.
        if found[found.count - 1].parameters[name] == nil { found[found.count - 1].parameters[name] = value }
      } else {
        found.append(LoginChallenge(scheme: word.lowercased()))
      }
      reader.separators()
    }
    return found
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func spaces() { rest = rest.drop { $0 == 32 || $0 == 9 } }
    mutating func separators() { rest = rest.drop { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ",") } }

    mutating func takes(_ mark: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: mark) else { return false }
      rest.removeFirst()
      return true
    }

    /// A token; `nil` at the end, and at what can be none.
    mutating func word() -> String? {
      let word = rest.prefix { $0 > 32 && $0 < 127 && !"=,\"".utf8.contains($0) }
      rest = rest.dropFirst(word.count)
      return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    mutating func value() -> String {
      guard takes("\"") else { return word() ?? "" }
      var bytes: [UInt8] = []
      while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
        if byte == UInt8(ascii: "\\") {
          if let next = rest.popFirst() { bytes.append(next) }
        } else {
          bytes.append(byte)
        }
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
