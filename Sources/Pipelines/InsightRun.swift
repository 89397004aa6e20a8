internal import Insights
internal import Predictions

/// Draws the conclusions about a film as a whole while its frames go by, in the order of presentation.
struct InsightRun: Sendable {
  private enum Shots {
    case described(ShotDetector)
    case answered(ShotMerger, step: Int)
  }

  private var shots: Shots?

  /// `nil` where the pipeline asks for none.
  init?(_ pipeline: Pipeline) {
    let steps = pipeline.insights
    if steps.isEmpty { return nil }
    shots = steps.shots.map { shots in
      shots.of.map { .answered(ShotMerger(shots.settings), step: $0) } ?? .described(ShotDetector(shots.settings))
    }
  }

  /// Takes all answers about a frame, with their tracks, and what describes it.
  mutating func add(_ answers: [Prediction], _ descriptor: ShotDescriptor?, at moment: FrameMoment) {
    switch shots {
    case .described(var detector):
      shots = nil
      if let descriptor { detector.add(index: moment.frame, time: moment.time, descriptor) }
      shots = .described(detector)
    case .answered(var merger, let step):
      shots = nil
      let answer = answers.first { $0.step == step }
      merger.add(
        index: moment.frame, time: moment.time, single: answer?.score ?? 0, many: answer?.vector.first, descriptor)
      shots = .answered(merger, step: step)
    case nil: break
    }
  }

  /// What all frames together say; `end` is where the film ends, in seconds, where that is known.
  func finish(end: Double?) -> InsightReport {
    var report = InsightReport()
    switch shots {
    case .described(let detector): report.shots = detector.finish(end: end)
    case .answered(let merger, _): report.shots = merger.finish(end: end)
    case nil: break
    }
    return report
  }
}
