public import Base
public import Execution
public import Inference
public import Loading
public import ModelHub
public import Pipelines

extension CentreNetwork {
  /// A pipeline of which some networks are asked at the centre, and the others loaded here.
  ///
  /// `models` has one for each network, and behind them the one that hears speech, where the pipeline asks for it.
  /// - Throws: `badInput` where the pipeline cannot be cut there; what ``load(_:)`` does.
  public func load(
    _ pipeline: Pipeline, cut: Cut, models: [Model], on engine: Engine, options: (Model) -> LoadOptions
  ) throws(Fault) -> LoadedPipeline {
    if let objection = cut.objection(to: pipeline) {
      throw Fault(.badInput, "the pipeline cannot be cut at '\(cut.rawValue)': \(objection)")
    }
    let far = cut.steps(of: pipeline)
    var loaded: [LoadedModel] = []
    for (step, model) in models.prefix(pipeline.infer.count).enumerated() {
      let same = loaded.indices.first {
        far.contains($0) == far.contains(step) && loaded[$0].name == model.name && loaded[$0].digest == model.digest
      }
      if let same {
        loaded.append(loaded[same])
      } else {
        loaded.append(
          try far.contains(step) ? load(model) : LoadedModel(model, options: options(model), on: engine))
      }
    }
    let speech = models.dropFirst(pipeline.infer.count).first.map { SpeechSource($0, on: engine) }
    return try LoadedPipeline(pipeline, loaded: loaded, speech: speech)
  }
}
