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
  /// A figure of the newest evaluation that is kept with the candidate, by its name in ``KeptFigures/evaluationNames``.
  case evaluation(String)
  /// A figure of its newest trial beside the baseline, by its name in ``KeptFigures/trialNames``.
  case trial(String)

  /// It is decided by what is kept with the versions, whatever is asked of them meanwhile.
  var isKept: Bool {
    switch self {
    case .evaluation, .trial: true
    default: false
    }
  }

  /// It is a whole number.
  var isCount: Bool {
    switch self {
    case .errors, .count, .labelCount: true
    case .trial(let figure): figure != "agreement" && figure != "speed"
    default: false
    }
  }
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
public enum RuleVerdict: String, Sendable, Hashable, CaseIterable {
  case holds
  case fails
  /// Not enough was seen to say it.
  case open
}

/// One comparison of a rule, as it stands.
public struct RuleFinding: Sendable, Hashable {
  /// In the rule's normal form, such as `p95 < 1.2x`.
  public let text: String
  /// What it is compared with, such as `1.9x`; `nil` where there is nothing yet.
  public let seen: String?
  public let verdict: RuleVerdict
  /// It is decided by an evaluation or a trial.
  let isKept: Bool
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
  var needsBaseline: Bool {
    comparisons.contains { $0.bound.unit == .times && !$0.term.isKept || $0.term == .drift }
  }
  /// It cannot be decided without a baseline to hold the candidate against.
  public var needsOthers: Bool {
    switch self {
    case .comparison(_, _, let bound): bound.unit == .times
    case .all(let rules): rules.contains(where: \.needsOthers)
    case .any(let rules): rules.allSatisfy(\.needsOthers)
    }
  }

  /// What is left of it where all that ``needsOthers`` counts as held; `nil` for nothing.
  public var withoutOthers: RolloutRule? {
    switch self {
    case .comparison(_, _, let bound): return bound.unit == .times ? nil : self
    case .all(let rules):
      let rest = rules.compactMap(\.withoutOthers)
      return rest.isEmpty ? nil : .all(rest)
    case .any(let rules):
      let rest = rules.compactMap(\.withoutOthers)
      return rest.count < rules.count ? nil : .any(rest)
    }
  }

  /// Something in it is held against the baseline's answers to the same.
  var needsShadow: Bool { comparisons.contains { $0.term == .agreement } }

  /// Something in it is decided by evaluations or trials that are kept.
  public var needsKept: Bool { comparisons.contains { $0.term.isKept } }

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

  /// Every comparison, with what was seen of it and what that says.
  public func findings(_ evidence: RolloutEvidence, minimum: Int) -> [RuleFinding] {
    let judge = Judge(evidence: evidence, minimum: minimum)
    return comparisons.map { term, comparison, bound in
      RuleFinding(
        text: RuleText.text(term, comparison, bound), seen: judge.seen(term, bound.unit),
        verdict: judge.verdict(term, comparison, bound), isKept: term.isKept)
    }
  }

  /// The comparisons that have this verdict, each with what was seen: `p95 < 1.2x (1.9x)`.
  public func told(_ wanted: RuleVerdict, _ evidence: RolloutEvidence, minimum: Int) -> [String] {
    findings(evidence, minimum: minimum).filter { $0.verdict == wanted }.map { finding in
      "\(finding.text) (\(finding.seen ?? (finding.isKept ? "none is kept" : "nothing seen yet")))"
    }
  }
}
