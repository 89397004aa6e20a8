import Base
import Predictions
import TestKit
import Testing

@testable import Evaluation

/// Two versions beside each other.
struct TrialTests {
  private func box(_ x: Double, _ label: String = "person", _ score: Float = 0.9, width: Double = 0.1) -> Prediction {
    Prediction(kind: .detection, label: label, score: score, box: Rect(x: x, y: 0.2, width: width, height: 0.2))
  }

  private func compared(_ older: [Prediction], _ newer: [Prediction]) -> TrialComparison {
    var trial = TrialComparison()
    trial.add(file: "a.mp4", frame: 3, time: 0.1, older: older, newer: newer)
    return trial
  }

  /// One item as both versions tell it, with the noise of another machine, or with a difference that is planted.
  private func item(
    _ place: Int, _ kind: TrialDifference.Kind?, _ random: inout SeededRandom
  ) -> (older: Prediction?, newer: Prediction?) {
    let label = ["person", "car", "dog"].randomElement(using: &random)!
    let one = box(Double(place) * 0.1, label, .random(in: 0.4...0.95, using: &random), width: 0.08)
    var two = one
    two.score! += Float.random(in: -0.03...0.03, using: &random)
    two.box!.x += .random(in: -0.002...0.002, using: &random)
    switch kind {
    case .appeared: return (nil, two)
    case .gone: return (one, nil)
    case .moved: two.box!.x += 0.03
    case .relabelled: two.label = "bird"
    case .rescored: two.score! += one.score! < 0.6 ? 0.3 : -0.3
    case nil: break
    }
    return (one, two)
  }

