import Base
import Catalog
import Items
import Library
import Objects
import Store
import TestKit
import Testing

@testable import Jobs

private let isThere: ConditionTrait = .enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap")

/// Buckets that are not as one would have them.
@Suite(isThere)
struct BucketTroubleTests {
  private let server: S3Server
  private let fixture: BucketFixture

  init() throws {
    server = try #require(S3Server.shared)
    fixture = try BucketFixture(server)
  }

  private static let names = ["fine", "forbidden", "missing"]

  /// Triggers on three parts with an object in each.
  private func makeParts(_ fixture: BucketFixture, _ server: S3Server) throws {
    for name in Self.names {
      let place = "\(fixture.place)/\(name)"
      let client = try BucketFixture.client(server, place)
      try fixture.trigger { ($0.folder, $0.bucket) = (place, client) }
      try fixture.put(name, "\(name)/a.mp4")
    }
  }

  @Test("A bucket that may not be read or is missing is told of once for each reason, and the others go on")
  func forbidden() throws {
    try makeParts(fixture, server)
    let (server, isWell) = (server, Monitor(false))
    let watch = fixture.watch(asking: { (place) throws(Fault) in
      switch place.split(separator: "/").last {
      case "forbidden": try BucketFixture.client(server, place, secret: isWell.update { $0 } ? S3Server.secret : "no")
      case "missing": try BucketFixture.client(server, isWell.update { $0 } ? place : "s3://no-such-bucket/in")
      default: try BucketFixture.client(server, place)
      }
    })
    for _ in 0..<3 { try watch.watch { false } }
    #expect(try fixture.names == ["a.mp4"])
    let messages = fixture.told.update { $0 }
    #expect(messages.count == 2, "\(messages)")
    #expect(messages.contains { $0.contains("AWS_SECRET_ACCESS_KEY") })
    #expect(messages.contains { $0.contains("there is no bucket no-such-bucket") })
    #expect(throws: Fault.self, "and a look that is asked for by hand fails") { try watch.look { false } }
    let none = fixture.watch(asking: { (_) throws(Fault) in throw Fault(.usage, "nobody says who asks") })
    for _ in 0..<2 { try none.watch { false } }
    #expect(fixture.told.update { $0.count } == 5, "once for each trigger")
    // With other words in the environment a server is started anew.
    isWell.update { $0 = true }
    let again = fixture.watch(asking: { (place) throws(Fault) in try BucketFixture.client(server, place) })
    #expect(try again.look { false })
    #expect(try fixture.assets.count == 3)
  }

  @Test("A bucket that is away is told of once, and goes on when it is back")
  func away() throws {
    let server = try #require(S3Server())
    let fixture = try BucketFixture(server)
    try makeParts(fixture, server)
    let watch = fixture.watch(
      asking: { (place) throws(Fault) in try BucketFixture.client(server, place) }, resting: 0.2)
    server.kill()
    // Looks that are none, because the bucket is let rest, are no sign that it is well.
    for _ in 0..<6 {
      try watch.watch { false }
      try watch.watch { false }
      Clock.sleep(until: Clock.now + 250_000_000)
    }
    let messages = fixture.told.update { $0 }
    #expect(messages.count == 3 && messages.allSatisfy { $0.contains("takes no connection") }, "\(messages)")
    #expect(try fixture.assets.isEmpty)
    server.start()
    // It lists before it is able to read.
    try waitUntil("objects that can be read") {
      Self.names.allSatisfy { name in
        do { return try fixture.bucket.get(fixture.key("\(name)/a.mp4"), 0..<1) != nil } catch { return false }
      }
    }
    try waitUntil("what is in the bucket") {
      try watch.watch { false }
      return try fixture.assets.count == 3
    }
    #expect(fixture.told.update { $0 } == messages)
    #expect(try TriggerFixture.started(fixture.jobs).count == 3)
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
}
