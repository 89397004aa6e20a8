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

/// What must not grow, and what must not be held up, however many items a job has.
struct JobWallTests {
  @Test("A page of a job's items costs at the end what it costs at the beginning")
  func pages() throws {
    // PostgreSQL tells this of a statement alone, as the tests of Store ask it.
    let fixture = try JobFixture(.embedded)
    let table = try #require(fixture.table as? SQLiteTable)
    try fixture.fill(2000, kept: 2000)
    let job = try fixture.start()
    #expect(try fixture.work(JobDeskTests.bad).listItems(job))
    #expect(try fixture.now(job).counts.kept == 2000 && fixture.now(job).state == .finished)
    for state in [nil, JobItem.State.kept] {
      var (costs, numbers, token) = ([Int](), Set<Int>(), PageToken?.none)
      repeat {
        let before = table.pagesRead
        let page = try fixture.desk.items(of: job, state: state, limit: 100, after: token)
        costs.append(table.pagesRead - before)
        numbers.formUnion(page.elements.map(\.number))
        token = page.next
      } while token != nil && costs.count < 100
      #expect(numbers.count == 2000)
      let (first, last) = (costs[1...3].reduce(0, +), costs.dropLast().suffix(3).reduce(0, +))
      #expect(last <= first + first / 2, "pages of the database for three pages: \(first) first, \(last) last")
    }
  }

  @Test(
    "Hundreds that fail keep their reasons, equal ones are counted together, and a retry runs those alone",
    arguments: Parts.there)
  func reasons(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.fill(300, kept: 200)
    for number in 0..<20 { try fixture.add("\(number)") }
    let job = try fixture.start()
    try fixture.drain(fixture.work(JobDeskTests.bad))
    let counts = try fixture.now(job).counts
    #expect(counts.listed == 320 && counts.kept == 200 && counts.failed == 120)
    // A hundred whose bytes are missing, and twenty whose pipeline cannot be loaded.
    #expect(try reasons(of: job, fixture).map(\.count).sorted() == [20, 100])
    #expect(try fixture.desk.retry(job.id.text, scope: .all).items == 120)
    #expect(try fixture.desk.reasons(of: job, limit: 10).elements.isEmpty)
    let again = try fixture.drain(fixture.work(JobDeskTests.bad))
    #expect(again.count == 120 && again.allSatisfy { $0.hasPrefix("item#") } && Set(again).count == 120)
    #expect(try reasons(of: job, fixture).count == 2 && fixture.now(job).counts == counts)
  }

  private func reasons(of job: Job, _ fixture: JobFixture) throws -> [JobReason] {
    var (reasons, token) = ([JobReason](), PageToken?.none)
    repeat {
      let page = try fixture.desk.reasons(of: job, limit: 17, after: token)
      reasons += page.elements
      token = page.next
    } while token != nil && reasons.count < 1000
    #expect(Set(reasons.map(\.reason)).count == reasons.count)
    return reasons
  }

  @Test("Writing items down lets others have their turn, and goes on where it left off", arguments: Parts.there)
  func turns(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.fill(200)
    let (job, work) = (try fixture.start(), fixture.work(JobDeskTests.bad))
    for listed in [90, 180] {
      #expect(try !work.listItems(job, limit: 0))
      #expect(try fixture.now(job).counts.listed == listed)
    }
    #expect(try work.listItems(job, limit: 0))
    #expect(try fixture.now(job).counts.listed == 200 && fixture.bus.counts(group: job.id.text).waiting == 200 + 1)
  }

  @Test(
    "A job of many items is cancelled at once, and a worker settles what is left, giving others their turn",
    arguments: Parts.there)
  func cancelling(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.fill(300)
    let (job, work) = (try fixture.start(), fixture.work(JobDeskTests.bad))
    try fixture.drain(work, most: 1)
    let cancelled = try fixture.desk.cancel(job.id.text, turn: 0, scope: .all)
    #expect(cancelled.state == .cancelled && cancelled.counts.cancelled == 90)
    work.listingTurn = 0
    #expect(try fixture.drain(work, most: 1).count == 1)
    #expect(try fixture.now(job).counts.cancelled == 180)
    work.listingTurn = .infinity
    try fixture.drain(work)
    #expect(try fixture.now(job).counts.cancelled == 300 && fixture.now(job).counts.settled == 300)
  }

