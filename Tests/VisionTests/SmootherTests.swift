import Base
import Testing
import Vision

struct SmootherTests {
  private func votes(_ needed: Int, _ of: Int, on: Float = 0, off: Float = 0) -> Votes {
    var votes = Votes()
    (votes.needed, votes.of, votes.on, votes.off) = (needed, of, on, off)
    return votes
  }

  private func changes(_ scores: [Float?], _ votes: Votes) -> [Bool] {
    var presence = Presence()
    return scores.compactMap { presence.add($0, votes) }
  }

  @Test("A label that flickers in every frame changes its state at most once, for every k of n")
  func alternating() {
    for of in Array(2...9) + [16, 33, 64] {
      for needed in 1...of {
        for first in [0, 1] {
          let scores: [Float?] = (0..<160).map { ($0 + first) % 2 == 0 ? 0.9 : nil }
          #expect(changes(scores, votes(needed, of)).count <= 1, "\(needed) of \(of)")
          #expect(changes(scores, votes(needed, of, on: 0.6, off: 0.4)).count <= 1, "\(needed) of \(of)")
        }
      }
    }
    // Not by never saying anything.
    #expect(changes((0..<160).map { $0 % 2 == 0 ? 0.9 : nil }, votes(3, 5)) == [true])
  }

  @Test(
    "A score that swings about a threshold in every frame changes nothing between on and off, and at most once beyond")
  func hysteresis() {
    let swinging: [Float?] = (0..<160).map { $0 % 2 == 0 ? 0.55 : 0.45 }
    #expect(changes(swinging, votes(1, 2, on: 0.6, off: 0.4)).isEmpty)
    #expect(changes([0.7, 0.7] + swinging, votes(1, 2, on: 0.6, off: 0.4)) == [true])
    let wide: [Float?] = (0..<160).map { $0 % 2 == 0 ? 0.95 : 0.05 }
    #expect(changes(wide, votes(1, 2, on: 0.6, off: 0.4)).count <= 1)
    #expect(changes(wide, votes(2, 3, on: 0.6, off: 0.4)).count <= 1)
  }

  @Test("What really comes and goes is told, late by the votes it takes")
  func realChanges() {
    var presence = Presence()
    let scores: [Float?] =
      Array(repeating: nil, count: 10) + Array(repeating: 0.9, count: 10) + Array(repeating: nil, count: 10)
    let told = scores.enumerated().compactMap { index, score in presence.add(score, votes(3, 5)).map { (index, $0) } }
    #expect(told.map(\.0) == [12, 23])
    #expect(told.map(\.1) == [true, false])
    #expect(!presence.isOn)
  }

  @Test("Between on and off a frame repeats the vote before it; no answer is a no")
  func between() {
    #expect(changes([0.5, 0.5, 0.5], votes(2, 3, on: 0.6, off: 0.4)).isEmpty)
    #expect(changes([0.7, 0.5, 0.5], votes(3, 3, on: 0.6, off: 0.4)) == [true])
    #expect(changes([0.7, 0.7, 0.7, nil, 0.5, 0.5], votes(3, 3, on: 0.6, off: 0.4)) == [true, false])
  }

  @Test("Two names that take turns in every frame settle on one and stay, for every k of n")
  func names() {
    for of in Array(2...9) + [16, 33, 64] {
      for needed in 1...of {
        var choice = Choice()
        let told = (0..<160).compactMap { choice.add($0 % 2 == 0 ? "good" : "chip", 0.9, votes(needed, of)) }
        #expect(told.count <= 1, "\(needed) of \(of)")
        var unsure = Choice()
        let swings = (0..<160).compactMap {
          unsure.add($0 % 2 == 0 ? "good" : "chip", $0 % 2 == 0 ? 0.9 : 0.5, votes(needed, of, on: 0.6, off: 0.4))
        }
        #expect(swings.count <= 1)
      }
    }
  }

  @Test("A name gives way when the votes clearly say another")
  func newName() {
    var choice = Choice()
    let said = ["good", "good", "good", "chip", "good"] + Array(repeating: "chip", count: 5)
    #expect(said.compactMap { choice.add($0, 0.9, votes(3, 5)) } == ["good", "chip"])
    #expect(choice.name == "chip")
  }
}

struct MotionGateTests {
  private let cells = 64 * 36

  private func still(_ value: UInt8 = 90) -> [UInt8] { Array(repeating: value, count: cells) }

  /// A bright square of 8 by 8 cells, at a column.
  private func square(at column: Int) -> [UInt8] {
    var plane = still()
    for y in 10..<18 { for x in column..<column + 8 { plane[y * 64 + x] = 220 } }
    return plane
  }

  private func passes(_ planes: [[UInt8]], fps: Double = 25, _ settings: MotionGate.Settings = .init()) -> [Bool] {
    var gate = MotionGate(settings)
    return planes.enumerated().map { gate.passes(luma: $1.span, time: Double($0) / fps) }
  }

  @Test("A still picture passes for the hold time after its first frame, and then no more")
  func stillness() {
    let passed = passes(Array(repeating: still(), count: 200))
    #expect(passed.prefix(51).allSatisfy { $0 })
    #expect(!passed.dropFirst(51).contains(true))
  }

  @Test("What moves passes, with the hold time after it", arguments: [5.0, 25, 50])
  func motion(fps: Double) throws {
    let count = { (seconds: Double) in Int(seconds * fps) }
    let moving = (0..<count(2)).map { square(at: min(50, 5 + Int(Double($0) / fps * 20))) }
    let passed = passes(
      Array(repeating: still(), count: count(6)) + moving + Array(repeating: still(), count: count(10)), fps: fps)
    let start = count(6)
    #expect(!passed[count(3)..<start].contains(true))
    #expect(passed[start..<start + count(4)].allSatisfy { $0 })
    #expect(!passed.suffix(count(3)).contains(true))
  }

  @Test("Noise below the difference, a few odd cells and slow light do not open it")
  func noise() {
    var random = TrackerTests.Noise(3)
    let noisy = (0..<160).map { frame in
      still().enumerated().map { index, value in
        let light = 20 * Double(frame) / 300
        let odd = index < 10 && frame % 2 == 0 ? 80.0 : 0
        return UInt8(max(0, min(255, Double(value) + light + odd + 2 * random.bell())))
      }
    }
    #expect(!passes(noisy).dropFirst(51).contains(true))
  }

  @Test("Half the motion keeps it open and does not open it")
  func hysteresis() {
    var settings = MotionGate.Settings()
    (settings.motion, settings.difference, settings.hold) = (64.0 / Double(cells), 60, 0)
    // Eight rows of eight cells open it, five rows of eight are more than half.
    let small = (0..<200).map { frame -> [UInt8] in
      var plane = still()
      guard frame > 20 else { return plane }
      for y in 10..<15 { for x in 0..<8 { plane[y * 64 + (x + frame * 9) % 64] = 220 } }
      return plane
    }
    #expect(!passes(small, settings).dropFirst().contains(true))
    var opened = small
    for y in 10..<20 { for x in 40..<60 { opened[30][y * 64 + x] = 220 } }
    let passed = passes(opened, settings)
    #expect(passed[30..<100].allSatisfy { $0 })
    #expect(!passed[1..<30].contains(true))
  }
}
