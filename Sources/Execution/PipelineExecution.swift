public import Base
public import Insights
public import Pipelines
public import Predictions

/// A loaded pipeline at work on one source: frames in, predictions out, in order of presentation.
///
/// ``FrameInference`` has the networks answer, and ``FrameTeller`` says what the answers mean. Memory does not depend on the length of the
/// source. One thread at a time; nothing here waits but ``wait()``.
public final class PipelineExecution {
  public typealias Options = FrameInference.Options

  /// A frame whose predictions are settled.
  public struct Finished {
    public let frame: SourceFrame
    public let predictions: [Prediction]
    /// What happened with it, as zones, lines and rules see it.
    public let happenings: [Happening]
  }

  private let loaded: LoadedPipeline
  private let concludes: Bool
  private let inference: FrameInference
  private var teller: FrameTeller<SourceFrame>
  /// Hears of what the networks say to each frame, before it is tracked, smoothed and chosen from.
  public var onAnswered: ((FrameInference.Answered) -> Void)?

  /// For frames of the given size, whose aspect the tracker needs.
  public init(_ loaded: LoadedPipeline, size: Size, options: Options = Options()) {
    (self.loaded, concludes) = (loaded, options.concludes)
    inference = FrameInference(loaded, options: options)
    teller = FrameTeller(loaded, size: size, concludes: options.concludes)
  }

  /// Take what is done before bringing another frame.
  public var isFull: Bool { inference.isFull }

  /// Nothing is in line; a frame may still be kept back until it is known to be the last.
  public var isIdle: Bool { inference.isIdle }

  /// Everything was brought and told.
  public var isDone: Bool { inference.isDone && !teller.isHolding }

  /// No frame is needed any more: all were rendered, and no crop of them will be.
  public var isRendered: Bool { inference.isRendered }

  /// Jobs that each network of the pipeline was given.
  public var jobCounts: [Int] { inference.jobCounts }
  /// Frames that the gate let go.
  public var passedOver: Int { inference.passedOver }
  public var counts: PipelineRun.Counts { teller.counts }
  /// Ids of the open events whose best moment is that of the frame that ``next()`` gave last.
  public var peaks: [String] { teller.peaks }
  /// Predictions that were told.
  public var predictionCount: Int { teller.predictionCount }
  /// How long the stages took.
  public var stages: StageTimes { inference.stages }

  /// Brings the next frame.
  public func add(_ frame: SourceFrame) throws(InferenceFailure) { try inference.add(frame) }

  /// No frame comes any more.
  ///
  /// With `isCutOff` that is not the end of the source: frames whose windows are not whole are not told.
  public func end(isCutOff: Bool = false) { inference.end(isCutOff: isCutOff) }

  /// The next frame whose predictions are settled, where there is one now.
  public func next() throws(InferenceFailure) -> Finished? {
    while let done = try inference.next() {
      onAnswered?(done)
      let moment = FrameMoment(time: done.frame.time, frame: done.frame.index, pts: done.frame.pts)
      let answers: [Prediction]
      do throws(Fault) { answers = try concludes ? loaded.answers(done) : done.predictions } catch {
        throw .failed(error)
      }
      if let told = teller.add(done.frame, answers, done.descriptor, at: moment) { return Finished(told) }
    }
    return inference.isDone ? teller.end().map(Finished.init) : nil
  }

  /// Nothing comes any more: what is open in zones and of events ends.
  ///
  /// Frames that were not told are lost.
  public func close(_ ending: Event.Ending) -> [Happening] { teller.close(ending) }

  /// What all frames together say; see `PipelineRun`.
  public func insights(end: Double?, _ heard: SpeechSource.Heard? = nil) -> InsightReport? {
    teller.insights(end: end, heard)
  }

  /// Sleeps until an answer comes that ``next()`` has not seen yet; only while something is in line.
  public func wait() { inference.wait() }
}

extension PipelineExecution.Finished {
  fileprivate init(_ told: FrameTeller<SourceFrame>.Told) {
    self.init(frame: told.frame, predictions: told.predictions, happenings: told.happenings)
  }
}
