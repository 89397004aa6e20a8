internal import Base

/// Holds single comparisons of rules against what was seen.
struct Judge {
  let evidence: RolloutEvidence
  let minimum: Int

  /// Inferences that a percentile needs, so that it is not one odd inference.
  static func least(_ percentile: Int) -> Int { percentile == 99 ? 200 : percentile == 95 ? 40 : 20 }
  /// Microseconds below which one time is no longer than another: so much is what it costs to ask a process.
  static let leastApart = 1000.0
  /// Answers with a label that the baseline needs before the candidate's are held against them.
  static let leastLabelled = 20

  func verdict(_ term: RuleTerm, _ comparison: RuleComparison, _ bound: RuleBound) -> RuleVerdict {
    switch term {
    case .errors, .count: return counted(value(term, bound.unit) ?? 0, comparison, bound.value)
    case .labelCount where bound.unit == .plain: return counted(value(term, .plain) ?? 0, comparison, bound.value)
    default:
      guard isEnough(for: term, bound.unit), let value = value(term, bound.unit) else { return .open }
      return comparison.holds(value, bound.value) ? .holds : .fails
    }
  }

  /// What only grows: too much is too much at once, and too little may become enough.
  private func counted(_ value: Double, _ comparison: RuleComparison, _ bound: Double) -> RuleVerdict {
    if comparison.holds(value, bound) { return .holds }
    return comparison == .more || comparison == .atLeast || (comparison == .equal && value < bound) ? .open : .fails
  }

  private func isEnough(for term: RuleTerm, _ unit: RuleBound.Unit) -> Bool {
    let (candidate, baseline) = (evidence.candidate, evidence.baseline)
    let isRelative = unit == .times
    switch term {
    case .percentile(let percent):
      return !places(max(minimum, Self.least(percent)), isRelative: isRelative).isEmpty
    case .errorRate: return candidate.asked >= minimum && (!isRelative || baseline.asked >= minimum)
    case .agreement: return evidence.agreement.compared >= minimum
    case .drift: return candidate.described >= minimum && baseline.described >= minimum
    case .labelCount(let label):
      return candidate.described >= minimum && baseline.described >= minimum
        && baseline.labels[label] ?? 0 >= Self.leastLabelled
    case .errors, .count, .evaluation, .trial: return true
    }
  }

  /// The number that is compared; `nil` where there is none yet.
  func value(_ term: RuleTerm, _ unit: RuleBound.Unit) -> Double? {
    let (candidate, baseline) = (evidence.candidate, evidence.baseline)
    let ratio = { (mine: Double, other: Double) in other > 0 ? mine / other : mine > 0 ? Double.infinity : 1 }
    switch term {
    case .percentile(let percent): return time(percent, unit)
    case .errors: return Double(candidate.errors)
    case .errorRate:
      guard let mine = candidate.errorRate else { return nil }
      return unit == .times ? baseline.errorRate.map { ratio(mine, $0) } : mine
    case .agreement: return evidence.agreement.share
    case .drift: return candidate.drift(from: baseline)
    case .count: return Double(candidate.answers)
    case .evaluation(let figure):
      guard let mine = evidence.kept.candidate[figure] else { return nil }
      return unit == .times ? evidence.kept.baseline[figure].map { ratio(mine, $0) } : mine
    case .trial(let figure): return evidence.kept.trial[figure]
    case .labelCount(let label):
      let mine = Double(candidate.labels[label] ?? 0)
      guard unit == .times else { return mine }
      guard candidate.described > 0, baseline.described > 0, let theirs = baseline.labels[label] else { return nil }
      return ratio(mine / Double(candidate.described), Double(theirs) / Double(baseline.described))
    }
  }

  /// Times by where they were taken, requests and streams first, of which there are so many at least: they are held against those of the same place
  /// alone.
  private func places(_ wanted: Int, isRelative: Bool) -> [(mine: LogHistogram, theirs: LogHistogram)] {
    let (candidate, baseline) = (evidence.candidate, evidence.baseline)
    return [(candidate.times, baseline.times), (candidate.jobTimes, baseline.jobTimes)].filter {
      $0.0.count >= wanted && (!isRelative || $0.1.count >= wanted)
    }
  }

  /// Of the first place that has enough, in milliseconds; beside the baseline's it is the place where the candidate is slowest.
  private func time(_ percent: Int, _ unit: RuleBound.Unit) -> Double? {
    let (share, isRelative) = (Double(percent) / 100, unit == .times)
    let enough = places(max(minimum, Self.least(percent)), isRelative: isRelative)
    let known = enough.isEmpty ? places(1, isRelative: isRelative) : enough
    guard isRelative else { return known.first.map { $0.mine.percentile(share) / 1000 } }
    return known.map { place in
      let (mine, theirs) = (place.mine.percentile(share), place.theirs.percentile(share))
      let ratio = theirs > 0 ? mine / theirs : mine > 0 ? .infinity : 1
      return mine - theirs < Self.leastApart ? min(1, ratio) : ratio
    }.max()
  }

  /// The same as a person reads it.
  func seen(_ term: RuleTerm, _ unit: RuleBound.Unit) -> String? {
    guard let value = value(term, unit) else { return nil }
    let number = NumberFormat.short(value, 4)
    return "\(number)\(unit.rawValue)"
  }
}
