public import Base
public import Execution
internal import Media
internal import MediaProcess
internal import Pipelines
public import Predictions
internal import Rendering

/// A picture or a short clip on its way through a pipeline: decoded, oriented and scaled, asked about, and its answers read.
///
/// It is decoded in a media process, so what it does there costs this request alone. Threads of a pool wait for that process; none waits for
/// an answer of a model: each answer goes on with the work. A clip keeps a few frames in flight.
public final class PicturePrediction: @unchecked Sendable {  // one job at a time; `state` is guarded
  /// What is to be done.
  public struct Options: Sendable {
    public var pipeline: LoadedPipeline
    /// For whom it counts, for fairness.
    public var source: String
    /// Monotonic nanoseconds.
    public var deadline: UInt64
    /// The picture is wanted with what was found drawn on it.
    public var draws = false
    /// Where its asker stands in a trace that is kept.
    public var trace: Trace?

    public init(_ pipeline: LoadedPipeline, source: String, deadline: UInt64) {
      (self.pipeline, self.source, self.deadline) = (pipeline, source, deadline)
    }
  }

  /// What was seen.
  public struct Result: Sendable {
    public let size: Size
    public let isPicture: Bool
    /// In order of time.
    public let frames: [(stamp: FrameStamp, predictions: [Prediction])]
    /// Frames that were damaged, looked at all the same, or that are missing.
    public let corruptFrames: Int
    /// JPEG, where it was asked for.
    public let drawing: [UInt8]?
    /// Nanoseconds of decoding and scaling.
    public let prepared: UInt64
    /// From when to when it had a media process, in monotonic nanoseconds.
    public let decoding: Range<UInt64>
  }

  public typealias Done = @Sendable (Swift.Result<Result, InferenceFailure>) -> Void

  /// Frames of one clip.
  public static let maxFrames = 300
  private static let inFlight = 4

  /// Who works on it: one job of the pool at a time.
  private struct State {
    var isWorking = true
    /// Something came meanwhile.
    var isDue = false
    var isCancelled = false
    /// At the desk.
    var ticket: Int?
    /// Ends the media process.
    var giveUp: (@Sendable () -> Void)?
  }

  private let options: Options
  private let desk: PictureDesk
  private let bytes: SharedBytes
  private let state = Monitor(State())
  /// Let go of once it was called: what it holds may hold this.
  private var done: Done?
  private var reader: RemoteReader?
  private var execution: PipelineExecution?
  private var frames: [(stamp: FrameStamp, predictions: [Prediction])] = []
  private var shown: RemoteFrame?
  private var taken = 0
  private var isAtEnd = false
  /// It has a media process, or the right to one.
  private var isInside = true
  private var prepared: UInt64 = 0
  private var opened: UInt64 = 0
  private var closed: UInt64 = 0

  /// `done` is called once, on whatever thread.
  ///
  /// - Throws: `exhausted` where too much waits to be decoded.
  public init(
    of bytes: SharedBytes, _ options: Options, at desk: PictureDesk, done: @escaping Done
  ) throws(Fault) {
    (self.options, self.desk, self.bytes, self.done) = (options, desk, bytes, done)
    let ticket = try desk.enter(options.source, deadline: options.deadline) { isAdmitted in
      if isAdmitted { self.work() } else { self.giveUpWaiting() }
    }
    state.update { $0.ticket = ticket }
  }

  /// The client does not want the answer any more.
  public func cancel() {
    let (giveUp, ticket) = state.update { state in
      state.isCancelled = true
      return (state.giveUp, state.ticket)
    }
    giveUp?()
    if let ticket { desk.dismiss(ticket) }
    goOn()
  }

  /// It never had a process.
  private func giveUpWaiting() {
    isInside = false
    end(.failure(state.update { $0.isCancelled } ? .cancelled : .late))
  }

  /// Has the pool go on with it, where it does not already.
  private func goOn() {
    let isIdle = state.update { state in
      guard !state.isWorking else {
        state.isDue = true
        return false
      }
      state.isWorking = true
      return true
    }
    if isIdle { desk.goOn { self.work() } }
  }

  /// Does what can be done now.
  private func work() {
    repeat {
      do throws(InferenceFailure) { try step() } catch {
        if case .failed(let fault) = error { end(.failure(failure(fault))) } else { end(.failure(error)) }
      }
    } while isStillDue()
  }

  /// Whether something came since the last step; else nothing works on it from now on.
  private func isStillDue() -> Bool {
    state.update { state in
      state.isWorking = state.isDue
      state.isDue = false
      return state.isWorking
    }
  }

