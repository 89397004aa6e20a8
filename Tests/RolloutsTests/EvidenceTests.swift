import Base
import JSON
import Predictions
import TestKit
import Testing

@testable import Rollouts

@Suite struct EvidenceTests {
  private func found(_ label: String, _ x: Double, score: Float = 0.9) -> Prediction {
    Prediction(kind: .detection, label: label, score: score, box: Rect(x: x, y: 0.1, width: 0.2, height: 0.2))
  }

  @Test func `a tally that would overflow beside others is none, whoever wrote it`() throws {
    #expect(try again(1 << 40) == 1 << 40)
    #expect(throws: Fault.self) { try again(.max) }
  }

  @Test func `times are told in numbers that every reader of JSON has exactly, and come back with their mean`() throws {
    for times in [[], [0], [1], [3_000_000, 10_000_000, 1 << 50]] {
      var tally = VersionTally()
      for one in times { tally.times.add(one) }
      let text = JSONWriter.object(tally.write)
      let document = try JSONDocument(parsing: text.span.bytes, name: "it")
      #expect(try VersionTally(document.root) == tally, "\(times)")
      #expect(tally.times.numbers.allSatisfy { $0 < 1 << 53 }, "\(tally.times.numbers)")
    }
    // As earlier programs wrote the sum of 1500 ns.
    let known = try #require(LogHistogram(numbers: [Int(1500.0.bitPattern), 1500, 1500, 119, 1]))
    #expect(known.mean == 1.5)
  }

  /// Written and read.
  private func again(_ answers: Int) throws -> Int {
    var tally = VersionTally()
    tally.answers = answers
    let text = JSONWriter.object(tally.write)
    let document = try JSONDocument(parsing: text.span.bytes, name: "it")
    return try VersionTally(document.root).answers
  }

  @Test("A share is as large as it says, the same keys come back, and those of 5 % are in the 25 %")
  func shares() {
    let share = RolloutShare(model: "inspector", rollout: "1", .canary)
    let other = RolloutShare(model: "inspector", rollout: "2", .canary)
    let keys = (0..<20_000).map { "client-\($0)" }
    let small = Set(keys.filter { share.has($0, 0.05) })
    let large = Set(keys.filter { share.has($0, 0.25) })
    #expect(small.isSubset(of: large) && large.isSubset(of: keys.filter { share.has($0, 1) }))
    // Four standard deviations.
    #expect(abs(small.count - 1000) < 125 && abs(large.count - 5000) < 245, "\(small.count) and \(large.count)")
    #expect(keys.allSatisfy { !share.has($0, 0) && share.has($0, 1) })
    // Another roll-out, and the shadow of this one, draw others.
    let again = Set(keys.filter { other.has($0, 0.05) })
    let shadow = Set(keys.filter { RolloutShare(model: "inspector", rollout: "1", .shadow).has($0, 0.05) })
    #expect(small.intersection(again).count < 150 && small.intersection(shadow).count < 150)
    #expect(share.point("client-7") == RolloutShare(model: "inspector", rollout: "1", .canary).point("client-7"))
  }

  @Test("Answers agree where label and place do, whatever their order and score")
  func compares() {
    let one = [found("chip", 0.1), found("crack", 0.6)]
    let same = AnswerComparison.compare(one, [found("crack", 0.61, score: 0.5), found("chip", 0.1)])
    #expect(same.share == 1 && same.both == 2 && same.compared == 1)
    #expect(AnswerComparison.compare(one, [found("chip", 0.1), found("chip", 0.6)]).share == 0.5)
    #expect(AnswerComparison.compare(one, [found("chip", 0.7)]).share == 0)
    #expect(AnswerComparison.compare(one, []).share == 0)
    #expect(AnswerComparison.compare([], []).share == nil)
  }

  @Test("Of classes the best counts, of texts the words, of vectors their cosine")
  func kinds() {
    let classes = { (scores: [Float]) in
      zip(["a", "b"], scores).map { Prediction(kind: .classification, label: $0, score: $1) }
    }
    #expect(AnswerComparison.compare(classes([0.9, 0.1]), classes([0.6, 0.4])).share == 1)
    #expect(AnswerComparison.compare(classes([0.9, 0.1]), classes([0.4, 0.6])).share == 0)
    var (one, two) = (Prediction(kind: .text), Prediction(kind: .text))
    (one.text, two.text) = ("abc", "abd")
    #expect(AnswerComparison.compare([one], [one]).share == 1 && AnswerComparison.compare([one], [two]).share == 0)
    (one, two) = (Prediction(kind: .embedding), Prediction(kind: .embedding))
    (one.vector, two.vector) = ([1, 0], [2, 0.1])
    #expect(AnswerComparison.compare([one], [two]).share == 1)
    two.vector = [0, 1]
    #expect(AnswerComparison.compare([one], [two]).share == 0)
  }

