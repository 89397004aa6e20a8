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

struct JobDeskTests {
  static let bad = Fault(.badInput, "this cannot be read")

  @Test("A job under a key is started once; the same key for something else is refused", arguments: Parts.there)
  func key(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let first = try fixture.desk.start(fixture.request(key: "k"), scope: .all)
    let second = try fixture.desk.start(fixture.request(key: "k"), scope: .client("acme"))
    #expect(first.isNew && !second.isNew && first.job.id == second.job.id)
    var other = fixture.request(key: "k")
    other.selection.brand = "Aurora"
    #expect { try fixture.desk.start(other, scope: .all) } throws: { ($0 as? Fault)?.kind == .conflict }
    #expect(try fixture.desk.start(fixture.request(key: "l"), scope: .all).isNew)
    try fixture.add("b", client: "other")
    #expect(try fixture.desk.start(fixture.request("other", key: "k"), scope: .all).isNew)
  }

  @Test(
    "Items are those of the selection at the start, each once, however often the listing is begun anew",
    arguments: Parts.there)
  func listing(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<205 { try fixture.add("\(number)", brand: number % 5 == 0 ? "B" : nil) }
    try fixture.add("foreign", client: "other")
    var request = fixture.request()
    request.selection.brand = "B"
    let branded = try fixture.desk.start(request, scope: .all).job
    let whole = try fixture.start()
    let work = fixture.work(Self.bad)
    let lists = [branded, whole].map { JobTask(.list, $0.id, number: 1).bytes }
    for list in lists + lists { #expect(try Self.isDone(work.perform(list, attempt: 1))) }
    #expect(try fixture.now(branded).counts.listed == 41)
    #expect(try fixture.now(whole).counts.listed == 205 && fixture.now(whole).isListed)
    var (numbers, assets, token) = ([Int](), Set<ULID>(), PageToken?.none)
    repeat {
      let page = try fixture.desk.items(of: whole, state: nil, limit: 50, after: token)
      numbers += page.elements.map(\.number)
      assets.formUnion(page.elements.map(\.asset))
      token = page.next
    } while token != nil
    #expect(numbers == Array(0..<205) && assets.count == 205)
    #expect(try fixture.bus.counts(group: whole.id.text).waiting == 205 + 1)
  }

  static func isDone(_ outcome: JobWork.Outcome) -> Bool { if case .done = outcome { true } else { false } }

  @Test(
    "What fails for good fails at once, with its reason and how many there are; a retry runs those and no others",
    arguments: Parts.there)
  func failing(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<5 { try fixture.add("\(number)") }
    let job = try fixture.start()
    let first = try fixture.drain(fixture.work(Self.bad))
    #expect(first.count == 6)
    let failed = try fixture.now(job)
    #expect(failed.state == .finished && failed.counts.failed == 5 && failed.progress == 1_000_000)
    let reasons = try fixture.desk.reasons(of: job, limit: 10).elements
    #expect(reasons.map(\.reason) == ["this cannot be read"] && reasons.map(\.count) == [5])
    let item = try fixture.desk.items(of: job, state: .failed, limit: 10).elements[0]
    #expect(item.reason == "this cannot be read" && item.code == "bad-input" && item.attempts == 1)
    try fixture.library.delete(item.asset.text, scope: .all)
    #expect(try fixture.desk.retry(job.id.text, scope: .all).items == 5)
    #expect(try fixture.now(job).state == .running && fixture.now(job).progress == 1_000_000)
    #expect(try fixture.desk.reasons(of: job, limit: 10).elements.isEmpty)
    #expect(try fixture.drain(fixture.work(Fault(.badInput, "other"))).count == 5)
    #expect(try fixture.desk.reasons(of: job, limit: 10).elements.map(\.count).sorted() == [1, 4])
    #expect(try fixture.now(job).round == 2)
  }

  @Test(
    "Items that failed for one reason are found among those that failed for others, by pages", arguments: Parts.there)
  func alike(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<30 { try fixture.add("\(number)") }
    let job = try fixture.start()
    try fixture.drain(fixture.work(Self.bad), most: 1 + 20)
    try fixture.drain(fixture.work(Fault(.badInput, "other")))
    for (reason, count) in [("other", 10), ("this cannot be read", 20)] {
      let digest = try #require(
        try fixture.desk.reasons(of: job, limit: 10).elements.first { $0.reason == reason }?.digest)
      var (found, token, pages) = ([JobItem](), PageToken?.none, 0)
      repeat {
        let page = try fixture.desk.items(of: job, reason: digest, limit: 8, after: token)
        #expect(page.elements.count <= 8)
        found += page.elements
        (token, pages) = (page.next, pages + 1)
      } while token != nil && pages < 30
      #expect(Set(found.map(\.number)).count == count && found.count == count)
      #expect(found.allSatisfy { $0.reason == reason })
    }
    #expect(try fixture.desk.items(of: job, reason: "0", limit: 8).elements.isEmpty)
  }

