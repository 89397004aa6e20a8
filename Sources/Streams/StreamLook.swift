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
  private let stream: LiveStream
  private var pipeline: LoadedPipeline
  private let load: LiveStream.Load
  private let reader: LiveReader
  private let tell: LiveStream.Told
  private let happenings: HappeningTeller
  /// When the source's times were 0, in seconds since 1970, as of the last picture.
  private var origin = 0.0
  private var isOver = false
  private var execution: PipelineExecution?
  private var size = Size(width: 0, height: 0)
  /// Pictures that are looked at, or that the gate still holds, in their order, and when each was taken.
  private var line: [(index: Int, captured: UInt64)] = []
  private var passedOver = 0
  private var sampler: Sampler
  private var told = LiveProgress()
  private var taken = 0
  private var hasTurn = false
  /// Monotonic nanoseconds.
  private var firstArrival = 0

  /// Nanoseconds between two looks at how far the source got.
  private static let interval: UInt64 = 250_000_000

  init(
    _ stream: LiveStream, _ pipeline: LoadedPipeline, _ load: @escaping LiveStream.Load, _ reader: LiveReader,
    _ tell: @escaping LiveStream.Told, _ happenings: HappeningTeller
  ) {
    (self.stream, self.pipeline, self.load, self.reader, self.tell) = (stream, pipeline, load, reader, tell)
    self.happenings = happenings
    happenings.begin(pipeline)
    sampler = Sampler(pipeline.sampling)
    if case .keyFrames = pipeline.sampling { try? reader.save(.keysOnly) }
  }

  /// Until the source ends; `true` where nothing more is to come.
  ///
  /// `id` is whose turns it takes at the desk.
  func run(_ desk: TurnDesk, as id: Int, firstPatience: Double) throws(Fault) -> Bool {
    let began = Clock.now
    var next = began
    while !stream.isStopped {
      stream.bell.wait(until: next)
      if finish() {
        hasTurn = hasTurn ? desk.next(id) : desk.ask(id)
        if hasTurn, try !take() {
          hasTurn = false
          desk.giveBack(id)
        }
      }
      guard Clock.now >= next else { continue }
      next = Clock.now + Self.interval
      stream.pulse()
      let progress = try reader.progress()
      note(progress)
      if let ending = progress.ending {
        isOver = try end(ending)
        return isOver
      }
      try check(progress, began, firstPatience)
    }
    return true
  }

  /// What is in line is given up.
  func end() {
    if let progress = try? reader.progress() { note(progress) }
    let waiting = told.decoded - told.displaced - taken
    stream.update { $0.drop(.cut, max(0, waiting) + line.count) }
    line.removeAll()
    close(isOver || stream.isStopped ? .end : .gap)
    execution = nil
  }

  /// What is open in zones and of events ends with the last picture.
  private func close(_ ending: Event.Ending) {
    guard let execution else { return }
    happenings.tell(execution.close(ending), origin: origin)
    guard pipeline.pipeline.watches else { return }
    happenings.add(execution.counts.scene)
    stream.update { $0.scene = happenings.counts(PipelineRun(pipeline.pipeline, aspect: 1).counts.scene) }
  }

  /// Takes the newest picture; whether anything is in line now.
  private func take() throws(Fault) -> Bool {
    let (progress, newest) = try reader.latest()
    note(progress)
    guard let newest else { return false }
    taken += 1
    stream.enter(.live)
    if stream.takesReload() { try reload() }
    let age = Double(Clock.now - newest.captured) / 1e6
    if age > stream.settings.budget { return drop(.late) }
    guard sampler.wants(time: newest.frame.time, isKeyFrame: newest.frame.isKeyFrame) else { return drop(.sampled) }
    if newest.frame.size != size { begin(newest.frame.size) }
    line.append((newest.frame.index, newest.captured))
    do throws(InferenceFailure) {
      try execution?.add(.remote(newest.frame))
    } catch {
      fail()
      return false
    }
    countStill()
    return !(execution?.isIdle ?? true)
  }

  private func drop(_ reason: StreamFigures.Drop) -> Bool {
    stream.update { $0.drop(reason) }
    return false
  }

  /// Pictures of another size are another scene.
  private func begin(_ size: Size) {
    self.size = size
    if !line.isEmpty { stream.update { $0.drop(.cut, line.count) } }
    line.removeAll()
    close(.gap)
    var options = PipelineExecution.Options()
    options.source = stream.settings.name
    options.share = { [reader] (count) throws(Fault) in try reader.makeBuffer(byteCount: count) }
    options.onAnswer = { [bell = stream.bell] in bell.ring() }
    execution = PipelineExecution(pipeline, size: size, options: options)
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
    countStill()
    return execution.isIdle
  }

  private func deliver(_ done: PipelineExecution.Finished) {
    guard let place = line.firstIndex(where: { $0.index == done.frame.index }) else { return }
    let taken = line.remove(at: place).captured
    let age = Double(Clock.now - taken) / 1e6
    origin = Clock.seconds - age / 1000 - done.frame.time
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
        captured: Clock.seconds - age / 1000, age: age, size: done.frame.size, predictions: done.predictions), pipeline)
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
    if let now = try? load() {
      pipeline = now
      happenings.begin(now)
    }
  }

  /// Goes on with the pipeline as it is by now.
  private func reload() throws(Fault) {
    let now = try load()
    guard now.digest != pipeline.digest else { return }
    close(.change)
    (execution, size, pipeline) = (nil, Size(width: 0, height: 0), now)
    sampler = Sampler(now.sampling)
    happenings.begin(now)
  }

  /// Adds what is new since the last look.
  private func note(_ progress: LiveProgress) {
    let before = told
    told = progress
    stream.update { figures in
      figures.received += progress.received - before.received
      figures.decoded += progress.decoded - before.decoded
      figures.incomplete += progress.incomplete - before.incomplete
      figures.lostPackets += progress.lostPackets - before.lostPackets
      figures.jumps += progress.jumps - before.jumps
      figures.drop(.undecoded, progress.undecoded - before.undecoded)
      figures.drop(.replaced, progress.displaced - before.displaced)
      if !progress.codec.isEmpty { figures.codec = progress.codec }
      figures.clockOffset = progress.clockOffset
    }
  }

  private func end(_ ending: LiveProgress.Ending) throws(Fault) -> Bool {
    switch ending {
    case .closed:
      if case .film(_, loops: false) = stream.settings.source.kind { return true }
      throw Fault(.unavailable, "the source hung up")
    case .movedTo:
      throw Fault(.unsupported, "the camera sends to another address: give that one")
    case .failed(let fault): throw fault
    }
  }

  /// A source that says nothing for too long is given up; one that sends few pictures has more time.
  private func check(_ progress: LiveProgress, _ began: UInt64, _ firstPatience: Double) throws(Fault) {
    let last = max(UInt64(progress.lastArrival), began)
    if firstArrival == 0 { firstArrival = progress.lastArrival }
    let silence = (Double(Clock.now) - Double(last)) / 1e9
    let usual = Double(progress.lastArrival - firstArrival) / 1e9 / Double(max(1, progress.received - 1))
    let patience = progress.received == 0 ? firstPatience : max(stream.settings.patience, 10 * usual)
    guard silence <= patience else {
      throw Fault(.unavailable, "no picture came for \(NumberFormat.fixed(patience, 0)) s")
    }
    if progress.received > 0, silence > max(1, 4 * usual), silence > stream.settings.patience / 2 {
      stream.enter(.stalled, "no picture came for some seconds")
    }
  }
}
