import Base
import Bus
import Catalog
import Items
import JSON
import Library
import LibraryKit
import Rollouts
import Store
import TestKit
import Testing

@testable import Jobs

/// Which version answers an item, where a model of its pipeline is being rolled out, and what becomes of one that does not.
struct JobRolloutTests {
  /// One roll-out of version 2 of `m`, in place of version 1.
  final class Planned: JobRollouts {
    var standing: [StandingRollout]
    /// Called where a candidate is tried.
    var trying: () throws(Fault) -> Void = {}
    private let table: any Table
    private var count = 0

    init(_ fixture: JobFixture, _ standing: StandingRollout) { (table, self.standing) = (fixture.table, [standing]) }

    func standing(of models: [String]) throws(Fault) -> [StandingRollout] {
      standing.filter { models.contains($0.rollout.model) }
    }

    func variant(of pinned: Job.Pinned, with versions: [String: String]) throws(Fault) -> Job.Pinned {
      try trying()
      var variant = pinned
      variant.digest = JobRolloutTests.candidate
      (variant.models, variant.published) = (["m@\(versions["m"] ?? "")"], ["m@\(versions["m"] ?? "")"])
      return variant
    }

    func adding(
      _ evidence: RolloutEvidence, to rollout: String, of model: String, by reporter: String
    ) throws(Fault) -> [Write] {
      count += 1
      return [.put(ItemKey("SEEN \(rollout)", "\(reporter) \(count)"), evidence.json)]
    }

    /// What was committed.
    func seen() throws -> RolloutEvidence {
      var sum = RolloutEvidence()
      try table.forEach(Query("SEEN r")) { (item) throws(Fault) in
        sum.merge(try RolloutEvidence(JSONDocument(parsing: item.body.span.bytes, name: "what was seen").root))
      }
      return sum
    }
  }

  static let candidate = "sha256:" + String(repeating: "b", count: 64)
  let fixture: JobFixture

  init() throws { fixture = try JobFixture(.embedded) }

  func rollout(share: Double, shadow: Double = 0) throws -> Rollout {
    Rollout(
      model: "m", id: "r",
      plan: try RolloutPlan(
        candidate: 2, baseline: 1, shadow: shadow, canary: shadow > 0 ? [] : [share],
        rule: try RuleText.read("errors == 0")), by: "ann", reason: nil, at: 0)
  }

  func planned(_ rollout: Rollout, baseline: String = "1", isLive: Bool = false) -> Planned {
    Planned(fixture, StandingRollout(rollout, baseline: baseline, candidate: "2", isLive: isLive))
  }

  /// What pipelines were loaded, each of which is refused as `refuse` says.
  func work(
    _ rollouts: Planned, _ loaded: Monitor<[String]>, _ refuse: @escaping (_ isCandidate: Bool) -> Fault
  ) -> JobWork {
    let work = JobWork(
      fixture.desk, worker: "w", version: "0", examiner: AnyFilm(), rollouts: rollouts, isStopped: { false }, beat: {}
    ) { (pinned) throws(Fault) in
      loaded.update { $0.append(pinned.digest) }
      throw refuse(pinned.digest == Self.candidate)
    }
    work.listingTurn = .infinity
    return work
  }

  static func refuse(_ isCandidate: Bool) -> Fault {
    isCandidate ? Fault(.badInput, "the candidate cannot") : JobDeskTests.bad
  }

  /// Writes the items down, and begins every one of them once.
  func begin(_ job: Job, _ work: JobWork, attempt: Int = 1) throws {
    _ = try work.list(job)
    for item in try items(job) {
      let task = JobTask(.item, job.id, number: item.number, generation: item.generation)
      _ = try work.perform(task.bytes, attempt: attempt)
    }
  }

  static func isFull(_ isCandidate: Bool) -> Fault { Fault(.exhausted, "no memory now") }

  func items(_ job: Job) throws -> [JobItem] {
    try fixture.desk.items(of: job, state: nil, limit: 100).elements
  }

