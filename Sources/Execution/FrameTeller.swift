public import Base
public import Insights
public import Pipelines
public import Predictions

/// Puts what the networks answered, frame by frame in order, through a run of the pipeline: track, smooth, emit.
///
/// The same answers give the same predictions, wherever and whenever the networks gave them. Where the end of the source has something to
/// say, it keeps one frame back, which may turn out to be the last. `Frame` is whatever stands for a frame.
public struct FrameTeller<Frame> {
  /// A frame whose predictions are settled.
  public struct Told {
    public let frame: Frame
    public let predictions: [Prediction]
    public let happenings: [Happening]
  }

  private var run: PipelineRun
  /// What the networks answered about a frame, and what describes it.
  private struct Heard {
    let frame: Frame
    let predictions: [Prediction]
    let descriptor: ShotDescriptor?
    let moment: FrameMoment
  }

  private var stepSampling: StepSampling?
  private var last: Heard?
  /// Predictions that were told.
  public private(set) var predictionCount = 0

  /// For frames of the given size, whose aspect the tracker needs.
  ///
  /// With `concludes`, ``insights(end:_:)`` is asked for in the end.
  public init(_ loaded: LoadedPipeline, size: Size, concludes: Bool) {
    stepSampling = StepSampling(loaded.pipeline)
    run = PipelineRun(
      loaded.pipeline, aspect: Double(max(1, size.width)) / Double(max(1, size.height)),
      networks: concludes ? loaded.answering : nil, catalogue: loaded.products?.known)
  }

  public var counts: PipelineRun.Counts { run.counts }
  /// Ids of the open events whose best moment is that of the frame that was told last.
  public var peaks: [String] { run.peaks }
  /// A frame is kept back, which ``end()`` gives.
  public var isHolding: Bool { last != nil }

  /// Takes all answers about the next frame; gives the frame that is settled by it, where one is.
  public mutating func add(
    _ frame: Frame, _ predictions: [Prediction], _ descriptor: ShotDescriptor? = nil, at moment: FrameMoment
  ) -> Told? {
    let heard = Heard(frame: frame, predictions: predictions, descriptor: descriptor, moment: moment)
    guard run.waitsForEnd else { return tell(heard, isLast: false) }
    defer { last = heard }
    return last.map { tell($0, isLast: false) }
  }

  /// No frame comes any more: gives the one that was kept back.
  public mutating func end() -> Told? {
    defer { last = nil }
    return last.map { tell($0, isLast: true) }
  }

  /// No frame comes any more, and none is kept back: what is open in zones and of events ends.
  public mutating func close(_ ending: Event.Ending) -> [Happening] {
    run.close(ending)
    return run.happenings
  }

  /// What all frames together say; see `PipelineRun`.
  public func insights(end: Double?, _ heard: SpeechSource.Heard? = nil) -> InsightReport? {
    var report = run.insights(end: end, speech: heard?.spans)
    if let note = heard?.note { report?.notes.append(note) }
    return report
  }

  private mutating func tell(_ heard: Heard, isLast: Bool) -> Told {
    let told = run.advance(
      heard.predictions, heard.descriptor, at: heard.moment, isLast: isLast,
      passedOver: stepSampling?.passedOver(at: heard.moment.time) ?? [])
    predictionCount += told.count
    return Told(frame: heard.frame, predictions: told, happenings: run.happenings)
  }
}
