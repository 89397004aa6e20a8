import Base
import Bus
import Catalog
import Glibc
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Jobs

/// A folder that is watched for a library.
private struct Watched {
  let fixture: JobFixture
  let folder: String
  let trigger: Trigger
  let told = Monitor([String]())

  init(_ parts: Parts) throws {
    fixture = try JobFixture(parts)
    folder = FileSystem.absolute(fixture.folder.path) + "/in"
    try FileSystem.makeFolder(folder)
    var request = TriggerFixture.request(brand: "Aurora", on: .folder)
    (request.folder, request.tags) = (folder, ["camera"])
    trigger = try TriggerDesk(fixture.desk).add(request, scope: .all).trigger
  }

  func watch(over library: Library? = nil, settling: Double = 0) -> PlaceWatch {
    let told = told
    var watched = WatchedFolders(
      examiner: NoTexts(), isMedia: { $0.hasSuffix(".mp4") },
      bucket: { (_) throws(Fault) in throw Fault(.bug, "no bucket is watched") },
      complain: { fault in told.update { $0.append(fault.message) } })
    watched.settling = settling
    return PlaceWatch(JobDesk(library ?? fixture.library, bus: fixture.bus), watched, isRemote: false)
  }

  func write(_ text: String, _ name: String) throws {
    try FileSystem.write(Array(text.utf8), to: "\(folder)/\(name)")
  }

  var names: [String] {
    get throws {
      try fixture.library.list(AssetFilter(client: "acme"), scope: .all, limit: 100).elements.map(\.name).sorted()
    }
  }
}

