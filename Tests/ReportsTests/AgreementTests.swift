import Base
import Predictions
import TestKit
import Testing

@testable import Reports

struct AgreementTests {
  private func box(_ x: Double, _ y: Double = 0.1, _ side: Double = 0.2) -> Rect {
    Rect(x: x, y: y, width: side, height: side)
  }

  @Test func `a run agrees with itself in everything`() throws {
    var random = SeededRandom(2)
    var agreement = Agreement(steps: ["a", "b"])
    for _ in 0..<200 {
      let found = (0..<Int.random(in: 0..<6, using: &random)).map { number in
        var one = detection(
          ["x", "y", "z"].randomElement(using: &random)!, Float.random(in: 0...1, using: &random),
          box(Double(number) * 0.3, Double.random(in: 0...0.5, using: &random)))
        one.step = Int.random(in: 0..<2, using: &random)
        return one
      }
      agreement.add(reference: found, other: found.shuffled(using: &random))
    }
    #expect(agreement.frames == 200)
    for step in agreement.steps {
      #expect(step.sameName == 1)
      for label in step.labels.values {
        #expect(label.precision == 1 && label.recall == 1 && label.presence == 1)
        #expect(label.meanShift == 0 && (label.meanOverlap! - 1).magnitude < 1e-12)
      }
    }
  }

  @Test func `what one run alone has is missed or added, and turns round with the runs`() throws {
    let full = [detection("cup", 0.9, box(0.1)), detection("cup", 0.8, box(0.5)), detection("lid", 0.5, box(0.7, 0.6))]
    let light = [detection("cup", 0.7, box(0.12)), detection("cup", 0.6, box(0.1, 0.7))]
    var (there, back) = (Agreement(steps: ["a"]), Agreement(steps: ["a"]))
    there.add(reference: full, other: light)
    back.add(reference: light, other: full)
    let cup = try #require(there.steps[0].labels["cup"])
    #expect(cup.both == 1 && cup.missed == 1 && cup.added == 1)
    #expect(cup.precision == 0.5 && cup.recall == 0.5 && cup.presence == 1)
    #expect((cup.meanShift! + 0.2).magnitude < 1e-6 && (cup.meanDistance! - 0.2).magnitude < 1e-6)
    #expect((cup.meanOverlap! - 0.18 / 0.22).magnitude < 1e-9)
    let lid = try #require(there.steps[0].labels["lid"])
    #expect(lid.recall == 0 && lid.precision == nil && lid.presence == 0)
    #expect(back.steps[0].labels["cup"]?.meanShift == -cup.meanShift! && back.steps[0].labels["lid"]?.precision == 0)
  }

  @Test func `one thing under two names is one thing with another name`() throws {
    var agreement = Agreement(steps: ["a"])
    agreement.add(reference: [detection("cup", 0.9, box(0.1))], other: [detection("mug", 0.9, box(0.1))])
    #expect(agreement.steps[0].paired == 1 && agreement.steps[0].sameName == 0)
    #expect(agreement.steps[0].labels["cup"]?.recall == 0 && agreement.steps[0].labels["mug"]?.precision == 0)
  }

  @Test func `each box is taken once, the best overlap first`() throws {
    var agreement = Agreement(steps: ["a"], least: 0.3)
    let full = [detection("x", 1, box(0.10)), detection("x", 1, box(0.16))]
    let light = [detection("x", 1, box(0.15)), detection("x", 1, box(0.05))]
    agreement.add(reference: full, other: light)
    let label = try #require(agreement.steps[0].labels["x"])
    #expect(label.both == 2)
    #expect((label.meanOverlap! - (0.19 / 0.21 + 0.15 / 0.25) / 2).magnitude < 1e-9)
  }

  @Test func `answers without boxes, vectors, points and masks are compared too`() throws {
    var agreement = Agreement(steps: ["class", "vector", "pose", "mask"])
    func answers(_ label: String, _ vector: [Float], _ x: Double, _ counts: [Int]) -> [Prediction] {
      var list = [Prediction(kind: .classification, label: label, score: 0.5)]
      list += [Prediction(kind: .embedding), Prediction(kind: .pose), Prediction(kind: .segmentation, label: "road")]
      for number in list.indices { list[number].step = number }
      list[1].vector = vector
      list[2].points = [Keypoint(name: "nose", x: x, y: 0.5)]
      list[3].mask = Mask(size: Size(width: 4, height: 4), counts: counts, share: 0)
      return list
    }
    agreement.add(reference: answers("cat", [1, 0], 0.5, [4, 8, 4]), other: answers("dog", [1, 1], 0.6, [8, 8]))
    #expect(agreement.steps[0].sameName == 0 && agreement.steps[0].labels["cat"]?.recall == 0)
    #expect((agreement.steps[1].meanCosine! - 0.5.squareRoot()).magnitude < 1e-6)
    #expect((agreement.steps[2].meanPointDistance! - 0.1).magnitude < 1e-9)
    #expect((agreement.steps[3].labels["road"]!.meanOverlap! - 4.0 / 12).magnitude < 1e-9)
  }

  @Test func `spans come from ended tracks, from changes, and from tracks that were seen`() {
    var collector = SpanCollector()
    var ended = detection("cup", 0.9)
    (ended.span, ended.track) = (1...3, 1)
    var (on, off) = (Prediction(kind: .detection, label: "lid"), Prediction(kind: .detection, label: "lid"))
    (on.state, off.state) = (.on, .off)
    var seen = detection("pen", 0.5)
    seen.track = 7
    var other = seen
    other.label = "pin"
    collector.add([ended, on, seen], time: 4)
    collector.add([other], time: 5)
    collector.add([other, off], time: 6)
    collector.add([on], time: 7)
    collector.add([], time: 9)
    #expect(
      collector.spans == [
        .init(step: 0, label: "cup", time: 1...3), .init(step: 0, label: "lid", time: 4...6),
        .init(step: 0, label: "pin", time: 4...6), .init(step: 0, label: "lid", time: 7...9),
      ])
  }

  @Test func `spans agree where they overlap in time by half`() {
    func span(_ label: String, _ time: ClosedRange<Double>) -> SpanCollector.Span {
      .init(step: 0, label: label, time: time)
    }
    let full = [span("a", 0...2), span("a", 10...12), span("b", 0...1), span("c", 5...5)]
    let light = [span("a", 0.5...2), span("a", 11.9...14), span("x", 0...1), span("c", 5...5)]
    let agreement = SpanAgreement(reference: full, other: light)
    #expect(agreement.both == 2 && agreement.missed == 2 && agreement.added == 2)
    #expect(agreement.precision == 0.5 && agreement.recall == 0.5)
    let same = SpanAgreement(reference: full, other: full)
    #expect(same.both == 4 && same.meanOverlap == 1)
    #expect(SpanAgreement(reference: [], other: []).precision == nil)
  }
}
