import Base
import Catalog
import Items
import LibraryKit
import Objects
import TestKit
import Testing

@testable import Library

struct AssetTests {
  private let aurora = AssetGroup(client: "acme", brand: "Aurora", campaign: "spring")

  @Test(
    "The same file in the same group is added once; in another group it is another asset of the same bytes",
    arguments: Parts.there)
  func twice(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let first = try fixture.add("a", aurora)
    #expect(try fixture.add("a", aurora).id == first.id)
    #expect(try fixture.add("a", aurora, name: "other.mp4").id != first.id)
    let other = try fixture.add("a", AssetGroup(client: "other"))
    #expect(other.id != first.id && other.object == first.object)
  }

  @Test(
    "A library into which nothing was put has no clients and no assets, and says so without a fault",
    arguments: Parts.there)
  func nothing(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    #expect(try library.clients(scope: .all).isEmpty)
    #expect(try library.clients(scope: .client("acme")).isEmpty)
    #expect(try library.list(AssetFilter(client: "acme"), scope: .all, limit: 10).elements.isEmpty)
    #expect(try library.totals(of: AssetGroup(client: "acme"), scope: .all, limit: 10).elements.isEmpty)
    _ = try fixture.add("a", aurora)
    #expect(try library.clients(scope: .all).map(\.name) == ["acme"])
  }

  @Test("Lists are the newest first, in pages, and only of the group asked for", arguments: Parts.there)
  func lists(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let group = AssetGroup(client: "acme", brand: "Aurora")
    let assets = try (0..<7).map { try fixture.add("\($0)", $0 % 2 == 0 ? group : AssetGroup(client: "acme")) }
    var filter = AssetFilter(client: "acme")
    let page = try library.list(filter, scope: .all, limit: 4)
    let rest = try library.list(filter, scope: .client("acme"), limit: 4, after: page.next)
    #expect(Set((page.elements + rest.elements).map(\.id)) == Set(assets.map(\.id)) && rest.next == nil)
    filter.group = group
    #expect(try library.list(filter, scope: .all, limit: 10).elements.count == 4)
    filter.group.client = "nobody"
    #expect(try library.list(filter, scope: .all, limit: 10).elements.isEmpty)
  }

  @Test("An asset of another client is answered as one that is not there", arguments: Parts.there)
  func foreign(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let asset = try fixture.add("a", aurora)
    let missing = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    for scope in [ClientScope.client("other")] {
      let faults = [asset.id.text, missing].map { id -> Fault? in
        do throws(Fault) { _ = try library.asset(id, scope: scope) } catch {
          return Fault(error.kind, error.message.replacing(id, with: "ID"))
        }
        return nil
      }
      #expect(faults[0] != nil && faults[0] == faults[1])
      #expect(try library.list(AssetFilter(client: "acme"), scope: scope, limit: 10).elements.isEmpty)
      #expect(throws: Fault.self) { try library.delete(asset.id.text, scope: scope) }
      #expect(try library.clients(scope: scope).isEmpty)
      #expect(try library.totals(of: AssetGroup(client: "acme"), scope: scope).elements.isEmpty)
    }
  }

  @Test(
    "A deleted asset takes its analyses and its bytes with it, but not bytes that another asset has",
    arguments: Parts.there)
  func deletion(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let (gone, stays) = (try fixture.add("a", aurora), try fixture.add("a", AssetGroup(client: "other")))
    let alone = try fixture.add("b", aurora)
    try fixture.analyse(gone, [LabelScore("cup", 500_000)])
    try library.delete(gone.id.text, scope: .all)
    try library.delete(alone.id.text, scope: .all)
    let collected = try #require(try library.collect())
    #expect(collected.removed == 3)  // bytes of b, and predictions and log
    #expect(throws: Fault.self) { try library.asset(gone.id.text, scope: .all) }
    #expect(try library.open(stays.object).byteCount == 1)
    #expect(throws: Fault.self) { try library.open(alone.object) }
    try library.settle()
    #expect(try library.totals(of: AssetGroup(client: "acme"), scope: .all).elements.isEmpty)
  }

  @Test("A library whose folder another one took collects nothing there")
  func replaced() throws {
    // A library that is shared is no folder.
    let fixture = try LibraryFixture(.embedded)
    let library = fixture.library
    _ = try fixture.add("a", aurora)
    let folder = fixture.folder.file("lib")
    try FileSystem.move(folder, to: folder + "-old")
    let other = try Library(folder)
    let file = fixture.folder.file("in-a.bin")
    let asset = try other.add(
      file: file, AssetDraft(group: aurora, name: "a"), scope: .all, examiner: AnyExaminer()
    ).asset
    #expect { try library.collect() } throws: { ($0 as? Fault)?.kind == .unavailable }
    #expect(try other.open(asset.object).byteCount == 1)
  }

