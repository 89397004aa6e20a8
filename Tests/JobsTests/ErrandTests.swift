import Base
import Bus
import Catalog
import Library
import LibraryKit
import Objects
import TestKit
import Testing

@testable import Jobs

/// A library, and a server of films.
private struct Site {
  let fixture: JobFixture
  let server: LocalServer

  init(_ parts: Parts) throws {
    fixture = try JobFixture(parts)
    try FileSystem.makeFolder(fixture.folder.file("web"))
    try FileSystem.write(Array("a film".utf8), to: fixture.folder.file("web/film.mp4"))
    server = try LocalServer(folder: fixture.folder.file("web"))
  }

  func start(
    _ address: String, client: String = "acme", isPrivate: Bool = true, webhook: String? = nil
  ) throws -> Job {
    var request = fixture.request(client)
    request.source = Job.Source(address: address, reachesPrivate: isPrivate, group: AssetGroup(client: client))
    request.webhook = webhook.map { Job.Webhook(address: $0, secret: SignedRequest.secret(), reachesPrivate: true) }
    return try fixture.desk.start(request, scope: .all).job
  }
}

/// Jobs about what an address gives, and servers that give it badly.
struct ErrandTests {
  private let bad = Fault(.badInput, "this cannot be read")

  @Test(
    "What an address gives becomes an asset, whose items are written down by the next worker", arguments: Parts.there)
  func fetched(parts: Parts) throws {
    let site = try Site(parts)
    let (fixture, server) = (site.fixture, site.server)
    let job = try site.start("\(server.address)/film.mp4?token=secret")
    #expect(job.fetches)
    let keys = try fixture.drain(fixture.work(bad))
    #expect(keys.count == 3 && keys[0] == keys[1], "fetched, listed, looked at: \(keys)")
    let now = try fixture.now(job)
    #expect(!now.fetches && now.selection.assets.count == 1 && now.counts.listed == 1 && now.state == .finished)
    #expect(try fixture.library.asset(now.selection.assets[0].text, scope: .all).asset.name == "film.mp4")
  }

  @Test(
    "A source that can never be had ends its job at once, with the reason",
    arguments: [
      ("/status/404/film.mp4", "(404)"), ("/status/410/film.mp4", "(410)"), ("/status/401/film.mp4", "(401)"),
      ("/status/403/film.mp4", "(403)"), ("/status/400/film.mp4", "answered 400"), ("/loop", "redirects more than 5"),
      ("/away", "redirects to an address that is not allowed"), ("local", "local network"),
      ("nobody", "no server named"),
    ], Parts.there)
  func never(_ given: (path: String, words: String), parts: Parts) throws {
    let (path, words) = given
    let site = try Site(parts)
    let (fixture, server) = (site.fixture, site.server)
    let job =
      switch path {
      case "local": try site.start(server.address + "/film.mp4", isPrivate: false)
      // No name has a part of more than 63 letters, which a resolver knows without asking anybody.
      case "nobody": try site.start("http://\(String(repeating: "a", count: 70)).example/film.mp4")
      default: try site.start(server.address + path)
      }
    #expect(try fixture.drain(fixture.work(bad)).count == 1)
    let now = try fixture.now(job)
    #expect(now.state == .failed && now.ended != nil && now.waiting == nil)
    #expect(now.reason?.contains(words) == true, "\(now.reason ?? "")")
  }

  @Test(
    "What may be had later is asked for seven times, and meanwhile the job says what it waits for",
    arguments: Parts.there)
  func later(parts: Parts) throws {
    let site = try Site(parts)
    let (fixture, server) = (site.fixture, site.server)
    let job = try site.start("\(server.address)/status/503/film.mp4")
    let work = fixture.work(bad)
    for attempt in 1...6 {
      let before = fixture.library.now
      #expect(try fixture.drain(work, most: 1).count == 1)
      let now = try fixture.now(job)
      let waiting = try #require(now.waiting)
      #expect(now.state == .running && waiting.attempts == attempt && waiting.most == 7)
      #expect(waiting.reason.contains("answered 503"))
      let pause = waiting.next - before
      #expect(pause >= 5000 << (attempt - 1) && pause < 5000 << (attempt - 1) + 5000)
    }
    #expect(try fixture.drain(work).count == 1)
    let failed = try fixture.now(job)
    #expect(failed.state == .failed && failed.waiting == nil && failed.reason?.contains("(asked 7 times)") == true)
    let again = try fixture.desk.retry(job.id.text, scope: .all).job
    #expect(again.state == .running && again.reason == nil && again.fetches)
    try fixture.drain(work, most: 1)
    #expect(try fixture.now(job).waiting?.attempts == 1)
    #expect(try fixture.desk.cancel(job.id.text, scope: .all).waiting == nil)
  }

