internal import Base
internal import Execution
internal import Inference
internal import Isolation
internal import Loading
internal import ModelHub
internal import ModelProcess
internal import Telemetry
internal import Vision

/// Where a version comes from and how it is to run; loads it as often as need be.
struct VersionLoader: Sendable {
  let folder: ModelVersion
  var options: LoadOptions
  let limits: InferenceUnit.Limits
  /// Files of manifests that name addresses stand here when they were pulled.
  let store: String
  /// What was tuned on this machine.
  let settings: SettingStore?
  let engine: Engine
  /// `nil` loads everything in this process at once.
  let trials: ModelTrials?
  /// Where what versions take together is bounded.
  var memory: MemoryBudget?
  /// Where it is computed, and by whom elsewhere.
  var place = UnitPlace.local
  /// The server's settings say so, whatever a pipeline wants.
  var isPlaceSaid = false
  var units: (any RemoteUnits)?
  /// Where traces go, where they are wanted.
  var telemetry: Telemetry?
  /// No client is answered by it yet: it is asked beside another one.
  var isShadowed = false

  func observer(_ metrics: ModelMetrics, isHere: Bool, isFar: Bool = false) -> VersionObserver {
    let spans = telemetry.map {
      InferenceSpans($0, model: folder.model, version: folder.version, isFar: isFar)
    }
    return VersionObserver(metrics, isHere ? mark : .none, spans)
  }

  /// Where the network runs.
  enum Network: Sendable {
    case here(CompiledNetwork)
    case apart(IsolatedNetwork)

    var apart: IsolatedNetwork? { if case .apart(let network) = self { network } else { nil } }

    var inputs: [TensorSpec] {
      switch self {
      case .here(let network): network.inputs
      case .apart(let network): network.inputs
      }
    }

    var outputs: [TensorSpec] {
      switch self {
      case .here(let network): network.outputs
      case .apart(let network): network.outputs
      }
    }

    var batch: Int {
      switch self {
      case .here(let network): network.batch
      case .apart(let network): network.batch
      }
    }

    var precision: String {
      switch self {
      case .here(let network): network.precision
      case .apart(let network): network.precision
      }
    }

    /// Who runs it.
    var engine: String {
      switch self {
      case .here(let network): network.engine
      case .apart(let network): network.engine
      }
    }

    var runtime: EngineChoice {
      switch self {
      case .here(let network): network.runtime
      case .apart(let network): network.runtime
      }
    }

    var notes: [String] {
      switch self {
      case .here(let network): network.notes
      case .apart(let network): network.notes
      }
    }

    var check: NetworkCheck? {
      switch self {
      case .here(let network): network.checked
      case .apart(let network): network.check
      }
    }

    /// Inferences at the same time.
    var streams: Int {
      switch self {
      case .here(let network): network.streams
      case .apart: 1
      }
    }
  }

  struct Loaded: Sendable {
    let digest: String
    let network: Network
    let picture: ServedVersion.Picture?
    /// Why there is none.
    let noPicture: String?
    /// Where it takes words.
    let texts: TextTokenizer?
    let integers: IntegerRange
    let mayTakeRows: Bool
    let isTuned: Bool
    /// Nobody else is loaded while this is there; `nil` where memory is not bounded.
    var turn: MemoryTurn?
  }

  /// What is known before the network is read.
  struct Examined: Sendable {
    /// Over manifest and files.
    let digest: String
    let options: LoadOptions
    let trialMark: TrialMark
    /// It was not read on this machine before.
    let needsTrial: Bool
  }

  /// Where it says that it is at work, for the case that it takes the process with it.
  var mark: CrashJournal.Mark { CrashJournal.mark(name) }
  var name: String { "\(folder.model)/\(folder.version)" }

  /// Crashes after which it is loaded only when it is asked for.
  static let patience = 3

  /// It crashed a server, or may be the first to do so unseen, and gets a process of its own.
  var isIsolated: Bool { trials != nil && (isShadowed || CrashJournal.crashes(of: name) > 0) }

  /// What crashed often enough is not tried again by itself.
  func refuseCrashed() throws(Fault) {
    let crashes = CrashJournal.crashes(of: name)
    guard crashes > 0, trials == nil || crashes >= Self.patience else { return }
    let times = crashes == 1 ? "once" : "\(crashes) times"
    throw Fault(
      .unavailable, "it crashed the process that ran it \(times), and is tried again when it is loaded by name")
  }

  /// Looks at manifest and files.
  func examine() throws(Fault) -> Examined {
    let identity = try VersionIdentity(folder, store: store, on: engine)
    let options = identity.options(options, by: settings)
    let mark = identity.trialMark(options, on: engine)
    return Examined(
      digest: identity.digest, options: options, trialMark: mark,
      needsTrial: trials != nil && !isIsolated && !mark.isThere)
  }

  /// Tries it out where that was not done before, then reads, compiles and warms it up, or takes what was kept.
  func load(_ examined: Examined, _ cancellation: Cancellation) throws(Fault) -> Loaded {
    if let trials, examined.needsTrial { try tryOut(examined.options, examined.trialMark, trials, cancellation) }
    let turn = try memory.map { (memory) throws(Fault) in
      try memory.begin(
        name, fileBytes: try folder.byteCount(store: store, cache: engine.cacheFolder), cancellation)
    }
    var loaded = try loadTried(examined, cancellation)
    loaded.turn = turn
    return loaded
  }

