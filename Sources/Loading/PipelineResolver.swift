public import Base
public import Inference
public import ModelHub
public import Pipelines
internal import Vision

/// A pipeline's file with the models that it names, found as a model's own name is.
public struct PipelineResolver {
  public let file: PipelineFile
  private let resolver: ModelResolver
  /// Folders of models that stand in for those of the names.
  private let folders: [String: String]

  /// Reads the pipeline; `models` is a folder that is looked through first, digests of files are kept in `cache`, and the engine is asked for only where a
  /// network stands without a manifest.
  public init(_ path: String, models: String?, cache: String? = nil, engine: @escaping () throws(Fault) -> Engine)
    throws(Fault)
  {
    try self.init(try PipelineFile.read(path), models: models, cache: cache, engine: engine)
  }

  /// The same of a pipeline that is kept as text; `name` is the file that its models are meant from, and in place of a model that has one of `folders` by
  /// its name it is what stands there.
  public init(
    text: String, name: String, models: String?, folders: [String: String] = [:], cache: String? = nil,
    engine: @escaping () throws(Fault) -> Engine
  ) throws(Fault) {
    try self.init(
      try PipelineFile.read(bytes: Array(text.utf8), name: name), models: models, folders: folders, cache: cache,
      engine: engine)
  }

  private init(
    _ file: PipelineFile, models: String?, folders: [String: String] = [:], cache: String?,
    engine: @escaping () throws(Fault) -> Engine
  ) throws(Fault) {
    (self.file, self.folders) = (file, folders)
    _ = try Hub.standard(models: models)
    resolver = ModelResolver(models: models, cache: cache, engine: engine)
  }

  /// One model for each network, and behind them the one that hears speech, where the pipeline asks for it; everything that does not fit is
  /// told in one fault.
  ///
  /// Models that were not pulled yet are good enough for a look, and are refused with `mustBeHere`.
  public func find(mustBeHere: Bool) throws(Fault) -> [Model] {
    var found: [Model?] = []
    var missing: [(step: Int, fault: Fault)] = []
    for (index, step) in file.pipeline.infer.enumerated() {
      do throws(Fault) {
        found.append(try resolver.find(place(of: step.model), step.overrides, mustBeHere: mustBeHere))
      } catch {
        found.append(nil)
        missing.append((index, error))
      }
    }
    var listener: Model?
    if let speech = file.pipeline.insights.breaks?.speech {
      listener = try resolver.find(place(of: speech), RecipeOverrides(), mustBeHere: mustBeHere)
    }
    let facts = found.map { $0.map { ModelFacts($0.recipe) } }
    try file.check(facts, missing: missing)
    return (found + [listener]).compactMap { $0 }
  }

  /// Paths are meant from the folder of the pipeline; a name without a slash may be a file beside it too.
  private func place(of model: String) -> String {
    if let folder = folders[model] { return folder }
    let folder = FileSystem.folder(of: file.name)
    if model.hasPrefix("/") { return model }
    let beside = folder.isEmpty || folder == "." ? model : "\(folder)/\(model)"
    if model.contains("/") { return beside.contains("/") ? beside : "./" + beside }
    return ModelResolver.looksLikeNetwork(model) ? beside : model
  }
}

extension Pipeline.Infer {
  /// What the step says of its model.
  public var overrides: RecipeOverrides {
    var overrides = RecipeOverrides()
    (overrides.threshold, overrides.iou, overrides.top) = (threshold, iou, top)
    (overrides.precision, overrides.engine) = (precision, engine)
    return overrides
  }
}
