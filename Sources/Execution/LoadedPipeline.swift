public import Base
public import Inference
internal import Insights
public import Loading
public import ModelHub
public import Pipelines
internal import Predictions
public import Vision

/// A pipeline that is ready to look at frames: its networks are compiled, and their units run.
///
/// Shared by every file of a run, from any thread.
public struct LoadedPipeline: Sendable {
  public let pipeline: Pipeline
  /// One for each network, in order; steps that name the same model share it.
  public let models: [LoadedModel]
  /// What hears speech, where the pipeline asks for it.
  public let speech: SpeechSource?
  /// What knows products, where the pipeline names a catalogue.
  public let products: ProductSource?
  /// `sha256:…` of the pipeline's canonical form with its models' digests in it.
  public let digest: String
  /// A model and a sampling, as the command line gives them, and nothing more.
  public let isPlain: Bool

  /// Reads, compiles and starts; `models` has one for each network, and `options` says how each is run.
  public init(
    _ pipeline: Pipeline, models: [Model], on engine: Engine,
    options: (Model) -> LoadOptions = { _ in .init() }
  ) throws(Fault) {
    var loaded: [LoadedModel] = []
    for model in models.prefix(pipeline.infer.count) {
      if let same = loaded.first(where: { $0.identity == "\(model.name)@\(model.digest)" }) {
        loaded.append(same)
      } else {
        loaded.append(try LoadedModel(model, options: options(model), on: engine))
      }
    }
    let speech = models.dropFirst(pipeline.infer.count).first.map { SpeechSource($0, on: engine) }
    try self.init(pipeline, loaded: loaded, speech: speech)
  }

  /// One model over the frames of a sampling.
  public init(_ model: LoadedModel, sampling: Sampling) {
    var pipeline = Pipeline(infer: [Pipeline.Infer(name: model.name, model: model.name)])
    pipeline.sample = sampling
    self.init(pipeline, [model], nil, nil, isPlain: true)
  }

  /// Of models that run already, one for each network.
  ///
  /// - Throws: where its catalogue cannot be read, or was made with another network.
  public init(
    _ pipeline: Pipeline, loaded models: [LoadedModel], speech: SpeechSource? = nil
  ) throws(Fault) {
    let products = try pipeline.insights.products.map { (step) throws(Fault) in
      let source = try ProductSource(step)
      try source.check(model: models[step.of].identity)
      return source
    }
    self.init(pipeline, models, speech, products, isPlain: false)
  }

  private init(
    _ pipeline: Pipeline, _ models: [LoadedModel], _ speech: SpeechSource?, _ products: ProductSource?, isPlain: Bool
  ) {
    (self.pipeline, self.models, self.speech, self.isPlain) = (pipeline, models, speech, isPlain)
    self.products = products
    digest = pipeline.digest(companions: models.map(\.digest) + (speech.map { [$0.digest] } ?? []), products)
  }

  /// Every label that may be met, each once, in the order of the networks, and the ids of products behind them.
  public var labels: [String] {
    var seen: Set<String> = []
    let all = models.flatMap { model in model.recipe.labels + model.recipe.more.flatMap(\.labels) }
    return (all + (products?.known.catalogue.products.map(\.id) ?? [])).filter { seen.insert($0).inserted }
  }

  /// By network, for those that are shown windows of frames.
  public var windows: [FrameWindow?] { models.map(\.window) }
  public var hasWindows: Bool { models.contains { $0.window != nil } }

  /// Of `total` frames, those that must be shown for windows where some are answered about.
  public func shown(answering kept: Range<Int>, of total: Int) -> Range<Int> {
    windows.compactMap { $0?.frames(around: kept, of: total) }
      .reduce(kept) { min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound) }
  }

  /// Why it cannot look at a picture, or at all; `nil` where it can.
  public func refusal(ofPicture isPicture: Bool) -> Fault? {
    guard let place = models.firstIndex(where: { $0.window != nil }) else { return nil }
    if let objection = pipeline.objections(windowed: windows.map { $0 != nil }).first {
      return Fault(.badInput, objection.sentence)
    }
    guard isPicture, let window = models[place].window else { return nil }
    return Fault(
      .unsupported,
      "'\(pipeline.infer[place].name)' looks at windows of \(window.length) frames of a film, and this is a picture: give it a film"
    )
  }

  /// Why it cannot watch a live source; `nil` where it can.
  public var refusalOfLive: Fault? {
    if products != nil {
      return Fault(
        .unsupported, "products are looked for in films and pictures: record the source and analyse the film")
    }
    guard let place = models.firstIndex(where: { $0.window != nil }) else { return nil }
    return Fault(
      .unsupported,
      "'\(pipeline.infer[place].name)' looks at windows of frames that follow each other, and of a live source only the newest are looked at: record it and analyse the film"
    )
  }

  /// The networks as conclusions about a film name them.
  var answering: [AnsweringNetwork] {
    models.map { model in
      AnsweringNetwork(
        name: model.name, version: model.identity, labels: model.recipe.allLabels,
        isExclusive: model.recipe.task == .classification && model.recipe.output.activation != .sigmoid)
    }
  }

  /// Its normal form, which can be read and run again.
  public var text: String { pipeline.text }

  /// What other models in the places of its own say to single pictures: all of them are shown each, and nothing is followed, smoothed or left
  /// out of what is said.
  public func ofSinglePictures(by models: [LoadedModel]) -> LoadedPipeline {
    precondition(models.count == pipeline.infer.count, "each network has a model")
    var plain = Pipeline(infer: pipeline.infer)
    for step in plain.infer.indices { plain.infer[step].every = nil }
    (plain.sizes, plain.scene.masks) = (pipeline.sizes, pipeline.scene.masks)
    return LoadedPipeline(plain, models, nil, nil, isPlain: false)
  }

  /// Which frames the reader is asked for.
  public var sampling: Sampling { pipeline.sample }
}
