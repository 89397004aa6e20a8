import Base
import TestKit
import Testing

@testable import Insights

/// What is learned from features of good pictures, and what that can promise.
struct NormalTests {
  /// Four cells of three channels, normally distributed about different means, the third channel hardly varying.
  private func map(_ random: inout SeededRandom, odd: Float = 0) -> [Float] {
    func normal() -> Float { (0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0...1, using: &random) } }
    let cells = (0..<4).map { cell in [normal() * 5, 10 + normal(), Float(cell) + normal() * 0.05] }
    var map = (0..<3).flatMap { channel in cells.map { $0[channel] } }
    map[8] += odd
    return map
  }

  @Test("A difference counts by how much good ones differ there, and the cell that has it is told")
  func distances() throws {
    var random = SeededRandom(1)
    let memory = try NormalFeatures((0..<40).map { _ in map(&random) }, channels: 3)
    let distances = memory.distances(of: map(&random, odd: 15))
    #expect(distances.count == 4 && distances[0] > 3 * (distances[1...].max() ?? 0))
    let row = Array(memory.rows[..<3])
    #expect(row.count == 3 && memory.rows.count == 40 * 4 * 3)
  }

  @Test("A memory is thinned out to its limit, and what it was made of stays near")
  func thinned() throws {
    var random = SeededRandom(2)
    let maps = (0..<300).map { _ in map(&random) }
    let memory = try NormalFeatures(maps, channels: 3)
    #expect(memory.rows.count == NormalFeatures.rowLimit * 3)
    #expect(maps.allSatisfy { (memory.distances(of: $0).max() ?? 9) < 1 })
  }

  @Test("Pictures that are all alike, or are no numbers, are refused")
  func refused() {
    #expect(throws: Fault.self) { try NormalFeatures([[1, 2], [1, 2]], channels: 1 + 1) }
    #expect(throws: Fault.self) { try NormalFeatures([[1, .nan], [3, 2]], channels: 2) }
  }

  @Test("So many pictures promise what order statistics say, and no less")
  func promises() throws {
    #expect(FalseAlarms(0.01, pictures: 50) == nil && FalseAlarms.needed(for: 0.01) == 230)
    #expect(FalseAlarms(0.01, pictures: 229) == nil && FalseAlarms(0.01, pictures: 230) != nil)
    #expect(abs(FalseAlarms.least(for: 50) - 0.045007) < 1e-5)
    let promise = try #require(FalseAlarms(0.05, pictures: 50))
    #expect(promise.beyond == 0 && abs(promise.expected - 1 / 51) < 1e-9)
    // Beta(1, 50): 1 - (1 - p)^(1/50).
    #expect(abs(promise.interval.lowerBound - 0.000506) < 1e-5 && abs(promise.interval.upperBound - 0.071122) < 1e-5)
    #expect(FalseAlarms(0.1, pictures: 50)?.beyond == 1)
    #expect(promise.threshold((0..<50).map { Float($0) }) > 49)
  }

  @Test("The promise is held: of 200 lines, at most one in ten has more false alarms than it was promised")
  func held() throws {
    var (random, broken) = (SeededRandom(3), 0)
    let promise = try #require(FalseAlarms(0.1, pictures: 50))
    for _ in 0..<200 {
      // Scores of any distribution: the true rate beyond a threshold is known of this one.
      let scores = (0..<50).map { _ in Float.random(in: 0..<1, using: &random) }
      if 1 - promise.threshold(scores) > 0.1 { broken += 1 }
    }
    // 3.4 % are expected at two of fifty; 20 of 200 would be the promise itself.
    #expect(broken <= 20)
  }

  @Test("Of further good pictures no more are beyond the threshold than was promised; odd ones are")
  func found() throws {
    var random = SeededRandom(4)
    let maps = (0..<60).map { _ in map(&random) }
    let promise = try #require(FalseAlarms(0.05, pictures: 60))
    let threshold = promise.threshold(try NormalFeatures.heldOut(maps, channels: 3))
    let memory = try NormalFeatures(maps, channels: 3)
    let alarms = (0..<400).count { _ in (memory.distances(of: map(&random)).max() ?? 0) >= threshold }
    #expect(alarms <= 20)
    #expect((0..<20).allSatisfy { _ in (memory.distances(of: map(&random, odd: 30)).max() ?? 0) >= threshold })
  }

  @Test("Odd pictures among the good ones are told, those most unlike first, and do not hide each other")
  func unlike() throws {
    var random = SeededRandom(5)
    var maps = (0..<60).map { _ in map(&random) }
    // The same defect twice, and a greater one.
    for (place, odd) in [(7, 9), (23, 9), (41, 15)] as [(Int, Float)] { maps[place] = map(&random, odd: odd) }
    let found = try UnlikeOthers.find(among: maps, try NormalFeatures(maps, channels: 3))
    #expect(found.first?.picture == 41 && Set(found.map(\.picture)) == [7, 23, 41], "\(found)")
    #expect(found.allSatisfy { $0.times > 2 && $0.distance > 0 })
  }

  @Test("Of good pictures alone hardly any is told to be unlike the others")
  func alike() throws {
    var told = 0
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededRandom(100 + seed)
      let maps = (0..<50).map { _ in map(&random) }
      told += try UnlikeOthers.find(among: maps, try NormalFeatures(maps, channels: 3)).count
    }
    #expect(told <= 10, "\(told) of 1000")
  }
}
