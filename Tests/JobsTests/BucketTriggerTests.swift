import Base
import Bus
import Catalog
import Items
import Library
import Objects
import Store
import TestKit
import Testing

@testable import Jobs

/// A part of a bucket of a real S3 service, and what watches it.
final class BucketFixture {
  let jobs: JobFixture
  let bucket: S3Client
  /// As errors name it.
  let place: String
  let told = Monitor([String]())
  /// How often something was examined.
  let examined = Monitor(0)

  init(_ server: S3Server, jobs: JobFixture? = nil) throws {
    self.jobs = try jobs ?? JobFixture()
    place = "s3://\(S3Server.bucket)/in box/\(FileSystem.name(of: self.jobs.folder.path))"
    bucket = try Self.client(server, place)
    try bucket.makeBucket()
  }

  static func client(_ server: S3Server, _ place: String, secret: String = S3Server.secret) throws -> S3Client {
    var settings = S3Client.Settings()
    settings.retrySeconds = 0.5
    settings.connectSeconds = 2
    return S3Client(
      try S3Address(place, environment: server.environment),
      S3Credentials(accessKey: S3Server.accessKey, secret: secret), settings: settings)
  }

  @discardableResult
  func trigger(_ change: (inout TriggerRequest) -> Void = { _ in }) throws -> Trigger {
    var request = TriggerFixture.request(brand: "Aurora", on: .folder)
    (request.folder, request.bucket, request.tags) = (place, bucket, ["camera"])
    change(&request)
    return try TriggerDesk(jobs.desk).add(request, scope: .all).trigger
  }

  /// Asks `other` where that is said, in place of the bucket.
  func watch(
    over library: Library? = nil, asking other: (@Sendable (String) throws(Fault) -> S3Client)? = nil,
    resting: Double = 0
  ) -> PlaceWatch {
    let (told, examined, bucket) = (told, examined, bucket)
    var watched = WatchedFolders(
      examiner: CountedFilms(count: examined), isMedia: { $0.hasSuffix(".mp4") },
      bucket: { (_) throws(Fault) in bucket },
      complain: { fault in told.update { $0.append(fault.message) } })
    if let other { watched.bucket = other }
    (watched.settling, watched.resting) = (3600, resting)
    return PlaceWatch(JobDesk(library ?? jobs.library, bus: jobs.bus), watched, isRemote: true)
  }

  func put(_ text: String, _ name: String) throws { _ = try bucket.put(key(name), Array(text.utf8)) }
  func key(_ name: String) -> String { "\(bucket.address.prefix)/\(name)" }

  var assets: [Asset] {
    get throws {
      var (found, token) = ([Asset](), PageToken?.none)
      repeat {
        let page = try jobs.library.list(AssetFilter(client: "acme"), scope: .all, limit: 100, after: token)
        (found, token) = (found + page.elements, page.next)
      } while token != nil
      return found
    }
  }

  var names: [String] { get throws { try assets.map(\.name).sorted() } }

  /// Objects that are remembered to have been looked at.
  var remembered: [WatchedFile] {
    get throws {
      try jobs.library.table.items(Query(LibraryKeys.watchedPartition("acme"), limit: 100)).elements
        .filter { !$0.key.sort.hasPrefix("TURN") }.map { try WatchedFile($0) }
    }
  }
}

private struct CountedFilms: MediaExaminer {
  let count: Monitor<Int>

