import Base
import Foundation
import TestKit
import Testing

@testable import Deploy

/// What moves while it is applied, and what is a secret or a file.
struct MovingTests {
  private static let text = ApplyTests.text

  @Test(
    "A pipeline's file is a part of the blueprint: it is there before the stream that needs it, and another text of it is a change"
  )
  func pipelines() throws {
    let blueprint = Blueprint()
    let text = """
      servers: {main: {address: "http://127.0.0.1:1"}}
      pipelines: {gate: {file: gate.yaml}}
      streams: {gate: {source: a.mp4, pipeline: gate}}
      """
    try blueprint.write(text)
    var fault = try #require(throws: Fault.self) { try blueprint.plan() }
    #expect(fault.message.hasPrefix("site.yaml:2:26: ") && fault.message.contains("gate.yaml"), "\(fault.message)")
    try blueprint.secret("gate.yaml", "nonsense")
    fault = try #require(throws: Fault.self) { try blueprint.plan() }
    #expect(fault.message.hasSuffix("gate.yaml:1:1: nonsense"))
    try blueprint.secret("gate.yaml", "infer: inspector")
    let first = try blueprint.plan()
    #expect(first.steps.map(\.key.kind) == [.pipeline, .stream])
    try blueprint.secret("gate.yaml", "infer: {model: inspector}")
    fault = try #require(throws: Fault.self) { try blueprint.apply(first) }
    #expect(fault.message.contains("the blueprint was changed"))
    #expect(try blueprint.apply() == .done && blueprint.plan().isEmpty)
    #expect(blueprint.servers.servers["main"]?.documents == ["gate": #""infer: {model: inspector}\n""#])
    try blueprint.secret("gate.yaml", "infer: inspector")
    #expect(try blueprint.plan().steps.map(\.differences.first?.name) == ["document"])
    try blueprint.write("servers: {main: {address: 'http://127.0.0.1:1'}}")
    #expect(try blueprint.plan().steps.map(\.key.kind) == [.stream, .pipeline])
    #expect(try blueprint.apply() == .done && blueprint.servers.servers["main"]?.documents == [:])
  }

  @Test(
    "A source that was plain before is that again where its secret successor does not come to life; the last step is undone first"
  )
  func plainAgain() throws {
    let blueprint = Blueprint()
    let text = """
      servers: {main: {address: "http://127.0.0.1:1"}}
      streams: {dock: {source: "rtsp://camera/dock"}, gate: {source: a.mp4, budget: 1s}}
      """
    try blueprint.write(text)
    try blueprint.apply()
    let before = blueprint.servers.servers
    try blueprint.secret("dock", "rtsp://admin:hunter2@camera/dock")
    try blueprint.write(
      text.replacing("\"rtsp://camera/dock\"", with: "{secret: file:dock}").replacing("1s", with: "2s"))
    blueprint.servers.servers["main"]?.states["dock"] = "failed"
    guard case .back(_, let left) = try blueprint.apply() else { Issue.record("it went on"); return }
    blueprint.servers.servers["main"]?.states = [:]
    #expect(left.isEmpty && blueprint.servers.servers == before, "\(left)")
    #expect(
      blueprint.told.filter { $0.hasPrefix("undo") } == [
        "undo change stream gate of local on main", "undo change stream dock of local on main",
      ])
  }

  @Test("What others change while it is applied is theirs: it goes back, and leaves that as it is")
  func movedMeanwhile() throws {
    let blueprint = try ApplyTests.blueprint()
    try blueprint.apply()
    try blueprint.write(Self.text.replacing("live: 2", with: "live: 3").replacing("300ms", with: "1s"))
    let servers = blueprint.servers
    servers.trouble = { request, _ in
      if request.method == "PUT", request.path.contains("aliases") {
        servers.servers["main"]?.streams["local/yard"]?["weight"] = "7"
      }
      return nil
    }
    guard case .back(let reason, let left) = try blueprint.apply() else { Issue.record("it went on"); return }
    #expect(reason == "stream yard of local on main was changed by others since the plan was made")
    #expect(left == ["stream yard of local on main was changed by others meanwhile: it stays as it is"])
    #expect(servers.servers["main"]?.aliases["inspector/live"] == "2")
    #expect(servers.servers["main"]?.streams["local/yard"]?["weight"] == "7")
  }

  @Test("A blueprint that was changed after its apply was killed takes that back first")
  func changedAfterKill() throws {
    let blueprint = try ApplyTests.blueprint()
    let servers = blueprint.servers
    servers.trouble = { request, _ in request.path.contains("targets") && request.method == "PUT" ? .endsAfter : nil }
    #expect(throws: Fault.self) { try blueprint.apply() }
    servers.trouble = { _, _ in nil }
    #expect(servers.servers["main"]?.targets.count == 1 && servers.servers["main"]?.aliases.count == 1)
    #expect(throws: Fault.self) { try blueprint.plan() }
    try blueprint.write(Self.text.replacing("300ms", with: "1s"))
    guard case .back(let reason, let left) = try blueprint.apply() else { Issue.record("it went on"); return }
    #expect(reason.contains("the blueprint was changed since") && left.isEmpty)
    #expect(servers.servers["main"] == FakeServers.Content())
    #expect(try blueprint.apply() == .done)
  }

  @Test("An address that is a secret stands in no plan and in nothing that is written down, though servers show it")
  func concealed() throws {
    let blueprint = Blueprint()
    try blueprint.secret("hook", "https://hooks.example.com/services/T0/hunter2")
    try blueprint.secret("alarm", "whsec_hunter2")
    let text = """
      servers: {main: {address: "http://127.0.0.1:1"}}
      targets: {alarm: {address: {secret: file:hook}, secret: file:alarm}}
      """
    try blueprint.write(text)
    #expect(try blueprint.apply() == .done && blueprint.plan().isEmpty && blueprint.deployment().drift().isEmpty)
    let address = { blueprint.servers.servers["main"]?.targets["local/alarm"]?["address"] }
    #expect(address() == "\"https://hooks.example.com/services/T0/hunter2\"")
    blueprint.servers.servers["main"]?.targets["local/alarm"]?["address"] =
      "\"https://hooks.example.com/hunter2/other\""
    #expect(try blueprint.deployment().drift().findings.map { $0.differences.map(\.name) } == [["address"]])
    let plan = try blueprint.plan()
    #expect(plan.steps.map(\.differences.first?.name) == ["address"])
    #expect(plan.steps[0].before?["address"]?.hasPrefix("\"https://hooks.example.com/…#") == true)
    #expect(try blueprint.apply(plan) == .done && address()?.hasSuffix("T0/hunter2\"") == true)
    try blueprint.secret("hook", "https://hooks.example.com/services/T1/hunter2")
    #expect(try blueprint.plan().steps.map(\.hidden) == [["address"]])
    let state = String(
      decoding: try Data(contentsOf: URL(filePath: blueprint.folder.file("site.deploy/default/state.json"))),
      as: UTF8.self)
    #expect(!(state + String(decoding: plan.json, as: UTF8.self)).contains("hunter2"))
    // Plain from now on: what was a secret is told as it is.
    try blueprint.write(text.replacing("{secret: file:hook}", with: "https://x/y"))
    #expect(try blueprint.apply() == .done && blueprint.plan().isEmpty && blueprint.deployment().drift().isEmpty)
  }
}
