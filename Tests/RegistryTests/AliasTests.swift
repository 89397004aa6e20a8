import Base
import Catalog
import Foundation
import Library
import LibraryKit
import TestKit
import Testing

@testable import Registry

@Suite struct AliasTests {
  private static let moves = ProcessInfo.processInfo.environment["RIDLEY_ALIAS_MOVES"].flatMap { Int($0) } ?? 300

  @Test(
    "What was live at any moment is told right, after random moves of several hands, with clocks that jump",
    arguments: Parts.there)
  func history(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    for mark in ["a", "b", "c", "d"] {
      _ = try fixture.registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann"))
    }
    var random = SeededRandom(7)
    var registry = fixture.registry
    var (truth, now): ([String: [(at: Int, to: Int?)]], [String: Int]) = ([:], [:])
    for number in 0..<Self.moves {
      // Restarted now and then; time stands still, goes on, and sometimes back.
      if number % 50 == 49 { registry = try fixture.again() }
      fixture.time.update { $0 += [0, 1, 700, 90_000, -5_000].randomElement(using: &random)! }
      let alias = ["live", "canary", "Live"].randomElement(using: &random)!
      let to = [1, 2, 3, 4, nil].randomElement(using: &random)!
      guard to != now[alias] else { continue }
      let move = try registry.move(alias, of: "inspector", to: to, by: "ann", reason: "move \(number)")
      #expect(move.from == now[alias] && move.to == to)
      now[alias] = to
      truth[alias, default: []].append((move.at, to))
    }
    for (alias, moves) in truth {
      #expect(zip(moves, moves.dropFirst()).allSatisfy { $0.at < $1.at })
      #expect(try registry.history(of: "inspector", alias: alias).map(\.to) == moves.map(\.to))
      for (place, move) in moves.enumerated() {
        let next = place + 1 < moves.count ? moves[place + 1].at : move.at + 1_000_000
        for at in [move.at, (move.at + next) / 2, next - 1] {
          #expect(try registry.alias(alias, of: "inspector", at: at)?.to == move.to, "\(alias) at \(at)")
        }
      }
      #expect(try registry.alias(alias, of: "inspector", at: moves[0].at - 1) == nil)
    }
    #expect(try registry.history(of: "inspector").count == truth.values.map(\.count).reduce(0, +))
  }

  @Test("An alias never points to what is not there, and what was decided on by another state is refused")
  func refusals() throws {
    let fixture = try RegistryFixture()
    let registry = fixture.registry
    for mark in ["a", "b"] { _ = try registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann")) }
    let kind = { (body: () throws -> Void) -> Fault.Kind? in
      do { try body() } catch { return (error as? Fault)?.kind }
      return nil
    }
    #expect(kind { _ = try registry.move("live", of: "inspector", to: 3, by: "ann") } == .notFound)
    #expect(kind { _ = try registry.move("live", of: "other", to: 1, by: "ann") } == .notFound)
    #expect(kind { _ = try registry.move("live", of: "inspector", to: nil, by: "ann") } == .notFound)
    #expect(kind { _ = try registry.move("7", of: "inspector", to: 1, by: "ann") } == .badInput)
    #expect(kind { _ = try registry.move("live", of: "inspector", to: 1, by: "") } == .badInput)
    let first = try registry.move("live", of: "inspector", to: 1, by: "ann")
    #expect(try registry.move("live", of: "inspector", to: 1, by: "bob") == first)
    #expect(kind { _ = try registry.move("live", of: "inspector", to: 2, by: "bob", expecting: .some(2)) } == .conflict)
    #expect(
      kind { _ = try registry.move("live", of: "inspector", to: 2, by: "bob", expecting: .some(nil)) } == .conflict)
    #expect(try registry.move("live", of: "inspector", to: 2, by: "bob", expecting: .some(1)).from == 1)
    #expect(try registry.history(of: "inspector").map(\.by) == ["ann", "bob"])
  }
}
