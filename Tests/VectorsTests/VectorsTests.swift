import Base
import Glibc
import TestKit
import Testing

@testable import Vectors

struct VectorsTests {
  private struct Film {
    let set: VectorSet
    let rows: [(time: Double, numbers: [Float])]
  }

  private func film(_ count: Int, _ length: Int, _ random: inout SeededRandom, values: [Float]? = nil) throws -> Film {
    var builder = VectorSetBuilder()
    var rows: [(time: Double, numbers: [Float])] = []
    for number in 0..<count {
      let numbers = (0..<length).map { _ in
        values.map { $0[Int.random(in: $0.indices, using: &random)] } ?? Float.random(in: -1...1, using: &random)
      }
      builder.add(numbers, network: "n", time: Double(number))
      if UnitVector(numbers) != nil { rows.append((Double(number), numbers)) }
    }
    return Film(set: try VectorSet(builder.bytes()), rows: rows)
  }

  /// The cosine, written plainly.
  private func cosine(_ a: [Float], _ b: [Float]) -> Double {
    let (a, b) = (UnitVector(a)!.numbers, UnitVector(b)!.numbers)
    return zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test(
    "The first hundred equal a look at all rows with 64 bits, ties by film and row", arguments: [1, 7, 8, 31, 64, 257])
  func exact(length: Int) throws {
    var random = SeededRandom(UInt64(length))
    for values in [nil, [-1, 0, 1]] as [[Float]?] {
      var films: [Film] = []
      for _ in 0..<12 {
        films.append(try film(Int.random(in: 1...60, using: &random), length, &random, values: values))
      }
      let query = (0..<length).map { _ in Float.random(in: -1...1, using: &random) }.map { $0 == 0 ? 1 : $0 }
      var all: [(set: Int, row: Int, likeness: Double)] = []
      for (number, film) in films.enumerated() {
        for (row, one) in film.rows.enumerated() { all.append((number, row, cosine(query, one.numbers))) }
      }
      all.sort { $0.likeness == $1.likeness ? ($0.set, $0.row) < ($1.set, $1.row) : $0.likeness > $1.likeness }
      for order in [Array(films.indices), films.indices.reversed(), films.indices.shuffled(using: &random)] {
        var search = NearestSearch(try #require(UnitVector(query)), limit: 100, gap: nil)
        for number in order where !films[number].set.groups.isEmpty {
          search.look(at: films[number].set, films[number].set.groups[0], number: number)
        }
        let wanted = all.prefix(100)
        #expect(search.hits.map(\.set) == wanted.map(\.set))
        #expect(search.hits.map(\.row) == wanted.map(\.row))
        #expect(search.hits.map(\.likeness) == wanted.map(\.likeness))
        #expect(search.compared == all.count)
      }
    }
  }

  @Test("Only the rows of a filter are found, however few they are", arguments: [1, 2, 3])
  func filters(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let film = try film(500, 16, &random)
    let query = try #require(UnitVector((0..<16).map { _ in Float.random(in: -1...1, using: &random) }))
    let rows = [3..<5, 40..<41, 100..<140, 498..<700]
    var search = NearestSearch(query, limit: 30, gap: nil)
    search.look(at: film.set, film.set.groups[0], number: 0, rows: rows)
    let allowed = rows.flatMap { Array($0) }.filter { $0 < 500 }
    let wanted = allowed.map { ($0, cosine(query.numbers, film.rows[$0].numbers)) }.sorted { $0.1 > $1.1 }.prefix(30)
    #expect(search.hits.map(\.row) == wanted.map(\.0))
    #expect(search.compared == allowed.count)
  }

  @Test(
    "Neighbours are one result with its best row, and what lies apart is another, as a plain look has it",
    arguments: [1, 2, 3, 4, 5])
  func stretches(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var builder = VectorSetBuilder()
    var (angle, angles) = (0.0, [Double]())
    for second in 0..<300 {
      angle += Double.random(in: -0.3...0.3, using: &random)
      angles.append(angle)
      builder.add([Float(cos(angle)), Float(sin(angle))], network: "n", time: Double(second))
    }
    let set = try VectorSet(builder.bytes())
    var search = NearestSearch(try #require(UnitVector([1, 0])), limit: 10, gap: 5)
    search.look(at: set, set.groups[0], number: 0)
    var left = Set(0..<300)
    let likeness = (0..<300).map { Double(set.vector($0, in: set.groups[0])[0]) }
    var wanted: [(row: Int, span: ClosedRange<Double>)] = []
    while wanted.count < 10, let best = left.max(by: { (likeness[$0], -$0) < (likeness[$1], -$1) }) {
      var (first, last) = (best, best)
      while left.contains(first - 1), likeness[first - 1] >= likeness[best] - 0.1 { first -= 1 }
      while left.contains(last + 1), likeness[last + 1] >= likeness[best] - 0.1 { last += 1 }
      wanted.append((best, Double(first)...Double(last)))
      left.subtract(first - 5...last + 5)
    }
    #expect(search.hits.map(\.row) == wanted.map(\.row))
    #expect(search.hits.map(\.span) == wanted.map(\.span))
  }

  @Test("What has no direction is no vector: zeros, no numbers, numbers that are none")
  func skipped() throws {
    var builder = VectorSetBuilder()
    for numbers in [[0, 0], [], [.nan, 1], [.infinity, 1], [-.infinity, 0]] as [[Float]] {
      builder.add(numbers, network: "n", time: 0)
    }
    builder.add([1, 2], network: "n", time: .nan)
    #expect(builder.skipped == 6)
    #expect(builder.isEmpty)
    builder.add([1, 2], network: "n", time: 0)
    builder.add([1, 2, 3], network: "n", time: 1)
    #expect(builder.skipped == 7)
    let set = try VectorSet(builder.bytes())
    #expect(set.groups.map(\.count) == [1])
    var search = NearestSearch(try #require(UnitVector([1, 2, 3])), limit: 5, gap: nil)
    search.look(at: set, set.groups[0], number: 0)
    #expect(search.hits.isEmpty, "of another length")
    #expect(UnitVector([1e-30, 0])?.numbers == [1, 0])
    #expect(UnitVector([3e38, 3e38]) != nil)
  }

  @Test("The row nearest to a moment, whole frames before crops")
  func nearest() throws {
    var builder = VectorSetBuilder()
    for (time, track) in [(2.0, 7), (2, nil), (4, nil), (4, 8), (9, nil)] as [(Double, Int?)] {
      builder.add([1, Float(time)], network: "n", time: time, track: track)
    }
    let set = try VectorSet(builder.bytes())
    let group = try #require(set.group("n"))
    let found = [-1, 2, 3, 3.1, 6.5, 6.6, 99].map { set.place(set.nearest(to: $0, in: group)!, in: group) }
    #expect(found.map(\.time) == [2, 2, 2, 4, 4, 9, 9])
    #expect(found.allSatisfy { $0.track == nil })
    #expect(set.place(1, in: group).track == 7)
    #expect(set.rows(in: 2...4, of: group) == 0..<4)
    #expect(set.rows(in: 5...6, of: group).isEmpty)
    #expect(set.group("m") == nil)
  }

  @Test("A set that would take too many bytes keeps every second row, then every fourth")
  func thinned() throws {
    var builder = VectorSetBuilder(mostBytes: 20 * 50)
    for second in 0..<400 { builder.add([1, Float(second)], network: "n", time: Double(second)) }
    let set = try VectorSet(builder.bytes())
    let group = set.groups[0]
    let times = (0..<group.count).map { set.place($0, in: group).time }
    #expect(times == stride(from: 0, to: 400, by: 8).map { Double($0) })
  }

  @Test("Any bytes are read or refused, and never more than there are", arguments: [1, 2, 3])
  func foreign(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var builder = VectorSetBuilder()
    for number in 0..<20 {
      builder.add((0..<9).map { _ in Float.random(in: -1...1, using: &random) }, network: "n\(number % 3)", time: 1)
    }
    let whole = builder.bytes()
    for end in whole.indices { #expect(throws: Fault.self) { try VectorSet(Array(whole[..<end])) } }
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<(Bool.random(using: &random) ? 80 : bytes.count), using: &random)
        bytes[place] = [0, 1, 127, 128, 255, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)!
      }
      guard let set = try? VectorSet(bytes) else { continue }
      for group in set.groups {
        let query = UnitVector((0..<group.length).map { _ in Float.random(in: -1...1, using: &random) })
        for gap in [nil, 3.0] {
          var search = NearestSearch(try #require(query), limit: 4, gap: gap)
          search.look(at: set, group, number: 0)
          #expect(search.hits.allSatisfy { $0.likeness.isFinite })
        }
        if group.count > 0 { _ = set.place(set.nearest(to: 1, in: group) ?? 0, in: group) }
      }
    }
  }

  @Test("Near-duplicates equal all pairs compared plainly, and few frames stand for many", arguments: [1, 2, 3])
  func pairs(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let scenes = (0..<12).map { _ in (0..<10).map { _ in Float.random(in: -1...1, using: &random) } }
    var films: [[[Float]]] = []
    var pairs = LikenessPairs(length: 10, frames: 6)
    for number in 0..<14 {
      // Every second has scenes that others have too; some are of one frame.
      let count = number % 5 == 0 ? 1 : Int.random(in: 1...6, using: &random)
      let rows = (0..<count).map { _ in
        number % 2 == 0
          ? scenes.randomElement(using: &random)! : (0..<10).map { _ in Float.random(in: -1...1, using: &random) }
      }
      var builder = VectorSetBuilder()
      for (second, row) in rows.enumerated() { builder.add(row, network: "n", time: Double(second)) }
      let set = try VectorSet(builder.bytes())
      pairs.add(set, set.groups[0], number: number * 2)
      films.append(rows)
    }
    let way = { (a: [[Float]], b: [[Float]]) in
      a.map { row in b.map { cosine(row, $0) }.max()! }.reduce(0, +) / Double(a.count)
    }
    var wanted: [(a: Int, b: Int, likeness: Double)] = []
    for a in films.indices {
      for b in films.indices where a < b {
        let (one, other) = (films[a], films[b])
        let ways =
          (one.count <= other.count ? [way(one, other)] : []) + (other.count <= one.count ? [way(other, one)] : [])
        wanted.append((a * 2, b * 2, ways.max()!))
      }
    }
    wanted.sort { abs($0.likeness - $1.likeness) < 1e-12 ? ($0.a, $0.b) < ($1.a, $1.b) : $0.likeness > $1.likeness }
    for (least, limit) in [(-1.0, 1000), (0.3, 5), (0.6, 40), (-1, 3)] {
      let found = pairs.pairs(least: least, limit: limit)
      let those = wanted.filter { $0.likeness >= least }.prefix(limit)
      #expect(found.count == those.count)
      for (one, other) in zip(found, those) { #expect(abs(one.likeness - other.likeness) < 1e-6) }
      #expect(Set(found.map { "\($0.a) \($0.b)" }).count == found.count)
    }
  }

  @Test("Of a long film as many frames are compared as are asked for, from its whole length")
  func sampled() throws {
    var builder = VectorSetBuilder()
    for second in 0..<1000 { builder.add([1, Float(second)], network: "n", time: Double(second)) }
    for second in 0..<1000 { builder.add([1, 1], network: "n", time: Double(second), isCrop: true, track: 1) }
    let set = try VectorSet(builder.bytes())
    var pairs = LikenessPairs(length: 2, frames: 10)
    pairs.add(set, set.groups[0], number: 0)
    #expect(pairs.count == 10)
    pairs.add(set, set.groups[0], number: 1)
    let found = pairs.pairs(least: 0.99, limit: 9)
    #expect(found.map { [$0.a, $0.b] } == [[0, 1]])
    #expect(found.first?.offset == 0)
  }
}
