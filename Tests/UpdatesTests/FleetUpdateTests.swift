import Base
import JSON
import Rollouts
import TestKit
import Testing

@testable import Updates

@Suite struct FleetUpdateTests {
  private let minute = 60_000

  private func update(
    _ version: Int = 5, target: UpdateTarget = .fleet, stages: [Double] = [0.05, 1], rule: String? = nil,
    parts: Set<String> = ["pipelines"]
  ) throws -> FleetUpdate {
    FleetUpdate(
      version: version, target: target,
      plan: try UpdatePlan(stages: stages, every: minute, rule: try rule.map { try RuleText.read($0) }), parts: parts,
      bundle: String(repeating: "0", count: 64), by: "ann", at: 0)
  }

  /// Nodes that do what the centre says, or do not.
  private struct Fleet {
    var reports: [String: NodeUpdateReport] = [:]
    var seen: [String: Int] = [:]

    init(_ count: Int) {
      for number in 0..<count { reports["node-\(number)"] = NodeUpdateReport() }
    }

    func nodes() -> [UpdatedNode] {
      reports.keys.sorted().map { UpdatedNode(name: $0, seen: seen[$0], report: reports[$0]) }
    }

    func having(_ version: Int) -> Int { reports.values.count { $0.serving == version } }
  }

  private func run(
    _ update: FleetUpdate, _ fleet: inout Fleet, minutes: Int, silent: Set<String> = [],
    each: (inout NodeUpdateReport, String, Int) -> Void
  ) -> FleetUpdate {
    var update = update
    for now in 0..<minutes {
      for name in fleet.reports.keys.sorted() where !silent.contains(name) {
        fleet.seen[name] = now * minute
        var report = fleet.reports[name]!
        let wanted = [update].wanted(for: name, groups: [], report)
        if wanted.take != nil {
          (report.highest, report.serving, report.isTrial) = (update.version, update.version, true)
        }
        if wanted.leave != nil { (report.serving, report.isTrial) = (nil, false) }
        each(&report, name, now)
        fleet.reports[name] = report
      }
      update = update.changed(by: update.decision(fleet.nodes(), at: now * minute), at: now * minute)
      let most = update.share == 1 ? fleet.reports.count : max(1, Int(0.05 * Double(fleet.reports.count)))
      #expect(fleet.having(update.version) <= most || update.state == .stopped, "more than the share at \(now)")
    }
    return update
  }

  @Test(arguments: [1, 2, 3, 40, 200]) func `a good one goes to its canary first, and then to all`(count: Int) throws {
    var fleet = Fleet(count)
    var first = 0
    let update = run(try update(), &fleet, minutes: 30) { report, _, now in
      if report.isTrial, now % 3 == 0 { report.isTrial = false }
      if now == 1 { first += report.serving == 5 ? 1 : 0 }
    }
    #expect(update.state == .done && fleet.having(5) == count)
    #expect(first == max(1, count / 20))
    #expect(try FleetUpdate(JSONDocument(parsing: text(update).span.bytes, name: "it").root) == update)
  }

  private func text(_ update: FleetUpdate) -> [UInt8] { JSONWriter.object(update.write) }

  @Test func `one that a node leaves is out, and the others never had it`() throws {
    var fleet = Fleet(40)
    var touched: Set<String> = []
    let update = run(try update(), &fleet, minutes: 30) { report, name, now in
      if report.serving == 5 { touched.insert(name) }
      if report.isTrial, now > 2 {
        (report.serving, report.isTrial) = (nil, false)
        report.failure = .init(version: 5, reason: "its model does not load", isRefusal: false)
      }
    }
    #expect(update.state == .stopped && touched.count == 2 && fleet.having(5) == 0)
    #expect(update.reason?.contains("its model does not load") ?? false)
  }

