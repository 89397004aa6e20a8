import Base
import Catalog
import Items
import Library
import LibraryKit
import ModelHub
import Rollouts
import Store
import TestKit
import Testing

@testable import Registry

@Suite struct RolloutBookTests {
  private func fixture(_ parts: Parts = .embedded) throws -> RegistryFixture {
    let fixture = try RegistryFixture(parts)
    for mark in ["a", "b", "c"] {
      _ = try fixture.registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann"))
    }
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    return fixture
  }

  private func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  private func seen(_ answers: Int) -> RolloutEvidence {
    var seen = RolloutEvidence()
    (seen.candidate.answers, seen.baseline.answers, seen.routed) = (answers, answers, 2 * answers)
    return seen
  }

  @Test("A roll-out is kept with every step and what was seen, and promotes by moving live", arguments: Parts.there)
  func promotes(_ parts: Parts) throws {
    let fixture = try fixture(parts)
    let registry = fixture.registry
    var one = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    #expect(one.plan.candidate == 2 && one.plan.baseline == 1)
    for stage in 1...3 {
      fixture.time.update { $0 += 1000 }
      try registry.note(seen(5), of: one, by: "x")
      try registry.note(seen(10 * stage), of: one, by: "x")
      try registry.note(seen(1), of: one, by: "y")
      // As another process has it, with what all have seen and what was seen before.
      let again = try fixture.again()
      #expect(try again.rollouts() == [one])
      let (there, earlier) = try again.evidence(of: one)
      #expect(there.candidate.answers == 10 * stage + 1)
      #expect(earlier.answers == (1..<stage).reduce(0) { $0 + 10 * $1 + 1 })
      one = try registry.write(one.advanced(at: fixture.library.now), after: one, seeing: there)
      #expect(one.stage == stage)
    }
    let over = one.ended(.promoted, by: one.name, reason: "it held", at: fixture.library.now)
    #expect(try registry.write(over, after: one, seeing: seen(7)) == over)
    let live = try #require(try registry.alias("live", of: "inspector"))
    #expect(live.to == 2 && live.by == one.name && live.reason == "it held")
    let history = try fixture.again().stages(of: "inspector")
    #expect(history.map(\.rollout.revision) == [4, 3, 2, 1, 0] && history[0].evidence == seen(7))
    #expect(history[1].evidence.candidate.answers == 31 && history.last?.evidence.isEmpty == true)
  }

