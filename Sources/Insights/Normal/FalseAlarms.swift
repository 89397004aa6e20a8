internal import Glibc

/// What so many good pictures can promise of false alarms.
///
/// With `m` of `n` independent good pictures beyond a threshold, the true rate has the distribution Beta(m + 1, n - m) whatever the scores'
/// own is (order statistics; Wilks, "Determination of Sample Sizes for Setting Tolerance Limits", 1941). A rate is promised where it holds
/// with ``certainty``.
public struct FalseAlarms: Sendable, Hashable {
  public static let certainty = 0.9

  public let pictures: Int
  /// What was asked for, and holds with ``certainty``.
  public let rate: Double
  /// How many of the pictures themselves are beyond the threshold.
  public let beyond: Int

  /// `nil` where so few pictures cannot promise the rate: see ``least(for:)`` and ``needed(for:)``.
  public init?(_ rate: Double, pictures: Int) {
    guard pictures > 0, rate > 0, rate < 1 else { return nil }
    // The most that may be beyond: the chance that as few are, although the rate is the promised one, stays below the rest.
    var beyond = -1
    while beyond + 1 < pictures, Self.chance(atMost: beyond + 1, of: pictures, at: rate) <= 1 - Self.certainty + 1e-12 {
      beyond += 1
    }
    guard beyond >= 0 else { return nil }
    (self.rate, self.pictures, self.beyond) = (rate, pictures, beyond)
  }

  /// The lowest rate that so many can promise.
  public static func least(for pictures: Int) -> Double { 1 - pow(1 - certainty, 1 / Double(max(1, pictures))) }

  /// How many pictures can promise a rate.
  public static func needed(for rate: Double) -> Int { Int((log(1 - certainty) / log(1 - rate)).rounded(.up)) }

  /// What the rate is in the mean of all that could have been.
  public var expected: Double { Double(beyond + 1) / Double(pictures + 1) }

  /// Where it lies in 95 of 100 cases.
  public var interval: ClosedRange<Double> {
    // Beta(m + 1, n - m) is at most x where more than m of n are beyond, at x.
    func quantile(_ share: Double) -> Double {
      var (low, high) = (0.0, 1.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if 1 - Self.chance(atMost: beyond, of: pictures, at: middle) < share { low = middle } else { high = middle }
      }
      return low
    }
    return quantile(0.025)...quantile(0.975)
  }

  /// The threshold for scores of pictures that were held out: just beyond the greatest that is no alarm.
  public func threshold(_ scores: [Float]) -> Float {
    precondition(scores.count == pictures && beyond < pictures)
    return scores.sorted()[pictures - 1 - beyond] * 1.0001
  }

  /// Of a binomial distribution.
  private static func chance(atMost count: Int, of all: Int, at rate: Double) -> Double {
    guard rate > 0 else { return 1 }
    guard rate < 1 else { return count >= all ? 1 : 0 }
    var (sum, logarithm) = (0.0, Double(all) * log1p(-rate))
    for number in 0...count {
      sum += exp(logarithm)
      logarithm += log(Double(all - number) / Double(number + 1)) + log(rate) - log1p(-rate)
    }
    return min(1, sum)
  }
}
