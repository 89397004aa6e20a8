public import Base
public import Inference
public import ModelHub

/// A network that takes words, compiled: texts of any length up to what its manifest says.
public struct TextModel: Sendable {
  public let network: CompiledNetwork
  /// How it takes them.
  public let recipe: TextRecipe

  /// Takes the network that was cached, or reads, compiles and caches it.
  public init(_ model: Model, _ recipe: TextRecipe, _ options: LoadOptions, on engine: Engine) throws(Fault) {
    let model = try model.identified(cache: engine.cacheFolder)
    var options = options
    (options.precision, options.engine) = (
      options.precision ?? model.manifest.precision, options.engine ?? model.manifest.engine
    )
    network = try TensorModel(
      networkAt: model.networkPath, options, openSides: 1...recipe.length, cache: engine.cacheFolder, on: engine
    ).network
    self.recipe = recipe
  }
}
