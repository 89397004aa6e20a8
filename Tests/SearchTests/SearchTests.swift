import Base
import Catalog
import Items
import Library
import LibraryKit
import Predictions
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

struct SearchTests {
  private func fixture(_ parts: Parts, seed: UInt64 = 1, assets: Int = 12, events: Int = 120) throws -> SearchFixture {
    let fixture = try SearchFixture(parts, seed: seed)
    for number in 0..<assets {
      let asset = try fixture.addAsset(client: number % 4 == 3 ? "bolt" : "acme")
      for series in fixture.chance(0.3) ? ["p", "q"] : ["p"] { try fixture.analyse(asset, series: series) }
    }
    for number in 0..<events {
      _ = try fixture.addEvent(
        "s\(fixture.number(1...5))", client: number % 5 == 4 ? "bolt" : "acme", isOpen: fixture.chance(0.05))
    }
    try fixture.desk.settle(within: 60)
    return fixture
  }

  /// A part of a query that some index serves.
  private func anchor(_ fixture: SearchFixture) -> String {
    switch fixture.number(0...9) {
    case 0...3: fixture.pick(SearchFixture.labels)
    case 4: "label:" + fixture.pick(["c*", "*r*", "per?on", "*"])
    case 5: "zone:" + fixture.pick(SearchFixture.zones)
    case 6: "stream:s\(fixture.number(1...6))"
    case 7: "asset:" + fixture.pick(fixture.assets).id.text
    case 8: "text:" + fixture.pick(["sale", "\"no entry\"", "strasse", "now"])
    default: "(\(fixture.pick(SearchFixture.labels)) or zone:\(fixture.pick(SearchFixture.zones)))"
    }
  }

  private func filter(_ fixture: SearchFixture) -> String {
    switch fixture.number(0...9) {
    case 0: "score:>\(Double(fixture.number(0...8)) / 8)"
    case 1: "score:<=.5"
    case 2: "duration:>\(fixture.number(0...12))s"
    case 3: "-" + fixture.pick(SearchFixture.labels)
    case 4: "is:" + fixture.pick(SearchFixture.colours)
    case 5: "kind:" + fixture.pick(["sight", "event"])
    case 6: "-zone:" + fixture.pick(SearchFixture.zones)
    case 7: "after:2026-03-20T\(10 + fixture.number(0...2)):00Z"
    case 8: "not (is:red or score:>.5)"
    default: "state:over"
    }
  }

  private func step(_ fixture: SearchFixture) -> String {
    var parts = [anchor(fixture)]
    for _ in 0..<fixture.number(0...2) { parts.append(fixture.chance(0.8) ? filter(fixture) : anchor(fixture)) }
    return parts.joined(separator: " ")
  }

  func query(_ fixture: SearchFixture) -> String {
    guard fixture.chance(0.35) else { return step(fixture) }
    var text = step(fixture)
    for _ in 0..<fixture.number(1...2) {
      text += " \(fixture.pick(["then", "near"])) \(step(fixture)) within \(fixture.number(1...600))s"
      if fixture.chance(0.2) { text += " same track" }
    }
    return text
  }

  @Test("What a search finds equals a look at everything, in pages of any length", arguments: Parts.there, [1, 2, 3])
  func exact(parts: Parts, seed: UInt64) throws {
    let fixture = try fixture(parts, seed: seed)
    var count = 0
    for _ in 0..<150 {
      let text = query(fixture)
      let client = fixture.pick(["acme", "acme", "bolt", "none"])
      let found = try fixture.find(text, client: client, limit: fixture.pick([1, 3, 10, 200])).map { Words($0[0]) }
      let wanted = try fixture.scan(text, client: client)
      #expect(Set(found) == wanted, "\(client): \(text)")
      #expect(found.count == wanted.count, "each once: \(text)")
      count += found.count
    }
    #expect(count > 500, "the queries are about something")
  }

  @Test("The newest is found first, and a sequence with its further moments in order", arguments: Parts.there)
  func order(parts: Parts) throws {
    let fixture = try fixture(parts)
    let found = try fixture.find("after:2026-01-01", limit: 20)
    let own = fixture.known.filter { $0.client == "acme" }
    #expect(found.count == own.count)
    let times = found.map { $0[0].from }
    #expect(times == times.sorted(by: >))
    let chains = try fixture.find("label:* then label:* within 5m", limit: 20)
    #expect(chains.allSatisfy { $0.count == 2 && $0[0].source == $0[1].source && $0[0].from <= $0[1].from })
  }