  @Test("What may do better later is tried three times, and fails then", arguments: Parts.there)
  func again(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let job = try fixture.start()
    let keys = try fixture.drain(fixture.work(Fault(.exhausted, "not now")))
    #expect(keys.count == 1 + 3)
    #expect(try fixture.desk.items(of: job, state: .failed, limit: 10).elements.map(\.attempts) == [3])
  }

  @Test(
    "A paused job lends nothing until it is resumed; a cancelled one nothing any more, and its items are settled",
    arguments: Parts.there)
  func control(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<8 { try fixture.add("\(number)") }
    let job = try fixture.start()
    let work = fixture.work(Self.bad)
    try fixture.drain(work, most: 3)
    #expect(try fixture.desk.pause(job.id.text, scope: .all).state == .paused)
    #expect(try fixture.drain(work).isEmpty)
    #expect(try fixture.desk.resume(job.id.text, scope: .all).state == .running)
    try fixture.drain(work, most: 2)
    let cancelled = try fixture.desk.cancel(job.id.text, scope: .all)
    #expect(cancelled.state == .cancelled && cancelled.counts.failed == 4 && cancelled.counts.cancelled == 4)
    #expect(try fixture.drain(work).isEmpty)
    try Self.refuses("is cancelled, so nothing is left") { _ = try fixture.desk.pause(job.id.text, scope: .all) }
    try Self.refuses("is cancelled, so nothing is left") { _ = try fixture.desk.resume(job.id.text, scope: .all) }
    try Self.refuses("is cancelled, so its items are not") { _ = try fixture.desk.retry(job.id.text, scope: .all) }
  }

  private static func refuses(_ words: String, _ act: () throws -> Void) throws {
    let fault = try #require(throws: Fault.self, performing: act)
    #expect(fault.kind == .conflict && fault.message.contains(words), "\(fault)")
  }

  @Test(
    "What does not go with a job that is over is a conflict, and says what it is and what goes", arguments: Parts.there)
  func over(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let job = try fixture.start()
    try fixture.drain(fixture.work(Self.bad))
    for words in ["is finished, so nothing is left", "retry tries the item again that failed"] {
      try Self.refuses(words) { _ = try fixture.desk.pause(job.id.text, scope: .all) }
      try Self.refuses(words) { _ = try fixture.desk.cancel(job.id.text, scope: .all) }
    }
  }

