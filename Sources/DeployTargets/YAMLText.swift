internal import Base
internal import YAML

/// YAML under the hands of a writer.
///
/// What stands in literals is taken as it is; every text that is put between is written as one scalar on one line, in quotes where it could be
/// taken for anything else, so that no value changes the structure around it, or becomes a number or a flag.
struct YAMLText: Sendable, Hashable, ExpressibleByStringInterpolation {
  private(set) var text = ""

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  static func += (a: inout YAMLText, b: YAMLText) { a.text += b.text }

  static func + (a: YAMLText, b: YAMLText) -> YAMLText {
    var sum = a
    sum += b
    return sum
  }

  /// Every line so many spaces further in; no scalar goes over several lines.
  func indented(_ count: Int) -> YAMLText {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let space = String(repeating: " ", count: count)
    return YAMLText(stringLiteral: lines.map { $0.isEmpty ? "" : space + $0 }.joined(separator: "\n"))
  }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ value: String) { text += YAMLText.scalar(value) }
    mutating func appendInterpolation(_ value: Int) { text += "\(value)" }
    /// A text in quotes, whatever it is: one that looks like a number to some readers, and not to others.
    mutating func appendInterpolation(quoted value: String) { text += YAMLText.quoted(value) }
    /// Names of variables and the like, where no scalar stands: in a comment, or inside of a longer word.
    mutating func appendInterpolation(word value: String) {
      text += String(value.unicodeScalars.map { (0x20..<0x7f).contains($0.value) ? Character($0) : "?" })
    }
  }
}

extension YAMLText {
  /// A text as one scalar, plain where nobody can take it for anything else.
  static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// In double quotes; what is not seen, or changes how the line is shown, is written by its number.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: result += "\\\""
      case 0x5c: result += "\\\\"
      case 0x0a: result += "\\n"
      case 0x09: result += "\\t"
      case 0..<0x20, 0x7f..<0xa0: result += "\\x" + hex(scalar.value, 2)
      case 0xad, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff0...0xffff:
        result += "\\u" + hex(scalar.value, 4)
      case 0xe0000...: result += "\\U" + hex(scalar.value, 8)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// Words that readers of YAML 1.1 or 1.2 take for flags or for nothing.
  private static let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

  /// A letter or `/`, then letters, digits and the marks of paths and addresses.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || first == 0x2f, text.utf8.last != 0x3a else { return false }
    return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "/._-:@+".utf8.contains($0) }
      && !words.contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension YAMLText {
  /// Keys and values as they were read, each at its own line; what was written without quotes stays a number or a flag.
  init(_ entries: [YAMLEntry], indent: Int = 0) {
    for entry in entries { Self.write(entry, indent, into: &text) }
  }

  private static func write(_ entry: YAMLEntry, _ indent: Int, into text: inout String) {
    text += String(repeating: " ", count: indent) + scalar(entry.key) + ":"
    write(entry.node, indent + 2, into: &text)
  }

  /// Behind `key:` or `-`.
  private static func write(_ node: YAMLNode, _ indent: Int, into text: inout String) {
    switch node.kind {
    case .scalar(let value, let isQuoted):
      let shown = isQuoted ? quoted(value) : bare(value)
      text += (shown.isEmpty ? "" : " " + shown) + "\n"
    case .list([]): text += " []\n"
    case .map([]): text += " {}\n"
    case .list(let items):
      text += "\n"
      for item in items {
        text += String(repeating: " ", count: indent) + "-"
        write(item, indent + 2, into: &text)
      }
    case .map(let entries):
      text += "\n"
      for entry in entries { write(entry, indent, into: &text) }
    }
  }

  /// What stood without quotes: numbers, times and flags as they were, and any other text in quotes, which says the same.
  private static func bare(_ value: String) -> String {
    let isSigned = value.utf8.first == 0x2d || value.utf8.first == 0x2b
    let body = value.utf8.dropFirst(isSigned ? 1 : 0)
    let isNumber = (body.first == 0x2e ? body.dropFirst() : body).first.map(isDigit) == true
    let begins = isNumber || !isSigned && body.first.map { isLetter($0) || $0 == 0x2f } == true
    let isFit =
      begins && body.last != 0x3a && body.allSatisfy { isLetter($0) || isDigit($0) || "/._-:+".utf8.contains($0) }
    return isFit || value.isEmpty || value == "~" ? value : quoted(value)
  }
}