  @Test(
    "A new analysis takes the place of its series' older one; what is deleted or moved is gone at once",
    arguments: Parts.there)
  func replaced(parts: Parts) throws {
    let fixture = try fixture(parts, assets: 3, events: 0)
    let asset = fixture.assets[0]
    let text = "asset:\(asset.id.text)"
    func expectKnown() throws {
      #expect(try Set(fixture.find(text).map { Words($0[0]) }) == fixture.scan(text))
    }
    for round in 0..<4 {
      try fixture.analyse(asset, count: 3 + round)
      try fixture.desk.settle(within: 60)
      try expectKnown()
    }
    try fixture.analyse(asset, series: "other")
    try fixture.desk.settle(within: 60)
    try expectKnown()
    #expect(try fixture.desk.verify() == MomentsReport(checked: fixture.desk.verify().checked))

    _ = try fixture.library.delete(asset.id.text, scope: .all)
    #expect(try fixture.find(text).isEmpty, "before its moments are taken away")
    try fixture.desk.settle(within: 60)
    let rest = try fixture.library.table.items(Query(LibraryKeys.momentPartition(asset.id))).elements
    #expect(rest.isEmpty)
  }

  @Test("An event is found while it lasts, as it ends, and not when it is gone", arguments: Parts.there)
  func events(parts: Parts) throws {
    let fixture = try fixture(parts, assets: 0, events: 0)
    var event = try fixture.addEvent("s1", isOpen: true)
    try fixture.desk.settle(within: 60)
    #expect(try fixture.find("stream:s1 state:open").count == 1)
    (event.state, event.ending, event.to, event.label) = (.over, .over, event.from + 5000, "bear")
    try fixture.library.keep(event, picture: nil)
    try fixture.desk.settle(within: 60)
    #expect(try fixture.find("bear state:over duration:5s..5s").count == 1)
    #expect(try fixture.find("stream:s1 state:open").isEmpty)
    _ = try fixture.library.removeEvents(before: .max / 4)
    try fixture.desk.settle(within: 60)
    #expect(try fixture.find("stream:s1").isEmpty)
  }

  @Test("What no index serves is refused with the way to ask it", arguments: ["score:>.5", "-person", "is:red"])
  func refused(text: String) throws {
    let fixture = try fixture(.embedded, assets: 0, events: 0)
    let fault = #expect(throws: Fault.self) { try fixture.find(text) }
    #expect(fault?.message.contains("no index serves this search") == true)
    #expect(try fixture.find("\(text) after:2026-01-01").isEmpty)
  }

  @Test(
    "Names with any characters are found as they are completed; what began at one instant stands on one page each",
    arguments: Parts.there)
  func odd(parts: Parts) throws {
    let fixture = try fixture(parts, assets: 0, events: 0)
    let names = [
      "http://www.example.org/?q=1&b=#x", "a\"b", "it's", "100%", "a\\b", "*", "OR", "then", "label:x", "人 in 店",
      "e\u{301}",
      "\u{e9}", " leads", "-minus", "(a)", String(repeating: "#", count: 300),
    ]
    var random = SeededRandom(4)
    for (number, name) in names.enumerated() {
      for _ in 0..<5 {
        var event = StreamEvent(
          id: ULID(milliseconds: SearchFixture.start, using: &random), client: "acme", stream: "s1", rule: "r",
          from: SearchFixture.start, pipeline: "sha256:1")
        (event.label, event.zone) = (name, "z\(number)")
        event.end(at: SearchFixture.start + 1)
        try fixture.library.keep(event, picture: nil)
      }
    }
    try fixture.desk.settle(within: 60)
    let all = try fixture.find("stream:s1", limit: 3).map { $0[0].id }
    #expect(all.count == 5 * names.count && Set(all).count == all.count)
    for (number, name) in names.enumerated() {
      let kept = name.asName
      let spelt = SearchQuery.completion(of: "label:", at: 6).spelling(of: kept)
      let found = try fixture.find("label:\(spelt)", limit: 2).map { $0[0] }
      #expect(found.count == 5 && found.allSatisfy { $0.zone == "z\(number)" }, "\(spelt)")
      #expect(try fixture.find("-label:\(spelt) stream:s1").count == 5 * (names.count - 1))
    }
    #expect(try fixture.desk.verify().differences.isEmpty)
  }