  func examine(_ path: String) throws(Fault) -> Examination {
    count.update { $0 += 1 }
    return try NoTexts().examine(path)
  }
}

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

  @Test("A bucket that may not be read, is missing or is away is told of once for each reason, and the others go on")
  func troubles() throws {
    let server = try #require(S3Server())
    let fixture = try BucketFixture(server)
    var triggers: [String: Trigger] = [:]
    for name in ["forbidden", "missing", "fine"] {
      triggers[name] = try fixture.trigger {
        $0.folder! += "/\(name)"; $0.bucket = try! BucketFixture.client(server, $0.folder!)
      }
    }
    for name in ["forbidden", "missing", "fine"] { try fixture.put(name, "\(name)/a.mp4") }
    let isWell = Monitor(false)
    let watch = fixture.watch(asking: { (place) throws(Fault) in
      do {
        if isWell.update({ $0 }) || place.hasSuffix("fine") { return try BucketFixture.client(server, place) }
        if place.hasSuffix("forbidden") { return try BucketFixture.client(server, place, secret: "wrong") }
        return try BucketFixture.client(server, "s3://no-such-bucket/in")
      } catch { throw error as! Fault }
    })
    for _ in 0..<3 { try watch.watch { false } }
    #expect(try fixture.names == ["a.mp4"])
    var messages = fixture.told.update { $0 }
    #expect(messages.count == 2, "\(messages)")
    #expect(messages.contains { $0.contains("AWS_SECRET_ACCESS_KEY") })
    #expect(messages.contains { $0.contains("there is no bucket no-such-bucket") })
    fixture.told.update { $0 = [] }
    server.kill()
    isWell.update { $0 = true }
    for _ in 0..<3 { try watch.watch { false } }
    messages = fixture.told.update { $0 }
    #expect(messages.count == 3 && messages.allSatisfy { $0.contains("takes no connection") }, "\(messages)")
    server.start()
    // It lists before it is able to read.
    try waitUntil("an object that can be read") {
      ["forbidden", "missing", "fine"].allSatisfy {
        do { return try fixture.bucket.get(fixture.key("\($0)/a.mp4"), 0..<1) != nil } catch { return false }
      }
    }
    let again = fixture.watch(asking: { (place) throws(Fault) in
      do { return try BucketFixture.client(server, place) } catch { throw error as! Fault }
    })
    for _ in 0..<3 { try again.watch { false } }
    #expect(try fixture.assets.count == 3)
    #expect(fixture.told.update { $0 } == messages)
    #expect(try TriggerFixture.started(fixture.jobs).count == 3)
    #expect(throws: Fault.self) {
      try fixture.watch(asking: { (_) throws(Fault) in throw Fault(.usage, "nobody says who asks") }).look { false }
    }
  }

  @Test(
    "A bucket is watched by whoever has its credentials, where it is there, and not where the library keeps its own objects"
  )
  func refused() throws {
    func fault(_ change: (inout TriggerRequest) -> Void) throws -> Fault {
      try #require(throws: Fault.self) { try fixture.trigger(change) }
    }
    #expect(try fault { $0.bucket = nil }.kind == .denied)
    #expect(try fault { $0.folder! += "/" }.message.contains("no slash at the end"))
    #expect(try fault { $0.isPicture = true }.kind == .badInput)
    let missing = "s3://no-such-bucket/in"
    let client = try BucketFixture.client(server, missing)
    #expect(try fault { ($0.folder, $0.bucket) = (missing, client) }.kind == .notFound)
    let stranger = try BucketFixture.client(server, fixture.place, secret: "wrong")
    #expect(try fault { $0.bucket = stranger }.kind == .denied)
    // A library that keeps its bytes there.
    let own = try BucketFixture.client(server, fixture.place + "/library")
    let store = try S3ObjectStore(own, scratch: fixture.jobs.folder.file("scratch"))
    let table = try SQLiteTable(fixture.jobs.folder.file("shared.db"), schema: LibrarySchema.table)
    let library = try Library(sharing: table, store, workingIn: fixture.jobs.folder.file("work"))
    let desk = TriggerDesk(JobDesk(library, bus: fixture.jobs.bus))
    let bucket = "s3://\(S3Server.bucket)"
    for place in [bucket, fixture.place, fixture.place + "/library", fixture.place + "/library/objects"] {
      var request = TriggerFixture.request(on: .folder)
      (request.folder, request.bucket) = (place, try BucketFixture.client(server, place))
      let fault = try #require(throws: Fault.self) { try desk.add(request, scope: .all) }
      #expect(fault.kind == .badInput && fault.message.contains("its own objects"), "\(place): \(fault)")
    }
    var request = TriggerFixture.request(on: .folder)
    let beside = fixture.place + "/library2"
    (request.folder, request.bucket) = (beside, try BucketFixture.client(server, beside))
    #expect(try desk.add(request, scope: .all).isNew)
  }

  @Test(
    "An object that is listed and is not there when it is read, time and again, is told of once, and holds up no other")
  func phantom() throws {
    let trigger = try fixture.trigger()
    var memory = WatchMemory()
    let file = FoundFile(inner: "a.mp4", byteCount: 1, content: "x", state: "x")
    for round in 1...3 {
      #expect(memory[trigger.id].settled([file], 0, at: 5).0.count == 1)
      #expect(memory[trigger.id].misses(file) == round)
    }
    memory[trigger.id].finish(file, until: 9)
    #expect(memory[trigger.id].settled([file], 0, at: 8).0.isEmpty)
    #expect(memory[trigger.id].settled([file], 0, at: 9).0.count == 1)
    let other = FoundFile(inner: "a.mp4", byteCount: 1, content: "y", state: "y")
    #expect(memory[trigger.id].settled([other], 0, at: 8).0.count == 1)
    #expect(memory[trigger.id].misses(other) == 1)
  }

  @Test("What is listed and cannot be had as it was listed is told of once, asked for seldom, and holds up no other")
  func odd() throws {
    try fixture.trigger()
    let odd = try OddBucket()
    let client = try odd.client()
    let watch = fixture.watch(asking: { (_) throws(Fault) in client })
    for _ in 0..<5 { try watch.watch { false } }
    #expect(try fixture.names == ["a+b c.mp4", "x.mp4", "x.mp4", "zz.mp4"])
    let messages = fixture.told.update { $0 }
    let words = [
      ("no UTF-8", "z%FF.mp4"), ("have it restored", "in/cold.mp4"), ("listed with 4 bytes", "in/ghost.mp4"),
      ("not able to read", "in/lost.mp4"), ("listed with 4 bytes", "in/other.mp4"),
    ]
    #expect(messages.count == words.count, "\(messages)")
    for (reason, name) in words { #expect(messages.contains { $0.contains(reason) && $0.contains(name) }, "\(name)") }
    let asked = Dictionary(try odd.log().map { ($0, 1) }, uniquingKeysWith: +)
    #expect(asked["in/cold.mp4"] == 1 && asked["in/ghost.mp4"] == 3 && asked["in/other.mp4"] == 3, "\(asked)")
    #expect(asked["in/../up.mp4"] == nil, "hidden, as it is in a folder")
    #expect(try watch.look { false }, "and nothing is waited for")
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
