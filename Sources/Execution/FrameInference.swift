public import Base
internal import Inference
public import Insights
internal import Media
public import MediaProcess
public import Pipelines
public import Predictions
internal import Vision

/// The part of a pipeline that remembers no frame but for the gate: frames in, the networks' answers about them out, in order of presentation.
///
/// Frames go through the gate, are rendered and asked about, and crops of what was found are asked about in turn. Models work at the same
/// time, each on its own unit; what a unit cannot take yet waits here. The number of frames in flight is fixed, so memory does not depend on
/// the length of the source. One thread at a time; nothing here waits but ``wait()``.
///
/// Places in line and jobs are used again and again, so a frame in which nothing is found needs no memory of ours.
public final class FrameInference {
  public struct Options {
    /// For whom it counts, where units are fair.
    public var source = ""
    /// Monotonic nanoseconds after which nothing is run.
    public var deadline = UInt64.max
    /// Frames in line, at most; `nil` is what keeps the models busy.
    public var framesInFlight: Int?
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
  }

  /// A frame in line.
  private struct Entry {
    var frame: SourceFrame?
    var descriptor: ShotDescriptor?
    var watch = Stopwatch()
  }

  /// A model, and the jobs that are made for it.
  private struct Queue {
    let model: LoadedModel
    var idle: [InferenceJob] = []
    /// Rendered, and not let in by the unit yet.
    var held: InferenceJob?
    /// Jobs inside the unit.
    var inside: [InferenceJob] = []
    var made = 0
  }

  private let pipeline: Pipeline
  private let options: Options
  private let limit: Int
  private var scheduler: FrameScheduler
  private var queues: [Queue]
  private let completions: CompletionQueue
  private var answered: [InferenceJob] = []
  /// By the frame's number modulo their count.
  private var entries: [Entry]
  private var gate: FrameGate?
  private var describer: FrameDescriber?
  /// Frames that the gate let through and that have no place in line yet.
  private var pending: [SourceFrame] = []
  private var isEnded = false
  private var failure: InferenceFailure?

  /// How long the stages took.
  public private(set) var stages = StageTimes()

  public init(_ loaded: LoadedPipeline, options: Options = Options()) {
    (pipeline, self.options) = (loaded.pipeline, options)
    var (queues, queueOf) = ([Queue](), [Int]())
    for model in loaded.models {
      if let same = queues.firstIndex(where: { $0.model === model }) {
        queueOf.append(same)
      } else {
        queueOf.append(queues.count)
        queues.append(Queue(model: model))
      }
    }
    self.queues = queues
    limit = options.framesInFlight ?? max(1, queues.reduce(0) { $0 + $1.model.inFlight })
    scheduler = FrameScheduler(pipeline, queueOf: queueOf, limit: limit, policy: options.policy)
    entries = (0..<limit).map { _ in Entry() }
    completions = CompletionQueue(onPut: options.onAnswer)
    gate = pipeline.gate.map { [masks = loaded.pipeline.scene.masks] in
      FrameGate($0, masks: masks, share: options.share)
    }
    describer = pipeline.describesFrames ? FrameDescriber(share: options.share) : nil
  }

  /// Forgets what is still inside the units; it does not wait for what runs.
  deinit {
    for queue in queues {
      for job in queue.inside { job.cancel(at: queue.model.target) }
      for job in queue.idle + [queue.held].compactMap({ $0 }) { job.letGo() }
    }
    for job in completions.close() { job.letGo() }
  }

  /// Take what is done before bringing another frame.
  public var isFull: Bool { !pending.isEmpty || scheduler.isFull }

  /// Nothing is in line.
  public var isIdle: Bool { pending.isEmpty && scheduler.isEmpty }

  /// Everything was brought and told.
  public var isDone: Bool { isEnded && pending.isEmpty && scheduler.isEmpty }

  /// No frame is needed any more: all were rendered, and no crop of them will be.
  public var isRendered: Bool {
    isEnded && pending.isEmpty && !scheduler.hasJobs && pipeline.infer.allSatisfy { $0.on == nil }
  }

  /// Jobs that each network of the pipeline was given.
  public var jobCounts: [Int] { scheduler.jobCounts }
  /// Frames that the gate let go.
  public var passedOver: Int { gate?.passedOver ?? 0 }

  /// Brings the next frame.
  public func add(_ frame: SourceFrame) throws(InferenceFailure) {
    do throws(Fault) {
      if let passed = try gate?.pass(frame) { pending += passed } else { pending.append(frame) }
    } catch { throw .failed(error) }
    try pump()
  }

