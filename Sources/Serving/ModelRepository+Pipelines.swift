public import Base
public import Execution
internal import Inference
internal import Insights
internal import Loading
internal import ModelHub
internal import Pipelines
internal import Predictions
internal import Vision

extension ServedVersion {
  /// It alone as a pipeline, over one frame in so many seconds; `nil` where it is not known how it looks at pictures.
  public func pipeline(every seconds: Double) -> LoadedPipeline? {
    try? pipeline(every: seconds, with: PredictOptions())
  }

  /// It alone over every picture of a live stream; with `isHeld` it stays in memory for as long as that is used.
  ///
  /// - Throws: where it is not known how it looks at pictures.
  func live(isHeld: Bool) throws(Fault) -> LoadedPipeline {
    LoadedPipeline(try loaded(with: RecipeOverrides(), isHeld: isHeld), sampling: .all)
  }
}

/// Pipelines of a folder, put together from the models that are served.
extension ModelRepository {
  /// A pipeline that was put together, and what it stands for.
  struct PipelineEntry: Sendable {
    /// The file, as the file system knows it.
    let stamp: String
    /// The file of its catalogue, likewise.
    let catalogue: String
    let versions: [ServedVersion]
    let pipeline: LoadedPipeline

    /// Of each model that it was put together from, once.
    var metrics: [ModelMetrics] {
      versions.indices.filter { index in !versions[..<index].contains { $0 === versions[index] } }
        .map { versions[$0].metrics }
    }
  }

  /// Where they are.
  public var pipelineFolder: String? { options.pipelines }

  /// Names of the pipelines that are there, in order: those of the folder, and the built-in ones whose models are served.
  public var pipelineNames: [String] {
    let files = options.pipelines.flatMap { try? FileSystem.list($0) } ?? []
    let own = files.filter { $0.hasSuffix(Self.ending) }.map { String($0.dropLast(Self.ending.count)) }
    let others = BuiltInPipelines.all.map(\.name).filter { name in !own.contains(name) && canServe(builtIn: name) }
    return others.isEmpty ? own : (own + others).sorted()
  }

  private func canServe(builtIn name: String) -> Bool {
    guard let file = try? PipelineFile.read(name) else { return false }
    return file.pipeline.models.allSatisfy { (try? find($0)) != nil }
  }

  /// The pipeline of the name, with the usual version of each of its models.
  ///
  /// It is read again once its file or one of its models has changed.
  /// - Throws: everything that does not fit as one `unavailable`; `notFound` where there is no such pipeline.
  public func pipeline(named name: String) throws(Fault) -> LoadedPipeline { try entry(of: name).pipeline }

  func entry(of name: String) throws(Fault) -> PipelineEntry {
    let path = path(ofPipeline: name)
    let stamp = Self.stamp(path)
    if let known = pipelines.update({ $0[name] }), known.stamp == stamp, areUsual(known.versions),
      known.catalogue == Self.catalogue(of: known.pipeline.pipeline)
    {
      return known
    }
    let names = pipelineNames
    guard names.contains(name) else {
      throw Fault(.notFound, "there is no pipeline '\(name)'\(Suggestion.hint(for: name, among: names))")
    }
    do {
      let entry = try makePipeline(try PipelineFile.read(path), stamp) { (model) throws(Fault) in try find(model) }
      if areUsual(entry.versions) { pipelines.update { $0[name] = entry } }
      return entry
    } catch {
      // It is not the client who must mend it.
      let fault = toldToClients(error)
      throw Fault(.unavailable, "the pipeline '\(name)' cannot be served: \(fault.message)", cause: fault.cause)
    }
  }

  /// The pipeline of the name for a live stream: its models stay in memory for as long as it is used, and go by the stream's name where they are being
  /// rolled out.
  public func live(pipeline name: String, stream: String?) throws(Fault) -> LoadedPipeline {
    guard budget != nil else {
      guard let stream else { return try pipeline(named: name) }
      return try pipeline(named: name) { stream }.pipeline
    }
    _ = try pipeline(named: name)
    do throws(Fault) {
      let file = try PipelineFile.read(path(ofPipeline: name))
      return try makePipeline(file, "", isHeld: true) { (model) throws(Fault) in
        guard let stream else { return try find(model) }
        return try route(model) { stream }.served
      }.pipeline
    } catch {
      let fault = toldToClients(error)
      throw Fault(.unavailable, "the pipeline '\(name)' cannot be served: \(fault.message)", cause: fault.cause)
    }
  }

  func path(ofPipeline name: String) -> String {
    let file = options.pipelines.map { "\($0)/\(name)\(Self.ending)" }
    return file.flatMap { FileSystem.kind(of: $0) == nil ? nil : $0 } ?? name
  }

  /// A model as a pipeline over every picture of a live stream: the usual version, or the one that is the stream's where it is rolled out.
  public func live(model name: String, stream: String?) throws(Fault) -> LoadedPipeline {
    guard let stream else { return try find(name).live(isHeld: budget != nil) }
    return try route(name) { stream }.served.live(isHeld: budget != nil)
  }

  private static let ending = ".yaml"

  private func areUsual(_ versions: [ServedVersion]) -> Bool {
    versions.allSatisfy { (try? find($0.model)) === $0 }
  }

  /// With the versions that `find` gives for the names of models.
  func makePipeline(
    _ file: PipelineFile, _ stamp: String, isHeld: Bool = false, find: (String) throws(Fault) -> ServedVersion
  ) throws(Fault) -> PipelineEntry {
    var (loaded, versions) = ([LoadedModel?](), [ServedVersion]())
    var missing: [(step: Int, fault: Fault)] = []
    let far = file.pipeline.cut?.steps(of: file.pipeline)
    for (index, step) in file.pipeline.infer.enumerated() {
      do throws(Fault) {
        let served = try find(step.model)
        let place = far.map { $0.contains(index) ? UnitPlace.remote : .local }
        loaded.append(try served.loaded(with: step.overrides, isHeld: isHeld, at: place))
        versions.append(served)
      } catch {
        loaded.append(nil)
        missing.append((index, error))
      }
    }
    let speech = try file.pipeline.insights.breaks?.speech.map { (name) throws(Fault) in
      let served = try find(name)
      versions.append(served)
      return try listener(served)
    }
    let facts = loaded.map { model in model.map { ModelFacts($0.recipe) } }
    try file.check(facts, missing: missing)
    let pipeline = try LoadedPipeline(file.pipeline, loaded: loaded.compactMap { $0 }, speech: speech)
    return PipelineEntry(
      stamp: stamp, catalogue: Self.catalogue(of: file.pipeline), versions: versions, pipeline: pipeline)
  }

  /// What hears speech is run by those that analyse; here it is known by its bytes.
  private func listener(_ served: ServedVersion) throws(Fault) -> SpeechSource {
    let known = try Hub(folders: [options.folder], store: options.store).find(served.model)
    return SpeechSource(try known.identified(cache: engine.cacheFolder), on: engine)
  }

  private static func stamp(_ path: String) -> String {
    FileSystem.stamp(of: path)?.whole ?? ""
  }

  private static func catalogue(of pipeline: Pipeline) -> String {
    pipeline.insights.products.map { stamp(CatalogueFile.path(in: $0.catalogue)) } ?? ""
  }
}
