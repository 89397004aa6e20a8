internal import Base
internal import Catalog

/// What a single word asks.
extension Parser {
  /// A condition of one word; `before` is what stands in front of it.
  mutating func leaf(_ word: Word, behind before: Token?) throws(Fault) -> Node {
    try checkStray(word, behind: before)
    guard let colon = word.colon else { return try names(.label, word.letters[...], word, isBare: true) }
    let name = word.letters[..<colon]
    guard let field = QueryField(rawValue: name.text.asciiLowercased), !name.contains(where: \.isQuoted) else {
      throw unknownField(name.text, word)
    }
    let value = word.letters[(colon + 1)...]
    guard !value.isEmpty else {
      throw text.fault(at: word.end, "nothing stands behind '\(name.text):': write a value, such as \(field.example)")
    }
    if field == .tz {
      throw text.fault(at: word.start, "tz: is of the whole query: write it outside parentheses, without '-'")
    }
    if field.names != nil { return try names(field.canonical, value, word) }
    try countConditions(1, word)
    return try single(field, value, word)
  }

  private mutating func single(_ field: QueryField, _ value: ArraySlice<Letter>, _ word: Word) throws(Fault) -> Node {
    let (written, place) = (value.text, value[value.startIndex].place)
    let spelling = "\(field.canonical.rawValue):\(Notation.value(written))"
    switch field.canonical {
    case .text: return try phrases(value, word)
    case .track: return try tracks(value, word)
    case .score: return .leaf(.score(try score(written, place)), spelling)
    case .duration: return .leaf(.duration(try duration(written, place)), spelling)
    case .state: return .leaf(.open(try choice(written, ["open", "over"], place) == "open"), spelling)
    case .on:
      do throws(Fault) { return .leaf(.began(try time.span(written)), timeText(field, written)) } catch {
        throw text.fault(at: place, error.message)
      }
    default:
      let isAfter = field == .after
      do throws(Fault) {
        let value = try time.point(written)
        return .bound(.init(isAfter: isAfter, value: value, text: timeText(field, written), place: word.start))
      } catch {
        throw text.fault(at: place, error.message)
      }
    }
  }

  private func timeText(_ field: QueryField, _ written: String) -> String {
    "\(field.canonical.rawValue):\(Notation.value(TimeReader.plain(written)))"
  }

  private func unknownField(_ name: String, _ word: Word) -> Fault {
    let known = QueryField.allCases.map { $0.rawValue + ":" }
    let hint = Suggestion.hint(for: name.asciiLowercased + ":", among: known)
    let fields = QueryField.allCases.filter { $0.canonical == $0 }.map(\.rawValue).joined(separator: ", ")
    return text.fault(
      at: word.start,
      "'\(name):' is no field\(hint): the fields are \(fields); a name with a colon stands in quotes")
  }

  /// `after:yesterday 7am` without quotes would ask for the label `7am`.
  private func checkStray(_ word: Word, behind before: Token?) throws(Fault) {
    guard case .word(let previous)? = before?.kind, !previous.hasQuotes, !word.hasQuotes, let colon = previous.colon,
      let field = QueryField(rawValue: previous.letters[..<colon].text.asciiLowercased), field.isTime,
      TimeReader.goesOn(word.text)
    else { return }
    let value = previous.letters[(colon + 1)...].text
    throw text.fault(
      at: word.start,
      "'\(word.text)' stands behind a time: a time of several words is quoted, \(field.rawValue):\"\(value) \(word.text)\""
    )
  }

  private mutating func countConditions(_ more: Int, _ word: Word) throws(Fault) {
    count += more
    guard count <= SearchQuery.Limits.conditionCount else {
      throw text.fault(
        at: word.start,
        "the query has more than \(SearchQuery.Limits.conditionCount) conditions: leave some out, or use wildcards")
    }
  }

  /// What commas set apart; none is empty.
  private mutating func elements(_ value: ArraySlice<Letter>, _ word: Word) throws(Fault) -> [ArraySlice<Letter>] {
    let parts = value.split(omittingEmptySubsequences: false) { $0.isSign(",") }
    for part in parts where part.isEmpty {
      let place = part.startIndex < word.letters.endIndex ? word.letters[part.startIndex].place : word.end
      let found = value.isEmpty ? "this name is empty" : "a name is missing beside this comma"
      throw text.fault(at: place, "\(found): write one, or quote a comma that is part of a name")
    }
    try countConditions(parts.count, word)
    return parts
  }