  @Test(
    "What tasks see adds up in the step that there is when they commit, once each, and ends with the roll-out",
    arguments: Parts.there)
  func tasks(_ parts: Parts) throws {
    let fixture = try fixture(parts)
    let registry = fixture.registry
    let one = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    func commit(_ reporter: String, rollout: String? = nil) throws -> Bool {
      let writes = try registry.adding(seen(3), to: rollout ?? one.id, of: "inspector", by: reporter)
      guard !writes.isEmpty, case .committed = try registry.table.write(writes) else { return false }
      return true
    }
    for reporter in ["host 1/a#b", "host 1/a#b", "other"] { #expect(try commit(reporter)) }
    try registry.note(seen(10), of: one, by: "server")
    #expect(try fixture.again().evidence(of: one).stage.candidate.answers == 19)
    // Of two transactions on what stood there one is refused, and counts nothing.
    let both = try (0..<2).map { _ in try registry.adding(seen(1), to: one.id, of: "inspector", by: "other") }
    #expect(try registry.table.write(both[0]) != registry.table.write(both[1]))
    #expect(try registry.evidence(of: one).stage.candidate.answers == 20)
    let late = try registry.adding(seen(100), to: one.id, of: "inspector", by: "late")
    let next = try registry.write(one.advanced(at: 1), after: one, seeing: seen(1))
    // What was asked for in a stage that is closed is refused, since nobody judges it there.
    if case .committed = try registry.table.write(late) { Issue.record("the stage was closed") }
    #expect(try commit("other") && registry.evidence(of: next).stage.candidate.answers == 3)
    #expect(try !commit("other", rollout: "another"))
    _ = try registry.act(.abort, on: "inspector", by: "ann", reason: nil)
    #expect(try !commit("other"))
  }

  @Test("Two servers that decide at once take one step")
  func races() throws {
    let fixture = try fixture()
    let one = try fixture.registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    let next = try fixture.registry.write(one.advanced(at: 1), after: one, seeing: seen(1))
    let late = one.ended(.rolledBack, by: "y", reason: "late", at: 2)
    #expect(try fixture.again().write(late, after: one, seeing: seen(1)) == next)
    #expect(try fixture.registry.rollouts() == [next])
  }

  @Test("One at a time, from what is live, and only to what is there")
  func refusals() throws {
    let fixture = try fixture()
    let registry = fixture.registry
    let begin = { (version: String, model: String) in
      self.kind { _ = try registry.begin(RolloutAsk(version: version), of: model, by: "ann") }
    }
    #expect(begin("9", "inspector") == .notFound && begin("1", "gears") == .notFound)
    #expect(begin("1", "inspector") == .badInput)
    #expect(kind { _ = try registry.act(.abort, on: "inspector", by: "ann", reason: nil) } == .notFound)
    #expect(begin("2", "inspector") == nil && begin("3", "inspector") == .conflict)
    _ = try registry.act(.abort, on: "inspector", by: "bob", reason: "no")
    for action in RolloutAction.allCases {
      #expect(kind { _ = try registry.act(action, on: "inspector", by: "ann", reason: nil) } == .conflict)
    }
    #expect(begin("3", "inspector") == nil)
    _ = try registry.act(.abort, on: "inspector", by: "bob", reason: nil)
    _ = try registry.move("live", of: "inspector", to: nil, by: "ann")
    #expect(begin("3", "inspector") == .conflict)
  }

  @Test("A person pauses, goes on and promotes, and each is in the history")
  func person() throws {
    let fixture = try fixture()
    let registry = fixture.registry
    _ = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    for action in [RolloutAction.pause, .resume, .promote] {
      _ = try registry.act(action, on: "inspector", by: "bob", reason: "\(action)")
    }
    #expect(try registry.alias("live", of: "inspector")?.to == 2)
    #expect(try registry.stages(of: "inspector").map(\.rollout.state) == [.promoted, .running, .paused, .running])
    #expect(try registry.stages(of: "inspector").map(\.rollout.actor) == ["bob", "bob", "bob", "ann"])
  }

  @Test("Small numbers are read as they were written, and what is too small is refused")
  func smallNumbers() throws {
    let fixture = try fixture()
    let registry = fixture.registry
    var ask = RolloutAsk(version: "2")
    ask.rule = "error_rate < .005%"
    for canary in [[1e-7, 1], [0.25, 0.250000001], [0, 1]] {
      ask.canary = canary
      #expect(kind { _ = try registry.begin(ask, of: "inspector", by: "ann") } == .badInput)
    }
    #expect(try registry.rollouts().isEmpty)
    (ask.canary, ask.shadow) = ([0.000001, 0.123456789, 1], 0.0000015)
    let one = try registry.begin(ask, of: "inspector", by: "ann")
    #expect(try fixture.again().rollouts() == [one] && one.plan.canary[1] == 0.123457)
    #expect(try registry.candidates() == ["inspector": 2])
  }

  @Test("One that cannot be read is passed over with a complaint, and is ended by a person")
  func unreadable() throws {
    let fixture = try fixture()
    let registry = fixture.registry
    let one = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    let key = LibraryKeys.rollout("inspector")
    let write = { (old: String, new: String) throws -> Void in
      let item = try #require(try registry.table.get(key))
      let text = String(decoding: item.body, as: UTF8.self)
      #expect(text.contains(old))
      _ = try registry.table.write([.put(key, Array(text.replacing(old, with: new).utf8))])
    }
    // What a newer server says besides.
    try write("\"by\":\"ann\"", "\"by\":\"ann\",\"mood\":\"good\"")
    #expect(try registry.rollouts() == [one])
    try write("errors == 0", "mood == 0")
    var faults: [Fault] = []
    let readable = try registry.rollouts { faults.append($0) }
    #expect(readable.isEmpty && faults.count == 1)
    #expect(try registry.candidates() == ["inspector": 2])
    #expect(kind { _ = try registry.begin(RolloutAsk(version: "3"), of: "inspector", by: "ann") } == .conflict)
    #expect(try registry.act(.abort, on: "inspector", by: "bob", reason: "odd").state == .aborted)
    #expect(try registry.stages(of: "inspector").first?.rollout.reason == "odd")
    #expect(kind { _ = try registry.begin(RolloutAsk(version: "3"), of: "inspector", by: "ann") } == nil)
  }

  @Test("One whose evidence cannot be read is told once a person has ended it, and not before")
  func unreadableEvidence() throws {
    let fixture = try fixture()
    let registry = fixture.registry
    let one = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    let key = LibraryKeys.rolloutEvidence("inspector", one.id, one.stage, "a newer server")
    _ = try registry.table.write([.put(key, Array("{\"mood\":0}".utf8))])
    let status = { (rollout: Rollout) throws in
      try RolloutStatus(rollout, try registry.stages(of: "inspector"), in: registry)
    }
    #expect(kind { _ = try status(one) } != nil)
    let over = try registry.act(.abort, on: "inspector", by: "bob", reason: "odd")
    let told = try status(over)
    #expect(told.rollout.state == .aborted && told.history.first?.rollout == over && told.evidence.isEmpty)
  }

  @Test("Where somebody moves live meanwhile the roll-out has ended, and moves nothing")
  func superseded() throws {
    let fixture = try fixture()
    let registry = fixture.registry
    let one = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    _ = try registry.move("live", of: "inspector", to: 3, by: "bob")
    let over = one.ended(.promoted, by: one.name, reason: "held", at: fixture.library.now)
    let written = try fixture.again().write(over, after: one, seeing: seen(200))
    #expect(written.state == .superseded && written.reason?.contains("version 3") == true)
    #expect(try registry.alias("live", of: "inspector")?.to == 3)
    let two = try registry.begin(RolloutAsk(version: "2"), of: "inspector", by: "ann")
    _ = try registry.move("live", of: "inspector", to: 1, by: "bob")
    #expect(try registry.rollouts().map(\.state) == [.superseded] && two.state == .running)
    #expect(kind { _ = try registry.act(.promote, on: "inspector", by: "ann", reason: nil) } == .conflict)
  }

  @Test("A candidate that answered otherwise here before is not laid out again")
  func wrong() throws {
    let fixture = try fixture()
    let folder = try RegistryFolder(fixture.registry, at: fixture.ground.folder.file("served"))
    let found = { try VersionRepository(folder.path).versions(of: "inspector").map(\.version) }
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    _ = try fixture.registry.move("live", of: "inspector", to: 3, by: "ann")
    try folder.bring(standing: { _, version in version == 3 ? .wrong("other scores") : .ready }) { _ in }
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    _ = try fixture.registry.begin(RolloutAsk(version: "3"), of: "inspector", by: "ann")
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found() == ["1"] && folder.objection(to: 3, of: "inspector") == "other scores")
    #expect(folder.objection(to: 2, of: "inspector") == nil)
  }

  @Test("The candidate is laid out for a server while it is rolled out, beside what is live")
  func lays() throws {
    let fixture = try fixture()
    let folder = try RegistryFolder(fixture.registry, at: fixture.ground.folder.file("served"))
    let found = { try VersionRepository(folder.path).versions(of: "inspector").map(\.version) }
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found() == ["1"])
    _ = try fixture.registry.begin(RolloutAsk(version: "3"), of: "inspector", by: "ann")
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found() == ["1", "3"])
    _ = try fixture.registry.act(.abort, on: "inspector", by: "ann", reason: nil)
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found() == ["1"])
  }
}