  @Test("Tensors agree within the tolerance, and not with another shape or type")
  func tensors() {
    let tensor = { (values: [Float], shape: [Int?]) in
      [(spec: TensorSpec(name: "y", shape: shape, element: .f32), bytes: values.withUnsafeBytes { [UInt8]($0) })]
    }
    let one = tensor([10, -2, 0], [1, 3])
    #expect(AnswerComparison.compare(one, tensor([10.05, -2.05, 0.05], [1, 3]), tolerance: 0.01).share == 1)
    #expect(AnswerComparison.compare(one, tensor([10, -2, 0.2], [1, 3]), tolerance: 0.01).share == 0)
    #expect(AnswerComparison.compare(one, tensor([10, -2, 0], [3, 1]), tolerance: 0.01).share == 0)
    #expect(AnswerComparison.compare(one, [], tolerance: 1).share == 0)
    #expect(AnswerComparison.compare(one, tensor([.nan, -2, 0], [1, 3]), tolerance: 0.01).share == 0)
    let odd: [Float] = [.infinity, -.infinity, .nan]
    for (place, mine) in odd.enumerated() {
      for (other, theirs) in (odd + [0, 10, .greatestFiniteMagnitude]).enumerated() {
        let (a, b) = (tensor([mine, -2], [1, 2]), tensor([theirs, -2], [1, 2]))
        #expect(AnswerComparison.compare(a, b, tolerance: 1).share == (place == other ? 1 : 0), "\(mine), \(theirs)")
        #expect(AnswerComparison.compare(b, a, tolerance: 1).share == (place == other ? 1 : 0), "\(theirs), \(mine)")
      }
    }
    #expect(AnswerComparison.labels(of: tensor([1, 5, 2, 7, 0, 3], [2, 3])).map(\.label) == ["#1", "#0"])
    #expect(AnswerComparison.labels(of: tensor([1], [1])).isEmpty)
    #expect(AnswerComparison.numbers([0, 0x3c, 0, 0xc0], .f16) == [1, -2])
  }

  private func tensor(_ values: [Float], _ shape: [Int?]) -> [(spec: TensorSpec, bytes: [UInt8])] {
    [(spec: TensorSpec(name: "y", shape: shape, element: .f32), bytes: values.withUnsafeBytes { [UInt8]($0) })]
  }

  /// Whether both are the same where one number of the first is another by so much.
  private func isSame(_ values: [Float], _ shape: [Int?], at place: Int, plus difference: Float) -> Bool {
    var other = values
    other[place] += difference
    return AnswerComparison.compare(tensor(values, shape), tensor(other, shape), tolerance: 0.01).share == 1
  }

