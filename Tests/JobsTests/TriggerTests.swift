import Base
import Bus
import Catalog
import Glibc
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Jobs

struct TriggerTests {
  @Test(
    "A new asset starts the pipeline of each trigger that selects it, and what was there before starts none",
    arguments: Parts.there)
  func starts(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let old = try fixture.add("old", brand: "Aurora")
    let triggers = TriggerDesk(fixture.desk)
    let branded = try triggers.add(TriggerFixture.request(brand: "Aurora"), scope: .all).trigger
    var films = TriggerFixture.request("b")
    films.isPicture = true
    let pictures = try triggers.add(films, scope: .all).trigger
    let new = try fixture.add("new", brand: "Aurora")
    try fixture.add("elsewhere", brand: "Borea")
    try fixture.add("foreign", client: "other", brand: "Aurora")
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture) == [new.id])
    let job = try #require(try fixture.desk.list(client: "acme", state: nil, scope: .all, limit: 9).elements.first)
    #expect(job.trigger == branded.id && job.pipelines == [JobFixture.pinned])
    let now = try triggers.trigger(branded.id.text, scope: .all)
    #expect(now.jobCount == 1 && now.lastJob == job.id)
    #expect(try triggers.trigger(pictures.id.text, scope: .all).jobCount == 0)
    // What is said of an asset changes, and it was one of the trigger's before.
    var edit = AssetEdit()
    edit.name = "another name"
    for asset in [old, new] { _ = try fixture.library.update(asset.id.text, edit, scope: .all) }
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture) == [new.id])
  }

  @Test(
    "What a node at the edge alone has starts nothing, and is left out of jobs over all, until its bytes are here",
    arguments: Parts.there)
  func ofNode(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    _ = try triggers.add(TriggerFixture.request(), scope: .all)
    let own = try fixture.add("own")
    var random = SystemRandomNumberGenerator()
    var theirs = Asset(
      id: ULID(milliseconds: fixture.library.now, using: &random), group: own.group, name: "theirs.mp4",
      object: String(repeating: "0", count: 64), byteCount: 0, media: own.media, added: fixture.library.now)
    theirs.node = "dock"
    _ = try fixture.library.add(theirs)
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture) == [own.id])
    let job = try fixture.start()
    try fixture.drain(fixture.work(JobDeskTests.bad))
    #expect(try fixture.now(job).counts.listed == 1)
    let found = try fixture.library.asset(theirs.id.text, scope: .all)
    let arrived = found.asset.arrived(byteCount: 3, own.media)
    let client = try #require(try fixture.library.openVersion(of: "acme"))
    _ = try fixture.table.write(AssetChange.addBytes(arrived, at: found.version, client: client))
    try triggers.follow(within: 30)
    #expect(Set(try TriggerFixture.started(fixture)) == [own.id, theirs.id])
  }

  @Test(
    "An asset that is moved to the trigger's brand or gets its tag is new to it; once for each pipeline",
    arguments: Parts.there)
  func moved(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    let asset = try fixture.add("a")
    _ = try triggers.add(TriggerFixture.request(brand: "Aurora"), scope: .all)
    var tagged = TriggerFixture.request()
    tagged.tags = ["beach"]
    _ = try triggers.add(tagged, scope: .all)
    #expect(try !triggers.add(tagged, scope: .all).isNew, "one that does the same is there")
    var edits = [AssetEdit(), AssetEdit(), AssetEdit(), AssetEdit()]
    (edits[0].brand, edits[1].tags, edits[2].tags, edits[3].tags) = ("Aurora", ["beach"], [], ["beach", "sun"])
    for edit in edits {
      _ = try fixture.library.update(asset.id.text, edit, scope: .all)
      try triggers.follow(within: 30)
      #expect(try TriggerFixture.started(fixture) == [asset.id])
    }
  }

  @Test("Many assets that come at a time are few jobs", arguments: Parts.there)
  func batches(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    _ = try triggers.add(TriggerFixture.request(), scope: .all)
    try fixture.fill(200)
    let filter = AssetFilter(client: "acme")
    let assets = Set(try fixture.library.list(filter, scope: .all, limit: 1000).elements.map(\.id))
    try triggers.follow(within: 60)
    let started = try TriggerFixture.started(fixture)
    #expect(started.count == 200 && Set(started) == assets)
    #expect(try fixture.desk.list(client: "acme", state: nil, scope: .all, limit: 99).elements.count == 3)
  }

  @Test(
    "Whatever write the process dies at, before it or behind it, each asset starts once",
    arguments: BreakingTable.Moment.allCases, Parts.there)
  func crashes(_ moment: BreakingTable.Moment, parts: Parts) throws {
    for point in 0..<20 {
      let fixture = try JobFixture(parts)
      let triggers = TriggerDesk(fixture.desk)
      _ = try triggers.add(TriggerFixture.request(), scope: .all)
      _ = try triggers.add(TriggerFixture.request("b", brand: "B"), scope: .all)
      var wanted: [ULID] = []
      for number in 0..<3 {
        let asset = try fixture.add("\(number)", brand: number == 0 ? "B" : nil)
        wanted += number == 0 ? [asset.id, asset.id] : [asset.id]
      }
      let table = BreakingTable(fixture.library.table, at: point, moment)
      let broken = try fixture.ground.library(over: table)
      do throws(Fault) { try TriggerDesk(JobDesk(broken, bus: fixture.bus)).follow(within: 30) } catch {
        #expect(error == BreakingTable.death)
      }
      try triggers.follow(within: 30)
      #expect(try TriggerFixture.started(fixture).sorted() == wanted.sorted(), "point \(point), \(moment)")
      guard table.isBroken else { return #expect(point > 2) }
    }
    Issue.record("the way has more writes than were looked for")
  }

  @Test("Two processes that follow at a time while assets come start each once", arguments: Parts.there)
  func together(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    _ = try TriggerDesk(fixture.desk).add(TriggerFixture.request(), scope: .all)
    let isOver = Monitor(false)
    let readers = try (0..<2).map { _ in
      let triggers = TriggerDesk(JobDesk(try fixture.ground.library(), bus: try fixture.ground.bus()))
      return NativeThread {
        let deadline = Clock.now + 60_000_000_000
        while !isOver.update({ $0 }), Clock.now < deadline { _ = try? triggers.follow(within: 5) }
      }
    }
    var assets: [ULID] = []
    for number in 0..<40 { assets.append(try fixture.add("\(number)").id) }
    isOver.update { $0 = true }
    for reader in readers { reader.join() }
    try TriggerDesk(fixture.desk).follow(within: 30)
    #expect(try TriggerFixture.started(fixture).sorted() == assets.sorted())
  }

  @Test(
    "Where the changes are forgotten, all that came since the trigger was made is looked at, and nothing starts twice",
    arguments: Parts.there)
  func forgotten(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    try fixture.add("old")
    usleep(5_000)
    _ = try triggers.add(TriggerFixture.request(), scope: .all)
    var assets = [try fixture.add("a").id]
    try triggers.follow(within: 30)
    assets.append(try fixture.add("b").id)
    let table = fixture.library.table
    try table.trimChanges(through: try table.lastPosition(), olderThan: .max)
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture).sorted() == assets)
    assets.append(try fixture.add("c").id)
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture).sorted() == assets)
  }

  @Test("What comes while a trigger is paused, or once it is removed, starts nothing", arguments: Parts.there)
  func paused(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    let trigger = try triggers.add(TriggerFixture.request(), scope: .all).trigger
    let end = String(trigger.id.text.suffix(5)).lowercased()
    #expect(try triggers.pause(end, scope: .all).isPaused)
    try fixture.add("a")
    try triggers.follow(within: 30)
    #expect(try !triggers.resume(end, scope: .all).isPaused)
    let asset = try fixture.add("b")
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture) == [asset.id])
    try triggers.remove(end, scope: .all)
    try fixture.add("c")
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture) == [asset.id])
    #expect(throws: TriggerDesk.noTrigger(end)) { try triggers.remove(end, scope: .all) }
  }

  @Test("Another client's trigger is as one that is not there, and starts nothing for others", arguments: Parts.there)
  func foreign(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    let trigger = try triggers.add(TriggerFixture.request(), scope: .client("acme")).trigger
    let missing = TriggerDesk.noTrigger(trigger.id.text)
    #expect(throws: missing) { try triggers.remove(trigger.id.text, scope: .client("other")) }
    #expect(throws: missing) { try triggers.pause(trigger.id.text, scope: .client("other")) }
    #expect(throws: missing) { try triggers.trigger(trigger.id.text, scope: .client("other")) }
    #expect(try triggers.list(client: "acme", scope: .client("other")).isEmpty)
    #expect { try triggers.add(TriggerFixture.request(), scope: .client("other")) } throws: {
      ($0 as? Fault)?.kind == .denied
    }
    try fixture.add("a", client: "other")
    // A name that begins as the client's does.
    try fixture.add("b", client: "acme2")
    try triggers.follow(within: 30)
    for client in ["acme", "acme2", "other"] { #expect(try TriggerFixture.started(fixture, client).isEmpty) }
    #expect(try triggers.list(client: "acm", scope: .all).isEmpty)
  }

  @Test(
    "A client that is purged leaves no trigger and no mark, and a deleted asset leaves none either",
    arguments: Parts.there)
  func purged(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let (triggers, table) = (TriggerDesk(fixture.desk), fixture.library.table)
    _ = try triggers.add(TriggerFixture.request(), scope: .all)
    let other = try triggers.add(TriggerFixture.request(client: "other"), scope: .all).trigger
    let assets = try (0..<3).map { try fixture.add("\($0)") }
    try triggers.follow(within: 30)
    let marks = Query(LibraryKeys.triggeredPartition("acme"))
    #expect(try table.items(marks).elements.count == 3)
    try fixture.library.delete(assets[0].id.text, scope: .all)
    #expect(try table.items(marks).elements.count == 2)
    let report = try fixture.library.purge("acme")
    #expect(report.triggers == 1 && report.left.isEmpty)
    #expect(try table.items(marks).elements.isEmpty)
    #expect(try triggers.list(client: "other", scope: .all) == [other])
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture).isEmpty)
  }

  @Test(
    "A client has so many triggers at most, and what one asset starts in all of them is one transaction",
    arguments: Parts.there)
  func most(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    for number in 0..<Trigger.mostOfClient {
      _ = try triggers.add(TriggerFixture.request("\(number)"), scope: .all)
    }
    #expect { try triggers.add(TriggerFixture.request("z"), scope: .all) } throws: {
      ($0 as? Fault)?.kind == .exhausted
    }
    try fixture.add("a")
    try fixture.add("b")
    try triggers.follow(within: 30)
    #expect(try TriggerFixture.started(fixture).count == 2 * Trigger.mostOfClient)
  }
}

enum TriggerFixture {
  static func request(
    _ name: String = "p", client: String = "acme", brand: String? = nil, on event: Trigger.Event = .asset
  ) -> TriggerRequest {
    var pinned = JobFixture.pinned
    if name != "p" { (pinned.series, pinned.digest) = (name, "sha256:\(name)") }
    return TriggerRequest(event, group: AssetGroup(client: client, brand: brand), pipeline: pinned)
  }

  /// The asset of every item of every job of a client, as often as there are items, once all tasks were done.
  static func started(_ fixture: JobFixture, _ client: String = "acme") throws -> [ULID] {
    try fixture.drain(fixture.work(JobDeskTests.bad))
    var assets: [ULID] = []
    for job in try fixture.desk.list(client: client, state: nil, scope: .all, limit: 1000).elements {
      #expect(job.isListed, "its tasks were not handed out")
      assets += try fixture.desk.items(of: job, state: nil, limit: 1000).elements.map(\.asset)
    }
    return assets
  }
}
