public import Base
internal import Drift
internal import Execution
internal import MediaProcess
internal import Pipelines
internal import Predictions
internal import Synchronization
internal import Vision

/// Where it is kept what was learnt of streams.
public protocol DriftKeeper: Sendable {
  /// What was kept last; may wait for the disk, as all of these.
  func drift(of stream: String, client: String) throws(Fault) -> [UInt8]?
  func keep(drift: [UInt8], of stream: String, client: String) throws(Fault)
  func forgetDrift(of stream: String, client: String) throws(Fault)
}

/// Watches whether what a stream shows, and what is answered about it, drifts; any thread.
final class StreamDrift: Sendable {
  private struct State {
    var book: DriftBook
    /// When a picture was counted last, in seconds since 1970.
    var counted = -Double.infinity
    /// The networks of the pipeline with this digest.
    var pipeline = ""
    var networks: [DriftBook.Network] = []
    /// What was kept before was asked for; until then nothing is kept.
    var isRead = false
    var isKept = true
  }

  private let settings: DriftSettings
  /// What the stream shows, in words that do not hold its password.
  let source: String
  private let state: Mutex<State>

  init(_ settings: DriftSettings, source: String) {
    (self.settings, self.source) = (settings, source)
    state = Mutex(State(book: DriftBook(settings, since: Clock.seconds)))
  }

  /// A picture that networks have answered about, at a moment in seconds since 1970; one every few seconds is counted.
  ///
  /// On the stream's thread, which then asks the source's process for a small copy of it.
  func look(_ frame: SourceFrame, _ predictions: [Prediction], _ pipeline: LoadedPipeline, at now: Double) {
    let networks = state.withLock { isDue($0, now) ? take(pipeline, now, &$0) : nil }
    guard let networks else { return }
    let statistics = Self.statistics(frame)
    let answers = networks.enumerated().map { step, network in
      (network: network, predictions: predictions.filter { $0.step == step })
    }
    change(at: now) { book in
      if let statistics { _ = book.add(statistics, at: now) }
      _ = book.add(answers, at: now)
    }
  }

  /// A clock that was set back does not stop the counting.
  private func isDue(_ state: State, _ now: Double) -> Bool {
    now >= state.counted + settings.every || now < state.counted - settings.every
  }

  private func take(_ pipeline: LoadedPipeline, _ now: Double, _ state: inout State) -> [DriftBook.Network] {
    state.counted = now
    if !state.pipeline.utf8.elementsEqual(pipeline.digest.utf8) {
      (state.pipeline, state.networks) = (pipeline.digest, Self.networks(of: pipeline))
    }
    return state.networks
  }

  /// `nil` where the picture is gone by now.
  private static func statistics(_ frame: SourceFrame) -> PictureStatistics? {
    guard case .remote(let frame) = frame, frame.size.area > 0 else { return nil }
    let size = PictureStatistics.size(of: frame.size)
    return (try? frame.rgb(size: size)).map { PictureStatistics(rgb: $0, size: size) }
  }

  /// Zones and rules change nothing of what networks answer; thresholds and what is told do.
  private static func networks(of loaded: LoadedPipeline) -> [DriftBook.Network] {
    let (steps, emit) = (loaded.pipeline.infer, loaded.pipeline.emit)
    return steps.indices.map { step in
      let model = loaded.models[step]
      var infer = steps[step]
      let isWhole = emit.when == .frame && infer.on == nil && infer.every == nil
      infer.on = nil
      var alone = Pipeline(infer: [infer])
      alone.emit = emit
      return DriftBook.Network(
        name: steps[step].name, model: model.identity,
        version: (try? alone.digest(models: [model.digest])) ?? model.digest,
        countsObjects: isWhole && [.detection, .segmentation, .pose].contains(model.recipe.task))
    }
  }

  private func change(at now: Double, _ body: (inout DriftBook) -> Void) {
    state.withLock { state in
      let before = state.book.windows
      body(&state.book)
      if state.book.windows != before { state.isKept = false }
    }
  }

  /// As it stands at a moment.
  func book(at now: Double) -> DriftBook {
    change(at: now) { _ = $0.advance(to: now) }
    return state.withLock(\.book)
  }

  /// Learns anew from now on.
  func reset() {
    state.withLock { state in
      state.book = DriftBook(settings, since: Clock.seconds)
      (state.counted, state.isKept, state.isRead) = (-.infinity, false, true)
    }
  }

  /// Takes up what was kept, once, and keeps what is new since it was asked last.
  func keep(of stream: String, client: String, in keeper: any DriftKeeper) throws(Fault) {
    if !state.withLock(\.isRead) {
      let kept = try keeper.drift(of: stream, client: client)
      let book: DriftBook?
      do throws(Fault) {
        book = try kept.flatMap { (bytes) throws(Fault) in try DriftBook(bytes, settings, source: source) }
      } catch {
        state.withLock { $0.isRead = true }
        throw error
      }
      state.withLock { state in
        // Somebody may have had it learn anew meanwhile.
        if let book, !state.isRead { state.book = book }
        state.isRead = true
      }
    }
    let json = state.withLock { state -> DriftBook? in
      defer { state.isKept = true }
      return state.isKept ? nil : state.book
    }?.json(source: source)
    guard let json else { return }
    do throws(Fault) { try keeper.keep(drift: json, of: stream, client: client) } catch {
      // What is too large to be kept is so until the next window at least.
      if error.kind == .unavailable { state.withLock { $0.isKept = false } }
      throw error
    }
  }
}
