import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Jobs

private let isThere: ConditionTrait = .enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap")

@Suite(isThere)
struct BucketTriggerTests {
  private let server: S3Server
  private let fixture: BucketFixture

  init() throws {
    server = try #require(S3Server.shared)
    fixture = try BucketFixture(server)
  }

  @Test(
    "An object that comes into the part of the bucket becomes an asset with the trigger's words, and starts the pipeline, once"
  )
  func takes() throws {
    try fixture.trigger()
    try fixture.put("a", "a.mp4")
    try fixture.put("b", "below/b.mp4")
    // Beside it, standing for folders, empty, hidden, of other kinds, not whole.
    _ = try fixture.bucket.put("\(fixture.bucket.address.prefix)x/beside.mp4", [1])
    for name in ["", "folder.mp4/", "empty.mp4"] { try fixture.put("", name) }
    for name in [".hidden.mp4", ".git/x.mp4", "notes.txt", "x.mp4.part"] { try fixture.put("x", name) }
    let watch = fixture.watch()
    for _ in 0..<3 { #expect(try watch.look { false }) }
    #expect(try fixture.watch().look { false }, "and by a process that has seen nothing")
    let assets = try fixture.assets
    #expect(try fixture.names == ["a.mp4", "b.mp4"])
    #expect(assets.allSatisfy { $0.group.brand == "Aurora" && $0.tags == ["camera"] })
    #expect(try TriggerFixture.started(fixture.jobs).sorted() == assets.map(\.id).sorted())
    #expect(try fixture.jobs.desk.list(client: "acme", state: nil, scope: .all, limit: 9).elements.count == 1)
    // Another film under the same name, as long as the first, is another asset.
    try fixture.put("c", "a.mp4")
    for _ in 0..<2 { #expect(try watch.look { false }) }
    #expect(try fixture.names == ["a.mp4", "a.mp4", "b.mp4"])
    #expect(try TriggerFixture.started(fixture.jobs).count == 3)
    #expect(fixture.told.update { $0 }.isEmpty)
  }

  @Test("An object that is no film is told of and fetched once, holds up no other, and is taken once it is another one")
  func bad() throws {
    try fixture.trigger()
    try fixture.put("text", "bad.mp4")
    try fixture.put("film", "good.mp4")
    for _ in 0..<3 { #expect(try fixture.watch().look { false }) }
    #expect(try fixture.names == ["good.mp4"])
    #expect(fixture.examined.update { $0 } == 2)
    let messages = fixture.told.update { $0 }
    #expect(messages.count == 1 && messages[0].contains("\(fixture.place)/bad.mp4 is not taken"), "\(messages)")
    try fixture.put("film at last", "bad.mp4")
    #expect(try fixture.watch().look { false })
    #expect(try fixture.names == ["bad.mp4", "good.mp4"])
  }

  @Test("Keys of every kind are read as they are, and name assets as files do")
  func keys() throws {
    try fixture.trigger()
    let fine = [
      "a b.mp4", "a+b.mp4", "p%20q.mp4", "q?x=1&y#z.mp4", "\u{e9}~*'()!;.mp4", "..mp4..mp4", "\u{1f3ac}.mp4",
      "same/x.mp4", "sub/\u{301}x.mp4",
      (1...4).map { String(repeating: "\($0)", count: 200) + "/" }.joined() + "deep.mp4",
    ]
    for key in fine { try fixture.put(key, key) }
    for key in ["line\nend.mp4", "tab\t.mp4"] { try fixture.put(key, key) }
    let watch = fixture.watch()
    for _ in 0..<2 { #expect(try watch.look { false }) }
    let taken = fine.filter { !$0.hasPrefix("..") }.map { Array($0.utf8.split(separator: UInt8(ascii: "/")).last!) }
    let names = try fixture.names
    #expect(Set(names.map { Array($0.utf8) }) == Set(taken), "\(names)")
    // The hidden one is left alone, as in a folder.
    #expect(try fixture.assets.count == fine.count - 1)
    for asset in try fixture.assets {
      let reader = try #require(try fixture.jobs.library.objects.open(ObjectName(asset.object)!))
      let text = String(decoding: try reader.read(0..<1000), as: UTF8.self)
      #expect(fine.contains { $0.hasSameBytes(as: text) } && text.hasSuffix(".mp4"))
    }
    let messages = fixture.told.update { $0 }
    #expect(
      messages.count == 2 && messages.allSatisfy { $0.contains("255 bytes and no control characters") }, "\(messages)")
  }

  @Test("Of more objects than one list holds none is missed")
  func pages() throws {
    try fixture.trigger()
    for number in 0..<1010 { try fixture.put(number % 100 == 99 ? "film \(number)" : "", "\(10_000 + number).mp4") }
    let watch = fixture.watch()
    #expect(try watch.look { false })
    #expect(try fixture.names == (0..<10).map { "\(10_099 + 100 * $0).mp4" })
    #expect(try watch.look { false })
    #expect(try TriggerFixture.started(fixture.jobs).count == 10)
  }

  @Test("What is gone from the bucket is forgotten; its assets stay")
  func gone() throws {
    try fixture.trigger()
    for name in ["a.mp4", "b.mp4"] { try fixture.put(name, name) }
    #expect(try fixture.watch().look { false })
    #expect(try fixture.remembered.map(\.path).sorted() == ["a.mp4", "b.mp4"])
    try fixture.bucket.remove(fixture.key("a.mp4"))
    #expect(try fixture.watch().look { false })
    #expect(try fixture.remembered.map(\.path) == ["b.mp4"])
    #expect(try fixture.names == ["a.mp4", "b.mp4"])
    // The same bytes again are the same asset, which was analysed.
    try fixture.put("a.mp4", "a.mp4")
    #expect(try fixture.watch().look { false })
    #expect(try fixture.names.count == 2)
    #expect(try TriggerFixture.started(fixture.jobs).count == 2)
  }

  @Test("An object that is written anew while it is read is taken as what it became")
  func torn() throws {
    let place = BucketPlace(client: fixture.bucket, isMedia: { _ in true })
    let (old, new) = ([UInt8](repeating: 1, count: 9 << 20), [UInt8](repeating: 2, count: 9 << 20))
    _ = try fixture.bucket.put(fixture.key("a.mp4"), old)
    var files: [FoundFile] = []
    try place.forEachPart(after: nil, tell: { _ in }) { (found) throws(Fault) in
      files += found
      return true
    }
    let file = try #require(files.first)
    var blocks = 0
    let isWhole = try place.read(file, goesOn: { true }) { (_) throws(Fault) in
      if blocks == 0 { _ = try fixture.bucket.put(fixture.key("a.mp4"), new) }
      blocks += 1
    }
    #expect(!isWhole && blocks == 1)
    #expect(try !place.read(file, goesOn: { false }) { _ in }, "and a server that ends waits for no more than one part")
    try fixture.trigger()
    #expect(try fixture.watch().look { false })
    let asset = try #require(try fixture.assets.first)
    #expect(try fixture.jobs.library.objects.open(ObjectName(asset.object)!)?.read(0..<1) == [2])
  }

  @Test(
    "Whatever write the process dies at, each object is one asset and starts once",
    arguments: BreakingTable.Moment.allCases)
  func crashes(_ moment: BreakingTable.Moment) throws {
    try fixture.trigger()
    // Clocks stand still: a turn that a dead process has is over for one that comes two minutes later.
    var names: [String] = []
    for point in 0..<40 {
      for file in ["a", "b"] {
        names.append("\(file)\(point).mp4")
        try fixture.put("\(file) \(point) \(moment)", names.last!)
      }
      let table = BreakingTable(fixture.jobs.library.table, at: point, moment)
      let broken = try Library(fixture.jobs.library.path, table: table)
      do throws(Fault) { _ = try fixture.watch(over: broken).look { false } } catch {
        #expect(error == BreakingTable.death)
      }
      let later = try Library(
        fixture.jobs.library.path, table: fixture.jobs.table, clock: { Int(Clock.seconds * 1000) + 121_000 })
      #expect(try fixture.watch(over: later).look { false })
      try TriggerDesk(fixture.jobs.desk).follow(within: 30)
      #expect(try fixture.names == names.sorted(), "point \(point), \(moment)")
      #expect(try TriggerFixture.started(fixture.jobs).count == names.count, "point \(point), \(moment)")
      guard table.isBroken else { return #expect(point > 5) }
    }
    Issue.record("the way has more writes than were looked for")
  }

  @Test("Two processes that look at a time take each object once, and fetch it once")
  func together() throws {
    try fixture.trigger()
    for number in 0..<60 { try fixture.put("film \(number)", "\(number).mp4") }
    let threads = try (0..<2).map { _ in
      let watch = fixture.watch(over: try Library(fixture.jobs.library.path))
      return NativeThread { for _ in 0..<3 { _ = try? watch.look { false } } }
    }
    for thread in threads { thread.join() }
    while try !fixture.watch().look(isStopped: { false }) {}
    #expect(try fixture.names.count == 60)
    #expect(try TriggerFixture.started(fixture.jobs).count == 60)
    #expect(fixture.examined.update { $0 } == 60)
  }

  @Test("One process at a time has the turn, until it gives it up or is silent for two minutes")
  func turns() throws {
    let trigger = try fixture.trigger()
    let clocks = fixture.jobs.clocks
    clocks.date.update { $0 = 1_800_000_000_000 }
    var (first, second) = (WatchTurn(fixture.jobs.library, trigger), WatchTurn(fixture.jobs.library, trigger))
    #expect(try first.take() && !second.take())
    clocks.date.update { $0! += 60_000 }
    #expect(try first.keep() && !second.take())
    clocks.date.update { $0! += 100_000 }
    #expect(try !second.take())
    clocks.date.update { $0! += 21_000 }
    #expect(try second.take() && !first.keep())
    try first.end()
    #expect(try !first.take())
    try second.end()
    #expect(try first.take())
    try first.end()
  }

  @Test("A removed trigger forgets its objects and its turn; a look rests, the longer the longer its list takes")
  func ends() throws {
    let trigger = try fixture.trigger()
    try fixture.put("a", "a.mp4")
    let watch = fixture.watch(resting: 3600)
    #expect(try watch.look { false })
    try fixture.put("b", "b.mp4")
    #expect(try watch.look { false })
    #expect(try fixture.names == ["a.mp4"])
    var turn = WatchTurn(fixture.jobs.library, trigger)
    #expect(try turn.take())
    #expect(try !fixture.watch().look { false }, "another has the turn")
    try TriggerDesk(fixture.jobs.desk).remove(trigger.id.text, scope: .all)
    let left = Query(LibraryKeys.watchedPartition("acme"))
    #expect(try fixture.jobs.library.table.items(left).elements.isEmpty)
    #expect(try fixture.watch().look { false })
  }
}