  @Test(
    "Bytes that the disk changed are not given out as the asset's, and a look at all objects names them",
    arguments: Parts.there)
  func damaged(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let asset = try fixture.add("whole", aurora)
    let other = try fixture.add("other", aurora)
    #expect(try library.damagedObjects().isEmpty)
    try fixture.ground.damage(asset.object, Array("cut".utf8), in: library)
    #expect(throws: Fault.self) { try library.content(of: asset) }
    #expect(throws: Fault.self) { try library.file(of: asset) }
    #expect(try library.content(of: other).byteCount == 5)
    #expect(try library.damagedObjects() == [asset.object])
    _ = try fixture.add("whole", aurora, name: "again.mp4")
    #expect(try library.damagedObjects().isEmpty && library.content(of: asset).byteCount == 5)
  }

  @Test(
    "Of two moves at once, each of which says a part of the group, neither undoes the other", arguments: Parts.there)
  func moves(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let asset = try fixture.add("a", AssetGroup(client: "acme", brand: "Aurora"))
    let edits = (0..<16).map { number in
      var edit = AssetEdit()
      if number % 2 == 0 { edit.client = "other" } else { edit.campaign = .some("spring") }
      return edit
    }
    let threads = edits.map { edit in
      NativeThread { [library] in _ = try? library.update(asset.id.text, edit, scope: .all) }
    }
    for thread in threads { thread.join() }
    let group = try library.asset(asset.id.text, scope: .all).asset.group
    #expect(group == AssetGroup(client: "other", brand: "Aurora", campaign: "spring"))
  }

  @Test(
    "A client's limit refuses what is beyond it before anything is written, and counts what is deleted no longer",
    arguments: Parts.there)
  func limits(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    try library.limit("acme", to: 10)
    let first = try fixture.add("12345678", aurora)
    #expect { try fixture.add("abc", aurora) } throws: { ($0 as? Fault)?.kind == .exhausted }
    _ = try fixture.add("ab", aurora)
    #expect { try fixture.add("c", aurora) } throws: { ($0 as? Fault)?.kind == .exhausted }
    try library.delete(first.id.text, scope: .all)
    _ = try fixture.add("abc", aurora)
    let other = try fixture.add("abcdefgh", AssetGroup(client: "other"))
    var edit = AssetEdit()
    edit.group = aurora
    #expect { try library.update(other.id.text, edit, scope: .all) } throws: { ($0 as? Fault)?.kind == .exhausted }
  }

  @Test("An edit holds on the version that was seen", arguments: Parts.there)
  func versions(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let asset = try fixture.add("a", aurora)
    let seen = try library.asset(asset.id.text, scope: .all).version
    var edit = AssetEdit()
    edit.tags = ["one"]
    _ = try library.update(asset.id.text, edit, scope: .all, ifVersion: seen)
    #expect(throws: Fault.self) { try library.update(asset.id.text, edit, scope: .all, ifVersion: seen) }
    #expect(try library.asset(asset.id.text, scope: .all).asset.tags == ["one"])
  }

  @Test("A folder that holds other things is not made a library of")
  func otherFolder() throws {
    // Only a folder may hold other things.
    let folder = TemporaryFolder()
    try FileSystem.write([1], to: folder.file("letter.txt"))
    #expect { try Library(folder.path) } throws: { "\($0)".contains("letter.txt") }
    #expect { try Library(folder.path + "/none", makes: false) } throws: { ($0 as? Fault)?.kind == .notFound }
  }
}

/// Several at once.
struct SimultaneousTests {
  @Test("The same file that eight threads add at once is one asset", arguments: Parts.there)
  func once(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let ids = Monitor(Set<ULID>())
    let file = fixture.folder.file("same.bin")
    try FileSystem.write(Array("same".utf8), to: file)
    let threads = (0..<8).map { _ in
      NativeThread { [library = fixture.library] in
        let draft = AssetDraft(group: AssetGroup(client: "acme"), name: "same.mp4")
        guard let added = try? library.add(file: file, draft, scope: .all, examiner: AnyExaminer()) else { return }
        ids.update { _ = $0.insert(added.asset.id) }
      }
    }
    for thread in threads { thread.join() }
    #expect(ids.update { $0.count } == 1)
    #expect(try fixture.library.list(AssetFilter(client: "acme"), scope: .all, limit: 10).elements.count == 1)
  }
}
