public import Base
internal import Inference
internal import Insights
internal import Media
internal import MediaProcess
internal import Pipelines
internal import Predictions
internal import Vision

/// The part of a pipeline that remembers no frame but for the gate: frames in, the networks' answers about them out, in order of presentation.
///
/// Frames go through the gate, are rendered and asked about, and crops of what was found are asked about in turn. Models work at the same
/// time, each on its own unit; what a unit cannot take yet waits here. The number of frames in flight is fixed, so memory does not depend on
/// the length of the source. One thread at a time; nothing here waits but ``wait()``.
///
/// Places in line and jobs are used again and again, so a frame in which nothing is found needs no memory of ours.
public final class FrameInference {
  private let pipeline: Pipeline
  let options: Options
  let limit: Int
  /// Frames in line that hold their pictures, at most, and how many do.
  private let mostPictures: Int
  private var pictures = 0
  /// The number in the film of the next frame that comes.
  private var number: Int
  var scheduler: FrameScheduler
  var queues: [Queue]
  private let completions: CompletionQueue
  private var answered: [InferenceJob] = []
  /// By the frame's number modulo their count.
  var entries: [Entry]
  private var gate: FrameGate?
  private var describer: SmallPicture?
  /// Frames that the gate let through and that have no place in line yet; those of others are shown in windows alone.
  private var pending: [(frame: SourceFrame, isOwn: Bool)] = []
  private var isEnded = false
  private var isCutOff = false
  var failure: InferenceFailure?
  private let hasWindows: Bool
  /// Where some networks are shown fewer frames.
  private var stepSampling: StepSampling?

  /// How long the stages took.
  public internal(set) var stages = StageTimes()