  @Test func `a rule over what the nodes tell stops it, and those that have it go back`() throws {
    var fleet = Fleet(40)
    let update = run(try update(rule: "p95 < 2x and errors == 0"), &fleet, minutes: 30) { report, _, now in
      report.isTrial = false
      report.tally.answers += 100
      for _ in 0..<100 { report.tally.times.add(report.serving == 5 ? 30_000_000 : 10_000_000) }
    }
    #expect(update.state == .stopped && fleet.having(5) == 0)
    #expect(update.reason?.contains("p95") ?? false, "\(update.reason ?? "")")
  }

  @Test func `nodes that are off hold nothing up, and take the newest when they come`() throws {
    var fleet = Fleet(40)
    let silent = Set((0..<20).map { "node-\($0)" })
    let done = run(try update(), &fleet, minutes: 60, silent: silent) { report, _, _ in report.isTrial = false }
    #expect(done.state == .done && fleet.having(5) == 20)
    let later = try [
      done, update(6, parts: ["pipelines", "model a live"]).changed(by: .finish, at: 1),
      update(7, target: .node("node-3"), parts: ["model b live"]).changed(by: .finish, at: 1),
      update(8, parts: ["pipelines"]).changed(by: .stop("bad"), at: 1),
    ]
    // A month later: 6 takes the place of 5, and 7, which is of something else, comes after it.
    #expect(later.wanted(for: "node-3", groups: [], NodeUpdateReport()).take?.version == 6)
    var report = NodeUpdateReport()
    (report.highest, report.serving) = (6, 6)
    #expect(later.wanted(for: "node-3", groups: [], report).take?.version == 7)
    #expect(later.wanted(for: "node-4", groups: [], report).take == nil)
    (report.highest, report.serving) = (8, 8)
    #expect(later.wanted(for: "node-4", groups: [], report).leave?.version == 8)
  }

  @Test func `a fresh node takes what was done one after the other, each once the one before it is through`() throws {
    let done = try [
      update(1, parts: ["pipelines", "model a live"]).changed(by: .finish, at: 1),
      update(2).changed(by: .finish, at: 2),
      update(3, parts: ["pipelines", "model a live"]),
    ]
    var report = NodeUpdateReport()
    func takes(_ updates: [FleetUpdate]) -> Int? { updates.wanted(for: "dock", groups: [], report).take?.version }
    #expect(takes(Array(done[..<2])) == 1)
    (report.highest, report.serving, report.isTrial) = (1, 1, true)
    #expect(takes(Array(done[..<2])) == nil, "it would lose the model of the first one")
    // One that says all that it says is taken at once.
    #expect(takes([done[0], done[1], done[2].changed(by: .finish, at: 3)]) == 3)
    report.isTrial = false
    #expect(takes(Array(done[..<2])) == 2)
  }

  @Test func `what a disk lost of the update that it serves is given once more, before a newer one`() throws {
    let updates = try [
      update(1).changed(by: .finish, at: 1), update(2, parts: ["model a live"]).changed(by: .finish, at: 2),
    ]
    var report = NodeUpdateReport()
    (report.highest, report.serving, report.lost) = (1, 1, 1)
    let document = try JSONDocument(parsing: report.json.span.bytes, name: "it")
    let said = try NodeUpdateReport(document.root)
    #expect(updates.wanted(for: "dock", groups: [], said).take?.version == 1)
    #expect([updates[0].releasingBytes(), updates[1]].wanted(for: "dock", groups: [], said).take?.version == 2)
    report.lost = nil
    #expect(updates.wanted(for: "dock", groups: [], report).take?.version == 2)
  }

  @Test func `one that began and is not heard any more stops it`() throws {
    var fleet = Fleet(3)
    var update = try update()
    for name in fleet.reports.keys { fleet.seen[name] = 0 }
    update = update.changed(by: update.decision(fleet.nodes(), at: 0), at: 0)
    let name = try #require(update.drawn.first)
    (fleet.reports[name]!.serving, fleet.reports[name]!.highest, fleet.reports[name]!.isTrial) = (5, 5, true)
    guard case .wait = update.decision(fleet.nodes(), at: minute) else { Issue.record("too early"); return }
    guard case .stop(let why) = update.decision(fleet.nodes(), at: 16 * minute) else { Issue.record("never"); return }
    #expect(why.contains(name))
  }

