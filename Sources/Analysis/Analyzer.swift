public import Base
public import Execution
internal import Inference
internal import Insights
public import Media
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
  ///
  /// The frame is `nil` where pictures are not kept: ``picture(at:)`` finds it again.
  public typealias Handler = (Frame?, FrameStamp, [Prediction]) throws(Fault) -> Void

  /// Gets what happened with a frame, before the handler gets the frame, or with the end.
  public typealias HappeningHandler = ([Happening]) throws(Fault) -> Void

  /// Of the film, also where a rendition is looked at in its place.
  public let info: MediaInfo
  /// Every frame of the video, once the run has gone through all of it; `nil` for a picture, and where packets do not
  /// tell the frames.
  public var frameIndex: PackedFrameIndex? { standIn == nil ? reader.index : standIn?.rendition.index }
  private let standIn: StandIn?
  private let reader: MediaReader
  private let path: String
  /// What is opened, whatever it is called.
  private let place: String
  /// Where pictures are found again, once that was asked for.
  private var found: FoundPictures?
  /// As predictions name the file.
  private let name: String
  private let loaded: LoadedPipeline
  private let execution: PipelineExecution
  private var source: FrameSource
  private var stages = StageTimes()
  private let clock = Stopwatch()
  private var framesAnalyzed = 0
  /// It was a network that ended the run with a fault, and not the file, or what is done with answers.
  public private(set) var isNetworkAtFault = false
  /// Predictions by the step that they are of.
  private var emitted: [Int: Int] = [:]

  /// Opens the file, unless it is the one that was opened early; faults carry its path.
  ///
  /// `decoderThreads` are as in `MediaReader`, and change nothing of what is found. `naming` is what a file is called that is not known by its path: its name in predictions, and what stands for the path.
  /// With `standIn` the file is a rendition, and what is found on it is told of its film. Where networks are shown windows, frames are answered long
  /// after they came; without `keepsPictures` they wait without their pictures, which the handler does not get then.
  public init(
    _ path: String, pipeline: LoadedPipeline, prefetched: PrefetchedReader? = nil, decoderThreads: Int = 0,
    naming: (name: String, path: String)? = nil, standIn: StandIn? = nil, keepsPictures: Bool = true
  ) throws(Fault) {
    (self.standIn, place) = (standIn, path)
    self.path = naming?.path ?? path
    name = naming?.name ?? FileSystem.name(of: path)
    do {
      source = try FrameSource(
        path, pipeline.sampling, prefetched: prefetched, threads: decoderThreads, standIn: standIn)
    } catch {
      throw error.at(self.path)
    }
    (info, reader, loaded) = (standIn?.film ?? source.reader.info, source.reader, pipeline)
    if let refusal = pipeline.refusal(ofPicture: reader.info.isPicture) { throw refusal.at(self.path) }
    var options = PipelineExecution.Options()
    (options.keepsPictures, options.concludes) = (keepsPictures || pipeline.products != nil, true)
    execution = PipelineExecution(pipeline, size: reader.info.size, options: options)
  }

  /// One model over the frames of a sampling.
  public convenience init(_ path: String, model: LoadedModel, sampling: Sampling) throws(Fault) {
    try self.init(path, pipeline: LoadedPipeline(model, sampling: sampling))
  }

  /// Goes through the file and tells what it gave.
  ///
  /// `isStopped` is asked before each frame; once true, what is in flight is finished and the summary says so.
  public func run(
    isStopped: () -> Bool = { false }, progress: (Progress) -> Void = { _ in },
    happened: HappeningHandler = { (_) throws(Fault) in }, each: Handler
  ) throws(Fault) -> FileSummary {
    var (stopped, insights) = (false, InsightReport?.none)
    do {
      while true {
        stopped = isStopped()
        guard !stopped, let frame = try source.next(&stages) else { break }
        while execution.isFull { try takeOne(happened, each) }
        try perform { () throws(InferenceFailure) in try execution.add(.local(frame)) }
        while let done = try nextDone() { try hand(done, happened, each) }
        progress(state)
      }
      execution.end(isCutOff: stopped)
      while !execution.isDone { try takeOne(happened, each) }
      let last = execution.close(.end)
      if !last.isEmpty { try happened(last) }
      if !stopped {
        let heard = try loaded.speech?.listen(to: place) { progress(state) }
        insights = execution.insights(end: info.duration, heard)
      }
    } catch {
      throw error.at(path)
    }
    progress(state)
    return summary(insights, interrupted: stopped)
  }

  /// Hands one frame on, or sleeps until an answer comes.
  private func takeOne(_ happened: HappeningHandler, _ each: Handler) throws(Fault) {
    if let done = try nextDone() { try hand(done, happened, each) } else if !execution.isDone { execution.wait() }
  }

  private func nextDone() throws(Fault) -> PipelineExecution.Finished? {
    try perform { () throws(InferenceFailure) in try execution.next() }
  }

  private func perform<Result>(_ work: () throws(InferenceFailure) -> Result) throws(Fault) -> Result {
    do { return try work() } catch {
      isNetworkAtFault = true
      throw error.fault
    }
  }

  private func hand(
    _ done: PipelineExecution.Finished, _ happened: HappeningHandler, _ each: Handler
  ) throws(Fault) {
    let frame = done.frame
    framesAnalyzed += 1
    for prediction in done.predictions { emitted[prediction.step, default: 0] += 1 }
    let stamp = FrameStamp(file: name, index: frame.index, pts: frame.pts, time: frame.time)
    if !done.happenings.isEmpty { try happened(done.happenings) }
    if case .local(let frame) = frame {
      try each(frame, stamp, done.predictions)
    } else {
      try each(nil, stamp, done.predictions)
    }
  }

  /// The picture of a frame that was told, for people's eyes; after ``run(isStopped:progress:happened:each:)``.
  public func picture(at number: Int) throws(Fault) -> Frame {
    do throws(Fault) {
      let there: FoundPictures
      if let found {
        there = found
      } else {
        there = try FoundPictures(place, standIn, isSound: reader.corrupt.count == 0)
      }
      found = there
      return try there.frame(at: number)
    } catch { throw error.at(path) }
  }

  private var state: Progress {
    Progress(
      framesAnalyzed: framesAnalyzed, position: source.position, duration: info.duration,
      elapsed: clock.seconds)
  }

  private func summary(_ insights: InsightReport?, interrupted: Bool) -> FileSummary {
    stages.merge(execution.stages)
    var facts = RunFacts(info, name: name, path: path, frameCount: frameIndex?.frameCount)
    facts.standIn = standIn
    (facts.framesSampled, facts.framesDecoded) = (source.framesSampled, source.framesDecoded)
    (facts.framesAnalyzed, facts.covered, facts.corrupt) = (framesAnalyzed, reader.covered, reader.corrupt)
    (facts.passedOver, facts.jobs, facts.emitted) = (execution.passedOver, execution.jobCounts, emitted)
    (facts.counts, facts.predictionCount) = (execution.counts, execution.predictionCount)
    facts.insights = insights
    (facts.secondsElapsed, facts.stages, facts.isInterrupted) = (clock.seconds, stages, interrupted)
    return facts.summary(of: loaded)
  }
}
