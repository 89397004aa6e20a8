extension Node {
  /// A text that is read as this again; the shortest signs, and no parentheses that say nothing.
  var text: String {
    switch self {
    case .all(let parts):
      parts.map { if case .leaf = $0.kind { $0.text } else { "(\($0.text))" } }.joined(separator: " ")
    case .any(let parts):
      parts.map { if case .either = $0.kind { "(\($0.text))" } else { $0.text } }.joined(separator: " OR ")
    case .not(let part): if case .leaf = part.kind { "-" + part.text } else { "-(\(part.text))" }
    case .leaf(_, let text): text
    case .bound(let bound): bound.text
    }
  }

  private enum Kind { case leaf, both, either }

  private var kind: Kind {
    switch self {
    case .all: .both
    case .any: .either
    case .not, .leaf, .bound: .leaf
    }
  }
}

/// Names and values as a query writes them.
enum Notation {
  private static let signs: Set<Unicode.Scalar> = ["(", ")", "\"", "\\", ",", ":", "*", "?"]

  /// `isBare` where no field stands in front.
  static func name(_ pattern: Pattern, isBare: Bool = false) -> String {
    guard let literal = pattern.literal else { return escaped(pattern, isBare: isBare) }
    let isOdd =
      literal.isEmpty || literal.unicodeScalars.contains { signs.contains($0) || $0.properties.isWhitespace }
      || isBare && (literal.utf8.first == UInt8(ascii: "-") || Keyword(rawValue: literal.asciiLowercased) != nil)
    return isOdd ? quoted(literal) : literal
  }

  /// A value in which `,`, `:`, `*` and `?` are nothing special.
  static func value(_ text: String) -> String {
    let isOdd = text.unicodeScalars.contains { "()\"\\".unicodeScalars.contains($0) || $0.properties.isWhitespace }
    return isOdd || text.isEmpty ? quoted(text) : text
  }

  static func quoted(_ text: String) -> String {
    var quoted = String.UnicodeScalarView("\"".unicodeScalars)
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }

  /// Wildcards cannot stand in quotes.
  private static func escaped(_ pattern: Pattern, isBare: Bool) -> String {
    var bytes: [UInt8] = []
    for (number, element) in pattern.elements.enumerated() {
      switch element {
      case .many: bytes.append(UInt8(ascii: "*"))
      case .one: bytes.append(UInt8(ascii: "?"))
      case .byte(let byte):
        let scalar = Unicode.Scalar(byte)
        let isOdd = byte < 0x80 && (signs.contains(scalar) || scalar.properties.isWhitespace)
        if isOdd || number == 0 && isBare && byte == UInt8(ascii: "-") { bytes.append(UInt8(ascii: "\\")) }
        bytes.append(byte)
      }
    }
    return wideSpacesEscaped(String(decoding: bytes, as: UTF8.self))
  }

  /// Spaces beyond ASCII, which the bytes do not show.
  private static func wideSpacesEscaped(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if !scalar.isASCII, scalar.properties.isWhitespace { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }
}
