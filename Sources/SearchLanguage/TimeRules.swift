/// How the clocks of a place stand beside UTC, at every time.
public struct TimeRules: Sendable, Hashable {
  /// From a time on, in seconds since 1970, clocks are so many seconds ahead of UTC.
  struct Change: Sendable, Hashable {
    let time: Int
    let offset: Int
  }

  /// As it was named: `Europe/Berlin`, `+05:30`, `UTC`.
  public let name: String
  /// Before all changes.
  let first: Int
  /// In the order of time.
  let changes: [Change]
  /// What holds behind the last change, where there is a rule.
  let rule: YearlyRule?

  init(name: String, first: Int, changes: [Change] = [], rule: YearlyRule? = nil) {
    (self.name, self.first, self.changes, self.rule) = (name, first, changes, rule)
  }

  public static let utc = TimeRules(name: "UTC", first: 0)

  /// Always as far from UTC; at most a day.
  public static func offset(seconds: Int) -> TimeRules {
    precondition(seconds.magnitude <= 86_400, "a zone more than a day from UTC")
    let (minutes, rest) = (Int(seconds.magnitude) / 60, Int(seconds.magnitude) % 60)
    let pairs = [minutes / 60, minutes % 60] + (rest > 0 ? [rest] : [])
    let text = pairs.map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
    return TimeRules(name: (seconds < 0 ? "-" : "+") + text, first: seconds)
  }

  /// Seconds that clocks are ahead of UTC at a time, in seconds since 1970.
  public func offset(at time: Int) -> Int {
    // some ten thousand years each way, so that no sum overflows
    let time = min(max(time, -400_000_000_000), 400_000_000_000)
    if let rule, changes.last.map({ time >= $0.time }) ?? true { return rule.offset(at: time) }
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : changes[low - 1].offset
  }

  /// The day, counted from 1970-01-01, and the milliseconds since midnight that clocks show at a moment in milliseconds since 1970.
  func local(_ moment: Int) -> (day: Int, time: Int) {
    let (seconds, rest) = moment.floored(by: 1000)
    let (days, inDay) = seconds.floored(by: 86_400)
    let shifted = inDay + offset(at: seconds)
    let (more, time) = shifted.floored(by: 86_400)
    return (days + more, time * 1000 + rest)
  }

  /// The moment at which clocks show a time of a day, in milliseconds since 1970.
  ///
  /// Of two such moments (in autumn) it is the first. Where clocks skip that time (in spring) it is as much later as they skip: 02:30 is
  /// 03:30.
  func moment(day: Int, time: Int) -> Int {
    let (seconds, rest) = time.floored(by: 1000)
    let shown = day * 86_400 + seconds
    var (start, before) = (shown - Self.reach, offset(at: shown - Self.reach))
    var skipped: Int?
    let near = changes(from: start, to: shown + Self.reach)
    for change in near + [Change(time: shown + Self.reach, offset: before)] {
      let moment = shown - before
      if moment >= start, moment < change.time { return moment * 1000 + rest }
      if moment >= change.time, shown - change.offset < change.time { skipped = skipped ?? moment }
      (start, before) = (change.time, change.offset)
    }
    return (skipped ?? shown - before) * 1000 + rest
  }

  /// The first moment whose day is not before this one: each day begins where the one before ends.
  ///
  /// A day that was skipped begins where it ends. Of clocks that go back over midnight the first midnight counts.
  func start(ofDay day: Int) -> Int {
    let moment = moment(day: day, time: 0)
    let shown = local(moment)
    guard shown.day != day || shown.time != 0 else { return moment }
    let seconds = moment.floored(by: 1000).quotient
    return (changes(from: seconds - Self.reach, to: seconds).last?.time ?? seconds) * 1000
  }

  /// More than clocks are ever away from UTC, and two of them from each other.
  private static let reach = 2 * 86_400

  /// Changes behind `start`, up to `end`.
  func changes(from start: Int, to end: Int) -> [Change] {
    let listed = changes.filter { $0.time > start && $0.time <= end }
    guard let rule, changes.last.map({ $0.time < end }) ?? true else { return listed }
    let known = changes.last?.time ?? .min
    return listed + rule.changes(from: start, to: end).filter { $0.time > known }
  }
}