struct FolderTriggerTests {
  @Test(
    "A file that comes into the folder, or below it, becomes an asset with the trigger's words, and starts the pipeline, once",
    arguments: Parts.there)
  func takes(parts: Parts) throws {
    let watched = try Watched(parts)
    let fixture = watched.fixture
    try FileSystem.makeFolder("\(watched.folder)/below")
    try watched.write("a", "a.mp4")
    try watched.write("b", "below/b.mp4")
    let watch = watched.watch()
    for _ in 0..<3 { #expect(try watch.look { false }) }
    #expect(try watched.watch().look { false }, "and by a process that has seen nothing")
    let assets = try fixture.library.list(AssetFilter(client: "acme"), scope: .all, limit: 100).elements
    #expect(try watched.names == ["a.mp4", "b.mp4"])
    #expect(assets.allSatisfy { $0.group.brand == "Aurora" && $0.tags == ["camera"] })
    #expect(try TriggerFixture.started(fixture).sorted() == assets.map(\.id).sorted())
    #expect(try fixture.desk.list(client: "acme", state: nil, scope: .all, limit: 9).elements.count == 1)
    // Another film under the same name is another asset.
    try watched.write("longer than before", "a.mp4")
    #expect(try watch.look { false })
    #expect(try watched.names == ["a.mp4", "a.mp4", "b.mp4"])
    #expect(try TriggerFixture.started(fixture).count == 3)
  }

  @Test(
    "What is empty, still changes, is being written, hidden, temporary or no media is left alone",
    arguments: Parts.there)
  func leaves(parts: Parts) throws {
    let watched = try Watched(parts)
    let slow = watched.watch(settling: 3600)
    try watched.write("a", "growing.mp4")
    #expect(try !slow.look { false })
    #expect(try !slow.look { false })
    #expect(try watched.names.isEmpty)
    try FileSystem.remove("\(watched.folder)/growing.mp4")
    for name in [".hidden.mp4", "~x.mp4", "x.part.mp4", "x.tmp.mp4", "x.mp4.crdownload", "notes.txt"] {
      try watched.write("a", name)
    }
    try watched.write("", "empty.mp4")
    let watch = watched.watch()
    #expect(try watch.look { false })
    #expect(try watched.names.isEmpty)
    let writer = open("\(watched.folder)/copied.mp4", O_WRONLY | O_CREAT, 0o644)
    #expect(Glibc.write(writer, "abc", 3) == 3)
    #expect(try !watch.look { false })
    #expect(try watched.names.isEmpty)
    close(writer)
    #expect(try watch.look { false })
    #expect(try watched.names == ["copied.mp4"])
  }

  @Test(
    "A file that is no film is told of once, also after a restart, and taken once it is another one",
    arguments: Parts.there)
  func bad(parts: Parts) throws {
    let watched = try Watched(parts)
    try watched.write("text", "bad.mp4")
    try watched.write("film", "good.mp4")
    for _ in 0..<3 { #expect(try watched.watch().look { false }) }
    #expect(try watched.names == ["good.mp4"])
    let messages = watched.told.update { $0 }
    #expect(messages.count == 1 && messages[0].contains("bad.mp4"), "\(messages)")
    try watched.write("film at last", "bad.mp4")
    #expect(try watched.watch().look { false })
    #expect(try watched.names == ["bad.mp4", "good.mp4"])
  }

  @Test(
    "Whatever write the process dies at, each file is one asset and starts once",
    arguments: BreakingTable.Moment.allCases, Parts.there)
  func crashes(_ moment: BreakingTable.Moment, parts: Parts) throws {
    let watched = try Watched(parts)
    let fixture = watched.fixture
    var names: [String] = []
    for point in 0..<40 {
      for file in ["a", "b"] {
        names.append("\(file)\(point).mp4")
        try watched.write("\(file) \(point) \(moment)", names.last!)
      }
      let table = BreakingTable(fixture.library.table, at: point, moment)
      let broken = try fixture.ground.library(over: table)
      do throws(Fault) { _ = try watched.watch(over: broken).look { false } } catch {
        #expect(error == BreakingTable.death)
      }
      #expect(try watched.watch().look { false })
      try TriggerDesk(fixture.desk).follow(within: 30)
      #expect(try watched.names == names.sorted(), "point \(point), \(moment)")
      #expect(try TriggerFixture.started(fixture).count == names.count, "point \(point), \(moment)")
      guard table.isBroken else { return #expect(point > 3) }
    }
    Issue.record("the way has more writes than were looked for")
  }

  @Test("Two processes that look at a time take each file once", arguments: Parts.there)
  func together(parts: Parts) throws {
    let watched = try Watched(parts)
    let fixture = watched.fixture
    for number in 0..<60 { try watched.write("film \(number)", "\(number).mp4") }
    let threads = try (0..<2).map { _ in
      let watch = watched.watch(over: try fixture.ground.library())
      return NativeThread { for _ in 0..<3 { _ = try? watch.look { false } } }
    }
    for thread in threads { thread.join() }
    #expect(try watched.watch().look { false })
    #expect(try watched.names.count == 60)
    #expect(try TriggerFixture.started(fixture).count == 60)
  }

  @Test(
    "A folder that is gone is a fault; one that holds the library is refused; a removed trigger forgets its files",
    arguments: Parts.there)
  func folders(parts: Parts) throws {
    let watched = try Watched(parts)
    let fixture = watched.fixture
    try watched.write("film", "a.mp4")
    #expect(try watched.watch().look { false })
    let files = Query(LibraryKeys.watchedPartition("acme"))
    #expect(try fixture.library.table.items(files).elements.count == 1)
    var request = TriggerFixture.request(on: .folder)
    for (folder, kind) in [
      (watched.folder + "/no", Fault.Kind.notFound), (fixture.folder.path, .badInput), ("in", .badInput),
    ] {
      request.folder = folder.hasPrefix("/") ? FileSystem.absolute(folder) : folder
      #expect { try TriggerDesk(fixture.desk).add(request, scope: .all) } throws: { ($0 as? Fault)?.kind == kind }
    }
    try FileSystem.remove("\(watched.folder)/a.mp4")
    rmdir(watched.folder)
    #expect(throws: Fault.self) { try watched.watch().look { false } }
    try TriggerDesk(fixture.desk).remove(watched.trigger.id.text, scope: .all)
    #expect(try fixture.library.table.items(files).elements.isEmpty)
    #expect(try watched.watch().look { false })
  }
}

/// Takes everything for a film but what begins with `text`.
struct NoTexts: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination {
    guard try FileSystem.read(path).prefix(4) != ArraySlice("text".utf8) else {
      throw Fault(.badInput, "this is no film")
    }
    return try AnyFilm().examine(path)
  }
}
