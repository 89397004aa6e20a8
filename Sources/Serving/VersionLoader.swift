internal import Base
internal import Inference
internal import Isolation
internal import Loading
internal import ModelHub

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

  struct Loaded {
    let digest: String
    let network: CompiledNetwork
    let picture: ServedVersion.Picture?
    /// Why there is none.
    let noPicture: String?
    let isTuned: Bool
  }

  /// Where it says that it is at work, for the case that it takes the process with it.
  var mark: CrashJournal.Mark { CrashJournal.mark(name) }
  private var name: String { "\(folder.model)/\(folder.version)" }

  /// What crashed the process is not tried again at once, and after some times only when it is asked for.
  func refuseCrashed() throws(Fault) {
    let record = CrashJournal.record(of: name)
    guard record.crashes > 0 else { return }
    let times = record.crashes == 1 ? "once" : "\(record.crashes) times"
    guard record.crashes < Self.patience else {
      throw Fault(
        .unavailable,
        "it was at work when the server crashed, \(times), and is tried again when it is asked for: load it by name")
    }
    guard record.notBefore <= Clock.now else {
      throw Fault(.unavailable, "it was at work when the server crashed, \(times), and is tried again soon")
    }
  }

  static let patience = 4

  /// Reads, compiles and warms up.
  func load() throws(Fault) -> Loaded {
    mark.begin()
    defer { mark.end() }
    return try make()
  }

  private func make() throws(Fault) -> Loaded {
    let version = try VersionModel(folder, store: store, on: engine)
    let options = version.options(options, by: settings)
    let compiled = try version.compile(options, on: engine)
    let picture = compiled.picture.flatMap { made in
      version.model.map {
        ServedVersion.Picture(
          model: $0, input: made.input, head: made.head, outputs: made.network.outputs)
      }
    }
    return Loaded(
      digest: version.digest, network: compiled.network, picture: picture, noPicture: version.noPicture,
      isTuned: options.isTuned)
  }

  /// The digest, without compiling anything.
  func digest() throws(Fault) -> String {
    mark.begin()
    defer { mark.end() }
    return try VersionModel(folder, store: store, on: engine).digest
  }

  /// The same network for one inference at a time on all cores, or `nil` where that is what it is already.
  func loadLowLatency() throws(Fault) -> CompiledNetwork? {
    let version = try VersionModel(folder, store: store, on: engine)
    var solo = version.options(options, by: settings)
    guard CompileOptions.usualStreams(cores: Processor.count) > 1, solo.streams ?? 2 > 1 else { return nil }
    (solo.streams, solo.batch) = (1, 1)
    return try version.compile(solo, on: engine).network
  }
}
