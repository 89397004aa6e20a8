internal import Base
internal import Execution
internal import Isolation
internal import Media
internal import MediaProcess
internal import Pipelines
internal import Predictions

/// One connection of a stream: its newest picture goes through the pipeline in its turn, and what is found is told while it is fresh.
///
/// Used by the stream's thread alone.
final class StreamLook {
  let stream: LiveStream
  private let networks: SharedNetworks
  /// `nil` where there is none, or none now.
  var pipeline: LoadedPipeline?
  /// Why there is none, and when it is asked for again, in monotonic nanoseconds.
  private var lack: (reason: String, next: UInt64)?
  private let load: LiveStream.Load
  let reader: LiveReader
  private let tell: LiveStream.Told
  private let happenings: HappeningTeller
  /// When the source's times were 0, in seconds since 1970, as of the last picture.
  private var origin = 0.0
  private var isOver = false
  private var execution: PipelineExecution?
  /// Other versions that are asked as well.
  private var shadows: FrameShadows?
  private var size = Size(width: 0, height: 0)
  /// Pictures that are looked at, or that the gate still holds, in their order, and when each was taken.
  private var line: [(index: Int, captured: UInt64, shown: Double, turn: UInt64)] = []
  private var passedOver = 0
  var sampling = Sampling.all
  private var sampler = Sampler(.all)
  var thrift: StreamThrift?
  var makesStills = false
  var (told, clock) = (LiveProgress(), WallClockWatch())
  private var (taken, hasTurn) = (0, false)
  private let frames: FrameSpans?
  /// Where the source says that it has moved to.
  var moved: String?
  /// Monotonic nanoseconds.
  var firstArrival = 0
  /// Pictures that came when it was said that none could be decoded.
  var undecodedTold = 0
  /// Why networks take nothing, while that lasts.
  private var refusal: String?
  /// Nanoseconds between two looks at how far the source got, and at whether there is a pipeline by now.
  private static let (interval, lackInterval): (UInt64, UInt64) = (250_000_000, 1_000_000_000)

  init(
    _ stream: LiveStream, _ networks: SharedNetworks, _ load: @escaping LiveStream.Load, _ reader: LiveReader,
    _ tell: @escaping LiveStream.Told, _ happenings: HappeningTeller
  ) {
    (self.stream, self.networks, self.load, self.reader, self.tell) = (stream, networks, load, reader, tell)
    (self.happenings, frames) = (happenings, FrameSpans(stream.settings))
    adopt()
  }

  /// Takes the pipeline as it is by now; the picture goes on without one.
  private func adopt() {
    do throws(Fault) {
      let now = try load()
      if let refusal = now?.refusalOfLive { throw refusal }
      (pipeline, lack, shadows) = (now, nil, now.map(beside))
      if let now {
        happenings.begin(now)
        sampling = stream.settings.sampling(now)
        sampler = Sampler(sampling)
        stream.update { $0.sampling = sampling }
      }
      try steerThrift(isNew: true)
    } catch {
      (pipeline, lack) = (nil, (error.message, Clock.now + Self.lackInterval))
      try? steerThrift(isNew: true)
    }
  }

  /// Until the source ends; `true` where nothing more is to come.
  ///
  /// `id` is whose turns it takes at the networks' desk.
  func run(_ id: Int, firstPatience: Double) throws(Fault) -> Bool {
    let (began, desk) = (Clock.now, networks.desk)
    widen(id)
    var next = began
    while !stream.isStopped {
      stream.bell.wait(until: next)
      let isFree = finish()
      if hasTurn, pipeline == nil {
        hasTurn = false
        desk.giveBack(id)
      }
      if isFree, pipeline != nil {
        hasTurn = hasTurn ? desk.next(id) : desk.ask(id)
        if hasTurn, try !take() {
          hasTurn = false
          desk.giveBack(id)
        }
      }
      guard Clock.now >= next else { continue }
      next = Clock.now + Self.interval
      stream.pulse()
      widen(id)
      if let lack, Clock.now > lack.next { adopt() }
      try steerStills()
      try steerThrift()
      let progress = try reader.progress()
      note(progress)
      if pipeline == nil, progress.received > 0, told.lastArrival > firstArrival { stream.enter(.live, lack?.reason) }
      if let ending = progress.ending {
        isOver = try end(ending)
        return isOver
      }
      try check(progress, began, firstPatience)
      if clock.isSet(for: stream.settings.source) { return false }
    }
    return true
  }

  /// Units come and go, and with them how many pictures are looked at at a time.
  private func widen(_ id: Int) {
    if let pipeline { networks.desk.widen(to: SharedNetworks.turns(of: pipeline), for: id) }
  }

  /// What is in line is given up.
  func end() {
    if let progress = try? reader.progress() { note(progress) }
    let waiting = told.received - told.undecoded - told.damaged - told.passed - told.displaced - taken
    stream.update { $0.drop(.cut, max(0, waiting) + line.count) }
    line.removeAll()
    close(isOver || stream.isStopped ? .end : .gap)
    // By another clock nothing goes on.
    if clock.isSet(for: stream.settings.source) { happenings.end() }
    execution = nil
  }

  /// What is open in zones and of events ends with the last picture.
  private func close(_ ending: Event.Ending) {
    guard let execution else { return }
    happenings.tell(execution.close(ending), origin: origin)
    guard let pipeline, pipeline.pipeline.watches else { return }
    happenings.add(execution.counts.scene)
    stream.update { $0.scene = happenings.counts(PipelineRun(pipeline.pipeline, aspect: 1).counts.scene) }
  }

