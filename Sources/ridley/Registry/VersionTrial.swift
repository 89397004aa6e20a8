import Base
import Catalog
import Execution
import Inference
import Loading
import MediaProcess
import ModelHub
import Registry
import Serving
import Vision

/// A version of the registry, laid out and loaded on this machine, with its first inference.
struct VersionTrial {
  let run: ExampleRun
  /// Where it lies, for as long as it is shown anything.
  private let scratch: ScratchFolder

  /// Every byte is held against its digest.
  ///
  /// - Throws: why it cannot be used here.
  init(_ version: RegisteredVersion, of registry: ModelRegistry) throws(Fault) {
    scratch = try ScratchFolder()
    let folder = "\(scratch.path)/\(version.model)"
    try registry.lay(version, into: folder)
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let place = ModelVersion(model: version.model, version: "\(version.number)", path: folder)
    let model = try VersionModel(place, store: try Hub.standard().store, on: engine)
    guard model.digest == version.digest else {
      throw Fault(.badInput, "its digest is \(model.digest), and \(version.digest) was published")
    }
    let options = LoadOptions()
    let compiled = try model.compile(options, on: engine)
    let unit = try InferenceUnit(compiled.network)
    let (name, network) = (version.model, compiled.network)
    var pipeline: LoadedPipeline?
    if let picture = compiled.picture, let known = model.model {
      let loaded = LoadedModel(
        name: name, digest: picture.digest, recipe: known.recipe, input: picture.input, head: picture.head,
        precision: network.precision, engine: network.engine, device: options.device, target: unit)
      pipeline = LoadedPipeline(loaded, sampling: .all)
    }
    run = ExampleRun(
      target: unit, inputs: network.inputs, pipeline: pipeline, desk: PictureDesk(MediaPool(limit: 1)),
      computation: .init(engine: network.engine, precision: network.precision, device: options.device),
      threshold: model.model?.recipe.output.threshold ?? 0)
  }

  /// Loads a version and shows it all that was recorded of it.
  ///
  /// - Throws: with the version's name, and that nothing was moved.
  static func attempt(_ version: RegisteredVersion, of registry: ModelRegistry) throws(Fault) {
    do throws(Fault) {
      let trial = try VersionTrial(version, of: registry)
      defer { withExtendedLifetime(trial) {} }
      try trial.run.check(version, of: registry)
    } catch {
      throw Fault(
        error.kind,
        "version \(version.number) of '\(version.model)' cannot be used here, so nothing was moved: \(error.message)",
        cause: error.cause)
    }
  }
}
