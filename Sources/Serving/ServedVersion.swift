public import Base
public import Execution
internal import Glibc
public import Inference
internal import Isolation
internal import Loading
internal import Media
internal import ModelHub
public import Vision

/// One version of a model, loaded and ready to be asked.
///
/// Shared by every request that was routed to it; it ends when the last of them has.
public final class ServedVersion: InferenceTarget {
  public let model: String
  public let version: String
  /// `sha256:…` of everything that decides what it answers.
  public let digest: String
  /// What may be sent: the first dimension is open where rows are independent of each other.
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// Where there is a manifest, or no doubt without one.
  public let picture: Picture?
  /// Why it takes tensors alone; `nil` where it looks at pictures.
  public let noPicture: String?
  /// It runs as `ridley tune` found best here.
  public let isTuned: Bool
  /// Rows of a request are inferred one by one or in batches, in any company.
  public let takesRows: Bool
  /// Rows in one inference, at most.
  public let batch: Int
  public let precision: String
  public let streams: Int
  public let metrics: ModelMetrics
  private let loader: VersionLoader
  private let state: Monitor<State>

  /// What is known of a model that looks at pictures.
  public struct Picture: Sendable {
    let model: Model
    /// The network's input, in pixels.
    public let input: Size
    public let head: Head
    /// As the network has them.
    let outputs: [TensorSpec]

    public var recipe: Recipe { model.recipe }
    public var summary: String { model.manifest.summary }
  }

  private struct State: Sendable {
    /// `nil` while a hung one is being replaced.
    var unit: InferenceUnit?
    /// Times it was replaced since an inference last came back.
    var failures = 0
    /// Monotonic nanoseconds of the next attempt.
    var retry: UInt64 = 0
    var isStarting = false
  }

  init(_ source: VersionLoader, metrics: ModelMetrics) throws(Fault) {
    let loaded = try source.load()
    loader = source
    (model, version, digest) = (source.folder.model, source.folder.version, loaded.digest)
    let network = loaded.network
    self.metrics = metrics
    let (inputs, outputs) = (network.inputs, network.outputs)
    let takesRows =
      network.batch > 1
      || (inputs + outputs).allSatisfy { $0.shape.first == 1 && $0.shape.dropFirst().allSatisfy { $0 != nil } }
    self.takesRows = takesRows
    let open = { (spec: TensorSpec) in
      takesRows ? TensorSpec(name: spec.name, shape: [nil] + spec.shape.dropFirst(), element: spec.element) : spec
    }
    (self.inputs, self.outputs) = (inputs.map(open), outputs.map(open))
    (batch, precision, streams) = (network.batch, network.precision, network.streams)
    (picture, noPicture, isTuned) = (loaded.picture, loaded.noPicture, loaded.isTuned)
    state = Monitor(State(unit: try Self.unit(network, source, metrics)))
  }

  private static func unit(
    _ network: CompiledNetwork, _ loader: VersionLoader, _ metrics: ModelMetrics
  ) throws(Fault) -> InferenceUnit {
    try InferenceUnit(
      network, limits: loader.limits, observer: VersionObserver(metrics, loader.mark), warmsUp: loader.options.isWarmed)
  }

