/// What must hold of a candidate for it to go on, as a tree of comparisons.
public indirect enum RolloutRule: Sendable, Hashable {
  case comparison(RuleTerm, RuleComparison, RuleBound)
  case all([RolloutRule])
  case any([RolloutRule])
}

/// What is compared.
public enum RuleTerm: Sendable, Hashable {
  /// Of the times that inferences took, queues left out: 50, 95 or 99.
  case percentile(Int)
  /// Inferences of the candidate that failed.
  case errors
  /// Of all its inferences, 0 to 1.
  case errorRate
  /// How far both say the same to the same, 0 to 1.
  case agreement
  /// Population stability index of its labels and scores beside the baseline's.
  case drift
  /// Answers of the candidate.
  case count
  /// Answers with a label.
  case labelCount(String)
}

public enum RuleComparison: String, Sendable, Hashable, CaseIterable {
  case less = "<"
  case atMost = "<="
  case more = ">"
  case atLeast = ">="
  case equal = "=="

  func holds(_ value: Double, _ bound: Double) -> Bool {
    switch self {
    case .less: value < bound
    case .atMost: value <= bound
    case .more: value > bound
    case .atLeast: value >= bound
    case .equal: value == bound
    }
  }
}

/// What it is compared with.
public struct RuleBound: Sendable, Hashable {
  public enum Unit: String, Sendable, Hashable {
    case plain = ""
    case milliseconds = "ms"
    /// So many times what the baseline has.
    case times = "x"
  }

  public let value: Double
  public let unit: Unit

  public init(_ value: Double, _ unit: Unit) { (self.value, self.unit) = (value, unit) }
}

/// What the evidence says of a rule so far.
public enum RuleVerdict: Sendable, Hashable {
  case holds
  case fails
  /// Not enough was seen to say it.
  case open
}

extension RolloutRule {
  /// Every comparison in it.
  public var comparisons: [(term: RuleTerm, comparison: RuleComparison, bound: RuleBound)] {
    switch self {
    case .comparison(let term, let comparison, let bound): [(term, comparison, bound)]
    case .all(let rules), .any(let rules): rules.flatMap(\.comparisons)
    }
  }

  /// From how many answers of the candidate a step can be decided: the largest of its `count >= N`.
  public var minimum: Int? { comparisons.filter { $0.term == .count }.map { Int($0.bound.value.rounded(.up)) }.max() }

  /// Something in it is held against the baseline.
  var needsBaseline: Bool { comparisons.contains { $0.bound.unit == .times || $0.term == .drift } }
  /// Something in it is held against the baseline's answers to the same.
  var needsShadow: Bool { comparisons.contains { $0.term == .agreement } }

  /// What `evidence` says of it; comparisons are open until there are `minimum` answers, those that no more answers would mend are not.
  public func verdict(_ evidence: RolloutEvidence, minimum: Int) -> RuleVerdict {
    switch self {
    case .comparison(let term, let comparison, let bound):
      return Judge(evidence: evidence, minimum: minimum).verdict(term, comparison, bound)
    case .all(let rules):
      let verdicts = rules.map { $0.verdict(evidence, minimum: minimum) }
      return verdicts.contains(.fails) ? .fails : verdicts.contains(.open) ? .open : .holds
    case .any(let rules):
      let verdicts = rules.map { $0.verdict(evidence, minimum: minimum) }
      return verdicts.contains(.holds) ? .holds : verdicts.contains(.open) ? .open : .fails
    }
  }

  /// The comparisons that have this verdict, each with what was seen: `p95 < 1.2x (1.9x)`.
  public func told(_ wanted: RuleVerdict, _ evidence: RolloutEvidence, minimum: Int) -> [String] {
    let judge = Judge(evidence: evidence, minimum: minimum)
    return comparisons.filter { judge.verdict($0.term, $0.comparison, $0.bound) == wanted }.map {
      let seen = judge.seen($0.term, $0.bound.unit).map { " (\($0))" } ?? " (nothing seen yet)"
      return RuleText.text($0.term, $0.comparison, $0.bound) + seen
    }
  }
}
