import Base
import Catalog
import Items
import Library
import LibraryKit
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

/// Sequences beside moments of any length.
struct LongMomentTests {
  /// Moments of streams as readers write them, whatever events they are of.
  private func write(_ moments: [Moment], in fixture: SearchFixture) throws {
    var words = MomentWords()
    for moment in moments { words.add(moment) }
    #expect(try words.note(in: fixture.library.table))
    for start in stride(from: 0, to: moments.count, by: ItemLimits.writeCount) {
      let some = moments[start..<min(moments.count, start + ItemLimits.writeCount)]
      _ = try fixture.library.table.write(some.map { .put($0.itemKey, $0.json) })
    }
    fixture.known += moments
  }

  private func moment(_ number: Int, _ label: String, _ from: Int, lasting length: Int, stream: String = "s1") -> Moment
  {
    var random = SeededRandom(UInt64(number))
    var moment = Moment(
      id: ULID(milliseconds: number, using: &random).text, client: "acme", source: .stream(stream), kind: .event,
      from: SearchFixture.start + from, to: SearchFixture.start + from + length, series: "sha256:1")
    moment.label = label
    return moment
  }

  private static let day = 86_400_000

  @Test("A moment that once went on for a month makes no later search read a month", arguments: Parts.there)
  func bounded(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 1)
    var moments = [moment(1, "ship", -100 * Self.day, lasting: 30 * Self.day)]
    moments += (0..<5200).map { moment(10 + $0, "ship", -6_000_000 + $0 * 1000, lasting: 500) }
    moments += [moment(7000, "tug", 0, lasting: 1000), moment(7001, "tug", -80 * Self.day, lasting: 1000)]
    try write(moments, in: fixture)
    let near = try fixture.find("tug near ship within 10s")
    #expect(near.map { $0.map(\.id) } == [[moments.count - 1, 0].map { moments[$0].id }], "the one in the month")
    #expect(
      try fixture.find("ship stream:s1 before:2026-01-15 near tug within 10s").map { $0[0].id } == [moments[0].id])
    var finder = FirstFinder(
      try SearchQuery(parsing: "ship near tug within 10s", at: SearchFixture.start, in: .utc), client: "acme",
      fixture.library.table)
    #expect(try finder.found(with: moments[moments.count - 1]).map { $0[0].id } == [moments[0].id])
    #expect(try finder.found(with: moments[moments.count - 2]).isEmpty)
  }

  @Test("Where it cannot be read how long moments ever were, all are found", arguments: [1 << 62, Int.max])
  func damagedLengths(number: Int) throws {
    let fixture = try SearchFixture(.embedded, seed: 3)
    let moments = [
      moment(1, "ship", -Self.day, lasting: 2 * Self.day), moment(2, "tug", 0, lasting: 1000),
    ]
    try write(moments, in: fixture)
    let key = LibraryKeys.momentLengths("acme", .stream("s1"))
    try #require(try fixture.library.table.get(key) != nil)
    _ = try fixture.library.table.write([.put(key, Array("{\"classes\":\(number)}".utf8))])
    #expect(try fixture.find("tug near ship within 10s").map { $0.map(\.id) } == [[moments[1].id, moments[0].id]])
  }

  @Test(
    "Sequences of moments of a second to some months are those of a look at everything", arguments: Parts.there, [1, 2])
  func exact(parts: Parts, seed: UInt64) throws {
    let fixture = try SearchFixture(parts, seed: seed)
    let moments = (0..<120).map { number in
      let length = 1 << fixture.number(0...33)
      return moment(
        number, fixture.pick(["a", "b", "c"]), fixture.number(-90 * Self.day...0),
        lasting: length + fixture.number(0...length), stream: fixture.pick(["s1", "s2"]))
    }
    try write(moments, in: fixture)
    var count = 0
    for round in 0..<24 {
      let text = (0..<fixture.number(1...2)).reduce("label:\(fixture.pick(["a", "b", "*"]))") { text, _ in
        "\(text) \(fixture.pick(["then", "near"])) \(fixture.pick(["a", "b", "c"])) within \(fixture.pick(["1s", "1h", "1d"]))"
      }
      let found = try fixture.find(text)
      #expect(Set(found.map { Words($0[0]) }) == (try fixture.scan(text)), "\(text)")
      count += found.count
      // What an alert is told of, whichever moment ended last.
      guard round % 12 == 0 else { continue }
      let query = try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
      var told: Set<String> = []
      for moment in moments {
        var finder = FirstFinder(
          query, client: "acme", fixture.library.table, limits: .init(ofMoment: .max, ofFilm: .max))
        told.formUnion(try finder.found(with: moment).map { $0[0].id })
      }
      #expect(told == Set(found.map { $0[0].id }), "the alert \(text)")
    }
    #expect(count > 100, "the searches are about something")
  }
}