  /// Takes the newest picture; whether anything is in line now.
  private func take() throws(Fault) -> Bool {
    let (progress, newest) = try reader.latest()
    note(progress)
    guard let newest else { return false }
    taken += 1
    stream.enter(.live, refusal)
    if stream.takesReload() { reload() }
    guard let pipeline else { return drop(.failed) }
    if Double(Clock.now - newest.captured) / 1e6 > stream.settings.budget { return drop(.late) }
    guard sampler.wants(time: newest.frame.time, isKeyFrame: newest.frame.isKeyFrame) else { return drop(.sampled) }
    if newest.frame.size != size { begin(newest.frame.size, pipeline) }
    line.append((newest.frame.index, newest.captured, newest.shown, Clock.now))
    frames?.take(newest.frame.index)
    do throws(InferenceFailure) {
      try execution?.add(.remote(newest.frame))
    } catch {
      fail()
      return false
    }
    // what no network took is done with at once
    return !finish()
  }

  private func drop(_ reason: StreamFigures.Drop) -> Bool {
    stream.update { $0.drop(reason) }
    return false
  }

  /// Pictures of another size are another scene.
  private func begin(_ size: Size, _ pipeline: LoadedPipeline) {
    self.size = size
    if !line.isEmpty { stream.update { $0.drop(.cut, line.count) } }
    line.removeAll()
    close(.gap)
    var options = PipelineExecution.Options()
    options.source = stream.settings.name
    options.share = { [reader] (count) throws(Fault) in try reader.makeBuffer(byteCount: count) }
    options.frameDeadline = { [unowned self] frame in deadline(of: frame.index) }
    if let frames { options.trace = { frames.trace(of: $0.index) } }
    options.onSkip = { [unowned self] frame, why in skip(frame.index, why) }
    options.onAnswer = { [bell = stream.bell] in bell.ring() }
    execution = PipelineExecution(pipeline, size: size, options: options)
    execution?.onAnswered = { [unowned self] answered in
      stream.note(answered, pipeline)
      shadows?.hear(answered)
    }
    passedOver = 0
    stream.update { $0.size = size }
  }

  /// Tells what was answered; whether nothing is in line any more.
  private func finish() -> Bool {
    guard let execution else { return true }
    do throws(InferenceFailure) {
      while let done = try execution.next() { deliver(done) }
    } catch {
      fail()
      return true
    }
    // Behind what is told, which waits for no other version's picture.
    shadows?.poll()
    countStill()
    return execution.isIdle
  }

  /// When a picture is too old to be told.
  private func deadline(of index: Int) -> UInt64 {
    guard let captured = line.first(where: { $0.index == index })?.captured else { return .max }
    return captured + UInt64(stream.settings.budget * 1e6)
  }

  /// A picture that has no answer; the pipeline goes on with the next.
  private func skip(_ index: Int, _ why: InferenceFailure) {
    guard let place = line.firstIndex(where: { $0.index == index }) else { return }
    frames?.lost(index, came: line.remove(at: place).captured, why.fault.message)
    switch why {
    case .late: _ = drop(.late)
    case .lost: _ = drop(.lost)
    case .refused:
      refusal = why.fault.message
      _ = drop(.failed)
    case .cancelled, .failed: _ = drop(.failed)
    }
  }

  private func deliver(_ done: PipelineExecution.Finished) {
    guard let pipeline, let place = line.firstIndex(where: { $0.index == done.frame.index }) else { return }
    let taken = line.remove(at: place)
    refusal = nil
    let answered = Clock.now
    let age = Double(answered - taken.captured) / 1e6
    let passed = Double(answered - taken.turn) / 1e9
    stream.update { figures in
      figures.looked += 1
      figures.lookTime += passed
    }
    origin = taken.shown - done.frame.time
    // Behind those that wait for the answer.
    defer {
      frames?.told(
        done.frame.index, came: taken.captured, turn: taken.turn, answered: answered, found: done.predictions.count)
      stream.drift?.look(done.frame, done.predictions, pipeline, at: Clock.seconds)
    }
    if pipeline.pipeline.watches {
      happenings.tell(done.happenings, origin: origin, peaks: execution?.peaks ?? [], frame: done.frame)
      let counts = (execution?.counts.scene).map(happenings.counts)
      stream.update { $0.scene = counts }
    }
    guard age <= stream.settings.budget else {
      _ = drop(.late)
      return
    }
    stream.update { figures in
      figures.delivered += 1
      figures.ages.add(milliseconds: age)
    }
    tell(
      LiveStream.Result(
        index: done.frame.index, pts: done.frame.pts, time: done.frame.time,
        captured: Clock.seconds - age / 1000, shown: taken.shown, age: age, size: done.frame.size,
        predictions: done.predictions), pipeline)
  }

  /// What the gate let go is done with: the oldest, since nothing is in line while it decides.
  private func countStill() {
    guard let execution, execution.passedOver > passedOver else { return }
    let count = execution.passedOver - passedOver
    passedOver = execution.passedOver
    stream.update { $0.drop(.still, count) }
    line.removeFirst(min(count, line.count))
  }

  /// Begins anew: what a network could not answer is gone, with what the pipeline remembered.
  ///
  /// A model may have another version by now.
  private func fail() {
    stream.update { $0.drop(.failed, line.count) }
    line.removeAll()
    close(.gap)
    (execution, size) = (nil, Size(width: 0, height: 0))
    adopt()
  }

  /// Goes on with the pipeline as it is by now.
  private func reload() {
    if let pipeline, let now = try? load(), now.digest == pipeline.digest, now.pipeline.cut == pipeline.pipeline.cut {
      shadows = beside(pipeline)
      return
    }
    close(.change)
    (execution, size) = (nil, Size(width: 0, height: 0))
    adopt()
  }
}
