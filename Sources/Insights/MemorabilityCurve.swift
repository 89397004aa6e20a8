public import Base
public import Predictions

/// What is asked of a network that tells how well a picture is remembered.
public struct MemorabilitySettings: Sendable, Hashable {
  /// Seconds between seeing and being asked, in the study that the network learned from; must be said.
  public var delay: Double?
  /// `NAME@sha256:…`.
  public var model: String
  /// The network of the pipeline, from 0; `nil` takes the first answer that is a score.
  public var step: Int?
  /// Seconds of the best stretch.
  public var best = 3.0

  public init(delay: Double?, model: String, step: Int? = nil) {
    (self.delay, self.model, self.step) = (delay, model, step)
  }
}

/// How well a film is remembered, from one score a frame by the network that the user brings: frames in order, then ``finish(end:)``.
///
/// A frame counts for as long as it is shown: until the next one that was looked at. 16 bytes a frame.
public struct MemorabilityCurve: Sendable {
  private let settings: MemorabilitySettings
  private let delay: Double
  private var points: [MemorabilityReport.Point] = []
  private var framesWithoutScore = 0

  /// What is said where a pipeline has no network for it.
  public static let noNetwork = Fault(
    .notFound,
    "no network for memorability: none comes with ridley, as those that are published may not be passed on; bring one that gives a number of 0 to 1 for a picture, as a step of task score: docs/analysers.md#memorability"
  )

  /// Refuses what has no delay: the same film is remembered otherwise after minutes than after days.
  public init(_ settings: MemorabilitySettings) throws(Fault) {
    guard let delay = settings.delay else {
      throw Fault(
        .badInput,
        "memorability of '\(settings.model)' after how long? Say delay, the time between seeing and being asked in the study that the network learned from, such as delay: 3m or delay: 72h"
      )
    }
    guard delay > 0, delay.isFinite else {
      throw Fault(.badInput, "memorability: delay is \(delay) seconds, and more than 0 is expected, such as 3m or 72h")
    }
    guard settings.best > 0, settings.best.isFinite else {
      throw Fault(.badInput, "memorability: best is \(settings.best) seconds, and more than 0 is expected; 3 is usual")
    }
    (self.settings, self.delay) = (settings, delay)
  }

  /// Takes all answers about the next frame, shown at `time`, in seconds; throws where the score is none of 0 to 1.
  public mutating func add(_ answers: [Prediction], at time: Double) throws(Fault) {
    let answer = answers.first { $0.kind == .score && (settings.step ?? $0.step) == $0.step }
    guard let score = answer?.score, score.isFinite else {
      framesWithoutScore += 1
      return
    }
    // 32-bit arithmetic goes a little beyond; what goes further is another scale.
    guard (-0.001...1.001).contains(score) else {
      throw Fault(
        .unsupported,
        "'\(settings.model)' gave \(score) at \(NumberFormat.short(time, 3)) s, and memorability is 0 to 1: say activation sigmoid for logits, or unit and zero for another scale"
      )
    }
    // Times that step back, as broken files have them, would make a frame last less than nothing.
    points.append(
      MemorabilityReport.Point(time: max(time, points.last?.time ?? time), score: min(max(Double(score), 0), 1)))
  }

  /// `end` is where the last frame ends, in seconds, where that is known; throws where no frame had a score.
  public consuming func finish(end: Double? = nil) throws(Fault) -> MemorabilityReport {
    guard let last = points.last else {
      throw Fault(
        .badInput,
        "memorability: '\(settings.model)' gave no score for any of \(framesWithoutScore) frames, so there is nothing to tell"
      )
    }
    let usual = points.count > 1 ? last.time - points[points.count - 2].time : 0
    let film = ScoreSteps(points, end: end.flatMap { $0 > last.time ? $0 : nil } ?? last.time + (usual > 0 ? usual : 1))
    return MemorabilityReport(
      score: film.mean, delay: delay, curve: points, model: settings.model, best: film.best(settings.best),
      framesWithoutScore: framesWithoutScore)
  }
}

/// A curve of steps: each score holds until the next.
private struct ScoreSteps {
  private let points: [MemorabilityReport.Point]
  private let end: Double
  /// Score times seconds, from the start to each point.
  private var sums: [Double] = []

  init(_ points: [MemorabilityReport.Point], end: Double) {
    (self.points, self.end) = (points, end)
    var sum = 0.0
    for (place, point) in points.enumerated() {
      sums.append(sum)
      sum += point.score * ((place + 1 < points.count ? points[place + 1].time : end) - point.time)
    }
    sums.append(sum)
  }

  private var start: Double { points[0].time }
  var mean: Double { sums.last! / (end - start) }

  /// The stretch of so many seconds with the highest mean, the first of equals; the whole film where it is shorter.
  ///
  /// Steps are straight between their ends, so a best one begins or ends at a step.
  func best(_ seconds: Double) -> MemorabilityReport.Stretch {
    guard end - start > seconds else { return MemorabilityReport.Stretch(start: start, end: end, score: mean) }
    let starts = points.map(\.time) + points.map { $0.time - seconds } + [end - seconds]
    var best: (start: Double, sum: Double)?
    for from in starts.sorted() where from >= start && from + seconds <= end + 1e-9 {
      let sum = area(to: min(from + seconds, end)) - area(to: from)
      if sum > (best?.sum ?? -1) + 1e-9 { best = (from, sum) }
    }
    let from = best?.start ?? start
    return MemorabilityReport.Stretch(start: from, end: from + seconds, score: min(1, (best?.sum ?? 0) / seconds))
  }

  private func area(to time: Double) -> Double {
    var (low, high) = (0, points.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if points[middle].time <= time { low = middle } else { high = middle }
    }
    return sums[low] + points[low].score * (time - points[low].time)
  }
}