  @Test("37 items that were planted among 5,000, in disorder and with noise, come first, and nothing else is told")
  func planted() throws {
    var random = SeededRandom(11)
    var trial = TrialComparison()
    var planted: [Int: TrialDifference.Kind] = [:]
    while planted.count < 37 {
      planted[.random(in: 0..<5000, using: &random)] = TrialDifference.Kind.allCases[planted.count % 5]
    }
    for frame in 0..<500 {
      let items = (0..<10).map { item($0, planted[frame * 10 + $0], &random) }
      var newer = items.compactMap(\.newer)
      newer.shuffle(using: &random)
      trial.add(
        file: "film", frame: frame, time: Double(frame) / 25, older: items.compactMap(\.older), newer: newer)
    }
    #expect(trial.all.items == 5000 && trial.frames == 500)
    let first = trial.differences.prefix(37)
    let counts = { (names: [String]) in Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +) }
    let expected = counts(planted.map { "\($0.key / 10) \($0.value.rawValue)" })
    #expect(counts(first.map { "\($0.frame) \($0.kind.rawValue)" }) == expected && expected.count > 30)
    #expect(trial.differences.count == 37)
    #expect(zip(first, first.dropFirst()).allSatisfy { $0.size >= $1.size })
    // Those that are scored otherwise are told, and agree.
    let scored = planted.values.count { $0 == .rescored }
    #expect(trial.all.agreement == Double(5000 - 37 + scored) / 5000)
  }

  @Test("What came, went, moved, changed its label or its score is told with both sides and its size")
  func kinds() throws {
    let moved = try #require(compared([box(0.1)], [box(0.13)]).differences.first)
    #expect(moved.kind == .moved && moved.older?.box?.x == 0.1 && moved.newer?.box?.x == 0.13)
    #expect(abs(moved.size - (1 - 0.07 / 0.13)) < 1e-9 && moved.file == "a.mp4" && moved.frame == 3)
    let far = try #require(compared([box(0.1)], [box(0.17)]).differences.first)
    #expect(far.kind == .moved, "of one label, and barely touching")
    let other = try #require(compared([box(0.1)], [box(0.11, "dog", 0.95)]).differences.first)
    #expect(other.kind == .relabelled && other.size == Double(Float(0.95)))
    #expect(compared([box(0.1)], [box(0.11, "person", 0.85)]).differences.isEmpty)
    let scored = try #require(compared([box(0.1)], [box(0.1, "person", 0.5)]).differences.first)
    #expect(scored.kind == .rescored && abs(scored.size - 0.4) < 1e-6)
    let both = compared([box(0.1), box(0.5, "dog", 0.4)], [box(0.8, "car", 0.7)])
    #expect(both.differences.map(\.kind) == [.gone, .appeared, .gone])
    #expect(both.labels["car"]?.kinds == [.appeared: 1] && both.all.agreement == 0)
    #expect(both.differences[0].region == both.differences[0].older?.box)
  }

  @Test("The same label goes before a greater overlap, and each thing is taken once")
  func pairing() {
    let trial = compared([box(0.1, "person"), box(0.12, "dog")], [box(0.12, "person"), box(0.1, "dog")])
    #expect(trial.differences.isEmpty || trial.differences.allSatisfy { $0.kind == .moved })
    let doubled = compared([box(0.1)], [box(0.1), box(0.1)])
    #expect(doubled.differences.map(\.kind) == [.appeared] && doubled.all.items == 2)
  }

  @Test("Of classes the first counts; frames on which nothing is found count as frames, and as no items")
  func classes() {
    func said(_ label: String, _ score: Float) -> Prediction {
      Prediction(kind: .classification, label: label, score: score)
    }
    var trial = TrialComparison()
    trial.add(file: "a", frame: 0, time: 0, older: [said("cat", 0.8), said("dog", 0.1)], newer: [said("cat", 0.75)])
    trial.add(file: "a", frame: 1, time: 1, older: [said("cat", 0.8)], newer: [said("dog", 0.6)])
    trial.add(file: "a", frame: 2, time: 2, older: [], newer: [said("dog", 0.6)])
    trial.addSilent(frames: 5)
    #expect(trial.frames == 8 && trial.all.items == 3)
    #expect(Set(trial.differences.map(\.kind)) == [.relabelled, .appeared])
  }

  @Test("A rule holds by its numbers, and never where nothing was compared")
  func rules() throws {
    let labels = ["person", "traffic light"]
    let trial = compared([box(0.1), box(0.5)], [box(0.1)])
    func judged(_ text: String, _ trial: TrialComparison, speed: Double? = nil) throws -> Bool {
      try TrialRule(text, labels: labels).judge(trial, speed: speed).holds
    }
    #expect(try judged("agreement > .4 and gone.person <= 1", trial))
    #expect(try !judged("agreement > .5 and gone.person <= 1", trial))
    #expect(try judged("gone==1 AND appeared < 1 and moved.traffic light <= 0", trial))
    #expect(try !judged("agreement.traffic light > 0", trial), "there was none of it")
    #expect(try !judged("gone <= 3", TrialComparison()), "nothing was compared")
    #expect(try !judged("speed >= 0.9", trial) && judged("speed >= 0.9", trial, speed: 1.2))
    let verdict = try TrialRule("gone <= 0", labels: labels).judge(trial, speed: nil)
    #expect(verdict.clauses.map(\.value) == [1] && !verdict.holds)
  }

  @Test(
    "What a rule cannot mean is refused with what was probably meant",
    arguments: [
      ("agremeent > .9", "did you mean 'agreement'?"), ("gone.persn <= 3", "did you mean 'person'?"),
      ("gone", "compares with"), ("gone <= three", "'three' is no number"), ("", "compares with"),
      ("speed.person > 1", "one for all labels"), ("gone <= 1 and", "compares with"),
    ])
  func refused(_ text: String, _ words: String) {
    do {
      _ = try TrialRule(text, labels: ["person"])
      Issue.record("'\(text)' was taken")
    } catch { #expect(error.kind == .usage && error.message.contains(words), "\(error.message)") }
  }

  @Test("A trial passes only where every file was compared")
  func passed() {
    let side = TrialReport.Side(name: "m@1", digest: "sha256:0")
    var report = TrialReport(older: side, newer: side, compared([box(0.1)], [box(0.1)]))
    #expect(report.isPassed)
    report.failures = [("b.mp4", "it is damaged")]
    #expect(!report.isPassed)
    #expect(!TrialReport(older: side, newer: side, TrialComparison()).isPassed)
  }
}
