public import Base

/// What has to hold of a trial: `agreement > .97 and gone.person <= 3`.
public struct TrialRule: Sendable, Hashable {
  /// What a clause speaks of.
  public enum Figure: String, Sendable, Hashable, CaseIterable {
    case agreement, appeared, gone, moved, relabelled, rescored, items, shift, speed
  }

  enum Comparison: String, Sendable, Hashable, CaseIterable {
    // Those of two characters are looked for first.
    case atLeast = ">="
    case atMost = "<="
    case equal = "=="
    case more = ">"
    case less = "<"

    func holds(_ value: Double, _ limit: Double) -> Bool {
      switch self {
      case .atLeast: value >= limit
      case .atMost: value <= limit
      case .equal: value == limit
      case .more: value > limit
      case .less: value < limit
      }
    }
  }

  /// One condition, with what came of it.
  public struct Clause: Sendable, Hashable {
    public let figure: Figure
    /// `nil` for all labels together.
    public let label: String?
    let comparison: Comparison
    let limit: Double
    /// As it was written.
    public let text: String
  }

  public struct Verdict: Sendable, Hashable {
    /// The value of each clause, and whether it holds; a value that is not known holds nothing.
    public let clauses: [(clause: Clause, value: Double?, holds: Bool)]
    public var holds: Bool { clauses.allSatisfy(\.holds) }

    public static func == (a: Self, b: Self) -> Bool {
      a.clauses.elementsEqual(b.clauses) { $0.clause == $1.clause && $0.value == $1.value && $0.holds == $1.holds }
    }
    public func hash(into hasher: inout Hasher) { for clause in clauses { hasher.combine(clause.clause) } }
  }

  public let clauses: [Clause]

  /// Reads a rule; a label is one of `labels`, with spaces and all.
  ///
  /// - Throws: `usage` that names the clause, and what was probably meant.
  public init(_ text: String, labels: [String]) throws(Fault) {
    var clauses: [Clause] = []
    for part in Self.parts(text) { clauses.append(try Self.clause(part, labels)) }
    self.clauses = clauses
  }

  /// `speed` is how many times as quick the newer version is; `nil` where that was not measured.
  public func judge(_ trial: TrialComparison, speed: Double?) -> Verdict {
    Verdict(
      clauses: clauses.map { clause in
        let value = Self.value(clause, trial, speed)
        return (clause, value, value.map { clause.comparison.holds($0, clause.limit) } ?? false)
      })
  }

  private static func value(_ clause: Clause, _ trial: TrialComparison, _ speed: Double?) -> Double? {
    // Nothing was compared: nothing is known, and no count of 0 is good news.
    guard trial.frames > 0 else { return nil }
    let label = clause.label.map { trial.labels[$0] ?? TrialComparison.Label() } ?? trial.all
    return switch clause.figure {
    case .agreement: label.agreement
    case .items: Double(label.items)
    case .shift: label.shift.mean
    case .speed: speed
    case .appeared, .gone, .moved, .relabelled, .rescored:
      TrialDifference.Kind(rawValue: clause.figure.rawValue).map { Double(label.kinds[$0, default: 0]) }
    }
  }

  /// Parts between the words `and`.
  private static func parts(_ text: String) -> [String] {
    var parts: [[Substring]] = [[]]
    for word in text.split(separator: " ") {
      if word.lowercased() == "and" { parts.append([]) } else { parts[parts.count - 1].append(word) }
    }
    return parts.map { $0.joined(separator: " ") }
  }

  private static func clause(_ text: String, _ labels: [String]) throws(Fault) -> Clause {
    let found = Comparison.allCases.compactMap { sign in text.firstRange(of: sign.rawValue).map { (sign, $0) } }
    guard
      let (sign, range) = found.min(by: {
        ($0.1.lowerBound, $1.0.rawValue.count) < ($1.1.lowerBound, $0.0.rawValue.count)
      })
    else { throw refusal(text, "a condition compares with >, >=, <, <= or ==, such as agreement > .97") }
    let left = text[..<range.lowerBound].split(separator: " ").joined(separator: " ")
    let right = text[range.upperBound...].split(separator: " ").joined()
    guard let limit = Double(right.hasPrefix(".") ? "0" + right : right), limit.isFinite else {
      throw refusal(text, "'\(right)' is no number")
    }
    let parts = left.split(separator: ".", maxSplits: 1).map(String.init)
    guard let figure = parts.first.flatMap(Figure.init) else {
      let known = Figure.allCases.map(\.rawValue)
      let word = parts.first ?? ""
      throw refusal(
        text,
        "'\(word)' is not known\(Suggestion.hint(for: word, among: known)); there are \(known.joined(separator: ", "))")
    }
    let label = parts.count > 1 ? parts[1] : nil
    if let label {
      guard figure != .speed else { throw refusal(text, "speed is one for all labels") }
      guard labels.contains(label) else {
        throw refusal(text, "neither version has the label '\(label)'\(Suggestion.hint(for: label, among: labels))")
      }
    }
    return Clause(figure: figure, label: label, comparison: sign, limit: limit, text: text)
  }

  private static func refusal(_ text: String, _ words: String) -> Fault {
    Fault(.usage, "the rule '\(text)': \(words)")
  }
}
