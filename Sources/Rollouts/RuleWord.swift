internal import Base

/// A word of a rule, and where it stands.
struct RuleWord {
  let text: String
  /// In characters, from 1.
  let place: Int
  var isQuoted = false
  var isEnd: Bool { text.isEmpty && !isQuoted }

  /// For the end of a sentence.
  var shown: String { isEnd ? "at the end" : "instead of '\(text.prefix(40))'" }

  func fault(_ message: String) -> Fault { Fault(.badInput, "the rule, place \(place): \(message)") }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 128...255:
      true
    default: false
    }
  }

  private static func isWord(_ character: Character) -> Bool {
    character == "." || character == "%" || character.utf8.allSatisfy(isNameByte)
  }

  /// The words of a rule, with an empty one at the end.
  static func words(of text: String) throws(Fault) -> [RuleWord] {
    let characters = Array(text)
    var (words, place) = ([RuleWord](), 0)
    while place < characters.count {
      let (start, character) = (place, characters[place])
      place += 1
      switch character {
      case " ", "\t", "\n": continue
      case "(", ")": words.append(RuleWord(text: String(character), place: start + 1))
      case "<", ">", "=", "!":
        if place < characters.count, characters[place] == "=" { place += 1 }
        words.append(RuleWord(text: String(characters[start..<place]), place: start + 1))
      default:
        guard isWord(character) else {
          throw RuleWord(text: "", place: start + 1).fault("'\(character)' has no meaning in a rule")
        }
        while place < characters.count, isWord(characters[place]) { place += 1 }
        let word = String(characters[start..<place])
        guard word == "count.", place < characters.count, characters[place] == "\"" else {
          words.append(RuleWord(text: word, place: start + 1))
          continue
        }
        guard let end = characters[(place + 1)...].firstIndex(of: "\"") else {
          throw RuleWord(text: "", place: place + 1).fault("the label's closing '\"' is missing")
        }
        words.append(RuleWord(text: String(characters[place + 1..<end]), place: start + 1, isQuoted: true))
        place = end + 1
      }
    }
    return words + [RuleWord(text: "", place: characters.count + 1)]
  }

  /// Numbers that are taken, besides 0.
  private static let range = 1e-9...1e9

  /// The number and its unit that a term is compared with.
  func bound(of term: RuleTerm, _ name: String) throws(Fault) -> RuleBound {
    let isTime = if case .percentile = term { true } else { false }
    for (suffix, unit, scale) in [
      ("ms", RuleBound.Unit.milliseconds, 1.0), ("x", .times, 1), ("s", .milliseconds, 1000), ("%", .plain, 0.01),
      ("", .plain, 1),
    ] where text.hasSuffix(suffix) {
      guard let number = Self.number(text.dropLast(suffix.utf8.count)) else { break }
      let bound = RuleBound(number * scale, unit)
      guard bound.value == 0 || Self.range.contains(bound.value) else {
        throw fault("'\(text.prefix(40))' is too far from what is measured: 0, or a billionth to a billion, is taken")
      }
      if let wanted = Self.objection(term, bound, isShare: suffix == "%", isTime: isTime) {
        throw fault("'\(name)' is compared with \(wanted), not with '\(text.prefix(40))'")
      }
      return bound
    }
    throw fault("a number is expected \(shown)")
  }

  /// Digits with one point at most, `.97` too.
  private static func number(_ text: Substring) -> Double? {
    guard text.utf8.contains(where: { $0 >= 48 && $0 <= 57 }),
      text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 == UInt8(ascii: ".") })
    else { return nil }
    return Double(text.hasPrefix(".") ? "0" + text : text.hasSuffix(".") ? text + "0" : String(text))
  }

  /// What a term is compared with, where this is something else.
  private static func objection(_ term: RuleTerm, _ bound: RuleBound, isShare: Bool, isTime: Bool) -> String? {
    let isWhole = bound.unit == .plain && !isShare && bound.value == bound.value.rounded()
    switch term {
    case .percentile: return bound.unit == .plain ? "a time (40ms) or with the baseline's (1.2x)" : nil
    case .errors, .count: return isWhole ? nil : "a whole number"
    case .labelCount: return isWhole || bound.unit == .times ? nil : "a whole number or with the baseline's (.8x)"
    case .errorRate:
      if bound.unit == .times { return nil }
      return bound.unit == .plain && bound.value <= 1 ? nil : "a share (1% or .01) or with the baseline's (1.5x)"
    case .agreement: return bound.unit == .plain && bound.value <= 1 ? nil : "a share (97% or .97)"
    case .drift: return bound.unit == .plain && !isShare ? nil : "a number, such as .2"
    case .evaluation:
      if bound.unit == .times { return nil }
      return bound.unit == .plain && bound.value <= 1 ? nil : "a share (.4) or with the baseline's (1x)"
    case .trial("agreement"): return bound.unit == .plain && bound.value <= 1 ? nil : "a share (97% or .97)"
    case .trial("speed"): return bound.unit == .plain && !isShare ? nil : "a number of times, such as .9"
    case .trial("passed"): return isWhole && bound.value <= 1 ? nil : "1, for a trial that passed, or 0"
    case .trial: return isWhole ? nil : "a whole number"
    }
  }
}
