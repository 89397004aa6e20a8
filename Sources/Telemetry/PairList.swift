internal import Base

/// `name=value,name=value`, as OpenTelemetry writes headers and attributes into the environment: values may be percent-encoded.
enum PairList {
  /// In their order; `nil` where something in it is no pair.
  ///
  /// A value ends at the next comma, so it may have equals signs; a plus stays one.
  static func read(_ text: String) -> [(name: String, value: String)]? {
    var pairs: [(String, String)] = []
    for part in text.split(separator: ",") {
      let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      if words == [""] { continue }
      guard words.count == 2, !words[0].isEmpty, let name = decoded(words[0]), let value = decoded(words[1]) else {
        return nil
      }
      pairs.append((name, value))
    }
    return pairs
  }

  private static func trimmed(_ text: Substring) -> String {
    var rest = text.drop(while: \.isWhitespace)
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    return String(rest)
  }

  /// `nil` for a `%` without two digits, and for what is no UTF-8.
  private static func decoded(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
