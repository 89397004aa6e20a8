import TestKit
import Testing

@testable import Updates

/// Whose bytes a centre may let go of.
@Suite struct SpentUpdatesTests {
  private func update(
    _ version: Int, _ target: UpdateTarget = .fleet, _ parts: Set<String> = ["pipelines"],
    _ state: FleetUpdate.State = .done
  ) throws -> FleetUpdate {
    var update = FleetUpdate(
      version: version, target: target, plan: try UpdatePlan(stages: [0.5, 1], every: 0, rule: nil), parts: parts,
      bundle: "\(version)", by: "ann", at: 0)
    update.state = state
    return update
  }

  private func spent(_ updates: [FleetUpdate]) -> [Int] { updates.spent.map(\.version) }

  @Test func `what a newer one took the place of is spent once no way back leads to it`() throws {
    var updates = try (1...6).map { try update($0) }
    #expect(spent(updates).isEmpty)
    updates.append(try update(7))
    #expect(spent(updates) == [1])
    // One that says less takes the place of none, nor does one that is for fewer, or is not through.
    updates.append(try update(8, .group("west"), ["pipelines", "model a live"]))
    updates.append(try update(9, .fleet, ["pipelines"], .running))
    #expect(spent(updates) == [1, 2])
    let model = try update(1, .fleet, ["model a live"])
    #expect(spent([model] + (try (2...9).map { try update($0) })).contains(1) == false)
  }

  @Test func `what was stopped or replaced is spent at once, and what is running never is`() throws {
    let states: [FleetUpdate.State] = [.done, .stopped, .replaced, .running]
    let updates = try states.enumerated().map { try update($0.offset + 1, .fleet, ["pipelines"], $0.element) }
    #expect(spent(updates) == [2, 3])
  }

  @Test func `the way back leads to what the nodes had last, be it of the whole fleet`() throws {
    let updates = [
      try update(1, .group("west")), try update(2), try update(3, .node("dock")), try update(4, .group("west")),
    ]
    #expect(updates.wayBack(from: updates[3])?.version == 2)
    #expect(updates.wayBack(from: updates[3], to: 1)?.version == 1)
    #expect(updates.wayBack(from: updates[1]) == nil, "the first was for some of its nodes alone")
    #expect(updates.wayBack(from: updates[3], to: 3) == nil)
  }

  @Test func `what is let go of is never what one of the newest goes back to, however many came since`() throws {
    var random = SeededRandom(41)
    let (targets, words) = ([UpdateTarget.fleet, .group("west"), .node("dock")], ["pipelines", "program"])
    var count = 0
    for _ in 0..<300 {
      var (updates, gone) = ([FleetUpdate](), Set<Int>())
      for version in 1...14 {
        let parts = Set(words.filter { _ in Bool.random(using: &random) })
        updates.append(
          try update(
            version, targets.randomElement(using: &random)!, parts.isEmpty ? ["pipelines"] : parts, .running))
        for target in targets {
          for update in updates.filter({ $0.target == target }).suffix(5) {
            #expect(updates.wayBack(from: update).map { !gone.contains($0.version) } ?? true)
          }
        }
        if Int.random(in: 0..<4, using: &random) > 0 { updates[version - 1].state = .done }
        gone.formUnion(spent(updates))
      }
      count += gone.count
    }
    #expect(count > 300)
  }

  @Test func `no node ever takes what is spent, and the newest have their way back`() throws {
    var random = SeededRandom(23)
    let (targets, words) = (
      [UpdateTarget.fleet, .group("west"), .node("dock")], ["pipelines", "model a live", "program"]
    )
    var count = 0
    for _ in 0..<300 {
      let updates = try (1...12).map { version in
        let parts = Set(words.filter { _ in Bool.random(using: &random) })
        var one = try update(
          version, targets.randomElement(using: &random)!, parts.isEmpty ? ["pipelines"] : parts,
          FleetUpdate.State.allCases.randomElement(using: &random)!)
        if Bool.random(using: &random) { one.drawn = ["dock"] }
        return one
      }
      let gone = Set(spent(updates))
      count += gone.count
      for highest in 0...12 {
        for (name, groups) in [("dock", []), ("dock", ["west"]), ("roof", ["west"]), ("roof", [])] {
          var report = NodeUpdateReport()
          report.highest = highest
          let taken = updates.wanted(for: name, groups: groups, report).take
          #expect(taken.map { !gone.contains($0.version) } ?? true)
        }
      }
      for target in targets {
        for update in updates.filter({ $0.target == target }).suffix(5) {
          #expect(updates.wayBack(from: update).map { !gone.contains($0.version) } ?? true)
        }
      }
    }
    #expect(count > 300)
  }
}
