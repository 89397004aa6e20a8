/// A stretch of every day, by the clocks of a zone: `22:00` to `06:00` goes around midnight.
///
/// An hour that a spring day lacks has no moments, and one that an autumn day has twice has those of both.
public struct DailyTime: Sendable, Hashable {
  /// Milliseconds since midnight on the clock: from `start`, up to and without `end`.
  public let start: Int
  public let end: Int
  public let zone: TimeRules

  public static let dayLength = 86_400_000

  /// Where the end is not above the start, it is that of the next day.
  ///
  /// Both are within a day; `end` may be the day's length.
  public init(from start: Int, to end: Int, in zone: TimeRules) {
    (self.start, self.end, self.zone) = (start, end, zone)
  }

  /// Whether a moment, in milliseconds since 1970, is within.
  public func contains(_ moment: Int) -> Bool {
    let time = zone.local(moment).time
    return start < end ? time >= start && time < end : time >= start || time < end
  }
}
