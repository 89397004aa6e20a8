internal import Base

/// Cuts a query into words and signs.
struct Lexer {
  private let text: QueryText
  private var place = 0

  init(_ text: QueryText) { self.text = text }

  /// The last is the end.
  static func tokens(of text: QueryText) throws(Fault) -> [Token] {
    var (lexer, tokens) = (Lexer(text), [Token]())
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if case .end = token.kind { return tokens }
    }
  }

  private var scalar: Unicode.Scalar? { place < text.scalars.count ? text.scalars[place] : nil }

  private mutating func next() throws(Fault) -> Token {
    while let scalar, scalar.properties.isWhitespace { place += 1 }
    let start = place
    switch scalar {
    case nil: return Token(kind: .end, start: start)
    case "(": return sign(.open)
    case ")": return sign(.close)
    case "-":
      let token = sign(.minus)
      guard let scalar, !scalar.properties.isWhitespace, scalar != ")" else {
        throw text.fault(
          at: start, "nothing stands behind '-': write the condition that must not hold, such as -person")
      }
      return token
    default: return Token(kind: .word(try word()), start: start)
    }
  }

  private mutating func sign(_ kind: Token.Kind) -> Token {
    place += 1
    return Token(kind: kind, start: place - 1)
  }

  private mutating func word() throws(Fault) -> Word {
    var word = Word(start: place, end: place)
    while let scalar, !scalar.properties.isWhitespace, scalar != "(", scalar != ")" {
      switch scalar {
      case "\"": try quoted(into: &word)
      case "\\": try escaped(into: &word)
      default:
        word.letters.append(Letter(scalar: scalar, isQuoted: false, place: place))
        place += 1
      }
    }
    word.end = place
    return word
  }

  private mutating func quoted(into word: inout Word) throws(Fault) {
    let start = place
    word.hasQuotes = true
    place += 1
    while let scalar {
      switch scalar {
      case "\"":
        place += 1
        return
      case "\\": try escaped(into: &word)
      default:
        word.letters.append(Letter(scalar: scalar, isQuoted: true, place: place))
        place += 1
      }
    }
    throw text.fault(
      at: start, "this quote is not closed: write another \" behind the phrase, or \\\" for a quote in a name")
  }

  private mutating func escaped(into word: inout Word) throws(Fault) {
    word.hasQuotes = true
    place += 1
    guard let scalar else {
      throw text.fault(at: place - 1, "nothing stands behind '\\': write \\\\ for a backslash in a name")
    }
    word.letters.append(Letter(scalar: scalar, isQuoted: true, place: place))
    place += 1
  }
}
