internal import Base

/// Names of days, and units.
enum RelativeTime {
  static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

  enum Unit: Int {
    case second = 1000, minute = 60_000, hour = 3_600_000
    case day, week, month, year

    init?(_ text: String) {
      switch text {
      case "s", "sec", "secs", "second", "seconds": self = .second
      case "m", "min", "mins", "minute", "minutes": self = .minute
      case "h", "hr", "hrs", "hour", "hours": self = .hour
      case "d", "day", "days": self = .day
      case "w", "week", "weeks": self = .week
      case "month", "months": self = .month
      case "y", "year", "years": self = .year
      default: return nil
      }
    }
  }

  /// 0 for Monday; three letters are enough.
  static func weekday(_ text: String) -> Int? {
    let short = ["tues": 1, "thur": 3, "thurs": 3]
    return weekdays.firstIndex { $0 == text || text.utf8.count == 3 && $0.hasPrefix(text) } ?? short[text]
  }
}

/// Times that are counted from the present.
extension TimeReader {
  /// Words in lower case; `nil` for those that are no such time.
  func relative(_ words: [String]) throws(Fault) -> Reading? {
    guard let first = words.first else { return nil }
    if words == ["now"] { return Reading(meaning: .moment(now)) }
    if words.last == "ago" { return try ago(Array(words.dropLast())) }
    let today = zone.local(now).day
    let behind = CivilDate.weekday(of: today)
    if let distance = ["yesterday": -1, "today": 0, "tomorrow": 1][first] {
      return Self.day(today + distance, words.dropFirst())
    }
    if let weekday = RelativeTime.weekday(first) {
      return Self.day(today - (behind - weekday).floored(by: 7).rest, words.dropFirst())
    }
    guard words.count > 1, first == "last" || first == "this" else { return nil }
    if let weekday = RelativeTime.weekday(words[1]), first == "last" {
      return Self.day(today - 1 - (behind - 1 - weekday).floored(by: 7).rest, words.dropFirst(2))
    }
    guard words.count == 2, let unit = RelativeTime.Unit(words[1]) else { return nil }
    return period(unit, isLast: first == "last").map { Reading(meaning: .days($0)) }
  }

  /// A day, and a time of it if there is one.
  private static func day(_ day: Int, _ rest: ArraySlice<String>) -> Reading? {
    let rest = rest.first == "at" ? rest.dropFirst() : rest
    guard !rest.isEmpty else { return Reading(meaning: .days(day..<day + 1)) }
    return clock(rest.joined()).map { Reading(meaning: .local(day: day, time: $0)) }
  }

  /// Weeks begin on Monday.
  private func period(_ unit: RelativeTime.Unit, isLast: Bool) -> Range<Int>? {
    let today = zone.local(now).day
    var first = CivilDate(number: today)
    first.day = 1
    switch unit {
    case .week:
      let monday = today - CivilDate.weekday(of: today) - (isLast ? 7 : 0)
      return monday..<monday + 7
    case .month:
      let start = first.adding(months: isLast ? -1 : 0)
      return start.number..<start.adding(months: 1).number
    case .year:
      let year = first.year - (isLast ? 1 : 0)
      return CivilDate(year: year, month: 1, day: 1).number..<CivilDate(year: year + 1, month: 1, day: 1).number
    default: return nil
    }
  }

  /// `10 minutes`, `10m`, `an hour`; days and more keep the time of day, whatever clocks did since.
  private func ago(_ words: [String]) throws(Fault) -> Reading? {
    guard let (count, unit) = Self.amount(words) else { return nil }
    let local = zone.local(now)
    let today = CivilDate(number: local.day)
    let day: Int
    switch unit {
    case .second, .minute, .hour: return Reading(meaning: .moment(now - count * unit.rawValue))
    case .day: day = local.day - count
    case .week: day = local.day - 7 * count
    case .month: day = today.adding(months: -count).number
    case .year: day = today.adding(months: -12 * count).number
    }
    guard day >= CivilDate(year: 1, month: 1, day: 1).number else {
      throw Fault(.badInput, "'\((words + ["ago"]).joined(separator: " "))' is before the year 1: write a later time")
    }
    return Reading(meaning: .sameTime(day: day, time: local.time))
  }

  private static func amount(_ words: [String]) -> (count: Int, unit: RelativeTime.Unit)? {
    if words.count == 2, ["a", "an"].contains(words[0]) { return RelativeTime.Unit(words[1]).map { (1, $0) } }
    guard words.count == 1 || words.count == 2 else { return nil }
    var reader = ByteReader(Array(words.joined().utf8))
    guard let count = reader.number(digits: 1...7) else { return nil }
    return RelativeTime.Unit(String(decoding: reader.rest, as: UTF8.self)).map { (count, $0) }
  }
}
