import Base
import Bus
import Catalog
import Items
import Library
import Store
import TestKit
import Testing

@testable import Jobs

/// What keeps jobs from being done that is nobody's input: wrong bytes, wrong workers, and those who died between two steps.
struct JobObstacleTests {
  @Test(
    "What this worker has no models for is given back and counts as no attempt; the job says so until something of it is done"
  )
  func elsewhere() throws {
    let fixture = try JobFixture()
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
    let fixture = try JobFixture()
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
    "What was not handed out, because who was to do so ended before, is handed out by a worker that has nothing else to do"
  )
  func forgotten() throws {
    let fixture = try JobFixture()
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

  @Test("A job is not begun for a client that is purged meanwhile")
  func purged() throws {
    let fixture = try JobFixture()
    try fixture.add("a")
    _ = try fixture.library.purge("acme")
    #expect(throws: Fault.self) { try fixture.start() }
  }
}
