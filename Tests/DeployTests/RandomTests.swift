import Base
import Foundation
import TestKit
import Testing

@testable import Deploy

struct RandomTests {
  /// `make soak-deploy` says more.
  private static let rounds = ProcessInfo.processInfo.environment["RIDLEY_DEPLOY_ROUNDS"].flatMap(Int.init) ?? 30

  private static func place() -> (Blueprint, RandomSite) {
    let blueprint = Blueprint(RandomSite.servers)
    for server in RandomSite.servers {
      let versions = ["1": "ready", "2": "ready", "3": "ready"]
      blueprint.servers.servers[server]?.models = ["inspector": versions, "inspector-\(server)": versions]
    }
    return (blueprint, RandomSite())
  }

  private static func write(_ site: RandomSite, to blueprint: Blueprint) throws {
    let (yaml, secrets) = site.text
    try blueprint.write(yaml)
    for (name, secret) in secrets { try blueprint.secret(name, secret) }
  }

  @Test(
    "Of random edits of a blueprint and of servers, with ends at random instants, nothing is left half, done twice, or touched that is another's"
  )
  func random() throws {
    var dice = SeededRandom(22)
    var (blueprint, site) = Self.place()
    var counts: [String: Int] = [:]
    for round in 0..<Self.rounds {
      let old = site
      site.change(&dice)
      try Self.write(site, to: blueprint)
      for server in RandomSite.servers where Int.random(in: 0..<3, using: &dice) == 0 {
        blueprint.servers.servers[server]?.changeForeign(&dice)
        if Int.random(in: 0..<3, using: &dice) == 0 { _ = blueprint.servers.servers[server]?.changeOwn(&dice) }
      }
      try Self.refuseStale(blueprint, &dice, &counts)
      let foreign = blueprint.servers.servers.mapValues(\.foreign)
      let outcome = try Self.apply(blueprint, &dice, &counts)
      #expect(blueprint.servers.servers.mapValues(\.foreign) == foreign, "round \(round)")
      guard outcome else {
        // What was not applied is not wanted any more.
        site = old
        try Self.write(site, to: blueprint)
        let again = try blueprint.apply()
        #expect(again == .nothing || again == .done, "round \(round): \(again)")
        for (server, content) in blueprint.servers.servers {
          #expect(site.isMet(by: content, of: server), "round \(round), \(server), after it went back")
        }
        continue
      }
      for (server, content) in blueprint.servers.servers {
        #expect(site.isMet(by: content, of: server), "round \(round), \(server)")
      }
      blueprint.servers.forgetCounts()
      #expect(try blueprint.apply() == .nothing && blueprint.servers.writes == 0, "round \(round)")
      #expect(try blueprint.deployment().drift().isEmpty)
    }
    #expect(["ended", "lost", "back", "stale", "done"].allSatisfy { counts[$0, default: 0] > 0 }, "\(counts)")
  }

  /// A plan that saw something else than there is now.
  private static func refuseStale(
    _ blueprint: Blueprint, _ dice: inout SeededRandom, _ counts: inout [String: Int]
  ) throws {
    guard Int.random(in: 0..<3, using: &dice) == 0, let server = RandomSite.servers.randomElement(using: &dice) else {
      return
    }
    let plan = try blueprint.plan()
    let old = blueprint.servers.servers
    guard !plan.isEmpty, blueprint.servers.servers[server]?.changeOwn(&dice) == true else { return }
    let content = blueprint.servers.servers
    // By chance it is what the plan would have made of it.
    guard content != old, try !blueprint.plan().isEmpty else { return }
    let fault = try #require(throws: Fault.self) { try blueprint.apply(plan) }
    #expect(fault.kind == .conflict && fault.message.contains("the plan is stale"), "\(fault.message)")
    #expect(blueprint.servers.servers == content)
    counts["stale", default: 0] += 1
  }

  /// Applies, with trouble at one request or two, until it is done or back; whether it was done.
  private static func apply(
    _ blueprint: Blueprint, _ dice: inout SeededRandom, _ counts: inout [String: Int]
  ) throws -> Bool {
    let before = blueprint.servers.servers
    var mayGoBack = false
    for attempt in 0..<4 {
      let kind = attempt < 3 ? Int.random(in: 0..<6, using: &dice) : 0
      // Half of them at writes, of which there are fewer.
      let (isWrite, number) = (Bool.random(using: &dice), Int.random(in: 1...30, using: &dice))
      plant(kind, at: isWrite ? 1 + number % 5 : number, ofWrites: isWrite, blueprint)
      defer { blueprint.servers.trouble = { _, _ in nil } }
      mayGoBack = mayGoBack || kind == 5
      do {
        switch try blueprint.apply() {
        case .nothing, .done:
          counts[kind > 2 ? "lost" : "done", default: 0] += 1
          return true
        case .back(let reason, let left):
          counts["back", default: 0] += 1
          #expect(mayGoBack, "\(reason)")
          check(blueprint.servers.servers, before, left)
          return false
        }
      } catch let fault as Fault where fault.kind == .closed {
        counts["ended", default: 0] += 1
      } catch let fault as Fault where [.unavailable, .conflict].contains(fault.kind) && kind > 2 {
        // Before anything was begun, or on the way back.
        counts["before", default: 0] += 1
      }
    }
    Issue.record("four attempts did not end")
    return false
  }

  private static func plant(_ kind: Int, at number: Int, ofWrites: Bool, _ blueprint: Blueprint) {
    let troubles: [FakeServers.Trouble?] = [
      nil, .endsBefore, .endsAfter, .lostBefore, .lostAfter, .refused(Fault(.conflict, "not now")),
    ]
    blueprint.servers.forgetCounts()
    var count = 0
    blueprint.servers.trouble = { request, _ in
      guard !ofWrites || request.method != "GET" else { return nil }
      count += 1
      return count == number ? troubles[kind] : nil
    }
  }

  /// All is as it was but for what is named.
  private static func check(
    _ now: [String: FakeServers.Content], _ before: [String: FakeServers.Content], _ left: [String]
  ) {
    for (server, content) in now {
      guard let old = before[server], content != old else { continue }
      #expect(left.contains { $0.contains(" on \(server) ") }, "\(server): \(left)")
    }
  }
}