  /// No frame comes any more.
  public func end() {
    isEnded = true
    gate?.end()
  }

  /// The next frame that is answered, where there is one now.
  public func next() throws(InferenceFailure) -> Answered? {
    try pump()
    guard let done = scheduler.takeDone() else { return nil }
    let entry = done.frame % limit
    guard let frame = entries[entry].frame else { preconditionFailure("a frame left the line before it was done") }
    entries[entry].frame = nil
    stages.add(.total, nanoseconds: entries[entry].watch.nanoseconds)
    let predictions: [Prediction]
    do throws(Fault) { predictions = try done.predictions.get() } catch { throw .failed(error) }
    try pump()
    return Answered(frame: frame, predictions: predictions, descriptor: entries[entry].descriptor)
  }

  /// Sleeps until an answer comes that ``next()`` has not seen yet; only while something is in line.
  public func wait() { completions.wait() }

  /// Takes answers in, puts frames into line, and gives the units what they have room for.
  private func pump() throws(InferenceFailure) {
    completions.take(into: &answered)
    for job in answered { receive(job) }
    answered.removeAll(keepingCapacity: true)
    if let failure { throw failure }
    while !pending.isEmpty, !scheduler.isFull {
      let frame = pending.removeFirst()
      let descriptor: ShotDescriptor?
      do throws(Fault) { descriptor = try describer?.describe(frame) } catch { throw .failed(error) }
      entries[scheduler.add() % limit] = Entry(frame: frame, descriptor: descriptor)
    }
    for queue in queues.indices { try fill(queue) }
  }

  private func fill(_ queue: Int) throws(InferenceFailure) {
    while true {
      if let job = queues[queue].held {
        guard try submit(job) else { return }
        queues[queue].held = nil
      }
      do throws(Fault) {
        guard try hasJob(queue), let question = scheduler.takeJob(from: queue) else { return }
        let job = queues[queue].idle.removeFirst()
        queues[queue].held = job  // where rendering fails, it is let go with the rest
        try render(question, job)
      } catch { throw .failed(error) }
    }
  }

  /// Whether there is a job that is free, made where fewer are there than keep the model busy.
  private func hasJob(_ queue: Int) throws(Fault) -> Bool {
    let model = queues[queue].model
    if queues[queue].idle.isEmpty, queues[queue].made < model.inFlight {
      let inputs = try InputMemory.row(
        of: model.batch, byteCount: model.input.area * model.order.channels, share: options.share)
      queues[queue].idle += inputs.map {
        InferenceJob(queue: queue, $0, source: options.source, model.head, completions)
      }
      queues[queue].made += inputs.count
    }
    return !queues[queue].idle.isEmpty
  }

  private func render(_ question: FrameScheduler.Job, _ job: InferenceJob) throws(Fault) {
    let (model, watch) = (queues[job.queue].model, Stopwatch())
    guard let frame = entries[question.frame % limit].frame else {
      preconditionFailure("a frame left the line with a job open")
    }
    let placement = model.placement(scheduler.region(of: question), of: frame.size)
    try frame.render(
      into: job.input, size: model.input, source: placement.source, target: placement.target, order: model.order,
      pad: model.recipe.input.pad)
    stages.add(.prepare, nanoseconds: watch.nanoseconds)
    job.begin(question, placement, deadline: options.deadline)
  }

  /// `false` where the unit is full: an answer to another job of ours will come, and then it is tried again.
  private func submit(_ job: InferenceJob) throws(InferenceFailure) -> Bool {
    queues[job.queue].inside.append(job)
    do throws(AdmissionRefusal) {
      try job.submit(to: queues[job.queue].model.target)
      return true
    } catch {
      leave(job)
      guard error.fault.kind == .exhausted, !queues[job.queue].inside.isEmpty else { throw .refused(error) }
      return false
    }
  }

  private func receive(_ job: InferenceJob) {
    leave(job)
    stages.add(.wait, nanoseconds: job.queued)
    stages.add(.infer, nanoseconds: job.inferred)
    guard let question = job.question else { preconditionFailure("an answer came to what was never asked") }
    switch job.outcome {
    case .answered(let predictions): scheduler.answer(question, .success(predictions))
    case .failed(let fault):
      scheduler.answer(question, .failure(fault))
      // An engine that hangs and was given up may still read its input.
      queues[job.queue].made -= 1
      return job.letGo()
    case .late: failure = failure ?? .late
    case .cancelled: failure = failure ?? .cancelled
    }
    job.clear()
    queues[job.queue].idle.append(job)
  }

  private func leave(_ job: InferenceJob) { queues[job.queue].inside.removeAll { $0 === job } }
}
