internal import Base

/// The grammar: steps of a sequence, each of alternatives, each of conditions that must all hold.
struct Parser {
  /// A step as it was written.
  struct Part {
    let node: Node
    var link: SearchQuery.Link?
  }

  /// What was said of a link, if anything.
  private struct Terms {
    var within: Int?
    var sameTrack = false

    var isEmpty: Bool { within == nil && !sameTrack }
  }

  let text: QueryText
  var time: TimeReader
  /// The zone that the query names itself.
  private(set) var zoneText: String?
  let tokens: [Token]
  var next = 0
  /// Conditions so far.
  var count = 0

  init(_ text: QueryText, at now: Int, in zone: TimeRules, zonesIn folder: String) throws(Fault) {
    self.text = text
    tokens = try Lexer.tokens(of: text)
    time = TimeReader(now: now, zone: zone, folder: folder)
    // it holds for all times, wherever it stands
    for token in tokens {
      guard case .word(let word) = token.kind, let name = zoneName(in: word) else { continue }
      guard zoneText == nil else {
        throw text.fault(at: word.start, "this is the second tz: of the query: leave one out")
      }
      do throws(Fault) { time.zone = try TimeRules.named(name, in: folder) } catch {
        throw text.fault(at: word.start, error.message)
      }
      zoneText = name
    }
  }

  private func zoneName(in word: Word) -> String? {
    guard let colon = word.colon, word.letters[..<colon].text.asciiLowercased == QueryField.tz.rawValue,
      colon + 1 < word.letters.count
    else { return nil }
    return word.letters[(colon + 1)...].text
  }

  var token: Token { tokens[next] }

  var keyword: Keyword? { if case .word(let word) = token.kind { word.keyword } else { nil } }

  mutating func take(_ keyword: Keyword) -> Bool {
    guard self.keyword == keyword else { return false }
    next += 1
    return true
  }

  mutating func sequence() throws(Fault) -> [Part] {
    skipZone()
    if case .end = token.kind {
      let why = zoneText == nil ? "the query is empty" : "the query asks for nothing but a zone"
      throw Fault(.badInput, "\(why): write what to search for, such as label:car after:yesterday")
    }
    var (parts, terms): ([Part], [Terms]) = ([Part(node: try alternatives(depth: 0))], [])
    while let order = try link(behind: parts.count) {
      guard parts.count < SearchQuery.Limits.stepCount else {
        throw text.fault(
          at: tokens[next - 1].start,
          "this is one step more than the \(SearchQuery.Limits.stepCount) that a sequence has")
      }
      parts.append(Part(node: try alternatives(depth: 0), link: .init(order: order)))
      terms.append(try self.terms())
    }
    Self.complete(&terms)
    for (number, terms) in terms.enumerated() {
      parts[number + 1].link?.within = terms.within ?? SearchQuery.Limits.defaultGap
      parts[number + 1].link?.sameTrack = terms.sameTrack
    }
    return parts
  }

  /// A link of which nothing is said has the terms of the next that has some, or else the time of the one before.
  private static func complete(_ terms: inout [Terms]) {
    for number in terms.indices.reversed().dropFirst() where terms[number].isEmpty { terms[number] = terms[number + 1] }
    for number in terms.indices.dropFirst() where terms[number].within == nil {
      terms[number].within = terms[number - 1].within
    }
  }

  private mutating func link(behind count: Int) throws(Fault) -> SearchQuery.Link.Order? {
    skipZone()
    if take(.then) { return .then }
    if take(.near) { return .near }
    switch token.kind {
    case .end: return nil
    case .close: throw text.fault(at: token.start, "this ')' closes nothing: leave it out, or write a '(' before it")
    default: break
    }
    if count == 1, keyword == .within || keyword == .same {
      throw text.fault(
        at: token.start, "'\(spelling)' is said of a sequence: write it behind one, such as person then car within 10s")
    }
    throw text.fault(
      at: token.start,
      "'\(spelling)' stands behind the end of a step: write 'then' or 'near' before it, or move it forward")
  }

  private mutating func terms() throws(Fault) -> Terms {
    var terms = Terms()
    while true {
      skipZone()
      let start = token.start
      if take(.within) {
        guard terms.within == nil else { throw text.fault(at: start, "this step has a second 'within': leave one out") }
        terms.within = try gap()
      } else if take(.same) {
        guard case .word(let word) = token.kind, !word.hasQuotes, word.text.asciiLowercased == "track" else {
          throw text.fault(
            at: start, "'\(spelling(at: next - 1))' stands alone: write same track, or \"same\" for the label")
        }
        next += 1
        terms.sameTrack = true
      } else {
        return terms
      }
    }
  }

  private mutating func gap() throws(Fault) -> Int {
    guard case .word(let word) = token.kind, let gap = Spans.milliseconds(word.text) else {
      throw text.fault(at: token.start, "'\(spelling)' is no length of time behind 'within': \(Spans.expected)")
    }
    guard gap <= SearchQuery.Limits.greatestGap else {
      throw text.fault(
        at: token.start, "'\(word.text)' is more than the day that may lie between two steps: write 1d or less")
    }
    next += 1
    return gap
  }

  /// What stands here, for messages.
  var spelling: String { spelling(at: next) }

  func spelling(at place: Int) -> String {
    switch tokens[place].kind {
    case .open: "("
    case .close: ")"
    case .minus: "-"
    case .end: "the end"
    case .word(let word): text.text(word.start..<word.end)
    }
  }

  mutating func skipZone() {
    while case .word(let word) = token.kind, zoneName(in: word) != nil { next += 1 }
  }
}