  /// Lets a request in, or says why not and when to come again.
  public func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
    guard let unit = state.update({ $0.unit }) else {
      throw AdmissionRefusal(
        retryAfter: 1, fault: Fault(.unavailable, "the model's engine hangs and is being started again"))
    }
    try unit.submit(request)
  }

  /// Forgets a request, unless the engine has it already.
  public func cancel(_ request: InferenceRequest) { state.update { $0.unit }?.cancel(request) }

  /// Sleeps until it works as quick as it will.
  func waitUntilGrown() { state.update { $0.unit }?.waitUntilGrown() }

  /// Why it takes no pictures, where it takes none.
  public var blindness: Fault {
    Fault(
      .unsupported,
      "the model '\(model)' has no manifest, and \(noPicture ?? "nobody knows how it looks at pictures"): put a model.yaml beside its network, or send tensors to /v2/models/\(model)/infer"
    )
  }

  /// It alone as a pipeline, over one frame in so many seconds; `nil` where it is not known how it looks at pictures.
  public func pipeline(every seconds: Double) -> LoadedPipeline? {
    try? pipeline(every: seconds, with: PredictOptions())
  }

  /// With what a step of a pipeline says of it.
  ///
  /// - Throws: where it is not known how it looks at pictures, or where it is not served as the step wants it.
  func loaded(with overrides: RecipeOverrides) throws(Fault) -> LoadedModel {
    guard let picture else { throw blindness }
    guard overrides != RecipeOverrides() else {
      return loaded(picture, digest: digest, recipe: picture.recipe, head: picture.head)
    }
    let wanted = try picture.model.with(overrides, store: loader.store)
    if let said = overrides.precision, said.rawValue != "auto", said.rawValue != precision {
      throw Fault(
        .unsupported, "the model '\(model)' is served in \(precision), and \(said.rawValue) is asked of it")
    }
    let isSame = wanted.recipe == picture.recipe
    let head = try isSame ? picture.head : Head(wanted.recipe, outputs: picture.outputs, network: picture.input)
    return loaded(picture, digest: wanted.digest, recipe: wanted.recipe, head: head)
  }

  private func loaded(_ picture: Picture, digest: String, recipe: Recipe, head: Head) -> LoadedModel {
    LoadedModel(
      name: model, digest: digest, recipe: recipe, input: picture.input, head: head, precision: precision,
      device: loader.options.device, target: self)
  }

  /// Rows that wait, and rows that run.
  public var load: (waiting: Int, running: Int) { state.update { $0.unit }?.load ?? (0, 0) }

  /// Finishes what was accepted and lets nobody in any more; gives up an engine that hangs meanwhile.
  func drain() {
    guard let unit = state.update({ $0.unit }) else { return }
    unit.close()
    while !unit.isIdle {
      let now = Clock.now
      if unit.check(now: now) { return replace(unit, now) }
      usleep(1_000)
    }
  }

  /// Makes the copy that works on one input with all cores.
  private func addLowLatencyCopy() {
    guard let network = try? loader.loadLowLatency(), let unit = state.update({ $0.unit }) else { return }
    try? unit.add(lowLatency: network)
  }

  /// Called now and then: drops what is late, and replaces an engine that does not come back.
  func check(now: UInt64) {
    let (unit, isDue) = state.update { state in
      let isDue = state.unit == nil && now >= state.retry && !state.isStarting
      if isDue { state.isStarting = true }
      return (state.unit, isDue)
    }
    if let unit, unit.check(now: now) { replace(unit, now) }
    if let unit, unit.takeLowLatencyWish() { Background.run { [weak self] in self?.addLowLatencyCopy() } }
    if isDue { Background.run { [weak self] in self?.restart(now) } }
  }

  private func replace(_ unit: InferenceUnit, _ now: UInt64) {
    let isFirst = state.update { state in
      guard state.unit === unit else { return false }
      state.unit = nil
      state.failures += 1
      state.retry = now + backoff(state.failures)
      return true
    }
    guard isFirst else { return }
    // The engine still writes to its memory: it is never freed.
    _ = Unmanaged.passRetained(unit)
    unit.abandon(Fault(.unavailable, "the inference did not come back in time; the model is being started again"))
  }

  private func restart(_ now: UInt64) {
    do throws(Fault) {
      let unit = try Self.unit(try loader.load().network, loader, metrics)
      state.update { ($0.unit, $0.isStarting) = (unit, false) }
    } catch {
      state.update { state in
        state.isStarting = false
        state.failures += 1
        state.retry = now + backoff(state.failures)
      }
    }
  }

  /// 1, 2, 4 … 64 seconds.
  private func backoff(_ failures: Int) -> UInt64 { 1_000_000_000 << min(6, failures - 1) }
}
