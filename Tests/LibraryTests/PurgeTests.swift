import Base
import Catalog
import Foundation
import Items
import Objects
import Store
import TestKit
import Testing

@testable import Library

struct PurgeTests {
  /// The files below a folder in which some bytes stand.
  private func files(in folder: String, with mark: String) throws -> [String] {
    let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
    return names.filter { name in
      guard let bytes = FileManager.default.contents(atPath: folder + "/" + name) else { return false }
      return bytes.range(of: Data(mark.utf8)) != nil
    }
  }

  @Test("After a purge no file holds anything that only that client had, and what another has too is whole")
  func purge() throws {
    let fixture = try LibraryFixture()
    let library = fixture.library
    let group = AssetGroup(client: "markedclient", brand: "MARKED-brand", campaign: "MARKED-campaign")
    for number in 0..<40 {
      let asset = try fixture.add("MARKED bytes \(number)", group, name: "MARKED-name-\(number).mp4")
      try fixture.analyse(
        asset, [LabelScore("MARKED-label", 1000 * number), LabelScore("b", 3)], pipeline: "sha256:\(number)")
      var edit = AssetEdit()
      edit.tags = ["MARKED-tag-\(number)"]
      _ = try library.update(asset.id.text, edit, scope: .all)
      if number % 5 == 0 { try library.delete(asset.id.text, scope: .all) }
      if number % 7 == 0 { try library.settle() }
    }
    let shared = try fixture.add("SHARED", group)
    let other = try fixture.add("SHARED", AssetGroup(client: "other"))
    try fixture.analyse(other, [LabelScore("cup", 500_000)])
    #expect(shared.object == other.object)
    let folder = fixture.folder.file("lib")
    #expect(try !files(in: folder, with: "MARKED").isEmpty)
    let report = try library.purge("markedclient")
    #expect(report.left.isEmpty && report.assets == 33, "\(report)")
    #expect(try files(in: folder, with: "MARKED") == [])
    #expect(try files(in: folder, with: "markedclient") == [])
    #expect(try library.open(other.object).byteCount == 6)
    #expect(try library.verify().differenceCount == 0)
    #expect(try library.totals(of: AssetGroup(client: "other"), scope: .all).elements.count == 2)
    #expect(throws: Fault.self) { try library.purge("markedclient") }
  }

  @Test("Nothing can be added to a client that is being purged")
  func closed() throws {
    let fixture = try LibraryFixture()
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
  @Test("A file that began to come before the purge is not added after it, and makes no client anew")
  func lateFile() throws {
    let fixture = try LibraryFixture()
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

  @Test("What was moved to another client before the purge stays, and its feed still tells that it came")
  func moved() throws {
    let fixture = try LibraryFixture()
    let library = fixture.library
    let asset = try fixture.add("a")
    try fixture.analyse(asset, [LabelScore("cup", 500_000)])
    _ = try fixture.add("b")
    var edit = AssetEdit()
    edit.group = AssetGroup(client: "other")
    _ = try library.update(asset.id.text, edit, scope: .all)
    #expect(try library.purge("acme").left.isEmpty)
    let events = try library.events(of: "other", scope: .client("other"), after: .beginning).events
    #expect(events.map(\.kind) == [.added] && events.map(\.asset.id) == [asset.id])
    #expect(try library.asset(asset.id.text, scope: .client("other")).asset.state == .analysed)
    #expect(try library.verify().differenceCount == 0)
    #expect(try library.totals(of: AssetGroup(client: "other"), scope: .all).elements.count == 2)
  }
}
