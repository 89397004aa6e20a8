public import Base
public import Insights
public import MediaProcess
public import Pipelines
public import Predictions

extension FrameInference {
  public struct Options {
    /// For whom it counts, where units are fair.
    public var source = ""
    /// Monotonic nanoseconds after which nothing is run.
    public var deadline = UInt64.max
    /// The same of a frame, where a network may run elsewhere.
    public var frameDeadline: ((SourceFrame) -> UInt64)?
    /// Where a frame stands in a trace that is kept, for what the networks do for it.
    public var trace: ((SourceFrame) -> Trace?)?
    /// Called with a frame that has no answer because that was late, or lost elsewhere; the others go on.
    ///
    /// Without it one such frame ends the execution.
    public var onSkip: ((SourceFrame, InferenceFailure) -> Void)?
    /// Frames in line, at most; `nil` is what keeps the models busy.
    ///
    /// With networks that are shown windows a line is longer, and these are the frames that hold their pictures.
    public var framesInFlight: Int?
    /// Answered frames have their pictures; else each goes once every network has seen it, where some network is shown windows.
    public var keepsPictures = true
    /// What all frames say together is asked for in the end, so they are described where the pipeline wants that.
    public var concludes = false
    /// What of the film is brought.
    public var part = FrameScheduler.Part.whole
    public var policy = FrameScheduler.Policy.inOrder
    /// Makes memory that the media process of the frames renders into; `nil` for frames of this process.
    public var share: ((Int) throws(Fault) -> SharedBuffer)?
    /// Called with every answer, on a thread of a unit: who does not ``wait()`` goes on then.
    public var onAnswer: (@Sendable () -> Void)?

    public init() {}
  }

  /// A frame about which every network has answered.
  public struct Answered {
    public let frame: SourceFrame
    /// In the order of the networks, each with its step and parent.
    public let predictions: [Prediction]
    /// Where the pipeline ``Pipeline/describesFrames``.
    public let descriptor: ShotDescriptor?
    /// Networks that were not shown it, by position.
    public let passedOver: Set<Int>
  }

  /// A frame in line.
  struct Entry {
    var frame: SourceFrame?
    var descriptor: ShotDescriptor?
    var passedOver: Set<Int> = []
    /// Why it has no answer, where the others go on without it.
    var failure: InferenceFailure?
    var watch = Stopwatch()
  }

  /// A model, and the jobs that are made for it.
  struct Queue {
    let model: LoadedModel
    /// What a network that is shown windows has seen.
    var strip: WindowStrip?
    var idle: [InferenceJob] = []
    /// Rendered, and not let in by the unit yet.
    var held: InferenceJob?
    /// Jobs inside the unit.
    var inside: [InferenceJob] = []
    var made = 0
  }
}
