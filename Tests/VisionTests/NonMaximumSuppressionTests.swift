import Base
import Glibc
import Predictions
import TestKit
import Testing

@testable import Vision

@Suite("Non maximum suppression")
struct NonMaximumSuppressionTests {
  private func candidate(_ label: Int, _ score: Float, _ x: Double, width: Double = 10) -> Candidate {
    Candidate(label: label, score: score, box: Rect(x: x, y: 0, width: width, height: 10))
  }

  @Test("the weaker of two boxes of one class goes, of two classes both stay")
  func classes() {
    let found = [candidate(0, 0.5, 0), candidate(0, 0.9, 1), candidate(1, 0.4, 0)]
    #expect(NonMaximumSuppression.keep(found, iou: 0.5) == [found[1], found[2]])
  }

  @Test("an overlap of just the limit is no double")
  func limitOfOverlap() {
    // 10 wide, 5 shared: 5 of 15.
    let found = [candidate(0, 0.9, 0), candidate(0, 0.8, 5)]
    #expect(NonMaximumSuppression.keep(found, iou: 0.34).count == 2)
    #expect(NonMaximumSuppression.keep(found, iou: 0.33).count == 1)
    #expect(NonMaximumSuppression.keep([found[0], found[0]], iou: 1).count == 2)
  }

  @Test("a box that was dropped hides nothing")
  func chain() {
    let found = [candidate(0, 0.9, 0), candidate(0, 0.8, 4), candidate(0, 0.7, 8)]
    #expect(NonMaximumSuppression.keep(found, iou: 0.3) == [found[0], found[2]])
  }

  @Test("equal scores keep the order in which they came")
  func equal() {
    let found = (0..<50).map { candidate($0, 0.5, 0) }
    #expect(NonMaximumSuppression.keep(found, iou: 0.5) == found)
    #expect(NonMaximumSuppression.keep([candidate(0, 0.5, 0), candidate(0, 0.5, 1)], iou: 0.5).first?.box.x == 0)
  }

  @Test("of very many boxes the best thousand are looked at")
  func limit() {
    let found = (0..<1500).map { candidate(0, Float($0) / 1500, Double($0) * 20) }
    let kept = NonMaximumSuppression.keep(found, iou: 0.5)
    #expect(kept.count == 1000)
    #expect(kept.last == found[500])
  }

  private func crowd(_ dice: inout SeededRandom) -> [Candidate] {
    // All scores differ.
    (0..<Int.random(in: 0...120, using: &dice)).map {
      let box = Rect(
        x: .random(in: 0...60, using: &dice), y: .random(in: 0...60, using: &dice),
        width: .random(in: 1...40, using: &dice),
        height: .random(in: 1...40, using: &dice))
      return Candidate(label: .random(in: 0...2, using: &dice), score: Float($0) / 200, box: box)
    }.shuffled(using: &dice)
  }

  /// Independent of `Rect.iou`.
  private func overlap(_ a: Rect, _ b: Rect) -> Double {
    let w = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    let h = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    guard w > 0, h > 0 else { return 0 }
    return w * h / (a.width * a.height + b.width * b.height - w * h)
  }

  @Test("what stays does not depend on the order; no two that stay overlap, and whoever went had a better one over it")
  func properties() {
    var dice = SeededRandom(2)
    for _ in 0..<300 {
      let found = crowd(&dice)
      let iou = Float.random(in: 0...1, using: &dice)
      let kept = NonMaximumSuppression.keep(found, iou: iou)
      #expect(kept == NonMaximumSuppression.keep(found.shuffled(using: &dice), iou: iou))
      #expect(kept.map(\.score) == kept.map(\.score).sorted(by: >))
      let limit = Double(iou)
      for (number, one) in kept.enumerated() {
        for other in kept[..<number] where other.label == one.label {
          #expect(overlap(one.box, other.box) <= limit + 1e-12)
        }
      }
      for gone in found where !kept.contains(gone) {
        #expect(
          kept.contains { $0.label == gone.label && $0.score > gone.score && overlap($0.box, gone.box) > limit - 1e-12 }
        )
      }
    }
  }

  @Test("fifty thousand boxes on one place take no time to speak of")
  func many() {
    var dice = SeededRandom(3)
    let found = (0..<50_000).map { _ in candidate(0, .random(in: 0...1, using: &dice), 0) }
    let start = processorTime
    #expect(NonMaximumSuppression.keep(found, iou: 0.5).count == 1)
    #expect(processorTime - start < 5)
  }

  @Test(
    "numbers that went wrong and boxes without a size are dropped",
    arguments: [Double.nan, .infinity, -.infinity, -1, 0])
  func insane(value: Double) throws {
    let placement = Placement(
      picture: Size(width: 100, height: 100), network: Size(width: 100, height: 100), recipe: InputRecipe())
    var bad = [
      Candidate(label: 0, score: 0.9, box: Rect(x: 1, y: 1, width: value, height: 5)),
      Candidate(label: 1, score: 0.9, box: Rect(x: 1, y: 1, width: 5, height: value)),
    ]
    if !value.isFinite {
      bad.append(Candidate(label: 2, score: 0.9, box: Rect(x: value, y: 1, width: 5, height: 5)))
      bad.append(Candidate(label: 3, score: 0.9, box: Rect(x: 1, y: value, width: 5, height: 5)))
      bad.append(Candidate(label: 4, score: Float(value), box: Rect(x: 1, y: 1, width: 5, height: 5)))
    }
    let good = Candidate(label: 5, score: 0.1, box: Rect(x: 10, y: 20, width: 30, height: 40))
    let found = try recipe(.yolox).detections(bad + [good, good], at: placement)
    #expect(found.map(\.label) == ["class 5"])
    #expect(near(found.first?.box, [0.1, 0.2, 0.4, 0.6]))
  }

  @Test("a box that lies outside the picture altogether is no detection")
  func outside() throws {
    let placement = Placement(
      picture: Size(width: 100, height: 50), network: Size(width: 100, height: 100), recipe: letterbox())
    #expect(try recipe(.yolox).detections([candidate(0, 0.9, 0)], at: placement).isEmpty)
  }
}

/// Seconds of the processor that this thread has used: what others do on the machine does not count.
private var processorTime: Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
