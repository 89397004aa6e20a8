internal import Base
internal import Catalog
internal import SearchLanguage

/// What is typed into the search box, and files of time zones.
enum SearchTarget {
  private static let now = 1_711_879_200_000

  /// A query: completed at its places, read, and read again from its canonical text.
  ///
  /// Zones by name are not there.
  static func query(_ bytes: [UInt8]) throws(Fault) {
    let text = String(decoding: bytes, as: UTF8.self)
    for offset in stride(from: 0, through: text.utf8.count, by: max(1, text.utf8.count / 8)) {
      let found = SearchQuery.completion(of: text, at: offset)
      precondition((0...text.utf8.count).contains(found.range.upperBound), "a completion beyond the text")
    }
    let query = try SearchQuery(parsing: text, at: now, in: .utc, zonesIn: "")
    let again = try SearchQuery(parsing: query.canonicalText, at: now, in: .utc, zonesIn: "")
    precondition(again == query, "the canonical text '\(query.canonicalText)' asks for something else")
    let moments = [-1, 0, now, now + 1000].map { moment($0) }
    for step in query.steps {
      for moment in moments where step.condition.matches(moment) {
        precondition(step.condition.range.contains(moment.from), "a moment outside the range of its condition")
      }
    }
    _ = query.scan(moments)
  }

  private static func moment(_ from: Int) -> Moment {
    var moment = Moment(
      id: "\(from)", client: "c", source: .stream("gate"), kind: .sight, from: from, to: from + 5000, series: "traffic")
    (moment.label, moment.text, moment.score, moment.track, moment.zone) = ("car", "Way out", 0.5, 7, "dock")
    return moment
  }

  /// A file of a zone, by whose clocks times are read.
  static func zone(_ bytes: [UInt8]) throws(Fault) {
    let zone = try TimeRules(tzif: bytes, name: "fuzz")
    for time in [Int.min, -1 << 40, 0, 1 << 31, 1 << 40, Int.max] { _ = zone.offset(at: time) }
    for text in [
      "on:0001-01-01", "on:1970-01-01", "on:2024-03-31", "after:9999-12-31T23:59", "after:\"last month\" before:7am",
    ] {
      guard let query = try? SearchQuery(parsing: text, at: now, in: zone) else { continue }
      _ = query.scan([moment(now), moment(.max - 5000), moment(.min)])
    }
  }
}
