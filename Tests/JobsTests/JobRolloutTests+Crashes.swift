import Base
import Catalog
import Items
import Library
import Reports
import Rollouts
import Store
import TestKit
import Testing

@testable import Jobs

extension JobRolloutTests {
  @Test("Where a worker crashes over a candidate, its watcher has the baseline answer, once")
  func crashes() throws {
    try fixture.add("a")
    let loaded = Monitor<[String]>([])
    let job = try fixture.start()
    try begin(job, work(planned(try rollout(share: 1)), loaded, Self.isFull))
    let task = JobTask(.item, job.id, number: 0, generation: 1)
    for isFirst in [true, false] {
      #expect(try watcher.fallBack(task.bytes, because: Self.crash) == isFirst)
      let item = try items(job)[0]
      #expect(item.generation == 2 && item.state == .waiting && item.pinned(in: job) == JobFixture.pinned)
      #expect(item.route?.loss == ItemRoute.Loss("it crashed", errorOf: ["m"]))
    }
  }

  @Test("A candidate that crashes its worker where it is tried for the first time costs no asset")
  func crashesAtOnce() throws {
    for number in 0..<3 { try fixture.add("\(number)") }
    let job = try fixture.start()
    let (rollouts, loaded) = (planned(try rollout(share: 1)), Monitor<[String]>([]))
    var count = 0
    rollouts.trying = { [watcher, fixture] () throws(Fault) in
      count += 1
      let items = try fixture.desk.items(of: job, state: nil, limit: 100).elements
      guard let item = items.first(where: { $0.route?.isToCandidate == true }) else {
        throw Fault(.bug, "nothing tells what is tried")
      }
      // As if it ended here: what is done after it brings nothing.
      #expect(try watcher.fallBack(JobTask(.item, of: item).bytes, because: Self.crash))
      throw Fault(.bug, "the worker is gone")
    }
    try fixture.drain(work(rollouts, loaded, Self.refuse))
    #expect(count == 3 && loaded.update { $0 } == Array(repeating: JobFixture.pinned.digest, count: 3))
    for item in try items(job) {
      #expect(item.generation == 2 && item.route?.loss == ItemRoute.Loss("it crashed", errorOf: ["m"]))
      #expect(item.state == .failed && item.reason == JobDeskTests.bad.message)
    }
    let seen = try rollouts.seen()
    #expect(seen.routed == 3 && seen.routedToCandidate == 0)
  }

  @Test("What can be had is tried once for a worker, and not for each item")
  func triesOnce() throws {
    for number in 0..<5 { try fixture.add("\(number)") }
    let (rollouts, loaded) = (planned(try rollout(share: 1)), Monitor<[String]>([]))
    var count = 0
    rollouts.trying = { count += 1 }
    try begin(try fixture.start(), work(rollouts, loaded, Self.isFull))
    #expect(count == 1 && loaded.update { $0 } == Array(repeating: Self.candidate, count: 5))
    #expect(try rollouts.seen().routed == 5 && rollouts.seen().routedToCandidate == 5)
  }

  @Test(
    "A version that was being asked as well when the worker crashed is blamed, and the item is begun anew without it")
  func crashesAsked() throws {
    try fixture.add("a")
    let job = try fixture.start()
    _ = try work(planned(try rollout(share: 1)), Monitor([]), Self.isFull).list(job)
    let variant = ItemRoute.Variant(JobFixture.pinned)
    // Two models: whose candidate answers, whose other version is asked, and whose error it is then, if anybody's.
    for (answers, asked, blamed) in [([], "m", ["m"]), (["n"], "m", ["m"]), (["m"], "m", nil)] as [Turns] {
      let before = try edit(job) { item in
        let turns = ["m", "n"].map {
          ItemRoute.Turn(model: $0, rollout: $0, isCandidate: answers.contains($0), isShadowed: true)
        }
        item.route = ItemRoute(turns, candidate: answers.isEmpty ? nil : variant)
        item.route?.asking = asked
      }
      let part = JobTask(.merge, of: before)
      #expect(try watcher.fallBack(part.bytes, because: Self.crash))
      let item = try items(job)[0]
      #expect(item.generation == before.generation + 1 && item.state == .waiting && item.route?.asking == nil)
      #expect(item.route?.loss == blamed.map { ItemRoute.Loss("it crashed", errorOf: $0) })
      #expect(item.route?.turns.map(\.isShadowed) == [false, true])
      #expect(item.route?.isToCandidate == (blamed == nil))
      #expect(try !watcher.fallBack(part.bytes, because: Self.crash))
    }
  }

  @Test("What a candidate found is not published where it went out since that was asked last")
  func outWhilePublishing() throws {
    for isOut in [false, true] {
      let asset = try fixture.add("\(isOut)")
      let (rollouts, loaded) = (planned(try rollout(share: 1)), Monitor<[String]>([]))
      let (job, work) = (try fixture.start(), work(rollouts, loaded, Self.isFull))
      try begin(job, work)
      let item = try #require(try items(job).first { $0.asset == asset.id })
      if isOut {
        rollouts.standing =
          planned(try rollout(share: 1).ended(.rolledBack, by: "r", reason: "it failed", at: 1)).standing
      }
      let head = AnalysisWriter.Head(
        pipeline: Self.candidate, series: "p", models: [], worker: "w", engine: "none", version: "0")
      let finished = try AnalysisWriter(fixture.library, asset, head)
        .finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil)
      try work.publish(finished, JobTask(.item, of: item), FileSummary(file: "", path: ""), TaskSeen(), since: 0)
      let now = try #require(try items(job).first { $0.asset == asset.id })
      let kept = try fixture.table.get(LibraryKeys.analysis(asset.id, pipeline: Self.candidate))
      #expect((kept == nil) == isOut && now.state == (isOut ? .waiting : .done) && now.generation == (isOut ? 2 : 1))
      #expect(now.route?.isToCandidate == !isOut)
    }
  }

  private typealias Turns = (answers: [String], asked: String, blamed: [String]?)

  @Test("A version that is asked no more is not blamed for a crash, and pieces are none of its matter")
  func crashesAfterwards() throws {
    try fixture.add("a")
    let job = try fixture.start()
    let (rollouts, loaded) = (planned(try rollout(share: 0, shadow: 1)), Monitor<[String]>([]))
    let work = work(rollouts, loaded, Self.isFull)
    try begin(job, work)
    let item = try edit(job) { $0.route?.asking = "m" }
    #expect(item.route?.turns.map(\.isShadowed) == [true])
    #expect(try !watcher.fallBack(JobTask(.piece, of: item).bytes, because: Self.crash))
    let task = JobTask(.item, of: item)
    // The worker was ended from outside while it asked.
    _ = try work.perform(task.bytes, attempt: 2)
    #expect(try items(job)[0].route?.turns.map(\.isShadowed) == [false] && items(job)[0].route?.asking == nil)
    #expect(try !watcher.fallBack(task.bytes, because: Self.crash))
    #expect(try items(job)[0].route?.loss == nil && items(job)[0].generation == item.generation)
  }

  private static let crash = Fault(.badInput, "it crashed")

  private var watcher: JobWork { JobWork(fixture.desk, worker: "p", version: "0") }

  /// Changes the only item, behind everybody's back.
  private func edit(_ job: Job, _ body: (inout JobItem) -> Void) throws -> JobItem {
    var item = try items(job)[0]
    body(&item)
    _ = try fixture.table.write([.put(LibraryKeys.jobItem(job.id, 0), item.json)])
    return item
  }
}
