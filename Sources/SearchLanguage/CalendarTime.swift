internal import Base

/// Days and times by the calendar: `2026-03`, `2026-03-29`, `2026-03-29T08:30:15.250+02:00`, `2026-03-29 7am`.
enum CalendarTime {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// `bytes` is the text in lower case; `nil` where it is none of these.
  static func reading(_ bytes: [UInt8], _ text: String) throws(Fault) -> TimeReader.Reading? {
    var reader = ByteReader(bytes)
    guard let year = reader.number(digits: 4...4), reader.take("-"), let month = reader.number(digits: 2...2) else {
      return nil
    }
    guard year > 0, (1...12).contains(month) else {
      throw Fault(.badInput, "'\(text)' does not exist: years are 0001 to 9999, and months 01 to 12")
    }
    let first = CivilDate(year: year, month: month, day: 1)
    guard reader.take("-") else {
      let days = first.number..<first.adding(months: 1).number
      return reader.isAtEnd ? .init(meaning: .days(days), isFixed: true) : nil
    }
    guard let day = reader.number(digits: 2...2) else { return nil }
    let length = CivilDate.length(ofMonth: month, in: year)
    guard (1...length).contains(day) else {
      throw Fault(.badInput, "'\(text)' does not exist: \(months[month - 1]) \(year) has \(length) days")
    }
    return try time(&reader, day: first.number + day - 1, text)
  }

  private static func time(
    _ reader: inout ByteReader, day: Int, _ text: String
  ) throws(Fault) -> TimeReader.Reading? {
    if reader.isAtEnd { return .init(meaning: .days(day..<day + 1), isFixed: true) }
    if reader.take(" "), reader.next != UInt8(ascii: " ") {
      var rest = String(decoding: reader.rest, as: UTF8.self).split(separator: " ")
      if rest.first == "at" { rest.removeFirst() }
      if let time = TimeReader.clock(rest.joined()) {
        return .init(meaning: .local(day: day, time: time), isFixed: true)
      }
    } else if !reader.take("t") {
      return nil
    }
    guard let hours = reader.number(digits: 2...2), reader.take(":"), let rest = reader.minutes() else { return nil }
    guard hours < 24 else { throw Fault(.badInput, "'\(text)' does not exist: hours are 00 to 23") }
    let time = hours * 3_600_000 + rest
    if reader.isAtEnd { return .init(meaning: .local(day: day, time: time), isFixed: true) }
    if reader.take("z") {
      return reader.isAtEnd ? .init(meaning: .moment(day * 86_400_000 + time), isFixed: true) : nil
    }
    guard let offset = reader.offset(), reader.isAtEnd else { return nil }
    return .init(meaning: .moment(day * 86_400_000 + time - offset * 1000), isFixed: true)
  }
}
