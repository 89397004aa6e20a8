import Base
import TestKit
import Testing

@testable import Vectors

struct ConceptSpaceTests {
  private static let (labels, length) = (40, 16)

  private func row(_ count: Int, _ dice: inout SeededRandom) -> [Float] {
    (0..<count).map { _ in Float.random(in: 0...1, using: &dice) }
  }

  private func space(_ dice: inout SeededRandom) throws -> (space: ConceptSpace, names: [UnitVector]) {
    let names = try (0..<Self.labels).map { _ in
      try #require(UnitVector((0..<Self.length).map { _ in Float.random(in: -1...1, using: &dice) }))
    }
    return (try #require(ConceptSpace("a b", labels: names)), names)
  }

  @Test("A row lies where the names of its ten greatest labels add up, each with its share")
  func plain() throws {
    var dice = SeededRandom(5)
    let (space, names) = try space(&dice)
    for _ in 0..<50 {
      let row = row(Self.labels, &dice)
      let best = row.indices.sorted { row[$0] > row[$1] }.prefix(10)
      let sum = best.reduce(0.0) { $0 + Double(row[$1]) }
      var wanted = [Double](repeating: 0, count: Self.length)
      for label in best {
        for place in wanted.indices { wanted[place] += Double(row[label]) / sum * Double(names[label].numbers[place]) }
      }
      let size = wanted.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let found = try #require(space.vector(row))
      for place in wanted.indices { #expect(abs(Double(found[place]) - wanted[place] / size) < 1e-6) }
      #expect(space.shares(row).map(\.label) == Array(best))
      #expect(abs(space.shares(row).reduce(0) { $0 + $1.share } - 1) < 1e-12)
      // A vector of another length says the same: only shares count.
      #expect(try #require(space.vector(row.map { $0 / 7 })).enumerated().allSatisfy { abs($1 - found[$0]) < 1e-5 })
    }
  }

  @Test("Numbers that are none or below zero count for nothing, and a row without any has no place")
  func odd() throws {
    var dice = SeededRandom(6)
    let (space, names) = try space(&dice)
    var row = [Float](repeating: 0, count: Self.labels)
    #expect(space.vector(row) == nil)
    (row[3], row[4], row[5]) = (-2, .nan, .infinity)
    #expect(space.vector(row) == nil)
    row[6] = 0.25
    #expect(try #require(space.vector(row)).enumerated().allSatisfy { abs($1 - names[6].numbers[$0]) < 1e-6 })
    #expect(space.vector([1, 2]) == nil)
    // Of equal ones the first count.
    #expect(space.shares([Float](repeating: 0.5, count: Self.labels)).map(\.label) == Array(0..<10))
    #expect(ConceptSpace("x", labels: []) == nil)
    #expect(ConceptSpace("x", labels: [names[0], UnitVector([1])!]) == nil)
  }

  @Test("A film's rows stay where they were in time, and rows without a place are never found")
  func placed() throws {
    var dice = SeededRandom(7)
    let (space, names) = try space(&dice)
    var builder = VectorSetBuilder()
    var rows: [[Float]] = []
    for second in 0..<20 {
      let row = second == 9 ? [Float](repeating: -1, count: Self.labels) : row(Self.labels, &dice)
      rows.append(row)
      builder.add(row, network: "net", time: Double(second), track: second % 3 == 0 ? second : nil)
      builder.add([1, 2, 3], network: "other", time: Double(second))
    }
    let set = try VectorSet(builder.bytes())
    let group = try #require(set.group("net"))
    let placed = try #require(space.place(group, of: set))
    let own = try #require(placed.group("net"))
    #expect(placed.groups.count == 1 && own.count == 20 && own.length == Self.length)
    #expect(space.place(try #require(set.group("other")), of: set) == nil)
    for number in 0..<20 where number != 9 {
      #expect(placed.place(number, in: own) == set.place(number, in: group))
      let vector = try #require(space.vector(set.vector(number, in: group)))
      #expect(placed.vector(number, in: own) == vector)
    }
    var search = NearestSearch(names[0], limit: 100, gap: nil)
    search.look(at: placed, own, number: 0)
    #expect(search.hits.count == 19 && !search.hits.contains { $0.row == 9 })
    #expect(zip(search.hits, search.hits.dropFirst()).allSatisfy { $0.likeness >= $1.likeness })
    // It stays in memory: of what comes from a disk every row has a direction.
    #expect(throws: Fault.self) { try VectorSet(placed.bytes) }
  }
}
