import Base
import Catalog
import Items
import Library
import LibraryKit
import TestKit
import Testing

@testable import Jobs
@testable import Objects

/// What tasks may write under a profile.
struct JobDiskTests {
  @Test(
    "A task that would write more than its profile's disk fails for good and says why; the next one has all of it",
    arguments: Parts.there)
  func answers(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<2 { try fixture.add("\(number)") }
    var request = fixture.request()
    request.profile = "edge"
    let job = try fixture.desk.start(request, scope: .all).job
    let objects = fixture.library.objects
    var seen: [Int] = []
    let work = JobWork(fixture.desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { false }, beat: {}) {
      (_) throws(Fault) in
      seen.append(objects.allowance.left ?? -1)
      // As much as answers would be, but for the last bytes of them.
      try objects.allowance.take((2 << 30) - 10)
      _ = try fixture.library.put([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      _ = try fixture.library.put([1])
      throw Fault(.bug, "eleven bytes were written into ten")
    }
    work.listingTurn = .infinity
    let keys = try fixture.drain(work)
    #expect(keys.filter { $0.hasPrefix("item#") }.count == 2, "each is tried once: \(keys)")
    #expect(seen == [2 << 30, 2 << 30] && objects.allowance.left == nil)
    let reasons = try fixture.desk.reasons(of: job, limit: 10).elements
    #expect(reasons.count == 1 && reasons[0].count == 2 && reasons[0].reason.contains("the profile 'edge' has 2GiB"))
  }

  @Test(
    "A place that allows less than a job's profile is what a task is held to, and what refuses it",
    arguments: Parts.there)
  func places(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("0")
    let job = try fixture.desk.start(fixture.request(), scope: .all).job
    let objects = fixture.library.objects
    var seen: [Int] = []
    var memory: [Int] = []
    let work = JobWork(
      fixture.desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { false }, beat: {},
      limitMemory: { memory.append($0 ?? -1) }
    ) { (_) throws(Fault) in
      seen.append(objects.allowance.left ?? -1)
      _ = try fixture.library.put([UInt8](repeating: 1, count: 1001))
      throw Fault(.bug, "1001 bytes were written into 1000")
    }
    work.limits = WorkLimits(memoryBytes: 1 << 30, diskBytes: 1000, place: "the function")
    work.listingTurn = .infinity
    try fixture.drain(work)
    #expect(
      seen == [1000] && !memory.isEmpty && memory.allSatisfy { $0 == (1 << 30) - (64 << 20) }, "\(seen) \(memory)")
    let reasons = try fixture.desk.reasons(of: job, limit: 10).elements
    #expect(reasons.first?.reason.contains("the function has 1000") == true, "\(reasons)")
  }

  @Test("What is announced to be more than may be written is refused before the disk is asked, and for good")
  func announced() throws {
    let objects = try ObjectFolder(TemporaryFolder().path, reserve: 0)
    objects.allowance.begin(100, reason: "there are 100")
    let fault = #expect(throws: Fault.self) { try objects.write(ObjectPlan(byteCount: 1 << 60)) }
    #expect(fault?.kind == .tooLarge && fault?.message.contains("there are 100") == true)
    #expect(objects.allowance.left == 100)
  }

  @Test("What was begun and dropped is given back")
  func dropped() throws {
    let objects = try ObjectFolder(TemporaryFolder().path, reserve: 0)
    objects.allowance.begin(100, reason: "there are 100")
    for _ in 0..<3 {
      let writer = try objects.write(ObjectPlan())
      try writer.append([UInt8](repeating: 1, count: 60).span.bytes)
      let fault = #expect(throws: Fault.self) { try writer.append([UInt8](repeating: 1, count: 60).span.bytes) }
      #expect(fault?.kind == .tooLarge && fault?.message.contains("there are 100") == true)
    }
    #expect(objects.allowance.left == 100)
  }

  @Test(
    "A job whose address gives more than half of its profile's disk fails for good, before a byte is written",
    arguments: Parts.there)
  func fetched(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let server = try LocalServer(folder: fixture.folder.path)
    let film = "\(server.address)/long/\((1 << 30) + 1)/film.mp4"
    var request = fixture.request()
    request.profile = "edge"
    request.source = Job.Source(address: film, reachesPrivate: true, group: AssetGroup(client: "acme"))
    let job = try fixture.desk.start(request, scope: .all).job
    try fixture.drain(fixture.work(JobDeskTests.bad))
    let now = try fixture.now(job)
    #expect(now.state == .failed && now.reason?.contains("longer than the 1073741824 bytes") == true, "\(now)")
  }
}
