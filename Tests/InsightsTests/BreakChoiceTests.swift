import TestKit
import Testing

@testable import Insights

/// Which of many moments are taken.
struct BreakChoiceTests {
  private typealias Moment = (time: Double, score: Double)

  private func moments(_ list: [(Double, Double)]) -> [StoryBreak] {
    list.map { time, score in
      StoryBreak(
        time: time, frame: Int(time * 25), score: score, rank: 0,
        evidence: BreakEvidence(visual: score, silence: nil, black: 0, shot: 1))
    }
  }

  private func times(_ list: [(Double, Double)], _ settings: BreakSettings, end: Double = 600) -> [Double] {
    BreakChoice(settings, film: 0...end).choose(moments(list)).0.map(\.time)
  }

  @Test func `breaks are at least so far apart, and the best sum is taken, not the best moment`() {
    let list = [(100.0, 0.6), (150, 0.9), (200, 0.6)]
    #expect(times(list, BreakSettings(minDistance: 60)) == [100, 200])
    #expect(times(list, BreakSettings(minDistance: 50)) == [100, 150, 200])
    #expect(times(list, BreakSettings(minDistance: 120)) == [150])
  }

  @Test func `moments that are exactly as far apart as asked are far enough, whatever frames make of it`() {
    let list = (1...9).map { (Double($0) * 1501.5 / 29.97, 0.5) }
    #expect(times(list, BreakSettings(minDistance: 1501.5 / 29.97)).count == 9)
  }

  @Test func `nothing is taken at the beginning and at the end`() {
    let list = [(59.9, 0.9), (60, 0.9), (300, 0.5), (570, 0.9), (570.1, 0.9)]
    let settings = BreakSettings(minDistance: 0, skipFirst: 60, skipLast: 30)
    #expect(times(list, settings) == [60, 300, 570])
    #expect(times(list, BreakSettings(skipFirst: 400, skipLast: 400)) == [])
  }

  @Test func `no more are taken than asked for, and those are the best`() {
    let list: [(Double, Double)] = (1...9).map { place in
      let score = 0.4 + Double(place * 7 % 10) / 20
      return (Double(place) * 60, score)
    }
    let all = list.sorted { $0.1 > $1.1 }
    for count in 0...12 {
      #expect(times(list, BreakSettings(count: count)) == all.prefix(count).map(\.0).sorted())
    }
    #expect(times(list, BreakSettings(count: -1)) == [])
  }

  @Test func `weak moments are none, unless a stretch would be too long without them`() {
    let list = [(100.0, 0.9), (290, 0.1), (310, 0.2), (500, 0.9)]
    #expect(times(list, BreakSettings()) == [100, 500])
    #expect(times(list, BreakSettings(maxDistance: 400)) == [100, 500])
    #expect(times(list, BreakSettings(maxDistance: 220)) == [100, 310, 500])
  }

  @Test func `a greatest distance that cannot be kept is said, and is broken as seldom as can be`() {
    let list = [(100.0, 0.9), (400, 0.9)]
    let choice = BreakChoice(BreakSettings(maxDistance: 200), film: 0...600)
    let (breaks, notes) = choice.choose(moments(list))
    #expect(breaks.map(\.time) == [100, 400])
    #expect(notes == ["1 stretch is longer than the greatest distance: nothing else may be a break there"])
    let few = BreakChoice(BreakSettings(maxDistance: 100, count: 2), film: 0...600).choose(
      moments((1..<12).map { (Double($0) * 50, 0.9) }))
    #expect(few.0.count == 2 && few.notes[0].hasSuffix("no more breaks are asked for"))
  }

  /// Thirty good moments close together would outweigh one long stretch, if a sum were all that counted.
  @Test func `many good moments do not buy a stretch that is too long`() {
    let good = (0..<30).map { (200 + Double($0) * 10, 1.0) }
    let list = [(195.0, 0.0)] + good
    let chosen = times(list, BreakSettings(minDistance: 10, maxDistance: 198), end: 600)
    #expect(chosen.first == 195)
  }

  @Test func `of equals the earlier is taken, and ranks count from the best and the earliest`() {
    #expect(times([(100, 0.5), (130, 0.5), (150, 0.5)], BreakSettings()) == [100])
    #expect(times([(100, 0.5), (130, 0.5), (400, 0.5)], BreakSettings(count: 1)) == [100])
    let list: [(Double, Double)] = [(100, 0.5), (200, 0.9), (300, 0.5), (400, 0.9), (500, 0.5)]
    #expect(BreakChoice(BreakSettings(), film: 0...600).choose(moments(list)).0.map(\.rank) == [3, 1, 4, 2, 5])
  }