  private func step() throws(InferenceFailure) {
    guard done != nil else { return }
    guard state.update({ !$0.isCancelled }) else { throw .cancelled }
    let execution = try start()
    while true {
      while let finished = try execution.next() {
        frames.append((stamp(of: finished.frame), finished.predictions))
      }
      if execution.isDone { return try finish() }
      guard !isAtEnd, !execution.isFull else { return }
      let began = Clock.now
      guard began < options.deadline else { throw .late }
      if let frame = try nextFrame() { try execution.add(.remote(frame)) } else { execution.end() }
      prepared += Clock.now - began
      if execution.isRendered, !options.draws { leave() }
    }
  }

  /// Gives the media process back, once.
  private func leave() {
    guard isInside else { return }
    (isInside, closed) = (false, Clock.now)
    state.update { $0.giveUp = nil }
    reader?.close()
    desk.leave(options.source)
  }

  /// Opens what was sent, the first time.
  private func start() throws(InferenceFailure) -> PipelineExecution {
    if let execution { return execution }
    opened = Clock.now
    let reader: RemoteReader
    do throws(Fault) {
      reader = try desk.media.open(bytes, sampling: options.pipeline.sampling, deadline: options.deadline) { giveUp in
        let isCancelled = state.update { state in
          state.giveUp = giveUp
          return state.isCancelled
        }
        if isCancelled { giveUp() }
      }
    } catch {
      if state.update({ $0.isCancelled }) { throw .cancelled }
      guard Clock.now < options.deadline else { throw .late }
      // Only what is wrong with the bytes is the client's fault.
      let isOurs = [.tooLarge, .exhausted, .unavailable, .closed, .bug].contains(error.kind)
      throw .failed(isOurs ? error : Fault(.badInput, error.message, cause: error.cause))
    }
    guard options.pipeline.pipeline.proxy == nil || reader.info.isPicture else {
      throw .failed(
        Fault(
          .unsupported,
          "this pipeline looks at a lighter rendition of films (proxy), which is not made here: have the clip analysed (POST /v1/analyses), or take proxy away"
        ))
    }
    guard options.pipeline.products == nil else {
      throw .failed(
        Fault(
          .unsupported, "products are not looked for while somebody waits: have it analysed (POST /v1/analyses)"))
    }
    if let refusal = options.pipeline.refusal(ofPicture: reader.info.isPicture) { throw .failed(refusal) }
    self.reader = reader
    var execution = PipelineExecution.Options()
    (execution.source, execution.deadline, execution.framesInFlight) = (options.source, options.deadline, Self.inFlight)
    (execution.keepsPictures, execution.trace) = (false, options.trace.map { trace in { _ in trace } })
    execution.share = { (byteCount) throws(Fault) in try reader.makeBuffer(byteCount: byteCount) }
    execution.onAnswer = { [self] in goOn() }
    let made = PipelineExecution(options.pipeline, size: reader.info.size, options: execution)
    self.execution = made
    return made
  }

  private func nextFrame() throws(InferenceFailure) -> RemoteFrame? {
    do throws(Fault) {
      guard let frame = try reader?.next() else {
        isAtEnd = true
        return nil
      }
      guard taken < Self.maxFrames else {
        throw Fault(
          .tooLarge, "more than \(Self.maxFrames) frames: send a shorter clip, or look at fewer with ?every=SECONDS")
      }
      taken += 1
      if options.draws, shown == nil { shown = frame }
      return frame
    } catch { throw failure(error) }
  }

  /// A media process that was ended at the deadline, or because the client left, says so in its own words.
  private func failure(_ fault: Fault) -> InferenceFailure {
    if state.update({ $0.isCancelled }) { return .cancelled }
    return Clock.now < options.deadline ? .failed(fault) : .late
  }

  private func stamp(of frame: SourceFrame) -> FrameStamp {
    FrameStamp(file: "", index: frame.index, pts: frame.pts, time: frame.time)
  }

  /// Once the last frame was decoded and answered.
  private func finish() throws(InferenceFailure) {
    guard let info = reader?.info else { return }
    var drawing: [UInt8]?
    if let shown, let first = frames.first {
      do throws(Fault) {
        var pixels = try shown.rgb()
        Drawing.draw(
          first.predictions, on: &pixels, size: shown.size, palette: Palette(labels: options.pipeline.labels))
        drawing = try JPEG.encode(rgb: pixels, size: shown.size)
      } catch { throw .failed(error) }
    }
    end(
      .success(
        Result(
          size: info.size, isPicture: info.isPicture, frames: frames, corruptFrames: reader?.corrupt.count ?? 0,
          drawing: drawing, prepared: prepared, decoding: opened..<(isInside ? Clock.now : closed))))
  }

  /// Tells the outcome and lets everything go.
  private func end(_ result: Swift.Result<Result, InferenceFailure>) {
    let done = done
    (self.done, execution, shown) = (nil, nil, nil)
    leave()
    reader = nil
    done?(result)
  }
}
