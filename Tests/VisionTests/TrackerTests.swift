import Base
import Predictions
import TestKit
import Testing

@testable import Vision

/// Boxes whose identities are known: what the tracker calls them must never change.
struct TrackerTests {
  /// The same noise in every run.
  struct Noise {
    private var random: SeededRandom

    init(_ seed: UInt64) { random = SeededRandom(seed) }

    /// From 0 to 1.
    mutating func next() -> Double { Double(random.next() >> 11) / 9_007_199_254_740_992 }

    /// About normal, with deviation 1: twelve uniform numbers.
    mutating func bell() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + next() } }
  }

  /// Two objects of one size that cross: one to the right and a little down, one to the left.
  static func crossing(_ object: Int, _ time: Double) -> Rect {
    object == 0
      ? Rect(x: 0.05 + 0.16 * time, y: 0.40 + 0.01 * time, width: 0.1, height: 0.2)
      : Rect(x: 0.85 - 0.16 * time, y: 0.45, width: 0.1, height: 0.2)
  }

  static func detection(_ box: Rect, _ score: Float, _ label: String = "person") -> Prediction {
    Prediction(kind: .detection, label: label, score: score, box: box)
  }

  /// What a detector makes of an object: a score, and a box around the part that is not hidden from one side.
  struct Sight {
    var score: Float = 0.9
    var shown = 1.0
    var isLeftHidden = false
  }

  /// Ids of each object, in the order of time, and all ids that were ever given.
  struct Outcome {
    var ids: [[Int]] = [[], []]
    var all: Set<Int> = []
    /// Frames in which objects were told apart.
    var seen = [0, 0]
  }

  /// Five seconds of two objects; `see` says what is detected of an object in a frame, with its noise.
  func follow(
    fps: Double = 25, settings: Tracker.Settings = .init(), noise: Double = 0, seed: UInt64 = 1,
    see: (_ object: Int, _ frame: Int) -> Sight?
  ) -> Outcome {
    var tracker = Tracker(settings, aspect: 16.0 / 9)
    var random = Noise(seed)
    var outcome = Outcome()
    for frame in 0..<Int(5 * fps) {
      let time = Double(frame) / fps
      var found: [Prediction] = []
      var objects: [Int] = []
      // By turns, so that the order of detections says nothing.
      for object in frame % 2 == 0 ? [0, 1] : [1, 0] {
        guard let seen = see(object, frame) else { continue }
        var box = Self.crossing(object, time)
        box.x += noise * box.width * random.bell()
        box.y += noise * box.height * random.bell()
        if seen.isLeftHidden { box.x += box.width * (1 - seen.shown) }
        box.width *= (1 + noise * random.bell()) * seen.shown
        box.height *= 1 + noise * random.bell()
        found.append(Self.detection(box, seen.score))
        objects.append(object)
      }
      for (object, id) in zip(objects, tracker.advance(found, time: time).ids) {
        guard let id else { continue }
        outcome.ids[object].append(id)
        outcome.all.insert(id)
        outcome.seen[object] += 1
      }
    }
    return outcome
  }

  private func expectTwoKept(_ outcome: Outcome, atLeast frames: Int, _ note: Comment? = nil) {
    #expect(Set(outcome.ids[0]).count == 1, note)
    #expect(Set(outcome.ids[1]).count == 1, note)
    #expect(outcome.all == [1, 2], note)
    #expect(outcome.seen.allSatisfy { $0 >= frames }, note)
  }

  @Test("Two objects that cross keep their ids, given in the order of appearance")
  func crossing() {
    let outcome = follow { _, _ in Sight() }
    expectTwoKept(outcome, atLeast: 124)
    #expect(outcome.ids[0].first == 1 || outcome.ids[1].first == 1)
  }

  @Test(
    "No detection of either for 25 frames of 25 a second, before, at and after the crossing: ids are kept through",
    arguments: [35, 50, 62, 80])
  func occlusion(from start: Int) {
    let outcome = follow { _, frame in start..<start + 25 ~= frame ? nil : Sight() }
    expectTwoKept(outcome, atLeast: 99)
  }

  @Test("The same with boxes and scores that are noisy, for forty seeds", arguments: [30, 40, 50, 62, 80])
  func noisyOcclusion(from start: Int) {
    for seed in 1...40 {
      let outcome = follow(noise: 0.02, seed: UInt64(seed)) { _, frame in
        start..<start + 25 ~= frame ? nil : Sight(score: 0.75 + Float((frame * 7 + seed) % 5) * 0.05)
      }
      expectTwoKept(outcome, atLeast: 95, "seed \(seed)")
    }
  }

  @Test(
    "Something slides in front of it, hides it for 25 frames and slides off: low scores and part boxes, and its id stays"
  )
  func partialOcclusion() {
    for seed in 1...40 {
      let outcome = follow(noise: 0.02, seed: UInt64(seed)) { object, frame in
        guard object == 0 else { return Sight() }
        switch frame {
        case 40..<46:
          let shown = Double(46 - frame) / 7
          return Sight(score: 0.6 * Float(shown), shown: shown)
        case 46..<71: return nil
        case 71..<77:
          let shown = Double(frame - 70) / 7
          return Sight(score: 0.6 * Float(shown), shown: shown, isLeftHidden: true)
        default: return Sight(score: 0.85)
        }
      }
      expectTwoKept(outcome, atLeast: 85, "seed \(seed)")
    }
  }

  @Test("Unsure detections carry a track on and never begin one")
  func lowScores() {
    let carried = follow { _, frame in Sight(score: frame < 10 ? 0.9 : 0.2) }
    expectTwoKept(carried, atLeast: 120)
    #expect(follow { _, _ in Sight(score: 0.5) }.all.isEmpty)
    let weak = follow { _, frame in Sight(score: frame < 10 ? 0.9 : 0.05) }
    #expect(weak.seen.allSatisfy { $0 < 10 })
  }

  @Test("Ids hold at any rate of frames that leaves boxes overlapping", arguments: [10.0, 12.5, 30, 60])
  func rates(fps: Double) {
    expectTwoKept(follow(fps: fps) { _, _ in Sight() }, atLeast: Int(5 * fps) - 1)
  }

  @Test("Who stays away longer than the buffer is somebody new, and the old track is told once, with its span")
  func buffer() throws {
    var tracker = Tracker(aspect: 1)
    var ended: [Tracker.Ended] = []
    var ids: [Int] = []
    for frame in 0..<200 {
      let isThere = !(50..<110 ~= frame)
      let found =
        isThere ? [Self.detection(Rect(x: 0.4, y: 0.4, width: 0.2, height: 0.2), frame == 20 ? 0.99 : 0.9)] : []
      let step = tracker.advance(found, time: Double(frame) / 25)
      ended += step.ended
      ids += step.ids.compactMap { $0 }
    }
    #expect(Set(ids) == [1, 2])
    #expect(ended.count == 1)
    #expect(ended.first?.span == 0...49.0 / 25)
    #expect(ended.first?.best.score == 0.99)
    #expect(tracker.finish().map(\.id) == [2])
    #expect(tracker.finish().isEmpty)
  }

  @Test("A detection of one frame gets no id and takes none", arguments: [2, 3])
  func confirmation(needed: Int) {
    var settings = Tracker.Settings()
    settings.confirm = needed
    var tracker = Tracker(settings, aspect: 1)
    let ghost = Self.detection(Rect(x: 0.1, y: 0.1, width: 0.1, height: 0.1), 0.95)
    let real = Self.detection(Rect(x: 0.6, y: 0.6, width: 0.2, height: 0.2), 0.9)
    #expect(tracker.advance([ghost], time: 0).ids == [nil])
    for frame in 1..<needed { #expect(tracker.advance([real], time: Double(frame) / 25).ids == [nil]) }
    #expect(tracker.advance([real], time: Double(needed) / 25).ids == [1])
  }

  @Test("Labels that flicker do not change who it is, unless labels are kept apart")
  func labels() {
    func ids(_ apart: Bool) -> [Int?] {
      var settings = Tracker.Settings()
      settings.labelsApart = apart
      var tracker = Tracker(settings, aspect: 1)
      return (0..<10).flatMap { frame in
        let label = frame % 2 == 0 ? "good" : "chip"
        return tracker.advance(
          [Self.detection(Rect(x: 0.4, y: 0.4, width: 0.2, height: 0.2), 0.9, label)], time: Double(frame) / 25
        ).ids
      }
    }
    #expect(ids(false).dropFirst().allSatisfy { $0 == 1 })
    #expect(ids(true).compactMap { $0 }.isEmpty)
  }

  @Test("Times that stand still, go back or are far apart, and empty frames, do no harm")
  func oddTimes() {
    var tracker = Tracker(aspect: 1)
    let box = Self.detection(Rect(x: 0.4, y: 0.4, width: 0.2, height: 0.2), 0.9)
    for time in [0, 0, 0.04, 0.02, 0.02, 0.08] { _ = tracker.advance([box], time: time) }
    #expect(tracker.advance([box], time: 0.12).ids == [1])
    #expect(tracker.advance([], time: 1e6).ids.isEmpty)
    _ = tracker.advance([box], time: 1e6 + 0.04)
    #expect(tracker.advance([box], time: 1e6 + 0.08).ids == [2])
  }

  @Test("The filter finds the velocity of what moves evenly, and foretells it a second ahead")
  func motion() {
    var motion = BoxMotion(Self.crossing(0, 0), picture: 16.0 / 9)
    for frame in 1...50 {
      motion.predict(frames: 1.2, isSeen: true)
      motion.correct(Self.crossing(0, Double(frame) / 25))
    }
    for _ in 0..<25 { motion.predict(frames: 1.2, isSeen: false) }
    #expect(motion.box.iou(Self.crossing(0, 3)) > 0.95)
  }
}

