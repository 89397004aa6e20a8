import Foundation
import TestKit
import Testing

@Suite("Architecture")
struct ArchitectureTests {
  private static let read = Result { try House() }
  private let house: House
  private let names: Set<String>

  init() throws {
    house = try Self.read.get()
    names = Set(house.rooms.map(\.name))
  }

  @Test("every folder of Sources and Tests that holds Swift is a room of Package.swift")
  func complete() throws {
    for (folder, others) in [("Sources", []), ("Tests", ["Browser", "Fixtures", "clients", "run"])]
      as [(String, Set<String>)]
    {
      let there = try FileManager.default.contentsOfDirectory(atPath: House.root + "/" + folder)
      #expect(Set(there.filter { !$0.contains(".") }).subtracting(others).isSubset(of: names))
    }
  }

  @Test("a room imports what Package.swift lists for it, neither more nor less")
  func exact() {
    // what every test room gets, and the programs that some of them run
    let forEveryTest = Set(house.rooms.filter(\.isProgram).map(\.name) + ["TestKit"])
    for room in house.rooms where room.storey != "Cellar" {
      let imported = room.imports.intersection(names)
      let undeclared = imported.subtracting(room.sees).subtracting([room.name])
      #expect(
        undeclared.isEmpty, "\(room.name) imports \(undeclared.sorted()), which Package.swift does not list for it")
      let unused = room.sees.subtracting(imported).subtracting(room.isTest ? forEveryTest : [])
      #expect(unused.isEmpty, "Package.swift lists \(unused.sorted()) for \(room.name), which no file of it imports")
    }
  }

  @Test("arrows go down")
  func down() {
    let storey = Dictionary(house.rooms.map { ($0.name, $0.storey) }) { first, _ in first }
    for room in house.rooms {
      for seen in room.sees {
        let (own, other) = (Plan.height(room.storey), Plan.height(storey[seen] ?? ""))
        let isDown = Plan.hasNeighbours(room.storey) ? other <= own : other < own
        #expect(isDown, "\(room.name) (\(room.storey)) sees \(seen) (\(storey[seen] ?? "undeclared"))")
      }
    }
  }

  @Test("a C library is met in exactly one room, and no thinking room meets any")
  func cellar() {
    for library in house.rooms.filter({ $0.storey == "Cellar" }) {
      // the tests of a room may speak to its library
      let met = house.rooms.filter { $0.sees.contains(library.name) && !$0.isTest }
      #expect(met.count == 1, "\(library.name) is met in \(met.map(\.name))")
      #expect(met.allSatisfy { $0.storey != "Thinking rooms" }, "\(library.name) is met in \(met.map(\.name))")
    }
  }

  @Test("docs/glossary.md names types that are there")
  func glossary() throws {
    let page = try String(contentsOfFile: House.root + "/docs/glossary.md", encoding: .utf8)
    for name in page.matches(of: /`([A-Z]\w+)\.([A-Z]\w+)/) {
      let types = try #require(house.rooms.first { $0.name == name.1 }?.types, "there is no room \(name.1)")
      #expect(types.contains(String(name.2)), "\(name.1) has no type \(name.2)")
    }
  }

  @Test("the plan in docs/architecture.md is that of Package.swift (make plan writes it anew)")
  func plan() throws {
    let path = House.root + "/docs/architecture.md"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let current = try Plan(house).replaced(in: page)
    guard ProcessInfo.processInfo.environment["RIDLEY_WRITE_PLAN"] == nil else {
      return try current.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(page == current)
  }
}
