import Base
import Bus
import Catalog
import Execution
import Inference
import Jobs
import Library
import Loading
import ModelHub
import Pipelines
import Registry

/// Where jobs are, and how a command names them.
enum JobPlace {
  static let position = Positional(name: "job", help: "its id, or the last 4 characters or more of it")
  static let client = Option.value("client", "NAME", "whose job, where ids of several end alike (default any client's)")
  static let models = Option.value("models", "DIR", "look for models in this folder first")

  static func desk(_ arguments: Arguments) throws(Fault) -> JobDesk {
    try desk(of: try LibraryPlace.open(arguments))
  }

  static func desk(of library: Library) throws(Fault) -> JobDesk { JobDesk(library, bus: try bus(of: library)) }

  static func bus(of library: Library) throws(Fault) -> any Bus {
    SharedPlace.isMeant ? try SharedPlace.bus() : try SQLiteBus("\(library.path)/library.db")
  }

  static func job(_ arguments: Arguments, at desk: JobDesk) throws(Fault) -> Job {
    try desk.job(endingIn: arguments.positionals[0], client: arguments["client"], scope: .all)
  }

  /// In millionths of the unit of money.
  static func budget(_ arguments: Arguments) throws(Fault) -> Int? {
    try arguments.number("budget", in: 0...1e9).map { Int(($0 * 1e6).rounded()) }
  }

  /// Where a worker finds the models that jobs pin; its engine is made once, and late.
  static func pins(of library: Library, _ arguments: Arguments) -> PinnedModels {
    var made: Engine?
    return PinnedModels(registry: ModelRegistry(library), models: arguments["models"]) { () throws(Fault) in
      let engine = if let made { made } else { try Engine.ofProgram(cacheFolder: EngineCache.standard.folder) }
      made = engine
      return engine
    }
  }

  /// A pipeline's file as a job holds it: in its normal form, with the digests of the models that are here.
  static func pin(_ path: String, models: String?) throws(Fault) -> Job.Pinned {
    let resolver = try PipelineResolver(path, models: models, cache: EngineCache.standard.folder) {
      () throws(Fault) in try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    }
    let found = PinnedModels.Found(pipeline: resolver.file.pipeline, models: try resolver.find(mustBeHere: true))
    return Job.Pinned(
      series: try LibrarySink.series(ofPipeline: path), digest: try found.digest(), text: found.pipeline.text,
      folder: FileSystem.absolute(FileSystem.folder(of: path)), models: found.pinned, published: found.published)
  }

  /// A pipeline that a job or a trigger holds, as it is by now: its models may have other versions.
  static func renew(
    _ pinned: Job.Pinned, models: String?, engine: @escaping () throws(Fault) -> Engine
  ) throws(Fault) -> Job.Pinned {
    let resolver = try PipelineResolver(
      text: pinned.text, name: "\(pinned.folder)/\(pinned.series).yaml", models: models,
      cache: EngineCache.standard.folder, engine: engine)
    let found = PinnedModels.Found(pipeline: resolver.file.pipeline, models: try resolver.find(mustBeHere: true))
    var new = pinned
    (new.digest, new.models, new.published) = (try found.digest(), found.pinned, found.published)
    return new
  }

  /// Loads a pipeline as a job holds it, for a worker that works on one core.
  ///
  /// It was whole where the job was started: what is wrong with it here is this worker's, and the fault is `unavailable`. What the profile
  /// has no memory for has none elsewhere either.
  static func load(_ pinned: Job.Pinned, _ pins: PinnedModels, on engine: Engine) throws(Fault) -> LoadedPipeline {
    do throws(Fault) {
      let found = try pins.find(pinned)
      return try LoadedPipeline(found.pipeline, models: found.models, on: engine) { _ in
        var options = LoadOptions()
        (options.streams, options.threads, options.isWarmed) = (1, 1, false)
        return options
      }
    } catch {
      if error.kind == .exhausted { throw error }
      throw Fault(.unavailable, "the pipeline '\(pinned.series)' cannot be loaded by this worker: \(error.message)")
    }
  }
}