  @Test(
    "A client with a hundred times the items does not delay another's, and two clients share workers evenly",
    arguments: Parts.there)
  func fair(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.fill(300)
    try fixture.fill(3, client: "small")
    let large = try fixture.start()
    let work = fixture.work(JobDeskTests.bad)
    try fixture.drain(work, most: 20)
    let small = try fixture.start("small")
    let taken = try fixture.drain(work, most: 8)
    #expect(try fixture.now(small).state == .finished, "its four tasks, and as many of the other's: \(taken)")
    #expect(try fixture.now(large).state == .running)

    try fixture.fill(40, client: "other")
    let other = try fixture.start("other")
    try fixture.drain(work, most: 1)
    for count in 1...20 {
      let keys = try fixture.drain(work, most: 2)
      #expect(keys.count { $0.contains(other.id.text) } == 1, "two tasks, number \(count): \(keys)")
    }
  }

  @Test(
    "A worker that comes back behind its lease, when another has done its task, changes nothing", arguments: Parts.there
  )
  func late(parts: Parts) throws {
    let fixture = try JobFixture(parts, Clocks(date: nil, running: 1_000_000_000))
    try fixture.add("a")
    let job = try fixture.start()
    let work = fixture.work(JobDeskTests.bad)
    try fixture.drain(work, most: 1)
    let stopped = try #require(try fixture.bus.claim(for: "stopped", lease: .seconds(30)))
    #expect(try fixture.drain(work).isEmpty)
    fixture.clocks.running.update { $0 = 32_000_000_000 }
    #expect(try fixture.drain(work).count == 1)
    let done = try fixture.now(job)
    #expect(done.state == .finished && done.counts.failed == 1)
    let late = fixture.work(Fault(.badInput, "another reason"))
    #expect(try JobDeskTests.isDone(late.perform(stopped.task.payload, attempt: stopped.claim.attempt)))
    try late.giveUp(stopped.task.payload, because: JobDeskTests.bad, attempts: 3)
    #expect(
      try fixture.bus.acknowledge(stopped.claim) == .lost
        && fixture.bus.extend(stopped.claim, lease: .seconds(1)) == .lost)
    #expect(try fixture.now(job) == done)
    #expect(try fixture.desk.reasons(of: job, limit: 10).elements.map(\.reason) == ["this cannot be read"])
  }

  @Test(
    "A clock on the wall that jumps an hour, back or ahead, changes nothing", arguments: [-3_600_000, 3_600_000],
    Parts.there)
  func clock(jump: Int, parts: Parts) throws {
    let start = 1_700_000_000_000
    let fixture = try JobFixture(parts, Clocks(date: start, running: 1_000_000_000))
    try fixture.fill(100)
    fixture.clocks.date.update { $0 = start + jump }
    let job = try fixture.start()
    let work = fixture.work(JobDeskTests.bad)
    var keys = try fixture.drain(work, most: 3)
    let held = try #require(try fixture.bus.claim(for: "w", lease: .seconds(30)))
    fixture.clocks.date.update { $0 = start - jump }
    keys += try fixture.drain(work, most: 3)
    #expect(try fixture.bus.extend(held.claim, lease: .seconds(30)) == .held, "its lease goes on")
    _ = try work.perform(held.task.payload, attempt: 1)
    #expect(try fixture.bus.acknowledge(held.claim) == .held)
    keys += try fixture.drain(work)
    #expect(Set(keys).count == 100 && keys.count == 100, "each task once; one was held")
    let now = try fixture.now(job)
    #expect(now.state == .finished && now.counts.listed == 100 && now.counts.failed == 100)
    #expect(try fixture.desk.reasons(of: job, limit: 10).elements.map(\.count) == [100])
  }
}
