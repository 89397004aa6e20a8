import Base
import Foundation
import TestKit
import Testing

@testable import Deploy

/// What must not be told or done otherwise than it is.
struct GuardTests {
  private static func hook() throws -> Blueprint {
    let blueprint = Blueprint()
    try blueprint.secret("alarm", "first")
    try blueprint.write(
      """
      servers: {main: {address: "http://127.0.0.1:1"}}
      models: {inspector: {aliases: {live: 2}}}
      targets: {alarm: {address: "https://x/y", secret: file:alarm}}
      """)
    return blueprint
  }

  private static func isTarget(_ request: DeployRequest) -> Bool {
    request.method == "PUT" && request.path.contains("targets")
  }

  @Test("A secret that a server refused, or whose answer was lost, is a change again and not taken for applied")
  func refusedSecret() throws {
    for trouble in [FakeServers.Trouble.refused(Fault(.badInput, "no")), .lostBefore] {
      let blueprint = try Self.hook()
      try blueprint.apply()
      try blueprint.secret("alarm", "second")
      blueprint.servers.trouble = { request, _ in Self.isTarget(request) ? trouble : nil }
      #expect(((try? blueprint.apply()) ?? .back(reason: "", left: [])) != .done)
      blueprint.servers.trouble = { _, _ in nil }
      #expect(try blueprint.plan().steps.map(\.hidden) == [["secret"]])
      #expect(try blueprint.apply() == .done && blueprint.plan().isEmpty)
      #expect(blueprint.servers.servers["main"]?.targets["local/alarm"]?["secret"] == "\"second\"")
    }
  }

  @Test("A secret of an apply that was forgotten is told again, also where it is what it was before")
  func forgottenSecret() throws {
    let blueprint = try Self.hook()
    try blueprint.apply()
    try blueprint.secret("alarm", "second")
    blueprint.servers.trouble = { request, _ in Self.isTarget(request) ? .endsAfter : nil }
    #expect(throws: Fault.self) { try blueprint.apply() }
    blueprint.servers.trouble = { _, _ in nil }
    try blueprint.secret("alarm", "first")
    #expect(try blueprint.apply(forgets: true) == .done && blueprint.plan().isEmpty)
    #expect(blueprint.servers.servers["main"]?.targets["local/alarm"]?["secret"] == "\"first\"")
  }

  @Test("What a server refuses takes back what went before it, and nothing of itself is left to be named")
  func refusedBehindOthers() throws {
    let blueprint = try Self.hook()
    try blueprint.apply()
    let before = blueprint.servers.servers
    try blueprint.secret("alarm", "second")
    let text = String(decoding: try Data(contentsOf: URL(filePath: blueprint.path)), as: UTF8.self)
    try blueprint.write(text.replacing("live: 2", with: "live: 3"))
    blueprint.servers.trouble = { request, _ in
      Self.isTarget(request) ? .refused(Fault(.badInput, "no")) : nil
    }
    let outcome = try blueprint.apply()
    #expect(outcome == .back(reason: "target alarm of local on main: no", left: []))
    #expect(blueprint.servers.servers == before)
    blueprint.servers.trouble = { _, _ in nil }
    #expect(try blueprint.plan().steps.map(\.key.kind) == [.alias, .target])
  }

  private static let two = """
    servers: {a: {address: "http://a"}, b: {address: "http://b"}}
    models: {inspector: {server: [a, b], aliases: {live: 2}}}
    alerts: {people: {server: a, query: person}}
    """

  @Test("A server that stays dead on the way back keeps no other from it, and its own is taken back once it is there")
  func deadOnTheWayBack() throws {
    let blueprint = Blueprint(["a", "b"])
    try blueprint.write(Self.two)
    var isDead = false
    blueprint.servers.trouble = { request, _ in
      if request.path.contains("alerts"), request.method == "POST" {
        isDead = true
        return .refused(Fault(.conflict, "no"))
      }
      return isDead && request.server == "b" ? .lostBefore : nil
    }
    let fault = try #require(throws: Fault.self) { try blueprint.apply() }
    #expect(fault.kind == .unavailable && fault.message.contains("alias inspector/live on b"), "\(fault.message)")
    #expect(blueprint.servers.servers["a"]?.aliases == [:])
    #expect(blueprint.servers.servers["b"]?.aliases == ["inspector/live": "2"])
    blueprint.servers.trouble = { _, _ in nil }
    guard case .back(_, let left) = try blueprint.apply() else { Issue.record("it went on"); return }
    #expect(left.isEmpty && blueprint.servers.servers["b"]?.aliases == [:])
  }