  public init(_ loaded: LoadedPipeline, options: Options = Options()) {
    (pipeline, self.options) = (loaded.pipeline, options)
    var (queues, queueOf) = ([Queue](), [Int]())
    for model in loaded.models {
      if let same = queues.firstIndex(where: { $0.model === model }) {
        queueOf.append(same)
      } else {
        queueOf.append(queues.count)
        var queue = Queue(model: model)
        queue.strip = model.window.map { WindowStrip(model, $0, share: options.share) }
        queues.append(queue)
      }
    }
    self.queues = queues
    mostPictures = options.framesInFlight ?? max(1, queues.reduce(0) { $0 + $1.model.inFlight })
    // So that a window is rendered while others run.
    let reach = queues.map { queue in queue.model.window.map { $0.reach + $0.step * queue.model.inFlight } ?? 0 }
    limit = mostPictures + (reach.max() ?? 0)
    scheduler = FrameScheduler(
      pipeline, queueOf: queueOf, limit: limit, policy: options.policy, windows: loaded.windows, part: options.part)
    stepSampling = StepSampling(loaded.pipeline)
    (number, hasWindows) = (options.part.first, loaded.hasWindows)
    entries = (0..<limit).map { _ in Entry() }
    completions = CompletionQueue(onPut: options.onAnswer)
    gate = pipeline.gate.map { [masks = loaded.pipeline.scene.masks] in
      FrameGate($0, masks: masks, share: options.share)
    }
    let describes = options.concludes && pipeline.describesFrames
    describer = describes ? SmallPicture(ShotDescriptor.rendition, .rgb, share: options.share) : nil
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
      if let passed = try gate?.pass(frame) {
        pending += passed.map { ($0, true) }
      } else {
        pending.append((frame, true))
      }
    } catch { throw .failed(error) }
    try pump()
  }

  /// Tells of a sampled frame before the first that is brought, in order: another part looks at it.
  public func pass(time: Double) { _ = stepSampling?.passedOver(at: time) }

  /// Brings the next frame, which is another part's: it is shown in windows, and not answered.
  public func addBorrowed(_ frame: SourceFrame) throws(InferenceFailure) {
    pending.append((frame, false))
    try pump()
  }

  /// No frame comes any more.
  ///
  /// With `isCutOff` that is not the end of the film: frames whose windows are not whole are not answered.
  public func end(isCutOff: Bool = false) {
    (isEnded, self.isCutOff) = (true, isCutOff)
    if isCutOff, hasWindows { pending.removeAll() }
    gate?.end()
  }

  /// The next frame that is answered, where there is one now.
  public func next() throws(InferenceFailure) -> Answered? {
    try pump()
    guard let done = scheduler.takeDone() else { return nil }
    let entry = done.frame % limit
    guard let frame = entries[entry].frame else { preconditionFailure("a frame left the line before it was done") }
    entries[entry].frame = nil
    if case .seen = frame {} else { pictures -= 1 }
    if let failure = entries[entry].failure {
      options.onSkip?(frame, failure)
      return try next()
    }
    stages.add(.total, nanoseconds: entries[entry].watch.nanoseconds)
    let predictions: [Prediction]
    do throws(Fault) { predictions = try done.predictions.get() } catch { throw .failed(error) }
    try pump()
    return Answered(
      frame: frame, predictions: predictions, descriptor: entries[entry].descriptor,
      passedOver: entries[entry].passedOver)
  }

  /// Sleeps until an answer comes that ``next()`` has not seen yet; only while something is in line.
  public func wait() { completions.wait() }

  /// Takes answers in, puts frames into line, and gives the units what they have room for.
  private func pump() throws(InferenceFailure) {
    completions.take(into: &answered)
    for job in answered { receive(job) }
    answered.removeAll(keepingCapacity: true)
    if let failure { throw failure }
    do throws(Fault) { try enter() } catch { throw .failed(error) }
    for queue in queues.indices { try fill(queue) }
  }

  /// Puts frames into line that have room there.
  private func enter() throws(Fault) {
    while let next = pending.first, !next.isOwn || !scheduler.isFull, hasRoom(next.isOwn) {
      pending.removeFirst()
      if next.isOwn {
        let passedOver = stepSampling?.passedOver(at: next.frame.time) ?? []
        let place = scheduler.add(passingOver: passedOver)
        entries[place % limit] = Entry(
          frame: next.frame, descriptor: try describer?.of(next.frame) { ShotDescriptor(rgb: $0) },
          passedOver: passedOver)
        pictures += 1
        try show(next.frame)
        letGo(place)
      } else {
        try show(next.frame)
      }
    }
    guard hasWindows, isEnded, pending.isEmpty else { return }
    if isCutOff { scheduler.cutOff() } else { scheduler.endWindows(count: number) }
  }

  private func hasRoom(_ isOwn: Bool) -> Bool {
    guard hasWindows else { return true }
    let hasRoom = queues.indices.allSatisfy { queue in
      queues[queue].strip?.hasRoom(for: number, oldest: scheduler.oldest(in: queue)) ?? true
    }
    return hasRoom && (!isOwn || options.keepsPictures || pictures < mostPictures)
  }

  /// Renders a frame for those that are shown windows.
  private func show(_ frame: SourceFrame) throws(Fault) {
    guard hasWindows else { return }
    let watch = Stopwatch()
    for queue in queues.indices { try queues[queue].strip?.add(frame, number) }
    stages.add(.prepare, nanoseconds: watch.nanoseconds)
    scheduler.show(number)
    number += 1
  }

  /// Lets the picture of a frame in line go that nobody needs to see any more.
  func letGo(_ place: Int) {
    guard hasWindows, !options.keepsPictures, !scheduler.needsPicture(place),
      let frame = entries[place % limit].frame
    else { return }
    if case .seen = frame { return }
    entries[place % limit].frame = frame.withoutPicture
    pictures -= 1
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
      // Windows are put together here, of what was rendered already.
      let inputs = try InputMemory.row(
        of: model.batch, byteCount: model.inputBytes, share: model.window == nil ? options.share : nil)
      queues[queue].idle += inputs.map {
        InferenceJob(queue: queue, $0, source: options.source, model.head, completions)
      }
      queues[queue].made += inputs.count
    }
    return !queues[queue].idle.isEmpty
  }

  private func render(_ question: FrameScheduler.Job, _ job: InferenceJob) throws(Fault) {
    if let block = question.block {
      guard let strip = queues[job.queue].strip, let placement = strip.placement else {
        preconditionFailure("a window is asked for of which nothing was seen")
      }
      strip.fill(job.input, block: block, count: number)
      // A window is of many frames, and no trace is only its own.
      return job.begin(question, placement, deadline: options.deadline, trace: nil)
    }
    let (model, watch) = (queues[job.queue].model, Stopwatch())
    guard let frame = entries[question.frame % limit].frame else {
      preconditionFailure("a frame left the line with a job open")
    }
    let placement = model.placement(scheduler.region(of: question), of: frame.size)
    try frame.render(
      into: job.input, size: model.input, source: placement.source, target: placement.target, order: model.order,
      pad: model.recipe.input.pad, interpolation: model.interpolation)
    stages.add(.prepare, nanoseconds: watch.nanoseconds)
    let own = model.far != nil ? options.frameDeadline?(frame) ?? .max : .max
    job.begin(
      question, placement, deadline: min(options.deadline, own), trace: options.trace.flatMap { $0(frame) })
  }
}
