internal import Base

/// A header's value of the form `word; name=value; name="value"`.
///
/// In quotes, `\"` and the `%22` of browsers are a quote; every other backslash is one, since senders leave those of file
/// names as they are. Names are read in lower case, and each stands once.
struct HeaderParameters {
  /// In lower case.
  let word: String
  private var values: [String: String] = [:]

  subscript(_ name: String) -> String? { values[name] }

  init(_ value: some Sequence<UInt8>) throws(Fault) {
    let bytes = Self.trimmed(ArraySlice(Array(value)))
    let wordEnd = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.endIndex
    let first = Self.trimmed(bytes[..<wordEnd])
    guard !first.isEmpty, first.allSatisfy({ Self.isToken($0) || $0 == UInt8(ascii: "/") }) else {
      throw Fault(.badInput, "it does not begin with a word")
    }
    word = String(decoding: first, as: UTF8.self).lowercased()
    var rest = bytes[wordEnd...]
    while !rest.isEmpty {
      rest = Self.trimmed(rest.dropFirst())  // the semicolon
      let nameEnd = rest.firstIndex { !Self.isToken($0) } ?? rest.endIndex
      let name = String(decoding: rest[..<nameEnd], as: UTF8.self).lowercased()
      guard !name.isEmpty, nameEnd < rest.endIndex, rest[nameEnd] == UInt8(ascii: "=") else {
        throw Fault(.badInput, "a parameter is not of the form 'name=value'")
      }
      rest = rest[(nameEnd + 1)...]
      let text = try rest.first == UInt8(ascii: "\"") ? Self.quoted(&rest, name) : Self.token(&rest, name)
      guard values.updateValue(text, forKey: name) == nil else {
        throw Fault(.badInput, "the parameter '\(name)' stands there twice")
      }
      rest = Self.trimmed(rest)
      guard rest.isEmpty || rest.first == UInt8(ascii: ";") else {
        throw Fault(.badInput, "behind the parameter '\(name)' stands more than its value")
      }
    }
  }

  private static func token(_ rest: inout ArraySlice<UInt8>, _ name: String) throws(Fault) -> String {
    let end = rest.firstIndex { !isToken($0) } ?? rest.endIndex
    defer { rest = rest[end...] }
    guard end > rest.startIndex else { throw Fault(.badInput, "the parameter '\(name)' has no value") }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private static func quoted(_ rest: inout ArraySlice<UInt8>, _ name: String) throws(Fault) -> String {
    var text: [UInt8] = []
    var at = rest.startIndex + 1
    while at < rest.endIndex, rest[at] != UInt8(ascii: "\"") {
      if rest[at] == UInt8(ascii: "\\"), at + 1 < rest.endIndex {
        if rest[at + 1] != UInt8(ascii: "\"") { text.append(rest[at]) }
        text.append(rest[at + 1])
        at += 2
      } else if rest[at...].starts(with: "%22".utf8) {
        text.append(UInt8(ascii: "\""))
        at += 3
      } else {
        text.append(rest[at])
        at += 1
      }
    }
    guard at < rest.endIndex else { throw Fault(.badInput, "the quotes around the parameter '\(name)' are not closed") }
    rest = rest[(at + 1)...]
    guard let text = String(validating: text, as: UTF8.self) else {
      throw Fault(.badInput, "the parameter '\(name)' is not text in UTF-8")
    }
    return text
  }

  /// Without spaces and tabs at both ends.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return bytes[bytes.endIndex...] }
    return bytes[first...last]
  }

  /// What a word may have without quotes (RFC 9110, section 5.6.2).
  static func isToken(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte) }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