  @Test("An interrupted apply is neither finished nor taken back at other servers, and can be forgotten")
  func otherServers() throws {
    let blueprint = Blueprint(["a", "b"])
    try blueprint.write(Self.two)
    blueprint.servers.trouble = { request, _ in
      request.path.contains("alerts") && request.method == "POST" ? .endsBefore : nil
    }
    #expect(throws: Fault.self) { try blueprint.apply() }
    blueprint.servers.trouble = { _, _ in nil }
    let before = blueprint.servers.servers
    #expect(try blueprint.deployment().drift().isOpen)
    for text in [
      Self.two.replacing("http://b", with: "http://other"),
      Self.two.replacing(", b: {address: \"http://b\"}", with: "").replacing("[a, b]", with: "a"),
    ] {
      try blueprint.write(text)
      let fault = try #require(throws: Fault.self) { try blueprint.apply() }
      #expect(fault.kind == .conflict && fault.message.contains("the server b at http://b"), "\(fault.message)")
      #expect(blueprint.servers.servers == before)
    }
    try blueprint.write(Self.two.replacing("http://b", with: "http://other"))
    #expect(try blueprint.apply(adopts: true, forgets: true) == .done && blueprint.plan().isEmpty)
  }

  @Test("An apply that was interrupted is told as done when it is finished, and its health is asked once")
  func finished() throws {
    let blueprint = try ApplyTests.blueprint()
    blueprint.servers.trouble = { request, _ in request.path.contains("alerts") ? .endsBefore : nil }
    #expect(throws: Fault.self) { try blueprint.apply() }
    blueprint.servers.trouble = { request, _ in
      request.path.contains("alerts") && request.method == "POST" ? .endsAfter : nil
    }
    #expect(throws: Fault.self) { try blueprint.apply() }
    blueprint.servers.trouble = { _, _ in nil }
    #expect(try blueprint.apply() == .done)
    // As it is where it was killed between the last two files.
    try blueprint.write(ApplyTests.text.replacing("300ms", with: "1s"))
    let plan = try blueprint.plan()
    #expect(try blueprint.apply(plan) == .done)
    var journal = DeployJournal(plan)
    (journal.begun, journal.done, journal.isThrough) = (Set(plan.steps.indices), Set(plan.steps.indices), true)
    try DeployFolder(besides: blueprint.path, stage: Site.usualStage).write(journal)
    blueprint.servers.servers["main"]?.states["yard"] = "connecting"
    #expect(try blueprint.apply() == .done && blueprint.plan().isEmpty)
  }

  @Test("A server is waited for by the clock, however long each of its answers takes")
  func clock() throws {
    let blueprint = try Self.hook()
    var count = 0
    blueprint.servers.trouble = { request, _ in
      guard Self.isTarget(request) else { return nil }
      count += 1
      blueprint.seconds += 40
      return .lostBefore
    }
    guard case .back = try blueprint.apply(patience: 60) else { Issue.record("it went on"); return }
    #expect(count == 2)
  }

  @Test("What a key does not cover is refused, and not taken for gone")
  func keys() throws {
    let blueprint = try Self.hook()
    try blueprint.apply()
    for (client, scopes, words) in [
      ("acme", "write", "its key is for what is acme's"), ("local", "read", "name a key with 'write'"),
    ] {
      blueprint.servers.servers["main"]?.key = (client, scopes)
      for ask in [{ _ = try blueprint.plan() }, { _ = try blueprint.deployment().drift() }] {
        let fault = try #require(throws: Fault.self) { try ask() }
        #expect(fault.kind == .denied && fault.message.contains(words), "\(fault.message)")
      }
    }
    blueprint.servers.servers["main"]?.key = ("local", "write")
    #expect(try blueprint.plan().isEmpty)
  }

