internal import Base

/// The text of a query as its scalars, and where in it something stands.
struct QueryText {
  let scalars: [Unicode.Scalar]

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// A fault at a scalar, which is told by the character that it is part of, counted from 1.
  func fault(at index: Int, _ message: String) -> Fault {
    let isBehind = index >= scalars.count
    let place = text(0..<(isBehind ? scalars.count : index + 1)).count + (isBehind ? 1 : 0)
    return Fault(.badInput, "the query, character \(place): \(message)")
  }

  func text(_ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[range])
    return String(view)
  }
}

/// A scalar of a word; what was quoted or escaped is no sign of the language.
struct Letter {
  let scalar: Unicode.Scalar
  let isQuoted: Bool
  let place: Int

  func isSign(_ sign: Unicode.Scalar) -> Bool { scalar == sign && !isQuoted }
}

/// What stands between spaces and parentheses.
struct Word {
  var letters: [Letter] = []
  /// Quotes and escapes count, also where nothing is within.
  var hasQuotes = false
  var start: Int
  var end: Int

  var text: String { letters[...].text }
  var keyword: Keyword? { hasQuotes ? nil : Keyword(rawValue: text.asciiLowercased) }
  /// Where the field's name ends.
  var colon: Int? { letters.firstIndex { $0.isSign(":") } }
}

extension ArraySlice<Letter> {
  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: lazy.map(\.scalar))
    return String(view)
  }
}

enum Keyword: String, CaseIterable {
  case and, or, not, then, near, within, same
}

struct Token {
  enum Kind {
    case open, close, minus, end
    case word(Word)
  }

  let kind: Kind
  let start: Int
}

extension String {
  var asciiLowercased: String {
    String(decoding: utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