  private func loadTried(_ examined: Examined, _ cancellation: Cancellation) throws(Fault) -> Loaded {
    guard let trials else { return try make(examined.options) }
    if isIsolated { return try makeApart(examined.options, trials, cancellation) }
    // It did all of it before, and within the time.
    let seconds = 2 * trials.options.seconds
    let made = BoundedWork.run(seconds: seconds, cancellation) {
      Result { () throws(Fault) in try make(examined.options) }
    }
    guard let made else {
      throw Fault(.unavailable, "it passed its trial and was not ready within \(Int(seconds)) s, so it is not loaded")
    }
    return try made.get()
  }

  private func tryOut(
    _ options: LoadOptions, _ mark: TrialMark, _ trials: ModelTrials, _ cancellation: Cancellation
  ) throws(Fault) {
    mark.leave(try trials.run(order(options), cancellation))
  }

  private func order(_ options: LoadOptions) -> ModelOrder {
    ModelOrder(folder, store: store, cache: engine.cacheFolder, options: options)
  }

  private func make(_ options: LoadOptions) throws(Fault) -> Loaded {
    mark.begin()
    defer { mark.end() }
    let version = try VersionModel(folder, store: store, on: engine)
    let compiled = try version.compile(options, on: engine)
    let picture = compiled.picture.flatMap { made in
      version.model.map {
        ServedVersion.Picture(
          model: $0, input: made.input, head: made.head, outputs: made.network.outputs)
      }
    }
    return Loaded(
      digest: version.digest, network: .here(compiled.network), picture: picture, noPicture: version.noPicture,
      texts: try tokenizer(of: version), integers: Self.integers(version, .here(compiled.network)),
      mayTakeRows: version.mayTakeRows, isTuned: options.isTuned)
  }

  /// In a process of its own, with one copy on all cores.
  private func makeApart(
    _ options: LoadOptions, _ trials: ModelTrials, _ cancellation: Cancellation
  ) throws(Fault) -> Loaded {
    var single = options.untuned
    (single.streams, single.threads, single.batch) = (1, options.threads, options.batch)
    if isShadowed {
      // As many threads as one of the copies has that it is held against.
      let cores = options.threads ?? Processor.count
      single.threads = max(1, cores / (options.streams ?? CompileOptions.usualStreams(cores: cores)))
    }
    let network: IsolatedNetwork
    do throws(IsolatedNetwork.Failure) {
      network = try IsolatedNetwork(order(single), trials.options, cancellation)
    } catch {
      if error.isCrash { CrashJournal.recordCrash(of: name) }
      throw error.fault
    }
    // Shapes of networks were kept by whoever read them before.
    let version = try VersionModel(folder, store: store, on: engine)
    let picture = try version.model.map { (model) throws(Fault) in
      let shape = network.inputs[0].shape
      guard network.inputs.count == 1, shape.count == 4, let height = shape[1], let width = shape[2] else {
        throw Fault(.bug, "a network in a process of its own takes no pictures any more")
      }
      let size = Size(width: width, height: height)
      let outputs = PictureModel.described(network.outputs, of: model)
      let head = try Head(model.recipe, outputs: outputs, network: size)
      return ServedVersion.Picture(model: model, input: size, head: head, outputs: network.outputs)
    }
    return Loaded(
      digest: version.digest, network: .apart(network), picture: picture, noPicture: version.noPicture,
      texts: try tokenizer(of: version), integers: Self.integers(version, .apart(network)),
      mayTakeRows: version.mayTakeRows, isTuned: false)
  }

  /// What makes tokens of words, where it takes those.
  private func tokenizer(of version: VersionModel) throws(Fault) -> TextTokenizer? {
    try version.texts.map { (texts) throws(Fault) in try TextTokenizer(texts.model, cache: engine.cacheFolder) }
  }

  /// What its callers may send it as whole numbers: anything, where its engine carries all their bits.
  private static func integers(_ version: VersionModel, _ network: Network) -> IntegerRange {
    IntegerRange(ofNetwork: network.runtime.carriesWholeNumbers ? nil : version.tensorNetwork, inputs: network.inputs)
  }

  /// The same network for one inference at a time on all cores, or `nil` where that is what it is already.
  func loadLowLatency(_ cancellation: Cancellation) throws(Fault) -> CompiledNetwork? {
    let identity = try VersionIdentity(folder, store: store, on: engine)
    var solo = identity.options(options, by: settings)
    guard CompileOptions.usualStreams(cores: Processor.count) > 1, solo.streams ?? 2 > 1 else { return nil }
    (solo.streams, solo.batch) = (1, 1)
    let trialMark = identity.trialMark(solo, on: engine)
    if let trials, !trialMark.isThere { try tryOut(solo, trialMark, trials, cancellation) }
    mark.begin()
    defer { mark.end() }
    return try VersionModel(folder, store: store, on: engine).compile(solo, on: engine).network
  }
}
