import Base
import Catalog
import Items
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Library

struct PurgeTests {
  @Test(
    "After a purge nothing holds anything that only that client had, and what another has too is whole",
    arguments: Parts.there)
  func purge(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    // Of this run alone: a server has many libraries.
    let mark = "marked\(UInt64.random(in: 0 ... .max))"
    let (marked, group) = ("\(mark)client", AssetGroup(client: "\(mark)client", brand: "\(mark)-brand", campaign: mark))
    for number in 0..<40 {
      let asset = try fixture.add("\(mark) bytes \(number)", group, name: "\(mark)-name-\(number).mp4")
      try fixture.analyse(
        asset, [LabelScore("\(mark)-label", 1000 * number), LabelScore("b", 3)], pipeline: "sha256:\(number)")
      var edit = AssetEdit()
      edit.tags = ["\(mark)-tag-\(number)"]
      _ = try library.update(asset.id.text, edit, scope: .all)
      if number % 5 == 0 { try library.delete(asset.id.text, scope: .all) }
      if number % 7 == 0 { try library.settle() }
    }
    let shared = try fixture.add("SHARED", group)
    let other = try fixture.add("SHARED", AssetGroup(client: "other"))
    try fixture.analyse(other, [LabelScore("cup", 500_000)])
    #expect(shared.object == other.object)
    #expect(try fixture.ground.places(with: mark).count >= (parts == .shared ? 3 : 2))
    // what the server samples by itself now and then
    if parts == .shared { try PostgreSQLServer.shared.get().run("ANALYZE") }
    let report = try library.purge(marked)
    #expect(report.left.isEmpty && report.assets == 33, "\(report)")
    #expect(try fixture.ground.places(with: mark) == [])
    #expect(try library.open(other.object).byteCount == 6)
    #expect(try library.verify().differenceCount == 0)
    #expect(try library.totals(of: AssetGroup(client: "other"), scope: .all).elements.count == 2)
    #expect(throws: Fault.self) { try library.purge(marked) }
  }

  @Test(
    "Beside another client's assets, whose rows stand between its own, a purge leaves nothing in any file",
    arguments: [1, 2])
  func between(seed: UInt64) throws {
    let fixture = try LibraryFixture(.embedded)
    var random = SeededRandom(seed)
    let mark = "marked\(UInt64.random(in: 0 ... .max))"
    for number in 0..<300 {
      let isMarked = Int.random(in: 0..<5, using: &random) < 2
      let client = isMarked ? mark : "other"
      let long = String(repeating: "x", count: Int.random(in: 0...80, using: &random))
      let asset = try fixture.add(
        "\(client) \(number)", AssetGroup(client: client, brand: "\(client)-\(number % 7)"),
        name: "\(client)-\(long).mp4")
      if number % 3 == 0 { try fixture.analyse(asset, [LabelScore("\(client)-\(number % 5)", 1000)]) }
    }
    let report = try fixture.library.purge(mark)
    #expect(report.left.isEmpty && report.assets > 50, "\(report)")
    #expect(try fixture.ground.places(with: mark) == [])
    #expect(try fixture.library.verify().differenceCount == 0)
  }

  @Test("Nothing can be added to a client that is being purged", arguments: Parts.there)
  func closed(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    _ = try fixture.add("a")
    let item = try #require(try fixture.library.table.get(LibraryKeys.client("acme")))
    var client = try Client(item)
    client.state = .purging
    _ = try fixture.library.table.write([.put(item.key, client.json)])
    #expect { try fixture.add("b") } throws: { ($0 as? Fault)?.kind == .unavailable }
    #expect(try fixture.library.purge("acme").assets == 1)
  }
}

/// What others do while a client is purged.
struct PurgeRaceTests {
  @Test("A purge waits for whoever collects, and takes the bytes then")
  func collecting() throws {
    // In a bucket a turn is the same to a collection.
    let fixture = try LibraryFixture(.embedded)
    let library = fixture.library
    _ = try fixture.add("a")
    let hasTurn = Monitor(false)
    let other = NativeThread {
      try? library.folder.withoutCollection {
        hasTurn.update { $0 = true }
        Clock.sleep(until: Clock.now + 700_000_000)
      }
    }
    try waitUntil("the other to have its turn") { hasTurn.update { $0 } }
    let report = try library.purge("acme")
    other.join()
    #expect(report.objects == 2 && report.left.isEmpty, "\(report)")
  }

  @Test(
    "A file that began to come before the purge is not added after it, and makes no client anew", arguments: Parts.there
  )
  func lateFile(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    _ = try fixture.add("a")
    let stored = try library.put(Array("late".utf8))
    let draft = AssetDraft(group: AssetGroup(client: "acme"), name: "late.mp4")
    try library.checkAdding(draft, scope: .client("acme"))
    _ = try library.purge("acme")
    #expect { try library.add(stored, draft, scope: .client("acme"), examiner: AnyExaminer()) } throws: {
      ($0 as? Fault)?.kind == .notFound
    }
    #expect(try library.clients(scope: .all).isEmpty)
  }

  @Test(
    "What was moved to another client before the purge stays, and its feed still tells that it came",
    arguments: Parts.there)
  func moved(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let asset = try fixture.add("a")
    try fixture.analyse(asset, [LabelScore("cup", 500_000)])
    _ = try fixture.add("b")
    var edit = AssetEdit()
    edit.group = AssetGroup(client: "other")
    _ = try library.update(asset.id.text, edit, scope: .all)
    #expect(try library.purge("acme").left.isEmpty)
    let events = try fixture.events(of: "other")
    #expect(events.map(\.kind) == [.added] && events.map(\.asset.id) == [asset.id])
    #expect(try library.asset(asset.id.text, scope: .client("other")).asset.state == .analysed)
    #expect(try library.verify().differenceCount == 0)
    #expect(try library.totals(of: AssetGroup(client: "other"), scope: .all).elements.count == 2)
  }
}
