/// A day of the Gregorian calendar, also before that was in use.
struct CivilDate: Hashable {
  var year: Int
  var month: Int
  var day: Int

  /// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
  var number: Int {
    let shifted = month <= 2 ? year - 1 : year
    let (era, inEra) = shifted.floored(by: 400)
    let inYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + inEra * 365 + inEra / 4 - inEra / 100 + inYear - 719_468
  }

  init(year: Int, month: Int, day: Int) { (self.year, self.month, self.day) = (year, month, day) }

  init(number: Int) {
    let (era, inEra) = (number + 719_468).floored(by: 146_097)
    let year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
    let inYear = inEra - (365 * year + year / 4 - year / 100)
    let shifted = (5 * inYear + 2) / 153
    day = inYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    self.year = year + era * 400 + (month <= 2 ? 1 : 0)
  }

  static func length(ofMonth month: Int, in year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// Months later, or earlier; the last day of a month that is too short.
  func adding(months: Int) -> CivilDate {
    let (years, rest) = (month - 1 + months).floored(by: 12)
    let (year, month) = (year + years, rest + 1)
    return CivilDate(year: year, month: month, day: min(day, Self.length(ofMonth: month, in: year)))
  }

  /// 0 for Monday to 6 for Sunday.
  static func weekday(of number: Int) -> Int { (number + 3).floored(by: 7).rest }
}

extension Int {
  /// Division whose rest is never negative.
  func floored(by divisor: Int) -> (quotient: Int, rest: Int) {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }
}
