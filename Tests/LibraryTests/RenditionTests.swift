import Base
import Catalog
import Items
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Library

struct RenditionTests {
  private func rendition(
    _ asset: Asset, _ text: String, in library: Library, key: String = String(repeating: "b", count: 64)
  ) throws -> (kept: KeptRendition, held: [StoredObject]) {
    let (object, facts) = (try library.put(Array(text.utf8)), try library.put(Array("facts \(text)".utf8)))
    return (
      KeptRendition(
        asset: asset.id, key: key, settings: RenditionSettings(height: 240, fps: 5), object: object.name.digest,
        byteCount: object.byteCount, facts: facts.name.digest, size: Size(width: 320, height: 240), frameCount: 50,
        made: library.now), [object, facts]
    )
  }

  /// Everything in the table that has to do with renditions.
  private func traces(_ library: Library, of asset: Asset) throws -> Int {
    var count = try library.renditions(of: asset.id).count
    for shard in ObjectName.shards {
      try library.table.forEach(Query(LibraryKeys.objectPartition(shard))) { item in
        if item.key.sort.contains("RENDITION") { count += 1 }
      }
    }
    return count
  }

  @Test(
    "A rendition is found again by its key, stays as long as its asset, and goes with it, its bytes too",
    arguments: Parts.there)
  func life(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let (library, asset) = (fixture.library, try fixture.add("film"))
    var made: (kept: KeptRendition, held: [StoredObject])? = try rendition(asset, "light", in: library)
    let kept = try library.keep(made!.kept, holding: made!.held)
    made = nil
    #expect(try library.renditions(of: asset.id) == [kept] && library.rendition(of: asset.id, key: kept.key) == kept)
    #expect(try library.rendition(of: asset.id, key: "another") == nil)
    #expect(try library.collect()?.removed == 0)
    #expect(try library.damagedObjects() == [] && traces(library, of: asset) == 3)
    var edit = AssetEdit()
    edit.client = "other"
    _ = try library.update(asset.id.text, edit, scope: .all)
    #expect(try library.renditions(of: asset.id) == [kept], "it moves with its asset")
    try library.delete(asset.id.text, scope: .all)
    #expect(try traces(library, of: asset) == 0)
    #expect(try library.collect()?.removed == 4, "film, thumbnail, rendition and its facts")
    #expect(throws: Fault.self) { try library.open(kept.object) }
  }

  @Test("What two made at once is kept once; what is replaced is needed no more", arguments: Parts.there)
  func twice(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let (library, asset) = (fixture.library, try fixture.add("film"))
    let (one, two) = (try rendition(asset, "one", in: library), try rendition(asset, "two", in: library))
    #expect(try library.keep(one.kept, holding: one.held) == one.kept)
    #expect(try library.keep(two.kept, holding: two.held) == one.kept && traces(library, of: asset) == 3)
    #expect(try library.keep(two.kept, holding: two.held, replaces: true) == two.kept)
    #expect(try library.renditions(of: asset.id) == [two.kept] && traces(library, of: asset) == 3)
  }

  @Test("An asset that was deleted while its rendition was made gets none", arguments: Parts.there)
  func late(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let (library, asset) = (fixture.library, try fixture.add("film"))
    let made = try rendition(asset, "light", in: library)
    try library.delete(asset.id.text, scope: .all)
    #expect { try library.keep(made.kept, holding: made.held) } throws: { ($0 as? Fault)?.kind == .notFound }
    #expect(try traces(library, of: asset) == 0)
  }

  @Test(
    "A purge takes renditions with their assets, and leaves another client's of the same bytes", arguments: Parts.there)
  func purge(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let (mine, others) = (try fixture.add("film"), try fixture.add("film", AssetGroup(client: "other")))
    for asset in [mine, others] {
      let made = try rendition(asset, "light", in: library)
      _ = try library.keep(made.kept, holding: made.held)
    }
    let before = try library.renditions(of: others.id)
    let report = try library.purge("acme")
    #expect(report.left.isEmpty && report.assets == 1, "\(report)")
    #expect(try library.renditions(of: mine.id) == [] && library.renditions(of: others.id) == before)
    #expect(try library.open(before[0].object).byteCount == 5 && library.damagedObjects() == [])
    _ = try library.purge("other")
    #expect(try traces(library, of: others) == 0)
    #expect(try fixture.ground.objects() == [])
  }

  @Test("An object of a file is written where it is not there, or was changed by the disk")
  func file() throws {
    // What a bucket does with files stands in the tests of Objects.
    let fixture = try LibraryFixture(.embedded)
    let (library, file) = (fixture.library, fixture.folder.file("a.bin"))
    try FileSystem.write(Array("some bytes".utf8), to: file)
    let name = try library.put(Array("some bytes".utf8)).name
    let path = try library.objects.file(of: name)
    let place = FileSystem.stamp(of: path)?.place
    #expect(try library.put(file: file, digest: name.digest).name == name)
    #expect(FileSystem.stamp(of: path)?.place == place, "it was not written again")
    try FileSystem.remove(path)
    try FileSystem.write(Array("other text".utf8), to: path)
    #expect(try library.put(file: file, digest: name.digest).byteCount == 10 && library.objects.verify(name) == .sound)
    #expect(throws: Fault.self) { try library.put(file: file, digest: String(repeating: "0", count: 64)) }
  }
}
