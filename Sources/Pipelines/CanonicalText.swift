/// Values as the canonical text of a pipeline writes them.
enum CanonicalText {
  /// Whole numbers without a point.
  static func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }

  static func score(_ value: Float) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }

  /// In seconds, or milliseconds below one.
  static func time(_ seconds: Double) -> String {
    let milliseconds = (seconds * 1e6).rounded() / 1e3
    return seconds != 0 && milliseconds < 1000 ? number(milliseconds) + "ms" : number(seconds) + "s"
  }

  static func words(_ list: [String]) -> String { "[" + list.map(quoted).joined(separator: ", ") + "]" }

  /// In quotes, as YAML reads them back, unless the word can be nothing else.
  static func quoted(_ text: String) -> String {
    let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_./0123456789".utf8
    let isWord =
      text.utf8.first.map { "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./".utf8.contains($0) } ?? false
    if isWord, text.utf8.allSatisfy({ plain.contains($0) }), !["null", "Null", "NULL"].contains(text) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