  @Test("The worker waits between attempts as the job says that it does", arguments: 1...6)
  func pauses(attempt: Int) {
    #expect(Errand.pause(after: attempt) == .seconds([5, 10, 20, 40, 80, 160][attempt - 1]))
  }

  @Test("What arrives and is no film ends its job at once", arguments: Parts.there)
  func noFilm(parts: Parts) throws {
    let site = try Site(parts)
    let (fixture, server) = (site.fixture, site.server)
    let job = try site.start("\(server.address)/film.mp4")
    let work = JobWork(
      fixture.desk, worker: "w", version: "0", examiner: NoFilm(), isStopped: { false }, beat: {}
    ) { (_) throws(Fault) in throw Fault(.bug, "nothing is loaded") }
    #expect(try fixture.drain(work).count == 1)
    #expect(try fixture.now(job).state == .failed)
    #expect(try fixture.now(job).reason == "it has no picture")
  }

  @Test(
    "A server that sends drop by drop holds up no other job of one worker, whose end gives the task back",
    arguments: Parts.there)
  func drops(parts: Parts) throws {
    let site = try Site(parts)
    let (fixture, server) = (site.fixture, site.server)
    let slow = try (0..<3).map { try site.start("\(server.address)/drip/\($0).mp4") }
    let told = try site.start("\(server.address)/status/404/x", client: "told", webhook: "\(server.address)/drip/hook")
    try fixture.add("a", client: "other")
    let other = try fixture.start("other")
    let (desk, deadline) = (fixture.desk, Clock.now + 20_000_000_000)
    let work = JobWork(
      desk, worker: "w", version: "0", examiner: AnyFilm(),
      isStopped: {
        let isDone = (try? desk.job(other.id.text, scope: .all).state) == .finished
        return (isDone && (try? desk.job(told.id.text, scope: .all).state) == .failed) || Clock.now > deadline
      }, beat: {}
    ) { (_) throws(Fault) in throw Fault(.badInput, "this cannot be read") }
    let watch = Stopwatch()
    try Worker(work, told: { (_) throws(Fault) in }, complain: { _ in }).run()
    #expect(watch.seconds < 15)
    #expect(try fixture.now(other).state == .finished && fixture.now(told).state == .failed)
    for job in slow {
      #expect(try fixture.now(job).state == .running)
      #expect(try fixture.bus.counts(group: job.id.text).leased == 0, "it is had by the next worker at once")
    }
  }

  @Test("A fetch whose job is cancelled ends within seconds, and its place is free", arguments: Parts.there)
  func cancelled(parts: Parts) throws {
    let site = try Site(parts)
    let (fixture, server) = (site.fixture, site.server)
    let job = try site.start("\(server.address)/drip/film.mp4")
    let desk = fixture.desk
    let canceller = NativeThread {
      _ = try? waitUntil("the fetch to be at work") { try desk.bus.counts(group: job.id.text).leased == 1 }
      _ = try? desk.cancel(job.id.text, scope: .all)
    }
    let claimed = try #require(try fixture.bus.claim(for: "w", lease: .seconds(60)))
    let watch = Stopwatch()
    guard case .done = try fixture.work(bad).perform(claimed.task.payload, attempt: 1) else {
      Issue.record("a cancelled job's fetch is done")
      return
    }
    canceller.join()
    #expect(watch.seconds < 10)
    #expect(try fixture.now(job).state == .cancelled)
  }

  @Test("A client takes another place only while more are free than it has, and an end frees its place")
  func places() throws {
    let (errands, isOpen) = (Errands(places: 8), Monitor(false))
    func begin(_ client: String, _ count: Int) -> Int {
      (0..<count).count(where: { _ in
        errands.begin(for: client) { _ = isOpen.wait(before: Clock.now + 30_000_000_000) { $0 ? true : nil } }
      })
    }
    #expect(begin("a", 20) == 4)
    #expect(errands.pause == .seconds(2), "16 found no place")
    #expect(begin("b", 20) == 2 && begin("c", 5) == 1 && begin("d", 5) == 1 && begin("e", 5) == 0 && begin("a", 1) == 0)
    isOpen.update { $0 = true }
    errands.finish(within: 10)
    #expect(begin("e", 1) == 1)
    errands.finish(within: 10)
  }
}

private struct NoFilm: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination { throw Fault(.badInput, "it has no picture") }
}
