public import Base
public import Execution
internal import Glibc
public import Inference
internal import Isolation
internal import Loading
internal import Media
internal import ModelHub
internal import ModelProcess
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
  /// Where it takes words, with the vocabulary that it was loaded with.
  let texts: TextTokenizer?
  /// It runs as `ridley tune` found best here.
  public let isTuned: Bool
  /// Rows of a request are inferred one by one or in batches, in any company.
  public let takesRows: Bool
  /// Rows in one inference, at most.
  public let batch: Int
  public let precision: String
  /// Who runs it, and the name of that with the version: `OpenVINO 2026.4.1-22982`.
  public let runtime: EngineChoice
  public let engine: String
  /// Inferences at the same time in this process.
  private let ownStreams: Int
  /// What its owner should know of how it was compiled; each a sentence for a person.
  public let notes: [String]
  /// How its answers compare with those of the network's own runtime.
  public let check: NetworkCheck?
  /// Seconds of a processor that one inference took when it was tried on this machine; `nil` where that was not measured.
  public let inferenceSeconds: Double?
  /// Which values it does not carry, for its callers; the same.
  public let limits: [String]
  public let metrics: ModelMetrics
  /// What whole numbers of its inputs may be.
  public let integers: IntegerRange
  /// It crashed a server once, and runs in a process of its own.
  public let isIsolated: Bool
  /// Over manifest and files: by it a change on the disk is seen.
  let filesDigest: String
  let loader: VersionLoader
  let warn: @Sendable (String) -> Void
  let state: Monitor<State>
  /// Said once it is drained: what is still made for it is not needed.
  let ending = Cancellation()
  /// Where it is computed, as its owner wants it.
  public let place: UnitPlace
  /// Units elsewhere that have it, where they may be asked.
  let units: FarUnits?

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

  struct State: Sendable {
    /// `nil` while a hung or crashed one is being replaced.
    var unit: InferenceUnit?
    /// What the unit runs, where that is in another process.
    var apart: IsolatedNetwork?
    var backoff = RestartBackoff()
    var isStarting = false
    /// Why it is not made anew any more.
    var refusal: Fault?
    /// What it takes, where that is bounded.
    var place: MemoryPlace?
    /// It left memory, and comes back when it is asked; requests wait for that.
    var isResting = false
    var isWaking = false
    var waiting: [Waiting] = []
    /// Who wants it to stay.
    var holds = 0
    /// When it was loaded and asked last.
    var loaded: UInt64 = 0
    var asked: UInt64 = 0
    /// Why it could not be loaded again, and when that may be tried once more.
    var failure: Fault?
    var retry: UInt64 = 0
  }

  /// `warn` is told, in one line, when its own process crashed.
  init(
    _ source: VersionLoader, _ examined: VersionLoader.Examined, metrics: ModelMetrics, _ cancellation: Cancellation,
    warn: @escaping @Sendable (String) -> Void
  ) throws(Fault) {
    let loaded = try source.load(examined, cancellation)
    (loader, filesDigest, self.warn) = (source, examined.digest, warn)
    (model, version, digest) = (source.folder.model, source.folder.version, loaded.digest)
    let network = loaded.network
    self.metrics = metrics
    let (inputs, outputs) = (network.inputs, network.outputs)
    let takesRows =
      network.batch > 1
      || loaded.mayTakeRows
        && (inputs + outputs).allSatisfy { $0.shape.first == 1 && $0.shape.dropFirst().allSatisfy { $0 != nil } }
    self.takesRows = takesRows
    let open = { (spec: TensorSpec) in
      takesRows ? TensorSpec(name: spec.name, shape: [nil] + spec.shape.dropFirst(), element: spec.element) : spec
    }
    (self.inputs, self.outputs) = (inputs.map(open), outputs.map(open))
    (batch, precision, ownStreams, place) = (network.batch, network.precision, network.streams, source.place)
    (runtime, engine, notes, check) = (network.runtime, network.engine, network.notes, network.check)
    limits = runtime.carriesWholeNumbers ? [] : ValueRange.limits(inputs: inputs, outputs: outputs)
    (picture, noPicture, integers, isTuned) = (loaded.picture, loaded.noPicture, loaded.integers, loaded.isTuned)
    (texts, inferenceSeconds) = (loaded.texts, examined.trialMark.need?.seconds)
    isIsolated = network.apart != nil
    let unit = try Self.unit(network, source, metrics)
    if let turn = loaded.turn {
      unit.waitUntilGrown()
      try turn.settle(by: network.apart == nil ? network.runtime : nil)
    }
    var first = State(unit: unit, apart: network.apart, place: loaded.turn?.place, loaded: Clock.now)
    first.backoff.began(now: Clock.now, answered: metrics.count(.success))
    state = Monitor(first)
    let wanted = RemoteNetworkDescription(
      model: model, network: Self.remoteName(digest, precision), inputs: self.inputs, outputs: self.outputs,
      takesRows: takesRows)
    if source.place != .local, let wanted, let named = source.units {
      let observer = source.observer(metrics, isHere: false, isFar: true)
      units = FarUnits(named.network(wanted), wanted, source.limits, observer)
    } else {
      units = nil
    }
    source.memory?.register(self)
  }

  /// Inferences at the same time, elsewhere too.
  public var streams: Int { streams(at: place) }

  func streams(at place: UnitPlace) -> Int {
    (place == .remote ? 0 : ownStreams) + (place == .local ? 0 : units?.places ?? 0)
  }

  static func unit(
    _ network: VersionLoader.Network, _ loader: VersionLoader, _ metrics: ModelMetrics
  ) throws(Fault) -> InferenceUnit {
    switch network {
    case .here(let network):
      try InferenceUnit(
        network, limits: loader.limits, observer: loader.observer(metrics, isHere: true),
        warmsUp: loader.options.isWarmed)
    // Whatever it does, it is not what crashes this process.
    case .apart(let network):
      InferenceUnit(remote: network, limits: loader.limits, observer: loader.observer(metrics, isHere: false))
    }
  }

  /// Lets a request in, or says why not and when to come again.
  public func submit(_ request: InferenceRequest) throws(AdmissionRefusal) { try submit(request, at: place) }

  func submit(_ request: InferenceRequest, at place: UnitPlace) throws(AdmissionRefusal) {
    if let unit = try farUnit(place) { return try unit.submit(request) }
    guard let memory = loader.memory else { return try submitHere(request) }
    for _ in 0..<3 {
      let isResting = state.update { state in
        state.asked = Clock.now
        return state.isResting && state.unit == nil
      }
      if isResting { return try keep(request, in: memory) }
      do throws(AdmissionRefusal) { return try submitHere(request) } catch {
        // It may have left memory in this moment.
        guard error.fault.kind == .closed || !isLoaded else { throw error }
      }
    }
    try submitHere(request)
  }

  private func submitHere(_ request: InferenceRequest) throws(AdmissionRefusal) {
    let (unit, refusal) = state.update { ($0.unit, $0.refusal) }
    guard let unit else {
      let fault = refusal ?? Fault(.unavailable, "the model's engine hung or crashed and is being started again")
      throw AdmissionRefusal(retryAfter: 1, fault: fault)
    }
    try unit.submit(request)
  }

  /// Who is to answer elsewhere; `nil` where it is to be answered here.
  private func farUnit(_ place: UnitPlace) throws(AdmissionRefusal) -> InferenceUnit? {
    guard let units, place != .local else {
      guard place == .remote else { return nil }
      throw AdmissionRefusal(retryAfter: 1, fault: Fault(.unavailable, "no units were named that could compute it"))
    }
    guard let unit = units.unit else {
      if place == .both { return nil }
      throw AdmissionRefusal(retryAfter: 1, fault: units.absence)
    }
    guard place == .both, let own = state.update({ $0.unit }) else { return unit }
    // here first, where nothing has to travel; then wherever less is to be done
    let (here, there) = (own.load, units.load)
    let (ownWork, farWork) = (here.waiting + here.running, there.waiting + there.running)
    return ownWork < ownStreams || ownWork * units.places <= farWork * ownStreams ? nil : unit
  }

  /// Forgets a request, unless the engine has it already.
  public func cancel(_ request: InferenceRequest) {
    state.update { $0.unit }?.cancel(request)
    units?.unit?.cancel(request)
    if loader.memory != nil { cancelWaiting(request) }
  }

  /// Sleeps until it works as quick as it will, or for as long as that may take.
  func waitUntilGrown() { state.update { $0.unit }?.waitUntilGrown() }

  /// Why it takes no pictures, where it takes none.
  public var blindness: Fault {
    Fault(
      .unsupported,
      "the model '\(model)' has no manifest, and \(noPicture ?? "nobody knows how it looks at pictures"): put a model.yaml beside its network, or send tensors to /v2/models/\(model)/infer"
    )
  }

  /// With what a step of a pipeline says of it; with `isHeld` it stays in memory for as long as that is used, and `asked` is where its pipeline wants it.
  ///
  /// - Throws: where it is not known how it looks at pictures, or where it is not served as the step wants it.
  func loaded(
    with overrides: RecipeOverrides, isHeld: Bool = false, at asked: UnitPlace? = nil
  ) throws(Fault) -> LoadedModel {
    guard let picture else { throw blindness }
    let target = target(isHeld: isHeld, at: asked)
    guard overrides != RecipeOverrides() else {
      return loaded(picture, digest: digest, recipe: picture.recipe, head: picture.head, target)
    }
    let wanted = try picture.model.with(overrides)
    if let said = overrides.precision, said.rawValue != "auto", said.rawValue != precision {
      throw Fault(
        .unsupported, "the model '\(model)' is served in \(precision), and \(said.rawValue) is asked of it")
    }
    if let said = overrides.engine, said != .auto,
      said != wanted.manifest.engine || said != picture.model.manifest.engine
    {
      throw Fault(.unsupported, "the model '\(model)' is served by \(engine), and \(said.rawValue) is asked of it")
    }
    let isSame = wanted.recipe == picture.recipe
    let head = try isSame ? picture.head : Head(wanted.recipe, outputs: picture.outputs, network: picture.input)
    return loaded(picture, digest: wanted.digest, recipe: wanted.recipe, head: head, target)
  }

  private func loaded(
    _ picture: Picture, digest: String, recipe: Recipe, head: Head, _ target: any InferenceTarget
  ) -> LoadedModel {
    LoadedModel(
      name: model, digest: digest, published: self.digest, recipe: recipe, input: picture.input, head: head,
      precision: precision,
      engine: engine, device: loader.options.device, target: target)
  }

  /// Rows that wait, and rows that run.
  public var load: (waiting: Int, running: Int) {
    let (here, there) = (
      state.update { $0.unit }?.load ?? (waiting: 0, running: 0), units?.load ?? (waiting: 0, running: 0)
    )
    let kept = loader.memory == nil ? 0 : state.update { $0.waiting.reduce(0) { $0 + $1.request.rowCount } }
    return (here.waiting + there.waiting + kept, here.running + there.running)
  }

  /// Finishes what was accepted and lets no request in any more; gives up an engine that hangs meanwhile.
  func drain() {
    // What waits until it is loaded was accepted.
    if loader.memory != nil {
      _ = state.wait(before: Clock.now + Self.mostLoading) { $0.waiting.isEmpty && !$0.isWaking ? () : nil }
    }
    ending.cancel()
    units?.end()
    guard let unit = state.update({ $0.unit }) else { return }
    unit.close()
    while !unit.isIdle {
      let now = Clock.now
      if unit.check(now: now) { return replace(unit, now) }
      usleep(1_000)
    }
  }
}
