import Base
import Bus
import Catalog
import Library
import LibraryKit
import TestKit
import Testing

@testable import Jobs

/// When a worker ends that is to work until there is nothing more.
struct WorkerEndTests {
  private func worker(_ fixture: JobFixture, within seconds: Double, prepare: @escaping () -> Void = {}) -> Worker {
    let deadline = Clock.now + UInt64(seconds * 1e9)
    let work = JobWork(
      fixture.desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { Clock.now > deadline }, beat: {}
    ) { (_) throws(Fault) in throw Fault(.badInput, "this cannot be read") }
    return Worker(work, told: { (_) throws(Fault) in }, prepare: prepare, complain: { _ in })
  }

  @Test("What another is at is waited for, or not, as is asked", arguments: Parts.there)
  func lent(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("one")
    _ = try fixture.start()
    _ = try #require(try fixture.bus.claim(for: "another", lease: .seconds(60)))
    let watch = Stopwatch()
    try worker(fixture, within: 20).run(untilIdle: true, waitsForOthers: false)
    #expect(watch.seconds < 10)
    let waiting = Stopwatch()
    try worker(fixture, within: 2).run(untilIdle: true)
    #expect(waiting.seconds > 1.5)
  }

  @Test("Room is made before each task, and what its own tasks add is done before it ends", arguments: Parts.there)
  func room(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for name in ["one", "two"] { try fixture.add(name) }
    let job = try fixture.start()
    var calls = 0
    try worker(fixture, within: 20) { calls += 1 }.run(untilIdle: true, waitsForOthers: false)
    #expect(try fixture.now(job).counts.listed == 2 && fixture.now(job).state == .finished)
    #expect(calls >= 3, "a list and two items")
  }
}
