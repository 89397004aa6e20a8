public import Base
public import Execution
internal import Loading
internal import Pipelines
internal import Vision

/// What a request says over a model's own recipe; `nil` and empty leave a thing as it is.
public struct PredictOptions: Sendable, Hashable {
  /// 0 to 1.
  public var threshold: Float?
  /// 0 to 1.
  public var iou: Float?
  public var top: Int?
  /// Only these are told.
  public var labels: [String] = []

  public init() {}
}

extension ServedVersion {
  /// It alone as a pipeline, over one frame in so many seconds, with what a request says over its recipe.
  ///
  /// - Throws: `unsupported` where it is not known how it looks at pictures; `badInput` for labels that it does not have.
  public func pipeline(every seconds: Double, with options: PredictOptions) throws(Fault) -> LoadedPipeline {
    var overrides = RecipeOverrides()
    (overrides.threshold, overrides.iou, overrides.top) = (options.threshold, options.iou, options.top)
    let loaded = try loaded(with: overrides)
    guard !options.labels.isEmpty else { return LoadedPipeline(loaded, sampling: .every(seconds: seconds)) }
    let known = loaded.recipe.allLabels
    if let other = options.labels.first(where: { !known.contains($0) }) {
      let hint = known.isEmpty ? ": it has none" : Suggestion.hint(for: other, among: known)
      throw Fault(.badInput, "the model '\(model)' has no label '\(other)'\(hint)")
    }
    var pipeline = Pipeline(infer: [Pipeline.Infer(name: model, model: model)])
    (pipeline.sample, pipeline.emit.labels) = (.every(seconds: seconds), options.labels)
    return try LoadedPipeline(pipeline, loaded: [loaded])
  }
}