  @Test(
    "What a candidate cannot do is tried with the baseline, whose reason counts; what neither can is no error of the candidate"
  )
  func fallsBack() throws {
    try fixture.add("a")
    let job = try fixture.start()
    let (rollouts, loaded) = (planned(try rollout(share: 1)), Monitor<[String]>([]))
    let keys = try fixture.drain(work(rollouts, loaded, Self.refuse))
    #expect(loaded.update { $0 } == [Self.candidate, JobFixture.pinned.digest])
    #expect(keys.count == 3 && keys[1] == "item#\(job.id)#0#1#0" && keys[2] == "item#\(job.id)#0#2#0")
    let item = try items(job)[0]
    #expect(item.state == .failed && item.reason == JobDeskTests.bad.message)
    #expect(
      item.route?.loss?.reason == "the candidate cannot" && item.pinned(in: job).digest == JobFixture.pinned.digest)
    #expect(try fixture.now(job).counts.failed == 1)
    let seen = try rollouts.seen()
    #expect(seen.routed == 1 && seen.routedToCandidate == 1 && seen.candidate.errors == 0 && seen.rescued == 0)
    // It is tried again as it was left.
    _ = try fixture.desk.retry(job.id.text, scope: .all)
    try fixture.drain(work(rollouts, loaded, Self.refuse))
    #expect(loaded.update { $0.last } == JobFixture.pinned.digest && loaded.update(\.count) == 3)
  }

  @Test("A candidate that this worker has not is passed over at once, and the task waits for no other worker")
  func elsewhere() throws {
    try fixture.add("a")
    let job = try fixture.start()
    let (rollouts, loaded) = (planned(try rollout(share: 1)), Monitor<[String]>([]))
    try fixture.drain(work(rollouts, loaded) { Fault($0 ? .unavailable : .badInput, "not here") })
    #expect(loaded.update(\.count) == 2)
    #expect(try items(job)[0].state == .failed && items(job)[0].route?.loss?.models == [])
  }

  @Test("A version is drawn once, by the share, and every retry is of the same one")
  func drawn() throws {
    for number in 0..<60 { try fixture.add("\(number)") }
    let job = try fixture.start()
    let (rollouts, loaded) = (planned(try rollout(share: 0.5)), Monitor<[String]>([]))
    try begin(job, work(rollouts, loaded, Self.isFull))
    let before = try items(job).map(\.route)
    #expect(before.allSatisfy { $0 != nil } && loaded.update(\.count) == 60)
    let count = before.count { $0?.isToCandidate == true }
    // Four standard deviations.
    #expect(abs(count - 30) < 16)
    // A later step changes nothing of what was begun.
    rollouts.standing = planned(try rollout(share: 1)).standing
    try begin(job, work(rollouts, loaded, Self.isFull), attempt: 2)
    #expect(try items(job).map(\.route) == before)
    #expect(loaded.update { $0.count { $0 == Self.candidate } } == 2 * count)
    #expect(try rollouts.seen().routed == 60 && rollouts.seen().routedToCandidate == count)
  }

  @Test("After a roll-back what was not run goes to the baseline, and after a promotion to the candidate")
  func over() throws {
    for number in 0..<5 { try fixture.add("\(number)") }
    let job = try fixture.start()
    let (rollouts, loaded) = (planned(try rollout(share: 1)), Monitor<[String]>([]))
    try begin(job, work(rollouts, loaded, Self.isFull))
    #expect(loaded.update { $0.allSatisfy { $0 == Self.candidate } })
    let out = try rollout(share: 1).ended(.rolledBack, by: "r", reason: "it failed", at: 1)
    rollouts.standing = planned(out).standing
    loaded.update { $0 = [] }
    try fixture.drain(work(rollouts, loaded, Self.refuse))
    #expect(loaded.update { $0 } == Array(repeating: JobFixture.pinned.digest, count: 5))
    #expect(try items(job).allSatisfy { $0.route?.loss?.reason == "its roll-out is over" && $0.generation == 1 })
    loaded.update { $0 = [] }
    let promoted = try rollout(share: 1).ended(.promoted, by: "r", reason: nil, at: 1)
    try fixture.drain(try restarted(planned(promoted, isLive: false), loaded))
    #expect(loaded.update { $0 } == Array(repeating: JobFixture.pinned.digest, count: 5))
    loaded.update { $0 = [] }
    try fixture.drain(try restarted(planned(promoted, isLive: true), loaded))
    #expect(loaded.update { $0.count { $0 == Self.candidate } } == 5 && loaded.update(\.count) == 10)
  }

  /// Work at a new job over the same assets.
  private func restarted(_ rollouts: Planned, _ loaded: Monitor<[String]>) throws -> JobWork {
    _ = try fixture.start()
    return work(rollouts, loaded, Self.refuse)
  }

  @Test("A job with other bytes than the baseline's, one that names a file, and one of another engine are left alone")
  func untouched() throws {
    try fixture.add("a")
    let loaded = Monitor<[String]>([])
    let rollouts = planned(try rollout(share: 1), baseline: "7")
    let job = try fixture.start()
    try fixture.drain(work(rollouts, loaded, Self.refuse))
    var request = fixture.request()
    request.pipelines[0].text = "infer: ./m"
    let file = try fixture.desk.start(request, scope: .all).job
    try fixture.drain(work(planned(try rollout(share: 1)), loaded, Self.refuse))
    request = fixture.request()
    request.isExternal = true
    let external = try fixture.desk.start(request, scope: .all).job
    let engine = work(planned(try rollout(share: 1)), loaded, Self.refuse)
    _ = try engine.list(external)
    _ = try engine.run(external, item: 0, task: 0)
    #expect(loaded.update { $0 } == Array(repeating: JobFixture.pinned.digest, count: 3))
    for job in [job, file, external] { #expect(try items(job)[0].route == nil) }
  }

  @Test("A row of any length is kept evenly")
  func sample() {
    for count in [0, 1, 99, 100, 101, 12_345] {
      var sample = EvenSample<Int>(most: 50)
      for number in 0..<count { sample.add(number) }
      let gaps = Set(zip(sample.kept, sample.kept.dropFirst()).map { $1 - $0 })
      #expect(sample.kept.count <= 100 && sample.kept.count >= min(count, 50) && gaps.count <= 1, "\(sample.kept)")
      #expect(sample.kept.first == (count > 0 ? 0 : nil) && count - (sample.kept.last ?? 0) <= max(2, count / 50))
    }
  }
}
