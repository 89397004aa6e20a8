public import Base
internal import Crypto
internal import Features
public import Insights
public import Pipelines
public import Predictions

/// The catalogue of a pipeline, read, and what looks for its products.
public struct ProductSource: Sendable {
  public let known: KnownCatalogue
  /// What tells it from others in the identity of a pipeline: the catalogue, and what proves by geometry, without which other things are found.
  let identity: String
  private let finder: ProductFinder
  private let step: Int

  /// - Throws: `notFound` where there is no catalogue, `badInput` where it is empty or damaged.
  init(_ products: Pipeline.Products) throws(Fault) {
    let store = CatalogueStore(products.catalogue)
    let catalogue = try store.read()
    let engine = FeatureEngine()
    known = KnownCatalogue(
      catalogue, digest: "sha256:" + SHA256.hex(of: CatalogueFile.deciding(catalogue)), note: engine.note)
    identity = "\(known.digest) \(engine.isThere ? "geometry \(engine.installedVersion ?? "")" : "likeness alone")"
    do throws(Fault) {
      finder = try ProductFinder(catalogue, products.settings, features: engine)
    } catch { throw error.at(store.path) }
    step = products.of
  }

  /// - Throws: where its embeddings are another network's than `model`, or the same with other options.
  func check(model: String) throws(Fault) { try finder.matcher.check(model: model) }

  /// All answers about a frame, and behind them the products that it shows, as answers of the network that knows them.
  func adding(to done: FrameInference.Answered) throws(Fault) -> [Prediction] {
    let found = try finder.find(done.predictions, step: step, in: done.frame)
    return done.predictions + found.map { $0.prediction(step: step) }
  }
}

extension LoadedPipeline {
  /// Every answer about a frame, those included that its picture is needed for once more.
  public func answers(_ done: FrameInference.Answered) throws(Fault) -> [Prediction] {
    try products?.adding(to: done) ?? done.predictions
  }
}

extension Pipeline {
  /// The pipeline's identity; `models` are the digests of its networks, in order, and behind them that of the one that hears speech.
  ///
  /// - Throws: where it names a catalogue that cannot be read.
  public func digest(models: [String]) throws(Fault) -> String {
    digest(companions: models, try insights.products.map { (products) throws(Fault) in try ProductSource(products) })
  }

  func digest(companions models: [String], _ products: ProductSource?) -> String {
    "sha256:" + SHA256.hex(of: canonical(models: models + (products.map { [$0.identity] } ?? [])))
  }
}
