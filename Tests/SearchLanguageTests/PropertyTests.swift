import Base
import Catalog
import LibraryKit
import TestKit
import Testing

@testable import SearchLanguage

/// Conditions drawn by chance, and texts for them that use every way to write a thing.
struct ConditionDice {
  var dice: SeededRandom

  init(_ seed: UInt64) { dice = SeededRandom(seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
  mutating func pick<Element>(_ list: [Element]) -> Element { list[number(0...(list.count - 1))] }
  mutating func word(_ text: String) -> String { pick([text, text.uppercased(), text.lowercased()]) }

  mutating func condition(depth: Int) -> Condition {
    switch depth > 0 ? number(0...6) : 6 {
    case 0, 1: return .all((0..<number(2...4)).map { _ in condition(depth: depth - 1) })
    case 2, 3: return .any((0..<number(2...4)).map { _ in condition(depth: depth - 1) })
    case 4: return .not(condition(depth: depth - 1))
    default: return leaf()
    }
  }

  private mutating func leaf() -> Condition {
    switch number(0...9) {
    case 0: return .score(Double(Float(number(0...499)) / 1000)...Double(Float(number(500...1000)) / 1000))
    case 1: return .duration(number(0...99_999)...number(100_000...9_999_999))
    case 2: return .track(number(0...1_000_000))
    case 3:
      let moment = number(0...4_000_000_000_000)
      return .began(number(0...1) == 0 ? moment..<Int.max : Int.min..<moment)
    case 4:
      let (start, end) = (number(0...86_399_999), number(1...86_399_999))
      return start == end ? leaf() : .daily(DailyTime(from: start, to: end, in: .utc))
    case 5: return .open(number(0...1) == 0)
    case 6:
      return Phrase(pick(["way out", "a-b", "東京", "x\"y\\", "4,2 (7)"]), isPrefix: number(0...1) == 0).map { .text($0) }
        ?? leaf()
    default:
      let field = pick(Condition.Field.allCases)
      return field == .kind ? .name(.kind, Pattern(pick(Moment.Kind.allCases).rawValue)) : .name(field, pattern(field))
    }
  }

  private mutating func pattern(_ field: Condition.Field) -> Pattern {
    let scalars = Array("abz09-_.:,*?\"\\() \u{a0}\u{3000}\u{301}é猫🚗ORand".unicodeScalars)
    var elements = (0..<number(1...8)).flatMap { _ in
      number(0...5) == 0 ? [pick([.one, .many])] : String(pick(scalars)).utf8.map { Pattern.Element.byte($0) }
    }
    // literal names of assets are checked
    if field == .asset { elements.append(.many) }
    return Pattern(elements)
  }

  mutating func text(_ condition: Condition) -> String {
    switch condition {
    case .all(let parts): return parts.map { grouped($0) }.joined(separator: pick([" ", "  ", " \(word("And")) "]))
    case .any(let parts): return parts.map { grouped($0) }.joined(separator: " \(word("Or")) ")
    case .not(let part): return pick(["-", word("Not") + " "]) + grouped(part)
    case .name(let field, let pattern): return spelling(of: field) + pattern.elements.map { text($0) }.joined()
    case .text(let phrase): return word("text:") + quoted(phrase.text) + (phrase.isPrefix ? "*" : "")
    case .score(let range): return "score:\(Float(range.lowerBound))..\(Float(range.upperBound))"
    case .duration(let range): return "duration:\(range.lowerBound)ms..\(range.upperBound)ms"
    case .track(let number): return "track:\(number)"
    case .began(let range):
      let (field, moment) = range.lowerBound == .min ? ("before:", range.upperBound) : ("after:", range.lowerBound)
      let (seconds, rest) = moment.floored(by: 1000)
      return "(\(field)\(UTC.text(seconds).dropLast()).\(String(rest + 1000).dropFirst())Z)"
    case .daily(let times): return "(after:\(clock(times.start)) before:\(clock(times.end)))"
    case .open(let isOpen): return isOpen ? "state:open" : "State:over"
    }
  }

  private mutating func grouped(_ condition: Condition) -> String {
    switch condition {
    case .all, .any: return "(\(text(condition)))"
    default: return number(0...5) == 0 ? "( \(text(condition)))" : text(condition)
    }
  }

  private mutating func spelling(of field: Condition.Field) -> String {
    switch field {
    case .stream: pick(["stream:", "Camera:"])
    case .trait: pick(["is:", "trait:", "colour:", "color:"])
    case .series: pick(["model:", "series:"])
    default: word(field.rawValue + ":")
    }
  }

  private func clock(_ time: Int) -> String {
    let parts = [time / 3_600_000, time / 60_000 % 60, time / 1000 % 60].map { String(String($0 + 100).dropFirst()) }
    return parts.joined(separator: ":") + "." + String(String(time % 1000 + 1000).dropFirst())
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
  }

  /// Bytes beyond ASCII stand as they are, which the caller puts together again.
  private mutating func text(_ element: Pattern.Element) -> String {
    switch element {
    case .many: return "*"
    case .one: return "?"
    case .byte(let byte) where byte < 0x80:
      let letter = String(Unicode.Scalar(byte))
      let isOdd = "\"\\(),*? :".contains(letter)
      return isOdd ? pick(["\\" + letter, letter == "\"" || letter == "\\" ? "\\" + letter : "\"\(letter)\""]) : letter
    case .byte(let byte): return "\u{f0000}\(byte);"
    }
  }

  /// Puts together the bytes that ``text(_:)-(Pattern.Element)`` set apart, spaces in quotes.
  static func joined(_ text: String) -> String {
    var (bytes, wide): ([UInt8], [UInt8]) = ([], [])
    func end() {
      let letters = String(decoding: wide, as: UTF8.self)
      bytes += letters.unicodeScalars.flatMap { Array(($0.properties.isWhitespace ? "\\\($0)" : String($0)).utf8) }
      wide = []
    }
    for part in text.unicodeScalars.split(separator: "\u{f0000}", omittingEmptySubsequences: false).enumerated() {
      var rest = String(String.UnicodeScalarView(part.element))
      if part.offset > 0, let mark = rest.unicodeScalars.firstIndex(of: ";") {
        wide.append(UInt8(String(rest.unicodeScalars[..<mark]))!)
        rest = String(String.UnicodeScalarView(rest.unicodeScalars[rest.unicodeScalars.index(after: mark)...]))
      }
      if !rest.isEmpty {
        end()
        bytes += Array(rest.utf8)
      }
    }
    end()
    return String(decoding: bytes, as: UTF8.self)
  }
}

@Suite("Properties of the language")
struct PropertyTests {
  @Test("conditions drawn by chance are read from their text as what they are, and so from their canonical text")
  func trees() throws {
    var read = 0
    for seed in 0..<4000 {
      var dice = ConditionDice(UInt64(seed))
      let condition = dice.condition(depth: seed % 4)
      let text = ConditionDice.joined(dice.text(condition))
      guard text.utf8.count <= SearchQuery.Limits.byteCount, condition.count <= SearchQuery.Limits.conditionCount else {
        continue
      }
      let query = try SearchQuery(parsing: text, at: 0, in: .utc)
      #expect(query.steps == [.init(condition: condition)], "\(text)")
      let again = try SearchQuery(parsing: query.canonicalText, at: 0, in: .utc)
      #expect(again == query, "\(query.canonicalText)")
      read += 1
    }
    #expect(read > 3000)
  }

  @Test("words and signs thrown together, and bytes by chance, are read or refused")
  func soup() {
    var (dice, read) = (ConditionDice(3), 0)
    let parts =
      GoldenQuery.all.flatMap { $0.text.count < 100 ? $0.text.split(separator: " ").map(String.init) : [] }
      + [
        "(", ")", "-", "\"", "\\", " ", ":", ",", "*", "then", "near", "within 3s", "same track", "or", "not",
        "\u{301}", "\r\n",
      ]
    for _ in 0..<8000 {
      var text = (0..<dice.number(1...9)).map { _ in dice.pick(parts) }.joined(
        separator: dice.pick([" ", " ", "", "\t"]))
      if dice.number(0...3) == 0 {
        var bytes = Array(text.utf8)
        for _ in 0...dice.number(0...2) where !bytes.isEmpty {
          bytes[dice.number(0...(bytes.count - 1))] = UInt8(dice.number(0...255))
        }
        text = String(decoding: bytes, as: UTF8.self)
      }
      _ = SearchQuery.completion(of: text, at: dice.number(0...40))
      do throws(Fault) {
        let query = try SearchQuery(parsing: text, at: 1_700_000_000_000, in: .utc)
        let again = try SearchQuery(parsing: query.canonicalText, at: 1_700_000_000_000, in: .utc)
        #expect(again == query, "\(text) → \(query.canonicalText)")
        read += 1
      } catch {
        #expect(error.kind == .badInput, "\(text): \(error.message)")
      }
    }
    #expect(read > 1000)
  }

  @Test("the ranges of conditions on time alone are just the times that fit")
  func ranges() {
    var dice = ConditionDice(5)
    func made(_ depth: Int) -> Condition {
      switch depth > 0 ? dice.number(0...3) : 3 {
      case 0: return .all((0..<dice.number(0...3)).map { _ in made(depth - 1) })
      case 1: return .any((0..<dice.number(0...3)).map { _ in made(depth - 1) })
      case 2: return .not(made(depth - 1))
      default:
        let start = dice.number(0...10)
        return .began(dice.pick([start..<start + dice.number(0...4), start..<Int.max, Int.min..<start]))
      }
    }
    for _ in 0..<3000 {
      let condition = made(3)
      let (ranges, whole) = (condition.ranges, condition.range)
      let fits = (-2...18).filter { time in condition.matches(moment(from: time)) }
      #expect(fits == (-2...18).filter { time in ranges.contains { $0.contains(time) } }, "\(condition)")
      #expect(
        zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound } && !ranges.contains { $0.isEmpty })
      #expect(whole == (ranges.first.map { $0.lowerBound..<ranges[ranges.count - 1].upperBound } ?? 0..<0))
    }
  }