  @Test("A label that nothing has is told, with the one that may have been meant")
  func unknown() throws {
    let fixture = try fixture(.embedded)
    func ask(_ text: String) throws -> [UnknownLabel] {
      let query = try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
      return try fixture.desk.search(query, client: "acme", scope: .all).unknown
    }
    #expect(try ask("persn") == [UnknownLabel(label: "persn", suggestion: "person")])
    #expect(try ask("zebra then car") == [UnknownLabel(label: "zebra", suggestion: nil)])
    #expect(try ask("car before:1990-01-01") == [])
  }

  @Test("Labels that no moment has at once, and signs of other languages, are told where nothing is found")
  func notes() throws {
    let fixture = try fixture(.embedded)
    var event = try fixture.addEvent("s1", isOpen: true)
    (event.label, event.state, event.ending) = ("big car", .over, .over)
    try fixture.library.keep(event, picture: nil)
    try fixture.desk.settle(within: 60)
    func ask(_ text: String) throws -> [String] {
      let query = try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
      return try fixture.desk.search(query, client: "acme", scope: .all).notes
    }
    let both = try ask("person car zone:*")
    #expect(both.count == 1 && both[0].contains("write person,car for either, or person near car"))
    #expect(try ask("big car") == ["one label is 'big car': write it in quotes, \"big car\""])
    for (text, way) in [
      ("car || cat", "write OR"), ("car && cat", "leave it out"), ("car then !cat", "-cat"), ("'car'", "quotes are \""),
    ] {
      let notes = try ask(text)
      #expect(notes.count == 1 && notes[0].contains(way), "\(text): \(notes)")
    }
    for text in ["car before:1990-01-01", "car,cat before:1990-01-01", "c* car before:1990-01-01", "zebra", "person"] {
      #expect(try ask(text) == [], "\(text)")
    }
  }

  @Test("Nothing of another client is found, nor completed", arguments: Parts.there)
  func isolation(parts: Parts) throws {
    let fixture = try fixture(parts)
    #expect(try fixture.find("after:2026-01-01", client: "acme", scope: .client("bolt")).isEmpty)
    let desk = fixture.desk
    #expect(try desk.words(.label, beginning: "", client: "acme", scope: .client("bolt")).isEmpty)
    #expect(try desk.words(.label, beginning: "ca", client: "acme", scope: .client("acme")) == ["car", "cat"])
    #expect(try desk.words(.stream, beginning: "s", client: "acme", scope: .all).count > 3)
    let token = try desk.search(
      SearchQuery(parsing: "car", at: SearchFixture.start, in: .utc), client: "acme", scope: .all, limit: 1
    ).next
    #expect(throws: Fault.self) {
      try desk.search(
        SearchQuery(parsing: "car", at: SearchFixture.start, in: .utc), client: "bolt", scope: .all, after: token)
    }
  }

  @Test("Moments that were derived anew from everything are the same; a reader that lost its place begins anew")
  func rebuilt() throws {
    let fixture = try fixture(.embedded)
    #expect(try fixture.desk.verify().differences.isEmpty)
    let table = fixture.library.table
    let before = try Set(fixture.find("after:2026-01-01").map { Words($0[0]) })
    _ = try table.write([.delete(LibraryKeys.momentsOfAnalyses), .delete(LibraryKeys.momentsOfStreams)])
    try fixture.desk.settle(within: 60)
    #expect(try Set(fixture.find("after:2026-01-01").map { Words($0[0]) }) == before)
    #expect(try fixture.desk.verify().differences.isEmpty)
    let one = try #require(try table.entries(of: LibrarySchema.moments, Query("CLIENT#acme#MOMENTS")).elements.first)
    _ = try table.write([.delete(one.key)])
    #expect(try fixture.desk.verify().differences.count == 1)
    try fixture.desk.rebuild()
    #expect(try fixture.desk.verify().differences.isEmpty)
    #expect(try Set(fixture.find("after:2026-01-01").map { Words($0[0]) }) == before)
  }
}
