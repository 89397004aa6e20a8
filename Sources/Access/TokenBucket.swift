/// Counts how often something happens against a rate; starts with a full burst.
///
/// The generic cell rate algorithm (ITU-T I.371): one moment is kept, the one at which the bucket will be full again.
public struct TokenBucket: Sendable, Hashable {
  private var fullAt = 0
  private var latest = 0

  public init() {}

  /// Takes one at a moment in nanoseconds, or answers how many nanoseconds are to be waited until one can be taken.
  ///
  /// The rate may be another one each time. Moments may come out of order, as they do from several threads: an older one counts as the newest.
  public mutating func take(_ rate: Rate, at moment: Int) -> Int? {
    latest = max(latest, moment)
    let earliest = fullAt - (rate.burst - 1) * rate.interval
    guard latest >= earliest else { return earliest - latest }
    fullAt = max(fullAt, latest) + rate.interval
    return nil
  }
}
