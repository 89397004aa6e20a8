import Base
import Catalog
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Jobs

struct ModelTriggerTests {
  private func version(_ number: Int) -> (Job.Pinned) throws(Fault) -> Job.Pinned {
    { (old) throws(Fault) in
      var new = old
      (new.digest, new.models) = ("sha256:v\(number)", ["m@\(number)"])
      return new
    }
  }

  @Test(
    "A new version of a model starts the pipeline over all that the trigger is about, once for each version",
    arguments: Parts.there)
  func versions(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    let wanted = [try fixture.add("a", brand: "Aurora").id, try fixture.add("b", brand: "Aurora").id]
    try fixture.add("c")
    let trigger = try triggers.add(TriggerFixture.request(brand: "Aurora", on: .model), scope: .all).trigger
    _ = try triggers.add(TriggerFixture.request("other"), scope: .all)
    try triggers.renew { (old) throws(Fault) in old }
    #expect(try TriggerFixture.started(fixture).isEmpty)
    // The same one twice, another one, and the first once more.
    for number in [1, 1, 2, 1, 2] { try triggers.renew(version(number)) }
    #expect(try TriggerFixture.started(fixture).sorted() == (wanted + wanted).sorted())
    let jobs = try fixture.desk.list(client: "acme", state: nil, scope: .all, limit: 9).elements
    #expect(jobs.map { $0.pipelines[0].digest }.sorted() == ["sha256:v1", "sha256:v2"])
    #expect(try triggers.trigger(trigger.id.text, scope: .all).jobCount == 2)
    // Those on assets start what the pipeline is by now.
    let new = try fixture.add("d")
    try triggers.follow(within: 30)
    let last = try fixture.desk.list(client: "acme", state: nil, scope: .all, limit: 1).elements[0]
    #expect(last.selection.assets == [new.id] && last.pipelines[0].digest == "sha256:v2")
  }

  @Test(
    "A pipeline that cannot be found for now keeps no other from being looked at, and stays as it was",
    arguments: Parts.there)
  func missing(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let triggers = TriggerDesk(fixture.desk)
    try fixture.add("a")
    for name in ["p", "q"] { _ = try triggers.add(TriggerFixture.request(name, on: .model), scope: .all) }
    #expect(throws: Fault.self) {
      try triggers.renew { (old) throws(Fault) in
        if old.series == "p" { throw Fault(.notFound, "there is no model") }
        return try self.version(1)(old)
      }
    }
    let counts = try triggers.list(client: "acme", scope: .all).map { ($0.pipeline.series, $0.jobCount) }
    #expect(Dictionary(uniqueKeysWithValues: counts) == ["p": 0, "q": 1])
  }

  @Test(
    "Whatever write the process dies at, a version starts once", arguments: BreakingTable.Moment.allCases, Parts.there)
  func crashes(_ moment: BreakingTable.Moment, parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    let triggers = TriggerDesk(fixture.desk)
    _ = try triggers.add(TriggerFixture.request(on: .model), scope: .all)
    for point in 0..<9 {
      let table = BreakingTable(fixture.library.table, at: point, moment)
      let broken = TriggerDesk(JobDesk(try fixture.ground.library(over: table), bus: fixture.bus))
      do throws(Fault) { try broken.renew(version(point)) } catch { #expect(error.message.contains("ends here")) }
      try triggers.renew(version(point))
      try triggers.follow(within: 30)
      #expect(try TriggerFixture.started(fixture).count == point + 1, "point \(point), \(moment)")
      guard table.isBroken else { return #expect(point > 0) }
    }
    Issue.record("the way has more writes than were looked for")
  }
}
