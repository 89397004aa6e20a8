import Base
import Catalog
import LibraryKit
import TestKit
import Testing

@testable import Registry

@Suite struct NoteTests {
  @Test("Of tags and metrics the last holds, and all that was said before stays", arguments: Parts.there)
  func notes(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let registry = fixture.registry
    for mark in ["a", "b"] { _ = try registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann")) }
    try registry.tag("stage", "new", of: "inspector", version: 1, by: "ann")
    try registry.note(
      [.init(name: "f1", value: 0.7), .init(name: "f1", value: 0.5, slice: "night")], of: "inspector", version: 1,
      by: "trial")
    // The clock went back: what is said later is later.
    fixture.time.update { $0 -= 100_000 }
    try fixture.again().tag("stage", "proven", of: "inspector", version: 1, by: "bob")
    try registry.note([.init(name: "f1", value: 0.75)], of: "inspector", version: 1, by: "trial")
    try registry.tag("stage", "new", of: "inspector", version: 2, by: "ann")
    let all = try registry.notes(of: "inspector", version: 1)
    #expect(all.count == 5 && zip(all, all.dropFirst()).allSatisfy { $0.at < $1.at })
    let holding = ModelRegistry.holding(all).map(\.content)
    #expect(holding == [.metric(0.5, slice: "night"), .tag("proven"), .metric(0.75, slice: nil)])
    #expect(try registry.notes(of: "inspector", version: nil).count == 6)
    // As many as one evaluation may give.
    try registry.note(
      (0..<230).map { .init(name: "ap", value: Double($0) / 230, slice: "label:\($0)") }, of: "inspector", version: 2,
      by: "trial")
    #expect(ModelRegistry.holding(try registry.notes(of: "inspector", version: 2)).count == 231)
  }

  @Test("What cannot be kept is refused, and nothing of it is kept")
  func refused() throws {
    let fixture = try RegistryFixture()
    let registry = fixture.registry
    _ = try registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann"))
    for value in [Double.nan, .infinity, 1e300] {
      #expect(throws: Fault.self) {
        try registry.note(
          [.init(name: "good", value: 1), .init(name: "f1", value: value)], of: "inspector", version: 1, by: "ann")
      }
    }
    for name in ["", "a b", "a=b", String(repeating: "n", count: 101)] {
      #expect(throws: Fault.self) { try registry.tag(name, "text", of: "inspector", version: 1, by: "ann") }
    }
    #expect(throws: Fault.self) { try registry.tag("stage", "", of: "inspector", version: 1, by: "ann") }
    #expect(throws: Fault.self) { try registry.tag("stage", "new", of: "inspector", version: 2, by: "ann") }
    #expect(throws: Fault.self) { try registry.tag("stage", "new", of: "other", version: 1, by: "ann") }
    #expect(try registry.notes(of: "inspector", version: nil).isEmpty)
  }
}
