internal import Glibc

/// How far what is seen now is from a reference.
public struct StabilityIndex: Sendable, Hashable {
  /// The population stability index: the sum over all groups of (p − q) · ln(p / q), where q is a group's share of the reference and p its share of
  /// what is seen now.
  ///
  /// This is Jeffreys' divergence of the two (H. Jeffreys, An invariant form for the prior probability in estimation problems, 1946), as credit scoring
  /// uses it (N. Siddiqi, Credit Risk Scorecards, 2006, whose rule of thumb are .1 and .25). Half an observation is added to every group of both, so that a group which
  /// is empty on one side gives a number, and one that grows with the evidence. It is 0 for equal counts, and never less.
  public let value: Double
  /// In units of ``DriftMeasure/least``: by how many bins values have moved on average (the earth mover's distance), or which share of labels
  /// are others (the total variation).
  public let distance: Double
  /// The share that had no value has changed by a tenth or more.
  let losesValues: Bool

  static let pseudocount = 0.5

  init(_ reference: DriftCounts, _ now: DriftCounts, _ measure: DriftMeasure) {
    let groups = DriftGroups(reference, measure)
    let (before, after) = (groups.counts(reference), groups.counts(now))
    value = Self.index(before, after)
    distance = measure.scale == nil ? Self.variation(before, after) : Self.movement(reference.bins, now.bins)
    let share = { (counts: DriftCounts) in Double(counts.missing) / Double(max(1, counts.total)) }
    losesValues = abs(share(reference) - share(now)) >= 0.1
  }

  /// Whether it is far enough to be told of, where its value is.
  func isFar(_ measure: DriftMeasure, share: Double = 1) -> Bool {
    losesValues || distance >= measure.least * share
  }

  /// The population stability index of counts by group, as ``value`` is.
  public static func index(_ reference: [Int], _ now: [Int]) -> Double {
    let extra = pseudocount * Double(reference.count)
    let (all, allNow) = (Double(reference.reduce(0, +)) + extra, Double(now.reduce(0, +)) + extra)
    return zip(reference, now).reduce(0) { sum, pair in
      let (old, new) = ((Double(pair.0) + pseudocount) / all, (Double(pair.1) + pseudocount) / allNow)
      return sum + (new - old) * log(new / old)
    }
  }

  private static func variation(_ reference: [Int], _ now: [Int]) -> Double {
    let (all, allNow) = (Double(max(1, reference.reduce(0, +))), Double(max(1, now.reduce(0, +))))
    return zip(reference, now).reduce(0) { $0 + abs(Double($1.0) / all - Double($1.1) / allNow) } / 2
  }

  /// Bins on average; 0 where one side has no numbers.
  private static func movement(_ reference: [Int], _ now: [Int]) -> Double {
    let (all, allNow) = (Double(reference.reduce(0, +)), Double(now.reduce(0, +)))
    guard all > 0, allNow > 0 else { return 0 }
    var (ahead, sum) = (0.0, 0.0)
    for (old, new) in zip(reference, now) {
      ahead += Double(old) / all - Double(new) / allNow
      sum += abs(ahead)
    }
    return sum
  }
}
