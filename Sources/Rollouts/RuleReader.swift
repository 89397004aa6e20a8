public import Base

/// Rules as text: `p95 < 1.2x and agreement > .97 and errors == 0`.
public enum RuleText {
  private static let percentiles = ["p50": 50, "p95": 95, "p99": 99]
  private static let words: [(word: String, term: RuleTerm)] = [
    ("errors", .errors), ("error_rate", .errorRate), ("agreement", .agreement), ("drift", .drift), ("count", .count),
  ]
  static let names = percentiles.keys.sorted() + words.map(\.word)

  /// Bytes of a rule.
  public static let limit = 2000

  /// Reads a rule; `and` binds closer than `or`, and brackets closer still.
  ///
  /// Faults are `badInput`, with the place, counted in characters from 1, and what was probably meant.
  public static func read(_ text: String) throws(Fault) -> RolloutRule {
    guard text.utf8.count <= limit else { throw Fault(.badInput, "a rule has \(limit) bytes at most") }
    var reader = RuleReader(try RuleWord.words(of: text))
    let rule = try reader.any()
    try reader.end()
    return rule
  }

  /// The rule in its normal form, which is read as the same rule.
  public static func text(_ rule: RolloutRule) -> String {
    switch rule {
    case .comparison(let term, let comparison, let bound): text(term, comparison, bound)
    case .all(let rules):
      rules.map { if case .any = $0 { "(\(text($0)))" } else { text($0) } }.joined(separator: " and ")
    case .any(let rules): rules.map { text($0) }.joined(separator: " or ")
    }
  }

  static func text(_ term: RuleTerm, _ comparison: RuleComparison, _ bound: RuleBound) -> String {
    "\(text(term)) \(comparison.rawValue) \(number(bound.value))\(bound.unit.rawValue)"
  }

  /// Plain decimals that are read as the same number.
  static func number(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e15 { return "\(Int(value))" }
    let parts = "\(value)".split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]), exponent < 0 else { return "\(value)" }
    let digits = String(parts[0].filter { $0 != "." })
    return "0.\(String(repeating: "0", count: -exponent - 1))\(digits)"
  }

  private static func text(_ term: RuleTerm) -> String {
    switch term {
    case .percentile(let percent): "p\(percent)"
    case .evaluation(let figure): "evaluation.\(figure)"
    case .trial(let figure): "trial.\(figure)"
    case .labelCount(let label): label.utf8.allSatisfy(RuleWord.isNameByte) ? "count.\(label)" : "count.\"\(label)\""
    default: words.first { $0.term == term }?.word ?? ""
    }
  }

  static func term(_ word: RuleWord) throws(Fault) -> RuleTerm {
    if word.isQuoted || word.text.hasPrefix("count.") {
      let label = word.isQuoted ? word.text : String(word.text.dropFirst(6))
      guard !label.isEmpty else { throw word.fault("'count.' needs a label behind it, such as count.person") }
      return .labelCount(label)
    }
    if let term = try kept(word) { return term }
    if let percent = percentiles[word.text] { return .percentile(percent) }
    if let known = words.first(where: { $0.word == word.text }) { return known.term }
    throw word.fault(
      "'\(word.text.prefix(40))' is nothing that is measured\(Suggestion.hint(for: word.text, among: names)), expected \(names.joined(separator: ", ")), count.LABEL, evaluation.FIGURE or trial.FIGURE"
    )
  }

  /// What is decided by an evaluation or a trial; `nil` for other words.
  private static func kept(_ word: RuleWord) throws(Fault) -> RuleTerm? {
    for (family, names) in [("evaluation", KeptFigures.evaluationNames), ("trial", KeptFigures.trialNames)]
    where !word.isQuoted && word.text.hasPrefix(family + ".") {
      let given = String(word.text.dropFirst(family.utf8.count + 1))
      let isEvaluation = family == "evaluation"
      let figure = isEvaluation ? KeptFigures.otherNames[given] ?? given : given
      guard names.contains(figure) else {
        throw word.fault(
          "\(isEvaluation ? "an evaluation" : "a trial") has no figure '\(given.prefix(40))'\(Suggestion.hint(for: given, among: names + (isEvaluation ? KeptFigures.otherNames.keys.sorted() : []))), expected \(names.joined(separator: ", "))"
        )
      }
      return isEvaluation ? .evaluation(figure) : .trial(figure)
    }
    return nil
  }
}

/// Goes over the words of a rule.
struct RuleReader {
  private let words: [RuleWord]
  private var place = 0

  init(_ words: [RuleWord]) { self.words = words }

  private var next: RuleWord { words[place] }

  private mutating func take(_ text: String) -> Bool {
    guard !next.isQuoted, next.text == text else { return false }
    place += 1
    return true
  }

  mutating func any() throws(Fault) -> RolloutRule {
    var rules = [try all()]
    while take("or") { rules.append(try all()) }
    return rules.count == 1 ? rules[0] : .any(rules)
  }

  private mutating func all() throws(Fault) -> RolloutRule {
    var rules = [try one()]
    while take("and") { rules.append(try one()) }
    return rules.count == 1 ? rules[0] : .all(rules)
  }

  private mutating func one() throws(Fault) -> RolloutRule {
    guard take("(") else { return try comparison() }
    let rule = try any()
    guard take(")") else { throw next.fault("')' is missing \(next.shown)") }
    return rule
  }

  private mutating func comparison() throws(Fault) -> RolloutRule {
    guard !next.isEnd else { throw next.fault("the rule ends where a comparison is expected, such as errors == 0") }
    let word = next
    let term = try RuleText.term(word)
    place += 1
    guard let comparison = RuleComparison(rawValue: next.text), !next.isQuoted else {
      throw next.fault("expected <, <=, >, >= or == \(next.shown)")
    }
    place += 1
    let bound = try next.bound(of: term, word.text)
    place += 1
    if comparison == .equal, !term.isCount || bound.unit != .plain {
      throw word.fault("'==' is for errors and other counts: what is measured is never quite another number")
    }
    if term == .count, comparison != .atLeast {
      throw word.fault("'count' says how many answers are enough: write count >= N")
    }
    return .comparison(term, comparison, bound)
  }

  func end() throws(Fault) {
    guard next.isEnd else { throw next.fault("expected 'and' or 'or' \(next.shown)") }
  }
}
