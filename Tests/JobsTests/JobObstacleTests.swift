import Base
import Bus
import Catalog
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Jobs

/// What keeps jobs from being done that is nobody's input: wrong bytes, wrong workers, and those who died between two steps.
struct JobObstacleTests {
  @Test(
    "What this worker has no models for is given back and counts as no attempt; the job says so until something of it is done",
    arguments: Parts.there)
  func elsewhere(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let job = try fixture.start()
    try fixture.drain(fixture.work(Fault(.unavailable, "no such model here")))
    #expect(try fixture.now(job).obstacle == "no such model here")
    #expect(try fixture.desk.items(of: job, state: .failed, limit: 10).elements.isEmpty)
    #expect(try fixture.bus.counts(group: job.id.text).delayed == 1)
    let item = try fixture.desk.items(of: job, state: .waiting, limit: 10).elements[0]
    let task = JobTask(.item, job.id, number: item.number, generation: item.generation)
    _ = try fixture.work(JobDeskTests.bad).perform(task.bytes, attempt: 1)
    #expect(try fixture.now(job).obstacle == nil && fixture.now(job).counts.failed == 1)
  }

  @Test(
    "Bytes that are others than were added fail the item, also where they are as many, and what was damaged later is seen"
  )
  func otherBytes() throws {
    // The files of a folder; those of a bucket are below.
    let fixture = try JobFixture(.embedded)
    let assets = try ["aa", "bb", "cc"].map { try fixture.add($0) }
    let files = try assets.map { try fixture.library.file(of: $0) }
    let work = fixture.work(JobDeskTests.bad)
    try FileSystem.remove(files[1])
    try FileSystem.write(Array("acme zz".utf8), to: files[1])
    let job = try fixture.start()
    try fixture.drain(work)
    let items = try fixture.desk.items(of: job, state: .failed, limit: 10).elements
    #expect(
      items.map(\.reason) == [
        "this cannot be read",
        "its bytes are not those that were added: add the file once more, or restore it from a backup",
        "this cannot be read",
      ])
    try FileSystem.remove(files[2])
    try FileSystem.write(Array("acme yy".utf8), to: files[2])
    _ = try fixture.desk.retry(job.id.text, scope: .all)
    try fixture.drain(work)
    #expect(try fixture.desk.reasons(of: job, limit: 10).elements.map(\.count).sorted() == [1, 2])
  }

  @Test(
    "A worker's copy that its disk changed is fetched anew; bytes that the bucket changed fail the item",
    .enabled(if: Parts.there.contains(.shared)))
  func otherCopies() throws {
    let fixture = try JobFixture(.shared)
    let assets = try ["aa", "bb"].map { try fixture.add($0) }
    let files = try assets.map { try fixture.library.file(of: $0) }
    for file in files { try FileSystem.remove(file) }
    try FileSystem.write(Array("acme zz".utf8), to: files[0])
    try fixture.ground.damage(assets[1].object, Array("acme zz".utf8), in: fixture.library)
    let job = try fixture.start()
    try fixture.drain(fixture.work(JobDeskTests.bad))
    let reasons = try fixture.desk.items(of: job, state: .failed, limit: 10).elements.map {
      ($0.asset, $0.reason ?? "")
    }
    #expect(reasons.first { $0.0 == assets[0].id }?.1 == "this cannot be read", "it was looked at")
    #expect(reasons.first { $0.0 == assets[1].id }?.1.contains("add the file once more") == true, "\(reasons)")
    #expect(try FileSystem.read(files[0]) == Array("acme aa".utf8))
  }

  @Test(
    "A job whose items cannot be written down fails with the reason, does no more, and goes on when it is retried",
    arguments: Parts.there)
  func unreadable(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.fill(200)
    let table = fixture.library.table
    // Pages begin with the newest.
    let asset = try fixture.library.list(AssetFilter(client: "acme"), scope: .all, limit: 150).elements[149]
    let sound = String(decoding: asset.json, as: UTF8.self)
    let damaged = sound.replacing("\"codec\"", with: "\"codek\"")
    #expect(damaged != sound)
    _ = try table.write([.put(LibraryKeys.asset(asset.id), Array(damaged.utf8))])
    let work = fixture.work(JobDeskTests.bad)
    let job = try fixture.start()
    try fixture.drain(work, most: 1)
    let failed = try fixture.now(job)
    #expect(failed.state == .failed && failed.reason?.contains("codec") == true, "\(failed.reason ?? "")")
    #expect((1..<150).contains(failed.counts.listed) && failed.ended != nil)
    #expect(try fixture.drain(work).isEmpty)
    _ = try table.write([.put(LibraryKeys.asset(asset.id), asset.json)])
    _ = try fixture.desk.retry(job.id.text, scope: .all)
    try fixture.drain(work)
    let ended = try fixture.now(job)
    #expect(ended.state == .finished && ended.counts.listed == 200 && ended.counts.failed == 200)
    #expect(ended.reason == nil && ended.round == 2)
  }

  @Test(
    "A clock that jumps by an hour and back after every task changes nothing of a job",
    arguments: [3_600_000, -3_600_000], Parts.there)
  func jumpingClock(jump: Int, parts: Parts) throws {
    let clocks = Clocks(date: 1_900_000_000_000, running: 1_000_000_000_000)
    let fixture = try JobFixture(parts, clocks)
    try fixture.fill(60, kept: 20)
    let job = try fixture.start()
    let work = fixture.work(JobDeskTests.bad)
    var keys: [String] = []
    while let key = try fixture.drain(work, most: 1).first {
      clocks.date.update { $0! += keys.count.isMultiple(of: 2) ? jump : -jump }
      clocks.running.update { $0! += 1_000_000 }
      keys.append(key)
    }
    let ended = try fixture.now(job)
    #expect(ended.state == .finished && ended.round == 1 && ended.progress == 1_000_000)
    #expect(ended.counts.listed == 60 && ended.counts.kept == 20 && ended.counts.failed == 40)
    #expect(keys.count == 41 && Set(keys).count == 41, "each task once")
  }

  @Test(
    "What was not handed out, because who was to do so ended before, is handed out by a worker that has nothing else to do",
    arguments: Parts.there)
  func forgotten(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<3 { try fixture.add("\(number)") }
    let job = try fixture.start()
    try fixture.drain(fixture.work(JobDeskTests.bad))
    // A retry that ends between its transaction and the bus.
    let (found, version) = try #require(try fixture.desk.read(job.id))
    var changed = found
    changed.state = .running
    var writes: [Write] = []
    for old in try fixture.desk.items(of: job, state: .failed, limit: 10).elements {
      var item = old
      item.retry()
      changed.count(item, insteadOf: old)
      writes.append(.put(LibraryKeys.jobItem(job.id, item.number), item.json))
    }
    _ = try fixture.table.write(writes + JobChange.update(changed, at: version))
    #expect(try fixture.drain(fixture.work(JobDeskTests.bad)).isEmpty)
    try fixture.desk.handOutForgotten()
    #expect(try fixture.drain(fixture.work(JobDeskTests.bad)).count == 3)
    #expect(try fixture.now(job).state == .finished)
    try fixture.desk.handOutForgotten()
    #expect(try fixture.drain(fixture.work(JobDeskTests.bad)).isEmpty)
  }

  @Test("A job is not begun for a client that is purged meanwhile", arguments: Parts.there)
  func purged(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    _ = try fixture.library.purge("acme")
    #expect(throws: Fault.self) { try fixture.start() }
  }
}