  @Test("A budget that is spent stops the job, and a higher one lets it go on", arguments: Parts.there)
  func budget(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<4 { try fixture.add("\(number)") }
    var request = fixture.request()
    (request.budget, request.price) = (1, 1000)
    #expect(throws: Fault.self) {
      var free = request
      free.price = 0
      _ = try fixture.desk.start(free, scope: .all)
    }
    for nothing in [0, -1, Int.max] {
      var refused = request
      refused.budget = nothing
      #expect { try fixture.desk.start(refused, scope: .all) } throws: { ($0 as? Fault)?.kind == .badInput }
    }
    let job = try fixture.desk.start(request, scope: .all).job
    let done = try fixture.drain(fixture.work(Self.bad))
    #expect(done.count == 2, "the list, and one item, which costs more than there is")
    #expect(try fixture.now(job).state == .stopped)
    #expect { try fixture.desk.resume(job.id.text, scope: .all) } throws: { ($0 as? Fault)?.kind == .conflict }
    for budget in [1, 0] {
      #expect { try fixture.desk.resume(job.id.text, budget: budget, scope: .all) } throws: {
        ($0 as? Fault)?.kind == (budget == 0 ? .badInput : .conflict)
      }
    }
    let rich = try fixture.desk.resume(job.id.text, budget: 1_000_000_000_000_000, scope: .all)
    #expect(String(decoding: rich.json, as: UTF8.self).contains(#""budget":1000000000,"#))
    #expect(try fixture.now(job) == rich, "what is written down is what is read")
    #expect(try fixture.drain(fixture.work(Self.bad)).count == 3)
    #expect(try fixture.now(job).state == .finished)
  }

  @Test("Another client's job is as one that is not there", arguments: Parts.there)
  func foreign(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let other = try fixture.add("b", client: "other")
    let job = try fixture.start()
    let missing = JobDesk.noJob(job.id.text)
    for act in [JobDesk.pause(_:scope:), JobDesk.cancel(_:scope:)] {
      #expect(throws: missing) { try act(fixture.desk)(job.id.text, .client("other")) }
    }
    #expect(throws: missing) { try fixture.desk.job(job.id.text, scope: .client("other")) }
    #expect(throws: missing) { try fixture.desk.retry(job.id.text, scope: .client("other")) }
    #expect(try fixture.desk.list(client: "acme", state: nil, scope: .client("other"), limit: 10).elements.isEmpty)
    #expect(try fixture.desk.list(client: "acme", state: .running, scope: .all, limit: 10).elements == [job])
    var request = fixture.request()
    request.selection.assets = [other.id]
    #expect(throws: Library.noAsset(other.id.text)) { try fixture.desk.start(request, scope: .all) }
    #expect { try fixture.desk.start(request, scope: .client("other")) } throws: { ($0 as? Fault)?.kind == .denied }
  }

  @Test("An item of another generation, or of a cancelled job, is left as it is", arguments: Parts.there)
  func generations(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let job = try fixture.start()
    let work = fixture.work(Self.bad)
    try fixture.drain(work)
    _ = try fixture.desk.retry(job.id.text, scope: .all)
    let late = JobTask(.item, job.id, number: 0, generation: 1)
    #expect(try Self.isDone(work.perform(late.bytes, attempt: 1)))
    try work.giveUp(late.bytes, because: Self.bad, attempts: 3)
    #expect(try fixture.now(job).counts.failed == 0)
  }

  @Test("Jobs are found by the end of their id", arguments: Parts.there)
  func ending(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let job = try fixture.start()
    let end = String(job.id.text.suffix(6)).lowercased()
    #expect(try fixture.desk.job(endingIn: end, client: "acme", scope: .all).id == job.id)
    #expect(throws: Fault.self) { try fixture.desk.job(endingIn: "abc", client: "acme", scope: .all) }
    #expect(throws: Fault.self) { try fixture.desk.job(endingIn: end, client: "other", scope: .all) }
    try fixture.add("b", client: "other")
    #expect(try fixture.desk.job(endingIn: end, client: nil, scope: .all).id == job.id)
    #expect(throws: Fault.self) { try fixture.desk.job(endingIn: end, client: nil, scope: .client("other")) }
  }

  @Test(
    "A pause that the bus was not told of, because who paused ended before, is told by the next worker",
    arguments: Parts.there)
  func untold(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    for number in 0..<3 { try fixture.add("\(number)") }
    let job = try fixture.start()
    let work = fixture.work(Self.bad)
    try fixture.drain(work, most: 1)
    _ = try fixture.desk.pause(job.id.text, scope: .all)
    try fixture.bus.release(job.id.text)
    #expect(try fixture.drain(work).count == 1, "one task is had, and given back")
    #expect(try fixture.now(job).counts.settled == 0 && fixture.bus.counts(group: job.id.text).held == 3)
    _ = try fixture.desk.resume(job.id.text, scope: .all)
    #expect(try fixture.drain(work).count == 3)
    #expect(try fixture.now(job).state == .finished)
  }
}