  private mutating func names(
    _ field: QueryField, _ value: ArraySlice<Letter>, _ word: Word, isBare: Bool = false
  ) throws(Fault) -> Node {
    guard let names = field.names else { preconditionFailure("a field without names") }
    var (conditions, texts): ([Condition], [String]) = ([], [])
    for part in try elements(value, word) {
      let pattern = Self.pattern(part)
      try check(pattern, of: field, at: part[part.startIndex].place)
      conditions.append(.name(names, pattern))
      texts.append(Notation.name(pattern, isBare: isBare))
    }
    let spelling = (isBare || field == .label && Self.isPlain(texts) ? "" : field.rawValue + ":")
    return .leaf(conditions.count == 1 ? conditions[0] : .any(conditions), spelling + texts.joined(separator: ","))
  }

  /// Names of labels that need no field in front.
  private static func isPlain(_ texts: [String]) -> Bool {
    texts.allSatisfy { $0.utf8.first != UInt8(ascii: "-") && Keyword(rawValue: $0.asciiLowercased) == nil }
  }

  static func pattern(_ letters: ArraySlice<Letter>) -> Pattern {
    Pattern(
      letters.flatMap { letter -> [Pattern.Element] in
        if letter.isSign("*") { return [.many] }
        if letter.isSign("?") { return [.one] }
        return String(letter.scalar).utf8.map { .byte($0) }
      })
  }

  /// A name that nothing can have is told at once.
  private func check(_ pattern: Pattern, of field: QueryField, at place: Int) throws(Fault) {
    guard let name = pattern.literal else { return }
    if field == .kind { _ = try choice(name, Moment.Kind.allCases.map(\.rawValue), place) }
    if field == .asset, ULID(name) == nil {
      throw text.fault(at: place, "'\(name)' is no asset's id, which has 26 characters: write it whole, or with a '*'")
    }
  }

  private func choice(_ name: String, _ known: [String], _ place: Int) throws(Fault) -> String {
    if known.contains(name) { return name }
    let hint = Suggestion.hint(for: name, among: known)
    throw text.fault(at: place, "'\(name)' is none of \(known.joined(separator: ", "))\(hint)")
  }

  private mutating func phrases(_ value: ArraySlice<Letter>, _ word: Word) throws(Fault) -> Node {
    count -= 1
    var (conditions, texts): ([Condition], [String]) = ([], [])
    for part in try elements(value, word) {
      let isPrefix = part.last?.isSign("*") == true
      let words = isPrefix ? part.dropLast() : part
      if let wildcard = words.first(where: { $0.isSign("*") || $0.isSign("?") }) {
        throw text.fault(at: wildcard.place, "a text has a '*' at its end alone: quote the sign, or leave it out")
      }
      guard let phrase = Phrase(words.text, isPrefix: isPrefix) else {
        throw text.fault(at: part[part.startIndex].place, "'\(part.text)' has no word: write one of letters or digits")
      }
      conditions.append(.text(phrase))
      texts.append(Notation.name(Pattern(words.text)) + (isPrefix ? "*" : ""))
    }
    return .leaf(conditions.count == 1 ? conditions[0] : .any(conditions), "text:" + texts.joined(separator: ","))
  }

  private mutating func tracks(_ value: ArraySlice<Letter>, _ word: Word) throws(Fault) -> Node {
    count -= 1
    var numbers: [Int] = []
    for part in try elements(value, word) {
      var reader = ByteReader(Array(part.text.utf8))
      guard let number = reader.number(digits: 1...18), reader.isAtEnd else {
        throw text.fault(
          at: part[part.startIndex].place, "'\(part.text)' is no track's number: write a whole one, such as track:7")
      }
      numbers.append(number)
    }
    let conditions = numbers.map { Condition.track($0) }
    let spelling = "track:" + numbers.map(String.init).joined(separator: ",")
    return .leaf(conditions.count == 1 ? conditions[0] : .any(conditions), spelling)
  }
}