  @Test("Drift of what was never applied is not told as none, and what was not looked at is named")
  func drift() throws {
    let blueprint = try Self.hook()
    #expect(try !blueprint.deployment().drift().wasApplied)
    _ = try blueprint.plan()
    #expect(try !blueprint.deployment().drift().wasApplied)
    try blueprint.apply()
    try blueprint.write("servers: {main: {address: 'http://127.0.0.1:2'}}")
    let report = try blueprint.deployment().drift()
    #expect(report.findings.isEmpty && report.unseen.map(\.kind) == [.alias, .target] && !report.isEmpty)
  }

  @Test("What stands in a server's configuration is not destroyed, and what others made anew is told as that")
  func destroyed() throws {
    let blueprint = try Self.hook()
    try blueprint.apply()
    try blueprint.write("servers: {main: {address: 'http://127.0.0.1:1'}}")
    blueprint.servers.servers["main"]?.configured = ["alarm"]
    blueprint.servers.servers["main"]?.aliases["inspector/live"] = "1"
    let plan = try blueprint.plan()
    #expect(plan.forgotten.map(\.kind) == [.target] && plan.steps.map(\.key.kind) == [.alias])
    #expect(plan.steps[0].effect.hasSuffix("others changed it since it was applied, or made it anew (version)"))
  }

  @Test("An address that is a secret is shown to nobody where it is wrong, or where a server refuses it")
  func secretAddresses() throws {
    let blueprint = try Self.hook()
    try blueprint.write(
      """
      servers: {main: {address: "http://127.0.0.1:1"}}
      targets: {alarm: {address: {secret: file:hook}, secret: file:alarm}}
      """)
    for text in ["https://user:hunter2@x/y", "hunter2", "https://", "ftp://hunter2/x", "https://hunter2 x/y"] {
      try blueprint.secret("hook", text)
      let fault = try #require(throws: Fault.self, "\(text)") { try blueprint.plan() }
      #expect(fault.kind == .badInput && !fault.message.contains("hunter2"), "\(fault.message)")
    }
    try blueprint.secret("hook", "https://x/hunter2")
    blueprint.servers.trouble = { request, _ in
      Self.isTarget(request) ? .refused(Fault(.badInput, "'https://x/hunter2' is no address")) : nil
    }
    let fault = try #require(throws: Fault.self) { try blueprint.apply() }
    #expect(fault.message.contains("the server refuses it (bad-input)") && !fault.message.contains("hunter2"))
    // Each folder knows it by a salt of its own.
    let other = Blueprint()
    for name in ["hook", "alarm"] { try other.secret(name, "https://x/hunter2") }
    try other.write(String(decoding: try Data(contentsOf: URL(filePath: blueprint.path)), as: UTF8.self))
    let addresses = try [blueprint, other].map { try $0.plan().steps[0].after?.string("address") ?? "" }
    #expect(addresses[0] != addresses[1] && addresses.allSatisfy { $0.hasPrefix("https://x/…#") })
  }

  @Test("A journal or plan that was broken by hand is refused")
  func broken() throws {
    let blueprint = try Self.hook()
    let plan = try blueprint.plan()
    for numbers in [[2], [-1]] {
      var journal = DeployJournal(plan)
      journal.begun = Set(numbers)
      #expect(throws: Fault.self) { try DeployJournal(journal.json, name: "journal.json") }
    }
    var empty = DeployJournal(DeployPlan(site: "s", stage: "default", siteDigest: ""))
    empty.begun = [0]
    #expect(throws: Fault.self) { try DeployJournal(empty.json, name: "journal.json") }
    let text = String(decoding: plan.json, as: UTF8.self)
    for name in ["", "/", "inspector", "inspector/", "a/b/c"] {
      let broken = text.replacing("\"inspector/live\"", with: "\"\(name)\"")
      #expect(broken != text && isRefused(broken), "\(name)")
    }
  }

  private func isRefused(_ plan: String) -> Bool { (try? DeployPlan(Array(plan.utf8), name: "plan.json")) == nil }
}
