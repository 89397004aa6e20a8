/// What is being typed at a place of a query, for a box that offers how it may go on.
public struct QueryCompletion: Sendable, Hashable {
  public enum Subject: Sendable, Hashable {
    /// A word of its own: it may become a field's name (`la` of `label:`), a label, or a keyword.
    case word
    /// A name behind a field of those that take names.
    case name(Condition.Field)
    /// A value behind another field, by the name that all spellings of it share: `after`, `state`.
    case value(field: String)
  }

  public let subject: Subject
  /// What stands before the cursor of it, without quotes and escapes.
  public let prefix: String
  /// What an offer replaces, in bytes of UTF-8: all of the name, its quotes included, also behind the cursor.
  public let range: Range<Int>

  /// A name as it is put there, in quotes where it needs them.
  public func spelling(of name: String) -> String { Notation.name(Pattern(name), isBare: subject == .word) }

  /// Names of fields that may be meant, each once, with their colons.
  public static let fields = QueryField.allCases.filter { $0.canonical == $0 }.map { $0.rawValue + ":" }
}

extension SearchQuery {
  /// What is being typed at a byte of UTF-8; any text will do, whether or not it can be parsed.
  public static func completion(of text: String, at offset: Int) -> QueryCompletion {
    var scanner = CompletionScanner(Array(text.unicodeScalars), cursor: min(max(offset, 0), text.utf8.count))
    return scanner.completion()
  }
}

/// Reads a text up to the cursor, forgiving what a parser does not.
private struct CompletionScanner {
  private let scalars: [Unicode.Scalar]
  private let cursor: Int
  private var start = 0
  private var prefix = String.UnicodeScalarView()
  private var field: QueryField?
  /// The first colon of a word ends its field; later ones are part of the name.
  private var hasField = false

  init(_ scalars: [Unicode.Scalar], cursor: Int) { (self.scalars, self.cursor) = (scalars, cursor) }

  mutating func completion() -> QueryCompletion {
    var (place, isQuoted, isEscaped) = (0, false, false)
    var end: Int?
    for scalar in scalars {
      let isBehind = place >= cursor
      let isPlain = !isQuoted && !isEscaped
      if isPlain, Self.endsWord(scalar) || scalar == "," || isBehind && scalar == ":" && !hasField {
        if isBehind {
          end = place
          break
        }
        begin(at: place + 1, keepsField: scalar == ",")
      } else if isPlain, scalar == "-", place == start, !hasField {
        if isBehind { break }
        start = place + 1
      } else if isPlain, scalar == ":", !hasField {
        (field, hasField) = (QueryField(rawValue: String(prefix).asciiLowercased), true)
        begin(at: place + 1, keepsField: true)
      } else if !isEscaped, scalar == "\"" {
        isQuoted.toggle()
      } else if !isEscaped, scalar == "\\" {
        isEscaped = true
        place += 1
        continue
      } else if !isBehind {
        prefix.append(scalar)
      }
      isEscaped = false
      place += String(scalar).utf8.count
    }
    return QueryCompletion(subject: subject, prefix: String(prefix), range: start..<max(start, end ?? place))
  }

  private var subject: QueryCompletion.Subject {
    guard hasField else { return .word }
    if let names = field?.names { return .name(names) }
    return .value(field: field?.canonical.rawValue ?? "")
  }

  private mutating func begin(at place: Int, keepsField: Bool) {
    (start, prefix) = (place, .init())
    if !keepsField { (field, hasField) = (nil, false) }
  }

  private static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "(" || scalar == ")" || scalar.properties.isWhitespace
  }
}
