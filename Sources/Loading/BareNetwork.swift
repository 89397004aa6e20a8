internal import Base
internal import Inference
internal import Metadata
internal import ModelHub
internal import Vision

/// A network that stands somewhere without a manifest: its files, and what their shapes tell.
struct BareNetwork {
  let path: String
  let files: [Manifest.File]
  let shapes: NetworkShapes
  /// What the file says of itself.
  let facts: NetworkFacts

  /// Reads the files for their digests, and the network itself where its shapes were not kept in the engine's folder.
  init(_ path: String, by choice: EngineChoice = .auto, on engine: Engine) throws(Fault) {
    self.path = path
    files = try Model.files(ofNetwork: path, cache: engine.cacheFolder)
    facts = NetworkFacts(ofNetwork: path)
    shapes = try ShapeCache(engine.cacheFolder).shapes(of: files) { () throws(Fault) in
      let network = try ModelResolver.read(path, by: choice, on: engine)
      return NetworkShapes(inputs: network.inputs, outputs: network.outputs)
    }
  }

  func recipe(_ overrides: RecipeOverrides, labels: [String]) throws(RecipeDoubt) -> Recipe {
    try InferredRecipe(
      path: path, inputs: shapes.inputs, outputs: facts.described(shapes.outputs), facts: facts, overrides: overrides,
      labels: labels
    ).recipe()
  }
}
