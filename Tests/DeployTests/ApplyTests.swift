import Base
import Foundation
import TestKit
import Testing

@testable import Deploy

struct ApplyTests {
  static let text = """
    servers: {main: {address: "http://127.0.0.1:1"}}
    models: {inspector: {aliases: {live: 2}}}
    streams:
      dock: {source: {secret: file:dock}, pipeline: dock}
      yard: {source: "rtsp://camera/yard", model: inspector, budget: 300ms}
    targets:
      alarm: {address: "https://example.com/hook", secret: file:alarm, streams: [dock]}
    alerts:
      people: {query: person}
    """

  static func blueprint() throws -> Blueprint {
    let blueprint = Blueprint()
    try blueprint.secret("dock", "rtsp://admin:hunter2@camera/dock")
    try blueprint.secret("alarm", "whsec_hunter2")
    try blueprint.write(Self.text)
    return blueprint
  }

  @Test("What is wanted is made, in a safe order, once, and what others made is not touched")
  func creates() throws {
    let blueprint = try Self.blueprint()
    let servers = blueprint.servers
    servers.servers["main"]?.streams["local/others"] = [
      "source": "\"rtsp://camera/others\"", "budget_ms": "250", "weight": "1",
    ]
    let plan = try blueprint.plan()
    #expect(plan.steps.map(\.action) == [.create, .create, .create, .create, .create])
    #expect(plan.steps.map(\.key.kind) == [.alias, .target, .stream, .stream, .alert])
    #expect(servers.writes == 0)
    #expect(!String(decoding: plan.json, as: UTF8.self).contains("hunter2"))
    #expect(try DeployPlan(plan.json, name: "plan.json") == plan)
    #expect(try blueprint.apply(plan) == .done)
    let content = try #require(servers.servers["main"])
    #expect(
      content.aliases == ["inspector/live": "2"]
        && content.streams.keys.sorted() == ["local/dock", "local/others", "local/yard"])
    #expect(content.streams["local/dock"]?["source"] == "\"rtsp://admin:hunter2@camera/dock\"")
    #expect(content.targets["local/alarm"]?["secret"] == "\"whsec_hunter2\"")
    servers.forgetCounts()
    #expect(try blueprint.apply(plan) == .nothing && blueprint.apply() == .nothing && servers.writes == 0)
    #expect(try blueprint.plan().isEmpty && blueprint.deployment().drift().isEmpty)
    for file in ["state.json", "journal.json"] {
      let bytes = try? Data(contentsOf: URL(filePath: blueprint.folder.file("site.deploy/default/\(file)")))
      #expect((bytes == nil) == (file == "journal.json"))
      #expect(!String(decoding: bytes ?? Data(), as: UTF8.self).contains("hunter2"))
    }
  }

  @Test(
    "What is there and was made by others is in the way, until it is taken over; what stands in a server's configuration always is"
  )
  func adopts() throws {
    let blueprint = try Self.blueprint()
    let yard = ["source": "\"rtsp://camera/yard\"", "model": "\"inspector\"", "budget_ms": "250", "weight": "1"]
    blueprint.servers.servers["main"]?.streams["local/yard"] = yard
    let before = blueprint.servers.servers
    let fault = try #require(throws: Fault.self) { try blueprint.apply() }
    #expect(
      fault.kind == .conflict && fault.message.contains("take it over with --adopt")
        && blueprint.servers.servers == before)
    let plan = try blueprint.plan(adopts: true)
    let step = try #require(plan.steps.first { $0.key.name == "yard" })
    #expect(step.action == .adopt && step.differences.map(\.name) == ["budget_ms"] && !step.isReversible)
    blueprint.servers.servers["main"]?.targets["local/alarm"] =
      before["main"]?.targets["local/alarm"] ?? [
        "address": "\"https://example.com/hook\"", "kinds": "[]", "streams": "[]", "rules": "[]", "labels": "[]",
        "phases": "[]",
      ]
    blueprint.servers.servers["main"]?.configured = ["alarm"]
    let other = try #require(throws: Fault.self) { try blueprint.apply(adopts: true) }
    #expect(other.message.contains("stands in the server's own configuration"))
    blueprint.servers.servers["main"]?.configured = []
    blueprint.servers.servers["main"]?.targets = [:]
    #expect(try blueprint.apply(plan) == .done)
    #expect(blueprint.servers.servers["main"]?.streams["local/yard"]?["budget_ms"] == "300")
  }

  @Test(
    "What a blueprint no longer has is destroyed, at the end; what is gone already, or whose server is, is forgotten")
  func destroys() throws {
    let blueprint = try Self.blueprint()
    try blueprint.apply()
    try blueprint.write(
      Self.text.split(separator: "\n").filter { !$0.contains("yard") && !$0.contains("people") }.joined(separator: "\n")
        .replacing("alerts:", with: "").replacing("live: 2", with: "live: 3"))
    let plan = try blueprint.plan()
    #expect(
      plan.steps.map(\.action) == [.change, .destroy, .destroy]
        && plan.steps.map(\.key.kind) == [.alias, .alert, .stream])
    blueprint.servers.servers["main"]?.alerts = [:]
    #expect(throws: Fault.self) { try blueprint.apply(plan) }
    let fresh = try blueprint.plan()
    #expect(fresh.steps.map(\.action) == [.change, .destroy] && fresh.forgotten.map(\.kind) == [.alert])
    #expect(try blueprint.apply(fresh) == .done)
    #expect(blueprint.servers.servers["main"]?.streams.keys.sorted() == ["local/dock"])
    try blueprint.write("servers: {main: {address: 'http://127.0.0.1:2'}}")
    let moved = try blueprint.plan()
    #expect(moved.steps.isEmpty && moved.forgotten.count == 3)
    #expect(try blueprint.apply(moved) == .done && blueprint.plan().isEmpty)
    #expect(blueprint.servers.servers["main"]?.streams.count == 1)
  }

  @Test(
    "A plan is refused where a thing, the blueprint or a secret is not what it saw, and says which; nothing is changed")
  func stale() throws {
    let blueprint = try Self.blueprint()
    try blueprint.apply()
    try blueprint.write(Self.text.replacing("300ms", with: "400ms"))
    let plan = try blueprint.plan()
    let good = blueprint.servers.servers
    blueprint.servers.servers["main"]?.streams["local/dock"]?["weight"] = "2"
    var fault = try #require(throws: Fault.self) { try blueprint.apply(plan) }
    #expect(fault.kind == .conflict && fault.message.contains("stream dock of local on main is not as the plan saw it"))
    blueprint.servers.servers = good
    try blueprint.secret("dock", "rtsp://admin:other@camera/dock")
    fault = try #require(throws: Fault.self) { try blueprint.apply(plan) }
    #expect(fault.message.contains("the plan is stale"), "\(fault.message)")
    try blueprint.secret("dock", "rtsp://admin:hunter2@camera/dock")
    try blueprint.write(Self.text)
    fault = try #require(throws: Fault.self) { try blueprint.apply(plan) }
    #expect(fault.message.contains("the blueprint was changed"))
    #expect(blueprint.servers.servers == good)
    try blueprint.write(Self.text.replacing("300ms", with: "400ms"))
    #expect(try blueprint.apply(plan) == .done)
  }

  @Test("A password that is another is a change, though no server shows it")
  func hidden() throws {
    let blueprint = try Self.blueprint()
    try blueprint.apply()
    try blueprint.secret("dock", "rtsp://admin:other@camera/dock")
    let plan = try blueprint.plan()
    #expect(
      plan.steps.map(\.hidden) == [["source"]] && plan.steps.allSatisfy { $0.differences.isEmpty && !$0.isReversible })
    #expect(try blueprint.apply(plan) == .done && blueprint.plan().isEmpty)
    #expect(blueprint.servers.servers["main"]?.streams["local/dock"]?["source"] == "\"rtsp://admin:other@camera/dock\"")
  }

  @Test("A model that is not there, not ready or another leaves all as it was, for whatever else the plan has")
  func badModels() throws {
    let blueprint = try Self.blueprint()
    try blueprint.apply()
    let before = blueprint.servers.servers
    for (version, state, words) in [
      ("9", nil, "the server has no version 9 of 'inspector': it has 1, 2, 3"),
      ("{version: 3, digest: 'sha256:\(String(repeating: "0", count: 64))'}", nil, "and not sha256:0000"),
      ("3", "unavailable", "version 3 of 'inspector' is not available there: r"),
      ("3", "loading", "took longer than"),
    ] as [(String, String?, String)] {
      blueprint.servers.servers = before
      if let state { blueprint.servers.servers["main"]?.models["inspector"]?["3"] = state }
      let content = blueprint.servers.servers
      try blueprint.write(
        Self.text.replacing("live: 2", with: "live: \(version)").replacing("300ms", with: "1s")
          .replacing("query: person", with: "query: dog"))
      let fault = try #require(throws: Fault.self) { try blueprint.apply() }
      #expect(fault.message.contains(words), "\(fault.message)")
      #expect(blueprint.servers.servers == content && content != [:])
    }
    blueprint.servers.servers = before
    try blueprint.write(Self.text.replacing("pipeline: dock", with: "pipeline: dokc"))
    let fault = try #require(throws: Fault.self) { try blueprint.apply() }
    #expect(fault.message.contains("the server has no pipeline 'dokc' (did you mean 'dock'?)"))
    // What was not begun leaves nothing that is to be finished.
    try blueprint.write(Self.text)
    #expect(try blueprint.apply() == .nothing)
  }

  @Test("A stream that does not come to life takes everything back, in reverse")
  func unhealthy() throws {
    let blueprint = try Self.blueprint()
    blueprint.servers.servers["main"]?.aliases["inspector/live"] = "1"
    #expect(try blueprint.apply(adopts: true) == .done)
    let before = blueprint.servers.servers
    blueprint.servers.servers["main"]?.states["gate"] = "connecting"
    let all = Self.text.replacing("streams:\n", with: "streams:\n  gate: {source: 'rtsp://camera/gate'}\n")
    try blueprint.write(
      all.replacing("live: 2", with: "live: 3").replacing("query: person", with: "query: dog").replacing(
        "  yard", with: "  shed"))
    guard case .back(let reason, let left) = try blueprint.apply() else { Issue.record("it went on"); return }
    #expect(reason.contains("stream gate of local on main is connecting") && left.isEmpty)
    blueprint.servers.servers["main"]?.states = [:]
    #expect(blueprint.servers.servers == before)
    #expect(try blueprint.plan().steps.count == 5)
  }

  @Test("What cannot be as it was is named, and is the blueprint's all the same")
  func irreversible() throws {
    let blueprint = try Self.blueprint()
    try blueprint.apply()
    try blueprint.secret("dock", "rtsp://admin:other@camera/dock")
    blueprint.servers.servers["main"]?.states["yard"] = "failed"
    try blueprint.write(Self.text.replacing("300ms", with: "1s"))
    guard case .back(_, let left) = try blueprint.apply() else { Issue.record("it went on"); return }
    #expect(left.count == 1 && left[0].hasPrefix("stream dock of local on main cannot be as it was"))
    #expect(blueprint.servers.servers["main"]?.streams["local/yard"]?["budget_ms"] == "300")
    blueprint.servers.servers["main"]?.states = [:]
    #expect(try blueprint.plan().steps.map(\.key.name) == ["yard"])
  }

  @Test("Drift names what others changed, by field, and what is gone; a value back at its default is drift too")
  func drift() throws {
    let blueprint = try Self.blueprint()
    try blueprint.apply()
    blueprint.servers.servers["main"]?.streams["local/yard"]?["budget_ms"] = "250"
    blueprint.servers.servers["main"]?.alerts = [:]
    blueprint.servers.servers["main"]?.aliases["inspector/live"] = "1"
    let findings = try blueprint.deployment().drift().findings
    #expect(
      findings.map(\.key.kind) == [.alias, .stream, .alert] && findings.map { $0.now == nil } == [false, false, true])
    #expect(findings[1].differences.map { "\($0.name) \($0.old ?? "") \($0.new ?? "")" } == ["budget_ms 300 250"])
    #expect(try blueprint.plan().steps.map(\.action) == [.change, .change, .create])
  }
}