  @Test("A small number that is wrong shows beside large ones of another kind, in whichever axis the kinds stand")
  func kindsOfNumbers() {
    // Places of up to 640, and scores of up to 1.
    var rows: [Float] = []
    for number in 0..<100 {
      let (x, y, score) = (Float(number * 6), Float(number * 4), Float(number % 9) / 10)
      rows += [x, y, x + 40, y + 40, score, 1]
    }
    #expect(
      !isSame(rows, [1, 100, 6], at: 6 * 50 + 4, plus: 0.05) && isSame(rows, [1, 100, 6], at: 6 * 50 + 4, plus: 0.005))
    #expect(isSame(rows, [1, 100, 6], at: 6 * 50, plus: 3) && !isSame(rows, [1, 100, 6], at: 6 * 50, plus: 10))
    let columns = (0..<6).flatMap { kind in (0..<100).map { rows[$0 * 6 + kind] } }
    #expect(!isSame(columns, [1, 6, 100], at: 450, plus: 0.05) && isSame(columns, [1, 6, 100], at: 450, plus: 0.005))
    #expect(isSame(columns, [1, 6, 100], at: 50, plus: 3) && !isSame(columns, [1, 6, 100], at: 50, plus: 10))
  }

  @Test(
    "Probabilities that are small are held against little, logits against their range, and rounding is no disagreement")
  func noise() {
    var random = SeededRandom(3)
    let logits = (0..<1000).map { _ in
      var sum: Float = 0
      for _ in 0..<12 { sum += .random(in: -1.5...1.5, using: &random) }
      return sum
    }
    let step = ((logits.max() ?? 0) - (logits.min() ?? 0)) / 255
    let compare = { (one: [Float], two: [Float]) in
      AnswerComparison.compare(tensor(one, [1, 1000]), tensor(two, [1, 1000]), tolerance: 0.01).share == 1
    }
    // What eight bits make of them.
    #expect(compare(logits, logits.map { ($0 / step).rounded() * step }))
    #expect(!isSame(logits, [1, 1000], at: 7, plus: 1))
    // One class of .9, and others that are about a ten thousandth.
    let others = (1..<1000).map { _ in Float.random(in: 0.00005...0.00015, using: &random) }
    let shares = [1 - others.reduce(0, +)] + others
    #expect(compare(shares, shares.map { Float(Float16($0)) }))
    #expect(!isSame(shares, [1, 1000], at: 500, plus: 0.005) && isSame(shares, [1, 1000], at: 500, plus: 0.0001))
  }

  @Test("Of one task so many inferences count as of any, evenly among their times")
  func tasks() throws {
    var (tally, times) = (VersionTally(), LogHistogram())
    for number in 1...10_000 { times.add(number * 1000) }
    tally.addTask(inferences: 10_000, times)
    #expect(tally.answers == VersionTally.mostOfTask && tally.jobTimes.count == VersionTally.mostOfTask)
    #expect(abs(tally.jobTimes.p50 / 5000 - 1) < 0.06 && abs(tally.jobTimes.p95 / 9500 - 1) < 0.06)
    #expect(tally.times.count == 0)
    var few = VersionTally()
    few.addTask(inferences: 3, times)
    #expect(few.answers == 3 && few.jobTimes.count == 3)
    tally.merge(few)
    var evidence = RolloutEvidence()
    evidence.candidate = tally
    let text = evidence.json
    #expect(try RolloutEvidence(JSONDocument(parsing: text.span.bytes, name: "text").root) == evidence)
  }

  @Test("Drift is near nothing for the same distribution, however few there are, and grows with the distance")
  func drift() throws {
    var random = SeededRandom(5)
    func tally(_ count: Int, _ share: Double, _ score: ClosedRange<Float>) -> VersionTally {
      var tally = VersionTally()
      for _ in 0..<count {
        let label = Double.random(in: 0..<1, using: &random) < share ? "chip" : "crack"
        tally.describe([(label, Float.random(in: score, using: &random))])
      }
      return tally
    }
    for _ in 0..<50 {
      let drift = try #require(tally(200, 0.3, 0...1).drift(from: tally(200, 0.3, 0...1)))
      #expect(drift >= 0 && drift < 0.2, "\(drift)")
    }
    #expect(try #require(tally(200, 0.6, 0...1).drift(from: tally(200, 0.3, 0...1))) > 0.2)
    #expect(try #require(tally(200, 0.3, 0...0.5).drift(from: tally(200, 0.3, 0...1))) > 0.2)
    #expect(VersionTally().drift(from: tally(10, 0.5, 0...1)) == nil)
  }

  @Test("What several servers saw adds up, and comes back from its JSON as it was")
  func merges() throws {
    var random = SeededRandom(9)
    var (all, parts) = (RolloutEvidence(), [RolloutEvidence](repeating: RolloutEvidence(), count: 3))
    for _ in 0..<2000 {
      let place = Int.random(in: 0..<3, using: &random)
      let (time, label) = (
        Int.random(in: 1000..<90_000_000, using: &random), "l\(Int.random(in: 0..<9, using: &random))"
      )
      func see(_ one: inout RolloutEvidence) {
        one.candidate.answers += 1
        one.candidate.times.add(time)
        one.baseline.describe([(label, Float(time % 100) / 90)])
        one.agreement.merge(AnswerComparison.compare([found(label, 0.1)], [found("l1", 0.1)]))
        one.shadows.answered += 1
        one.routed += 1
      }
      see(&all)
      see(&parts[place])
    }
    var sum = RolloutEvidence()
    for part in parts {
      let read = try RolloutEvidence(try JSONDocument(parsing: part.json.span.bytes, name: "it").root)
      #expect(read == part)
      sum.merge(read)
    }
    #expect(sum.candidate.times.p95 == all.candidate.times.p95 && sum.candidate.answers == 2000)
    #expect(sum.baseline.labels == all.baseline.labels && sum.agreement == all.agreement && sum.routed == all.routed)
  }

  @Test("However many labels there are, a tally stays small")
  func bounded() {
    var tally = VersionTally()
    for number in 0..<5000 { tally.describe([("text \(number)", nil)]) }
    #expect(tally.labels.count <= VersionTally.mostLabels + 1 && tally.labels.values.reduce(0, +) == 5000)
  }
}