  @Test func `nothing to choose from is no break`() {
    #expect(times([], BreakSettings()) == [])
    #expect(times([], BreakSettings(maxDistance: 60, count: 3)) == [])
  }

  // MARK: - Against every subset

  private struct Value: Comparable {
    var missing: Int
    var sum: Double
    /// Worse.
    static func < (one: Value, other: Value) -> Bool {
      one.missing == other.missing ? one.sum < other.sum - 1e-9 : one.missing > other.missing
    }
  }

  /// What a choice is worth; `nil` where settings forbid it.
  private func value(_ chosen: [Moment], _ settings: BreakSettings, end: Double) -> Value? {
    for (one, other) in zip(chosen, chosen.dropFirst())
    where other.time - one.time < max(0.001, settings.minDistance) - 1e-6 {
      return nil
    }
    if let count = settings.count, chosen.count > max(0, count) { return nil }
    var value = Value(missing: 0, sum: 0)
    for moment in chosen {
      guard moment.time >= settings.skipFirst, moment.time <= end - settings.skipLast else { return nil }
      let isWeak = moment.score < settings.threshold
      if isWeak, settings.maxDistance == nil { return nil }
      value.sum += isWeak ? moment.score - 1 : moment.score
    }
    guard let most = settings.maxDistance else { return value }
    let ends = [0] + chosen.map(\.time) + [end]
    for (from, to) in zip(ends, ends.dropFirst()) {
      // One more break for each greatest length that fits in before the end.
      var at = from + most
      while at < to - 1e-6 {
        value.missing += 1
        at += most
      }
    }
    return value
  }

  private func settings(_ random: inout SeededRandom) -> [BreakSettings] {
    var all: [BreakSettings] = []
    for distance in [0.0, Double.random(in: 1...40, using: &random)] {
      for most in [nil, Double.random(in: 5...60, using: &random)] {
        for count in [nil, Int.random(in: 0...4, using: &random)] {
          for skip in [0, Double.random(in: 0...30, using: &random)] {
            for threshold in [0, 0.5] {
              all.append(
                BreakSettings(
                  minDistance: distance, maxDistance: most, skipFirst: skip, skipLast: skip / 2, count: count,
                  threshold: threshold))
            }
          }
        }
      }
    }
    return all
  }

  @Test func `no other choice is better, with any settings`() {
    var random = SeededRandom(23)
    for round in 0..<60 {
      let count = Int.random(in: 0...9, using: &random)
      // Whole seconds and tenths, so that ties and exact distances happen.
      var list: [Moment] = (0..<count).map { _ in
        (Double(Int.random(in: 0...100, using: &random)), Double(Int.random(in: 0...10, using: &random)) / 10)
      }
      list.sort { $0.time < $1.time }
      let subsets = (0..<1 << count).map { bits in list.indices.filter { bits >> $0 & 1 == 1 }.map { list[$0] } }
      for settings in settings(&random) {
        let best = subsets.compactMap { value($0, settings, end: 100) }.max()
        let taken = BreakChoice(settings, film: 0...100).choose(moments(list.map { ($0.time, $0.score) })).0
        let found = value(taken.map { ($0.time, $0.score) }, settings, end: 100)
        guard let best, let found, !(found < best) else {
          Issue.record("round \(round), \(settings): \(list) gives \(taken.map(\.time)), \(String(describing: found))")
          return
        }
      }
    }
  }

  @Test func `thousands of moments are chosen from at once`() {
    var random = SeededRandom(5)
    let list = (0..<5000).map { (Double($0) * 7.2, Double.random(in: 0...1, using: &random)) }
    let falling = (0..<5000).map { (Double($0) * 7.2, 1 - Double($0) / 5000) }
    let clock = ContinuousClock()
    let settings = [
      BreakSettings(), BreakSettings(maxDistance: 600), BreakSettings(minDistance: 7, maxDistance: 14, count: 40),
      BreakSettings(minDistance: 0, maxDistance: 60, threshold: 0),
    ]
    for settings in settings {
      for list in [list, falling] {
        let took = clock.measure { _ = times(list, settings, end: 36_000) }
        #expect(took < .seconds(10), "\(settings) took \(took)")
      }
    }
  }
}
