import Base
import Bus
import Catalog
import Items
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Jobs

/// Jobs in a library without a bus.
struct NoBusTests {
  let fixture: JobFixture
  let desk: JobDesk

  init() throws {
    fixture = try JobFixture(.embedded)
    desk = JobDesk(fixture.library, bus: NoBus())
  }

  private func external() -> JobRequest {
    var request = fixture.request()
    request.isExternal = true
    return request
  }

  private func work(_ fault: Fault) -> JobWork {
    JobWork(desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { false }, beat: {}) {
      (_) throws(Fault) in throw fault
    }
  }

  /// The kind of the fault that is thrown, which names the way out.
  private func refusal(_ body: () throws -> Void) -> Fault.Kind? {
    do {
      try body()
      return nil
    } catch {
      guard let fault = error as? Fault, fault.message.contains("--external") else { return nil }
      return fault.kind
    }
  }

  private func jobs() throws -> Int { try desk.list(client: "acme", state: nil, scope: .all, limit: 10).elements.count }

  @Test func `a bus that holds nothing answers as an empty one, and takes no task`() throws {
    let bus = NoBus()
    #expect(try bus.claim(for: "w", lease: .seconds(1)) == nil && bus.backlog() == 0 && !bus.knows(queue: "acme"))
    #expect(try bus.counts(group: "g") == BusCounts() && bus.remove(queue: "acme") == 0 && bus.retry("g") == 0)
    #expect(try bus.add([]).isEmpty && !bus.waitForTask(atMost: .zero))
    try bus.hold("g")
    let task = BusTask(key: "k", queue: "acme", group: "g", payload: [])
    #expect(refusal { _ = try bus.add([task]) } == .unsupported)
  }

  @Test func `what workers would have to do is refused, and nothing of it is stored`() throws {
    try fixture.add("a")
    #expect(refusal { _ = try desk.start(fixture.request(key: "k"), scope: .all) } == .unsupported)
    var called = external()
    called.webhook = Job.Webhook(address: "https://example.com/", secret: SignedRequest.secret(), reachesPrivate: true)
    #expect(refusal { _ = try desk.start(called, scope: .all) } == .unsupported)
    #expect(try jobs() == 0)
    let triggers = TriggerDesk(desk)
    let ask = TriggerRequest(.asset, group: AssetGroup(client: "acme"), pipeline: JobFixture.pinned)
    #expect(refusal { _ = try triggers.add(ask, scope: .all) } == .unsupported)
    #expect(try triggers.list(client: "acme", scope: .all).isEmpty)
    #expect(try desk.start(external(), scope: .all).isNew)
    #expect(try jobs() == 1)
  }

  @Test func `a job of another engine goes from its start to its end, is tried again, paused and cancelled`() throws {
    for name in ["a", "b"] { try fixture.add(name) }
    let job = try desk.start(external(), scope: .all).job
    let bad = work(Fault(.badInput, "this cannot be read"))
    #expect(try bad.list(job).counts.listed == 2)
    #expect(try desk.pause(job.id.text, scope: .all).state == .paused)
    #expect(try desk.resume(job.id.text, scope: .all).state == .running)
    for item in 0..<2 {
      guard case .failed(let fault) = try bad.run(job, item: item, task: 0) else { throw Fault(.bug, "it is done") }
      #expect(fault.message.contains("this cannot be read"))
    }
    #expect(try desk.job(job.id.text, scope: .all).state == .finished)
    #expect(try desk.retry(job.id.text, scope: .all).items == 2)
    guard case .again = try work(Fault(.unavailable, "away")).run(job, item: 0, task: 0) else {
      throw Fault(.bug, "it is not tried again")
    }
    #expect(try desk.cancel(job.id.text, scope: .all).counts.cancelled == 2)
    #expect(try desk.backlog(scope: .all) == 0 && desk.backlog(scope: .client("acme")) == 0)
  }

  @Test func `of a job that was begun while there was a bus, nothing is changed that needs one`() throws {
    try fixture.add("a")
    let job = try fixture.start()
    try fixture.drain(fixture.work(Fault(.badInput, "this cannot be read")))
    #expect(refusal { _ = try desk.retry(job.id.text, scope: .all) } == .unsupported)
    #expect(try fixture.now(job).state == .finished && fixture.now(job).counts.failed == 1)
    let open = try fixture.start()
    _ = try desk.pause(open.id.text, scope: .all)
    #expect(refusal { _ = try desk.resume(open.id.text, scope: .all) } == .unsupported)
    #expect(try fixture.now(open).state == .paused)
    #expect(try desk.cancel(open.id.text, scope: .all).state == .cancelled)
  }
}
