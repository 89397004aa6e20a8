internal import Base
internal import Execution
internal import Insights
internal import Media
internal import Pipelines
internal import Reports

/// What was counted while a pipeline looked at a file, in one go or in parts: all that a summary is made of.
struct RunFacts {
  let info: MediaInfo
  /// As predictions name the file, and what stands for its path.
  let name: String
  let path: String
  /// Frames of the film, where its packets tell them.
  let frameCount: Int?
  /// What was looked at in the film's place.
  var standIn: StandIn?
  var framesSampled = 0
  var framesDecoded = 0
  var framesAnalyzed = 0
  /// Seconds of the first frame and of the last one that was gone through.
  var covered: (first: Double, last: Double)?
  var corrupt = Media.CorruptFrames()
  /// Frames that the gate let go, and inputs that each network was given.
  var passedOver = 0
  var jobs: [Int] = []
  /// Predictions by the step that they are of.
  var emitted: [Int: Int] = [:]
  var counts = PipelineRun.Counts()
  var predictionCount = 0
  var insights: InsightReport?
  var secondsElapsed = 0.0
  var stages = StageTimes()
  var isInterrupted = false

  init(_ info: MediaInfo, name: String, path: String, frameCount: Int?) {
    (self.info, self.name, self.path, self.frameCount) = (info, name, path, frameCount)
  }

  func summary(of loaded: LoadedPipeline) -> FileSummary {
    if let rendition = standIn?.rendition {
      var facts = self
      (facts.standIn, facts.corrupt) = (nil, rendition.corrupt)
      if !isInterrupted { facts.covered = (rendition.covered.lowerBound, rendition.covered.upperBound) }
      var summary = facts.summary(of: loaded)
      let count = rendition.origins.count
      summary.steps.insert(.init("proxy", [("lines", rendition.size.height), ("frames", count)]), at: 0)
      return summary
    }
    var summary = FileSummary(file: name, path: path)
    (summary.size, summary.codec) = (info.size, info.codec)
    summary.duration = info.isPicture ? nil : info.duration
    let rate = info.frameRate.value
    let position = (covered?.last ?? 0) - (covered?.first ?? 0)
    summary.secondsCovered = info.isPicture ? nil : position + (rate > 0 ? 1 / rate : 0)
    (summary.framesDecoded, summary.framesAnalyzed) = (framesDecoded, framesAnalyzed)
    summary.framesInFile = info.isPicture ? nil : frameCount ?? info.frameCount
    for sample in corrupt.samples { summary.corrupt.add(time: sample.time, reason: sample.reason) }
    summary.corrupt.add(further: corrupt.count - corrupt.samples.count)
    if !isInterrupted { summary.notes = notes(loaded) + (insights?.notes ?? []) }
    summary.insights = isInterrupted ? nil : insights
    (summary.secondsElapsed, summary.stages, summary.interrupted) = (secondsElapsed, stages, isInterrupted)
    if !loaded.isPlain { summary.steps = steps(loaded.pipeline) }
    return summary
  }

  private func notes(_ loaded: LoadedPipeline) -> [String] {
    var notes: [String] = []
    if let note = shortfall(loaded) { notes.append(note) }
    if loaded.sampling == .keyFrames, framesSampled == 0, framesDecoded > 0 {
      notes.append("the film holds no key frame, so none of it was looked at: look at one in so much time instead")
    }
    if !info.isPicture, frameCount == nil {
      notes.append("no \(ReportWriter.indexName): the packets of this file do not tell its frames")
    }
    return notes + loaded.pipeline.silentSteps(crops: jobs, emitted: emitted)
  }

  /// Some containers do not show that their end is missing; two seconds leave room for sound that is longer.
  private func shortfall(_ loaded: LoadedPipeline) -> String? {
    let end = covered?.last ?? 0
    guard !info.isPicture, let duration = info.duration, loaded.sampling != .keyFrames, duration - end > 2 else {
      return nil
    }
    return
      "the picture ends at \(NumberFormat.clock(end)) of \(NumberFormat.clock(duration)): the file may be cut short"
  }

  /// What each step of the pipeline did.
  private func steps(_ pipeline: Pipeline) -> [FileSummary.Step] {
    var steps = [FileSummary.Step("sample", [("frames", framesSampled)])]
    if pipeline.gate != nil {
      steps.append(.init("gate", [("frames", framesSampled - passedOver), ("passed_over", passedOver)]))
    }
    for (index, step) in pipeline.infer.enumerated() {
      steps.append(.init("infer", name: step.name, [(step.on == nil ? "frames" : "crops", jobs[index])]))
    }
    if pipeline.track != nil { steps.append(.init("track", [("tracks", counts.tracks)])) }
    if !pipeline.smooth.isEmpty { steps.append(.init("smooth", [("changes", counts.changes)])) }
    steps += sceneSteps
    steps.append(.init("emit", [("predictions", predictionCount)]))
    return steps
  }

  /// What zones, lines and rules counted; times in milliseconds.
  private var sceneSteps: [FileSummary.Step] {
    let scene = counts.scene
    let zones = scene.zones.map { zone in
      FileSummary.Step(
        "zone", name: zone.name,
        [
          ("visits", zone.visits), ("most_at_a_time", zone.most), ("longest_ms", Int((zone.longest * 1000).rounded())),
          ("total_ms", Int((zone.total * 1000).rounded())),
        ])
    }
    let lines = scene.lines.map { FileSummary.Step("line", name: $0.name, [("in", $0.into), ("out", $0.out)]) }
    return zones + lines + scene.rules.map { FileSummary.Step("rule", name: $0.name, [("events", $0.events)]) }
  }
}
