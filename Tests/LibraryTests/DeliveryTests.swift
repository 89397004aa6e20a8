import Base
import Catalog
import Items
import LibraryKit
import Store
import TestKit
import Testing

@testable import Library

/// Changes that several readers are handed at a time, as by two processes.
struct DeliveryTests {
  @Test(
    "Changes that are delivered to eight readers at a time, and again from the beginning, count once",
    arguments: Parts.there)
  func twice(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let spring = AssetGroup(client: "acme", brand: "Aurora", campaign: "spring")
    for number in 0..<40 {
      let asset = try fixture.add("\(number)", number % 2 == 0 ? spring : AssetGroup(client: "other"))
      try fixture.analyse(asset, [LabelScore("cup", number * 25_000), LabelScore("cat", number)])
      if number % 5 == 0 { try fixture.analyse(asset, [LabelScore("cup", 7)], pipeline: "sha256:2") }
      if number % 7 == 0 { try fixture.library.delete(asset.id.text, scope: .all) }
    }
    let failure = Monitor(String?.none)
    let readers = (0..<8).map { _ in
      NativeThread { [fixture] in
        do {
          // What an application of a table that is open twice has: nothing that is shared but what it stands on.
          let table = try fixture.ground.table()
          _ = try TotalsReader(table).apply(before: Clock.now + 30_000_000_000)
        } catch { failure.update { $0 = "\(error)" } }
      }
    }
    for reader in readers { reader.join() }
    #expect(failure.update { $0 } == nil)
    let recount = try Recount(fixture.library, clients: ["acme", "other"])
    #expect(try Recount.answers(fixture.library, clients: ["acme", "other"]) == recount.totals)
    #expect(try fixture.library.verify().differenceCount == 0)
  }

  @Test("A batch that was read before another reader wrote it is refused as a whole", arguments: Parts.there)
  func stale(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let asset = try fixture.add("a")
    let table = fixture.library.table
    let before = try table.get(LibraryKeys.totalsPosition)
    var batch = TotalsBatch(from: try TotalsReader.read(before))
    for change in try table.changes(after: .beginning, limit: 100).changes {
      let isWhole = try batch.add(change)
      #expect(isWhole)
    }
    try fixture.library.settle()
    let position = Write.put(
      LibraryKeys.totalsPosition, Array("{}".utf8), if: before.map { .version($0.version) } ?? .absent)
    let late = try table.write(try batch.writes(over: try table.get(batch.keys)) + [position])
    if case .committed = late { Issue.record("a change was counted twice") }
    #expect(try Recount.answers(fixture.library, clients: ["acme"])["acme|assets"]?.sum == asset.byteCount)
  }
}
