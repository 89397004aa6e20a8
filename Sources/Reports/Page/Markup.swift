internal import Base

/// HTML that cannot be broken out of: what is written in the source stands as it is, every value put in is escaped.
struct Markup: ExpressibleByStringInterpolation, Sendable {
  private(set) var html: String

  init(stringLiteral literal: String) { html = literal }
  init(stringInterpolation parts: Interpolation) { html = parts.html }

  /// One after the other, each on a line of its own.
  init(_ parts: [Markup]) { html = parts.map(\.html).joined(separator: "\n") }

  /// JSON as it may stand in a script of data: nothing in it ends the script.
  init(json: [UInt8]) { html = String(decoding: json, as: UTF8.self).replacing("<", with: "\\u003c") }

  static let nothing: Markup = ""

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ text: String) { html += Markup.escape(text) }
    mutating func appendInterpolation(_ number: Int) { html += String(number) }
    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
    mutating func appendInterpolation(_ parts: [Markup]) { html += Markup(parts).html }
  }

  /// Text as it may stand between tags and in quoted attributes; control characters become U+FFFD.
  static func escape(_ text: String) -> String {
    var safe = ""
    safe.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "\"": safe += "&quot;"
      case "'": safe += "&#39;"
      case "\n", "\t": safe.unicodeScalars.append(scalar)
      case "\0"..." ", "\u{7F}"..."\u{9F}": safe += scalar == " " ? " " : "\u{FFFD}"
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }
}
