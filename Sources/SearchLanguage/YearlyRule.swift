internal import Base

/// When clocks change in every year, as POSIX writes it in the variable `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Sendable, Hashable {
  /// A day of the year, and the time of it as clocks show it before they change, in seconds.
  enum Day: Sendable, Hashable {
    /// 1 to 365: February 29 is not counted.
    case unleaped(Int)
    /// 0 to 365: it is.
    case plain(Int)
    /// The first to fourth, or for 5 the last, such day of a month; 0 is Sunday.
    case weekday(month: Int, week: Int, day: Int)
  }

  struct Point: Sendable, Hashable {
    var day: Day
    var time: Int
  }

  struct Summer: Sendable, Hashable {
    var offset: Int
    var start: Point
    var end: Point
  }

  /// Seconds ahead of UTC.
  var standard: Int
  var summer: Summer?

  func offset(at time: Int) -> Int {
    guard summer != nil else { return standard }
    return changes(from: time - 400 * 86_400, to: time).last?.offset ?? standard
  }

  /// Behind `start`, up to `end`, in order.
  func changes(from start: Int, to end: Int) -> [TimeRules.Change] {
    guard let summer else { return [] }
    let years = [start, end].map { CivilDate(number: $0.floored(by: 86_400).quotient).year }
    var all: [TimeRules.Change] = []
    for year in (years[0] - 1)...(years[1] + 1) {
      all.append(.init(time: Self.seconds(of: summer.end, in: year) - summer.offset, offset: standard))
      all.append(.init(time: Self.seconds(of: summer.start, in: year) - standard, offset: summer.offset))
    }
    // where summer ends as that of the next year begins, it does not end
    all.sort { ($0.time, $0.offset == summer.offset ? 1 : 0) < ($1.time, $1.offset == summer.offset ? 1 : 0) }
    return all.filter { $0.time > start && $0.time <= end }
  }

  private static func seconds(of point: Point, in year: Int) -> Int {
    let first = CivilDate(year: year, month: 1, day: 1).number
    let day: Int
    switch point.day {
    case .unleaped(let number): day = first + number - 1 + (CivilDate.isLeap(year) && number >= 60 ? 1 : 0)
    case .plain(let number): day = first + number
    case .weekday(let month, let week, let weekday):
      let start = CivilDate(year: year, month: month, day: 1).number
      // Monday is 0 of the calendar and 1 of the rule
      let ahead = (weekday + 6 - CivilDate.weekday(of: start)).floored(by: 7).rest
      let last = CivilDate.length(ofMonth: month, in: year)
      let offset = ahead + 7 * (week - 1)
      day = start + (offset < last ? offset : offset - 7)
    }
    return day * 86_400 + point.time
  }
}

extension YearlyRule {
  /// Reads the text of a file of zones (RFC 9636, 3.3.1); `nil` for anything else.
  init?(_ text: [UInt8]) {
    var reader = ByteReader(text)
    guard reader.skipName(), let standard = reader.time(hours: 24) else { return nil }
    self.init(standard: -standard)
    guard !reader.isAtEnd else { return }
    guard reader.skipName() else { return nil }
    var offset = self.standard + 3600
    if reader.next != UInt8(ascii: ",") {
      guard let written = reader.time(hours: 24) else { return nil }
      offset = -written
    }
    guard reader.take(","), let start = reader.point(), reader.take(","), let end = reader.point(), reader.isAtEnd
    else { return nil }
    summer = Summer(offset: offset, start: start, end: end)
  }
}

extension ByteReader {
  /// Three letters or more, or what stands between `<` and `>`.
  fileprivate mutating func skipName() -> Bool {
    if take("<") {
      let name = take { $0 != UInt8(ascii: ">") }
      return name.count >= 3 && take(">")
    }
    return take { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }.count >= 3
  }

  /// `[+-]h[:mm[:ss]]` in seconds.
  fileprivate mutating func time(hours limit: Int) -> Int? {
    let isNegative = take("-")
    if !isNegative { _ = take("+") }
    guard let hours = number(digits: 1...3), hours <= limit else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where next == UInt8(ascii: ":") {
      guard take(":"), let value = number(digits: 2...2), value < 60 else { return nil }
      seconds += value * unit
    }
    return isNegative ? -seconds : seconds
  }

  fileprivate mutating func point() -> YearlyRule.Point? {
    guard let day = day() else { return nil }
    guard take("/") else { return YearlyRule.Point(day: day, time: 7200) }
    return time(hours: 167).map { YearlyRule.Point(day: day, time: $0) }
  }

  private mutating func day() -> YearlyRule.Day? {
    if take("M") {
      guard let month = number(digits: 1...2), (1...12).contains(month), take("."),
        let week = number(digits: 1...1), (1...5).contains(week), take("."),
        let day = number(digits: 1...1), day <= 6
      else { return nil }
      return .weekday(month: month, week: week, day: day)
    }
    if take("J") { return number(digits: 1...3).flatMap { (1...365).contains($0) ? .unleaped($0) : nil } }
    return number(digits: 1...3).flatMap { $0 <= 365 ? .plain($0) : nil }
  }
}