struct AssignmentTests {
  /// Every pairing there is.
  private func least(_ cost: [[Double]], limit: Double) -> Double {
    func best(_ row: Int, _ taken: Set<Int>) -> Double {
      guard row < cost.count else { return 0 }
      var least = limit + best(row + 1, taken)
      for column in cost[row].indices where !taken.contains(column) && cost[row][column] < limit {
        least = min(least, cost[row][column] + best(row + 1, taken.union([column])))
      }
      return least
    }
    return best(0, [])
  }

  @Test("The pairing is as cheap as the cheapest of all pairings, for random costs of every shape up to five")
  func oracle() {
    var random = TrackerTests.Noise(7)
    var assignment = Assignment()
    for round in 0..<400 {
      let (rows, columns) = (1 + round % 5, 1 + round / 5 % 5)
      let cost = (0..<rows).map { _ in (0..<columns).map { _ in random.next() } }
      let found = assignment.solve(rows: rows, columns: columns, limit: 0.6) { cost[$0][$1] }
      let taken = found.compactMap { $0 }
      #expect(Set(taken).count == taken.count)
      let prices = zip(cost, found).map { row, column in column.map { row[$0] } ?? 0.6 }
      let total = prices.reduce(0, +)
      #expect(abs(total - least(cost, limit: 0.6)) < 1e-9)
      #expect(prices.allSatisfy { $0 <= 0.6 })
    }
  }

  @Test("What costs the limit, or is no number, is never paired; nothing to pair is no pairs")
  func limits() {
    var assignment = Assignment()
    #expect(assignment.solve(rows: 2, columns: 1, limit: 0.5) { _, _ in 0.5 } == [nil, nil])
    #expect(assignment.solve(rows: 1, columns: 2, limit: 0.5) { _, column in column == 0 ? .nan : 0.2 } == [1])
    #expect(assignment.solve(rows: 2, columns: 0, limit: 0.5) { _, _ in 0 } == [nil, nil])
    #expect(assignment.solve(rows: 0, columns: 2, limit: 0.5) { _, _ in 0 }.isEmpty)
  }
}
