internal import Base

/// What a person writes as a time, beside the present moment and by the clocks of a zone.
struct TimeReader {
  /// Milliseconds since 1970.
  let now: Int
  var zone: TimeRules
  /// Of the files of zones.
  let folder: String

  /// Moments outside the years that can be written are taken for the nearest within.
  init(now: Int, zone: TimeRules, folder: String) {
    self.now = min(max(now, -62_135_596_800_000), 253_402_300_799_999)
    (self.zone, self.folder) = (zone, folder)
  }

  /// A time before it is put on the world's clock; days are counted from 1970-01-01, times of day in milliseconds.
  enum Meaning {
    case moment(Int)
    case days(Range<Int>)
    case local(day: Int, time: Int)
    /// Some days ago at the present time of day: as a day, all of it.
    case sameTime(day: Int, time: Int)
    case time(Int)
  }

  struct Reading {
    var meaning: Meaning
    /// Not counted from the present.
    var isFixed = false
    /// Where the time names one itself.
    var zone: TimeRules?
  }

  /// A beginning or an end.
  func point(_ written: String) throws(Fault) -> Node.Bound.Value {
    let reading = try reading(written)
    let zone = reading.zone ?? zone
    switch reading.meaning {
    case .moment(let moment): return .moment(moment, isFixed: reading.isFixed)
    case .days(let days): return .moment(zone.start(ofDay: days.lowerBound), isFixed: reading.isFixed)
    case .local(let day, let time), .sameTime(let day, let time):
      return .moment(zone.moment(day: day, time: time), isFixed: reading.isFixed)
    case .time(let time):
      guard reading.zone == nil else {
        throw Fault(.badInput, "'\(written)': a time of every day has the zone of the query: write tz: beside it")
      }
      return .time(time)
    }
  }

  /// A whole day, week, month or year.
  func span(_ written: String) throws(Fault) -> Range<Int> {
    let reading = try reading(written)
    let (zone, days): (TimeRules, Range<Int>) = (reading.zone ?? zone, try days(of: reading.meaning, written))
    let (start, end) = (zone.start(ofDay: days.lowerBound), zone.start(ofDay: days.upperBound))
    guard start < end else {
      throw Fault(
        .badInput, "'\(written)' was no day in \(zone.name), where clocks skipped it: write the day before or behind it"
      )
    }
    return start..<end
  }

  private func days(of meaning: Meaning, _ written: String) throws(Fault) -> Range<Int> {
    switch meaning {
    case .days(let days): return days
    case .sameTime(let day, _): return day..<day + 1
    case .moment, .local, .time:
      throw Fault(
        .badInput, "'\(written)' is no day: write one such as 2026-03-29 or yesterday, or after: and before: for a time"
      )
    }
  }

  /// Spaces at the ends do not count, nor how many there are between words.
  static func plain(_ written: String) -> String {
    var words = [String.UnicodeScalarView()]
    for scalar in written.unicodeScalars {
      if scalar.properties.isWhitespace { words.append(.init()) } else { words[words.count - 1].append(scalar) }
    }
    return words.filter { !$0.isEmpty }.map { String($0) }.joined(separator: " ")
  }

  /// The word can only be more of the time in front of it.
  static func goesOn(_ word: String) -> Bool {
    let word = word.asciiLowercased
    return ["ago", "am", "pm"].contains(word) || clock(word) != nil
  }

  private func reading(_ written: String) throws(Fault) -> Reading {
    let text = Self.plain(written)
    guard let (time, zone) = Self.zoned(text) else { return try unzoned(text) }
    var reading = try unzoned(time)
    if case .moment = reading.meaning {
      throw Fault(.badInput, "'\(text)' has an offset and a zone, or needs none: leave the zone in brackets out")
    }
    reading.zone = try TimeRules.named(zone, in: folder)
    return reading
  }

  /// Of `2026-03-29T08:30[Europe/Berlin]` both parts.
  private static func zoned(_ text: String) -> (time: String, zone: String)? {
    let bytes = Array(text.utf8)
    guard bytes.last == UInt8(ascii: "]"), let open = bytes.lastIndex(of: UInt8(ascii: "[")) else { return nil }
    return (
      plain(String(decoding: bytes[..<open], as: UTF8.self)),
      String(decoding: bytes[(open + 1)..<(bytes.count - 1)], as: UTF8.self)
    )
  }

  private func unzoned(_ text: String) throws(Fault) -> Reading {
    let lower = text.asciiLowercased
    let words = lower.split(separator: " ").map(String.init)
    let bytes = Array(lower.utf8)
    let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    let found: Reading?
    if digits == 4, bytes.count > 4, bytes[4] == UInt8(ascii: "-") {
      found = try CalendarTime.reading(bytes, text)
    } else if let time = Self.clock(words.joined()) {
      found = Reading(meaning: .time(time), isFixed: true)
    } else {
      found = try relative(words)
    }
    guard let found else { throw Self.unknown(text, words.first ?? "") }
    return found
  }

  static func unknown(_ text: String, _ first: String) -> Fault {
    let known = ["now", "today", "yesterday", "tomorrow", "last", "this", "noon", "midnight"] + RelativeTime.weekdays
    return Fault(
      .badInput,
      "'\(text)' is no time\(known.contains(first) ? "" : Suggestion.hint(for: first, among: known)): write a day such as "
        + "2026-03-29, a time such as 2026-03-29T08:30 or 18:00, or in quotes \"yesterday 7am\", \"last monday\" or "
        + "\"10 minutes ago\"")
  }

  /// `18:00`, `18:00:30.5`, `7am`, `7:30pm`, `noon`, `midnight`, in milliseconds since midnight.
  static func clock(_ text: String) -> Int? {
    if text == "noon" { return 43_200_000 }
    if text == "midnight" { return 0 }
    var reader = ByteReader(Array(text.utf8))
    guard let hours = reader.number(digits: 1...2) else { return nil }
    var time = 0
    let hasMinutes = reader.take(":")
    if hasMinutes {
      guard let rest = reader.minutes() else { return nil }
      time = rest
    }
    let half = String(decoding: reader.rest, as: UTF8.self)
    switch half {
    case "am", "pm": return (1...12).contains(hours) ? time + (hours % 12 + (half == "pm" ? 12 : 0)) * 3_600_000 : nil
    case "": return hasMinutes && hours < 24 ? time + hours * 3_600_000 : nil
    default: return nil
    }
  }
}

extension ByteReader {
  /// `MM[:SS[.fff]]` in milliseconds.
  mutating func minutes() -> Int? {
    guard let minutes = number(digits: 2...2), minutes < 60 else { return nil }
    guard take(":") else { return minutes * 60_000 }
    guard let seconds = number(digits: 2...2), seconds < 60 else { return nil }
    var time = (minutes * 60 + seconds) * 1000
    if take(".") {
      let start = place
      guard let fraction = number(digits: 1...3) else { return nil }
      time += fraction * [100, 10, 1][place - start - 1]
    }
    return time
  }
}
