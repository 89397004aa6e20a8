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
  let engine: Engine

  struct Loaded {
    let digest: String
    let network: CompiledNetwork
    let picture: ServedVersion.Picture?
  }

  /// Where it says that it is at work, for the case that it takes the process with it.
  var mark: Witness.Mark { Witness.mark(name) }
  private var name: String { "\(folder.model)/\(folder.version)" }

  /// What crashed the process is not tried again at once, and after some times only when somebody asks.
  func refuseCrashed() throws(Fault) {
    let record = Witness.record(of: name)
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
    guard folder.hasManifest else {
      let tensors = try TensorModel(
        networkAt: try folder.network(), options, cache: engine.cacheFolder, on: engine)
      return Loaded(digest: tensors.digest, network: tensors.network, picture: nil)
    }
    let model = try model()
    let made = try PictureModel(model, options, on: engine)
    let picture = ServedVersion.Picture(
      recipe: model.recipe, input: made.input, head: made.head, summary: model.manifest.summary)
    return Loaded(digest: model.digest, network: made.network, picture: picture)
  }

  /// The digest, without loading anything.
  func digest() throws(Fault) -> String {
    guard folder.hasManifest else {
      return try TensorModel.digest(ofNetworkAt: try folder.network(), cache: engine.cacheFolder)
    }
    return try model().digest
  }

  /// The same network for one inference at a time on all cores, or `nil` where that is what it is already.
  func loadLowLatency() throws(Fault) -> CompiledNetwork? {
    var solo = options
    (solo.streams, solo.batch) = (1, 1)
    guard CompileOptions.usualStreams(cores: Processor.count) > 1, options.streams ?? 2 > 1 else { return nil }
    guard folder.hasManifest else {
      return try TensorModel(networkAt: try folder.network(), solo, cache: engine.cacheFolder, on: engine).network
    }
    return try PictureModel(try model(), solo, on: engine).network
  }

  private func model() throws(Fault) -> Model {
    let model = try Model(try Manifest.read(folder.path), folder: folder.path, store: store)
    guard case .missing(let paths) = model.state else { return model }
    throw Fault(
      .notFound,
      "\(paths.joined(separator: ", ")) not here: run 'ridley model pull \(model.name)', or put the files beside \(folder.path)/\(Manifest.fileName)"
    )
  }
}