  private func moment(from: Int) -> Moment {
    Moment(id: "m", client: "c", source: .stream("s"), kind: .sight, from: from, to: from, series: "s")
  }

  @Test("wildcards fit as the plain rule says, whatever stands in their way")
  func patterns() {
    var dice = ConditionDice(6)
    func fits(_ pattern: ArraySlice<Pattern.Element>, _ name: ArraySlice<Unicode.Scalar>) -> Bool {
      guard let first = pattern.first else { return name.isEmpty }
      switch first {
      case .many: return fits(pattern.dropFirst(), name) || !name.isEmpty && fits(pattern, name.dropFirst())
      case .one: return !name.isEmpty && fits(pattern.dropFirst(), name.dropFirst())
      case .byte:
        guard let next = name.first else { return false }
        let bytes = String(next).utf8.map { Pattern.Element.byte($0) }
        return pattern.starts(with: bytes) && fits(pattern.dropFirst(bytes.count), name.dropFirst())
      }
    }
    var found = 0
    for _ in 0..<20_000 {
      let elements = (0..<dice.number(0...6)).flatMap { _ in
        dice.number(0...2) == 0
          ? [dice.pick([.one, .many])] : dice.pick(["a", "b", "é"]).utf8.map { Pattern.Element.byte($0) }
      }
      let name = (0..<dice.number(0...7)).map { _ in dice.pick(["a", "b", "é"]) }.joined()
      let pattern = Pattern(elements)
      let expected = fits(elements[...], Array(name.unicodeScalars)[...])
      #expect(pattern.matches(name) == expected, "\(elements) \(name)")
      #expect(!expected || name.utf8.starts(with: pattern.prefix.utf8))
      #expect(pattern.literal == nil || pattern.literal == name || !expected)
      found += expected ? 1 : 0
    }
    #expect(found > 1000)
    // a pattern that is slow where each star is tried again
    let long = Pattern(Array(repeating: [.many, .byte(97)], count: 400).flatMap { $0 } + [.byte(98)])
    #expect(!long.matches(String(repeating: "a", count: 5000)))
  }
}

extension Condition {
  /// Names and ranges in it.
  fileprivate var count: Int {
    switch self {
    case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.count }
    case .not(let part): part.count
    case .daily: 2
    default: 1
    }
  }
}
