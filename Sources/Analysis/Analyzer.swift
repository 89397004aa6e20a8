public import Base
public import Media
internal import Pipelines
public import Predictions
public import Reports

/// One pipeline over one file: frames in, predictions out, in order of presentation.
///
/// Decoding and rendering go on in the caller's thread while the units infer; the number of frames in flight is what the
/// units have room for, however long the file. Used once.
public final class Analyzer {
  /// How far the work is.
  public struct Progress: Sendable {
    public var framesAnalyzed: Int
    /// Seconds of the file that were gone through.
    public var position: Double
    /// Seconds of the whole file, where they are known.
    public var duration: Double?
    public var elapsed: Double
  }

  /// Gets every analysed frame in order, with what became predictions of it; a fault in it ends the run.
  public typealias Handler = (Frame, FrameStamp, [Prediction]) throws(Fault) -> Void

  public let info: MediaInfo
  /// Every frame of the video, once the run has gone through all of it; `nil` for a picture, and where packets do not
  /// tell the frames.
  public var frameIndex: PackedFrameIndex? { reader.index }
  private let reader: MediaReader
  private let path: String
  private let loaded: LoadedPipeline
  private let line: FrameLine
  private var source: FrameSource
  private var runner: Runner
  private var gate: FrameGate?
  private var stages = StageTimes()
  private let clock = Stopwatch()
  /// A frame that may turn out to be the last.
  private var held: FrameLine.Done?
  private var framesAnalyzed = 0
  private var predictions = 0

  /// Opens the file, unless it is the one that was opened early; faults carry its path.
  public init(_ path: String, pipeline: LoadedPipeline, early: EarlyFile? = nil) throws(Fault) {
    do {
      source = try FrameSource(path, pipeline.sampling, early: early)
    } catch {
      throw error.at(path)
    }
    (info, reader, self.path, loaded) = (source.reader.info, source.reader, path, pipeline)
    line = FrameLine(pipeline)
    let size = info.size
    runner = Runner(pipeline.pipeline, aspect: Double(max(1, size.width)) / Double(max(1, size.height)))
    gate = pipeline.pipeline.gate.map(FrameGate.init)
  }

  /// One model over the frames of a sampling.
  public convenience init(_ path: String, model: LoadedModel, sampling: Sampling) throws(Fault) {
    try self.init(path, pipeline: LoadedPipeline(model, sampling: sampling))
  }

  /// Goes through the file and tells what it gave.
  ///
  /// `isStopped` is asked before each frame; once true, what is in flight is finished and the summary says so.
  public func run(
    isStopped: () -> Bool = { false }, progress: (Progress) -> Void = { _ in }, each: Handler
  ) throws(Fault) -> FileSummary {
    var stopped = false
    do {
      while true {
        stopped = isStopped()
        guard !stopped, let frame = try source.next(&stages) else { break }
        if gate == nil { try send(frame, each) }
        for frame in try gate?.pass(frame) ?? [] { try send(frame, each) }
        while let done = try line.take() { try receive(done, each) }
        progress(state)
      }
      gate?.end()
      while !line.isEmpty { try receive(line.takeNext(), each) }
      if let last = held { try hand(last, isLast: true, each) }
    } catch {
      throw error.at(path)
    }
    progress(state)
    return summary(interrupted: stopped)
  }

  private func send(_ frame: Frame, _ each: Handler) throws(Fault) {
    if line.isFull { try receive(line.takeNext(), each) }
    try line.add(frame)
  }

  /// Keeps a frame back for as long as it may be the last, where the end of the video has something to say.
  private func receive(_ done: FrameLine.Done, _ each: Handler) throws(Fault) {
    guard runner.waitsForEnd else { return try hand(done, isLast: false, each) }
    if let held { try hand(held, isLast: false, each) }
    held = done
  }

  private func hand(_ done: FrameLine.Done, isLast: Bool, _ each: Handler) throws(Fault) {
    let frame = done.frame
    framesAnalyzed += 1
    stages.add(.total, nanoseconds: done.nanoseconds)
    let told = runner.advance(done.predictions, time: frame.time, isLast: isLast)
    predictions += told.count
    try each(frame, FrameStamp(file: Disk.name(of: path), index: frame.index, pts: frame.pts, time: frame.time), told)
  }

  private var state: Progress {
    Progress(
      framesAnalyzed: framesAnalyzed, position: source.position, duration: info.duration,
      elapsed: clock.seconds)
  }

  /// Some containers do not show that their end is missing; two seconds leave room for sound that is longer.
  private var shortfall: String? {
    guard !info.isPicture, let duration = info.duration, loaded.sampling != .keyFrames, duration - source.lastTime > 2
    else {
      return nil
    }
    return
      "the picture ends at \(NumberFormat.clock(source.lastTime)) of \(NumberFormat.clock(duration)): the file may be cut short"
  }

  private func summary(interrupted: Bool) -> FileSummary {
    var summary = FileSummary(file: Disk.name(of: path), path: path)
    (summary.size, summary.codec) = (info.size, info.codec)
    summary.duration = info.isPicture ? nil : info.duration
    let rate = info.frameRate.value
    summary.secondsCovered = info.isPicture ? nil : source.position + (rate > 0 ? 1 / rate : 0)
    (summary.framesDecoded, summary.framesAnalyzed) = (source.framesDecoded, framesAnalyzed)
    for sample in reader.corrupt.samples { summary.corrupt.add(time: sample.time, reason: sample.reason) }
    summary.corrupt.add(further: reader.corrupt.count - reader.corrupt.samples.count)
    if let note = shortfall, !interrupted { summary.notes.append(note) }
    if !info.isPicture, !interrupted, frameIndex == nil {
      summary.notes.append("no \(ReportFolder.indexName): the packets of this file do not tell its frames")
    }
    stages.merge(line.stages)
    (summary.secondsElapsed, summary.stages, summary.interrupted) = (clock.seconds, stages, interrupted)
    if !loaded.isPlain { summary.steps = steps }
    return summary
  }

  /// What each step of the pipeline did.
  private var steps: [FileSummary.Step] {
    let pipeline = loaded.pipeline
    var steps = [FileSummary.Step("sample", [("frames", source.framesSampled)])]
    if let gate {
      steps.append(
        .init("gate", [("frames", source.framesSampled - gate.passedOver), ("passed_over", gate.passedOver)]))
    }
    for (index, step) in pipeline.infer.enumerated() {
      steps.append(.init("infer", name: step.name, [(step.on == nil ? "frames" : "crops", line.asked[index])]))
    }
    if pipeline.track != nil { steps.append(.init("track", [("tracks", runner.counts.tracks)])) }
    if !pipeline.smooth.isEmpty { steps.append(.init("smooth", [("changes", runner.counts.changes)])) }
    steps.append(.init("emit", [("predictions", predictions)]))
    return steps
  }
}
