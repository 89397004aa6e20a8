import Base
import Catalog
import Library
import LibraryKit
import SearchLanguage
import TestKit
import Testing

@testable import Search

struct AlertKillTests {
  private static let queries = ["label:*", "label:* then label:* within 10m", "stream:s1 near label:* within 1h"]

  private func fixture() throws -> SearchFixture {
    let fixture = try SearchFixture(.embedded, seed: 30)
    for (number, query) in Self.queries.enumerated() {
      _ = try AlertDesk(fixture.library).add("a\(number)", query: query, zone: nil, client: "acme", scope: .all)
    }
    let asset = try fixture.addAsset()
    try fixture.analyse(asset, count: 4)
    for _ in 0..<4 { _ = try fixture.addEvent("s1") }
    return fixture
  }

  /// Reads with a table that breaks; whether it did.
  private func read(_ fixture: SearchFixture, _ point: Int, _ moment: BreakingTable.Moment) throws -> Bool {
    let table = BreakingTable(try fixture.ground.table(), at: point, moment)
    let library = try fixture.ground.library(over: table, clock: { SearchFixture.start })
    let deadline = Clock.now + 60_000_000_000
    do throws(Fault) {
      for part in MomentReader.Part.allCases {
        _ = try MomentReader(library: library, part: part).follow(before: deadline)
        try AlertReader(library: library, part: part).follow(before: deadline)
      }
    } catch { guard error == BreakingTable.death else { throw error } }
    return table.isBroken
  }

  @Test(
    "Whichever write a reader dies at, before it or behind it, each alert is told of each moment once",
    arguments: BreakingTable.Moment.allCases)
  func killed(moment: BreakingTable.Moment) throws {
    var point = 0
    while true {
      let fixture = try fixture()
      let isBroken = try read(fixture, point, moment)
      try fixture.settleAlerts()
      let notices = try fixture.notices()
      for (number, query) in Self.queries.enumerated() {
        let found = try fixture.find(query).map { $0[0].id }.sorted()
        #expect((notices["a\(number)"] ?? []).compactMap(\.about).sorted() == found, "\(query), write \(point)")
        #expect(!found.isEmpty)
      }
      guard isBroken, point < 100 else { break }
      point += 1
    }
    #expect((10..<100).contains(point), "\(point) writes were broken")
  }
}