  @Test func `a node that cannot have it says nothing of the others`() throws {
    var fleet = Fleet(3)
    let update = run(try update(stages: [1]), &fleet, minutes: 10) { report, name, _ in
      report.isTrial = false
      guard name == "node-1" else { return }
      report.serving = nil
      report.failure = .init(version: 5, reason: "it is another machine", isRefusal: true)
    }
    #expect(update.state == .done && fleet.having(5) == 2)
  }

  private func known(_ name: String, _ change: (inout NodeUpdateReport) -> Void) -> UpdatedNode {
    var report = NodeUpdateReport()
    change(&report)
    return UpdatedNode(name: name, seen: 0, report: report)
  }

  @Test func `the last step ends as soon as all that are heard have it for good`() throws {
    let update = try update(stages: [1])
    let (dock, trial) = (
      known("dock") { ($0.highest, $0.serving) = (5, 5) },
      known("gate") { ($0.highest, $0.serving, $0.isTrial) = (5, 5, true) }
    )
    #expect(update.decision([dock, trial], at: 1) == .wait("1 of 2 nodes is not there yet: gate"))
    #expect(update.decision([trial], at: 1) == .wait("the node gate is not there yet"))
    #expect(update.decision([dock, UpdatedNode(name: "roof", seen: nil, report: nil)], at: 1) == .finish)
  }

  @Test func `one that all that may have it refuse is stopped with their words`() throws {
    let refusing = known("dock") {
      ($0.highest, $0.failure) = (5, .init(version: 5, reason: "it serves a folder", isRefusal: true))
    }
    let (off, due) = (UpdatedNode(name: "roof", seen: nil, report: nil), known("gate") { _ in })
    let update = try update(stages: [1])
    guard case .stop(let why) = update.decision([refusing, off], at: 1) else { Issue.record("it goes on"); return }
    #expect(why.contains("refused by all") && why.contains("dock") && why.contains("it serves a folder"), "\(why)")
    guard case .wait = update.decision([refusing, due], at: 1) else { Issue.record("it does not wait"); return }
    guard case .wait = update.decision([off], at: 1) else { Issue.record("nobody said anything"); return }
  }

  @Test func `a rule that compares holds by the step before where nobody is left, and is refused where nobody ever is`()
    throws
  {
    var fleet = Fleet(2)
    let update = run(try update(rule: "p95 < 2x and errors == 0"), &fleet, minutes: 30) { report, _, _ in
      report.isTrial = false
      report.tally.answers += 100
      for _ in 0..<100 { report.tally.times.add(10_000_000) }
    }
    #expect(update.state == .done && fleet.having(5) == 2, "\(update.reason ?? "")")
    let plan = { (stages: [Double], rule: String) throws in
      try UpdatePlan(stages: stages, every: 1, rule: try RuleText.read(rule))
    }
    for (stages, count) in [([1.0], 4), ([0.5, 1], 1)] {
      #expect(throws: Fault.self) { try plan(stages, "errors == 0 and p95 < 1.2x").check(nodes: count) }
      try plan(stages, "errors == 0 and p95 < 80ms").check(nodes: count)
    }
    try plan([0.5, 1], "p95 < 1.2x").check(nodes: 2)
  }

  @Test func `plans that cannot be followed are refused`() throws {
    for stages in [[], [0.5], [0, 1], [0.5, 0.2, 1], [0.5, 0.5, 1], [2.0]] {
      #expect(throws: Fault.self) { try UpdatePlan(stages: stages, every: 1, rule: nil) }
    }
    for rule in ["agreement > 90%", "evaluation.map50 > .4", "drift < .2", "count.person >= 3"] {
      #expect(throws: Fault.self) { try UpdatePlan(stages: [1], every: 1, rule: try RuleText.read(rule)) }
    }
  }
}
