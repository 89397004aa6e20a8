import Base
import Insights
import Predictions
import TestKit
import Testing

@Suite("Memorability")
struct MemorabilityTests {
  private func curve(
    _ scores: [(time: Double, score: Float)], best: Double = 3, end: Double? = nil
  ) throws -> MemorabilityReport {
    var settings = MemorabilitySettings(delay: 72 * 3600, model: "mine@sha256:00")
    settings.best = best
    var curve = try MemorabilityCurve(settings)
    for (time, score) in scores { try curve.add([Prediction(kind: .score, score: score)], at: time) }
    return try curve.finish(end: end)
  }

  @Test("a film's score is the mean over its time, not over its frames")
  func mean() throws {
    let report = try curve([(0, 1), (1, 0.5), (1.5, 0.5), (2, 0.5)], end: 10)
    #expect(near(report.score, 0.55) && report.curve.map(\.score) == [1, 0.5, 0.5, 0.5])
    #expect(report.delay == 259200)
  }

  @Test("without a delay a score is refused, and the words say how to say it", arguments: [nil, 0, -3, .infinity])
  func delay(seconds: Double?) {
    let fault = #expect(throws: Fault.self) {
      try MemorabilityCurve(MemorabilitySettings(delay: seconds, model: "mine"))
    }
    #expect(fault?.message.contains("72h") == true)
    #expect(MemorabilityCurve.noNetwork.message.contains("docs/analysers.md#memorability"))
  }

  @Test("a number that is none of 0 to 1 is no memorability", arguments: [-0.2, 1.5, 78] as [Float])
  func scale(score: Float) {
    let fault = #expect(throws: Fault.self) { try curve([(0, 0.5), (1, score)]) }
    #expect(fault?.message.contains("sigmoid") == true && fault?.message.contains("at 1 s") == true)
  }

  @Test("a film's scores are not stretched over what that film has: an even film keeps its score, and two compare")
  func absolute() throws {
    #expect(try near(curve([(0, 0.7), (1, 0.7), (2, 0.7)]).score, 0.7) && near(curve([(0, 0.7)]).score, 0.7))
    #expect(try curve([(0, 0.6), (1, 0.61)]).score < curve([(0, 0.7), (1, 0.71)]).score)
  }

  @Test("what arithmetic adds to 0 and 1 is cut off")
  func edges() throws {
    #expect(try curve([(0, 1.0005), (1, -0.0005)]).curve.map(\.score) == [1, 0])
  }

  @Test("the best stretch is the one that trying every start finds", arguments: 0..<30)
  func best(seed: Int) throws {
    var dice = SeededRandom(UInt64(seed))
    var (time, scores): (Double, [(Double, Float)]) = (0, [])
    for _ in 0..<Int.random(in: 1...12, using: &dice) {
      scores.append((time, Float(Int.random(in: 0...10, using: &dice)) / 10))
      time += Double(Int.random(in: 1...20, using: &dice)) / 10
    }
    let (end, length) = (time, Double(Int.random(in: 5...40, using: &dice)) / 10)
    let report = try curve(scores, best: length, end: end)
    func mean(_ from: Double, _ to: Double) -> Double {
      let ends = scores.dropFirst().map(\.0) + [end]
      return zip(scores, ends).reduce(0) { $0 + max(0, min(to, $1.1) - max(from, $1.0.0)) * Double($1.0.1) }
        / (to - from)
    }
    let starts = stride(from: 0, through: max(0, end - length), by: 0.05)
    let found = end <= length ? mean(0, end) : starts.map { mean($0, $0 + length) }.max()!
    #expect(near(report.best.score, found, 1e-5))
    #expect(near(mean(report.best.start, report.best.end), report.best.score, 1e-5))
    #expect(report.best.start >= 0 && report.best.end <= end + 1e-6)
  }

  @Test("frames without a score are counted, other networks' answers are left alone, and no score at all is refused")
  func missing() throws {
    var curve = try MemorabilityCurve(MemorabilitySettings(delay: 180, model: "mine", step: 1))
    var other = Prediction(kind: .score, score: 7)
    other.step = 0
    let empty = curve
    let fault = #expect(throws: Fault.self) { _ = try empty.finish() }
    #expect(fault?.message.contains("no score for any") == true)
    try curve.add([other], at: 0)
    var own = Prediction(kind: .score, score: 0.75)
    own.step = 1
    try curve.add([other, own], at: 1)
    let report = try curve.finish()
    #expect(report.framesWithoutScore == 1 && report.score == 0.75)
    #expect(report.best.start == 1 && report.best.end == 2 && report.best.score == 0.75)
  }

  @Test("a report has score, delay, curve and model")
  func json() throws {
    let report = try curve([(0, 0.123456), (1 / 3, 0.5)])
    let object = try document { report.write(into: &$0) }
    #expect(object["delay"] as? Double == 259200 && object["model"] as? String == "mine@sha256:00")
    let curve = try #require(object["curve"] as? [[String: Double]])
    #expect(curve == [["t": 0, "score": 0.1235], ["t": 0.333333, "score": 0.5]])
    #expect(object["score"] as? Double == 0.3117)
  }
}
