internal import Base
internal import Inference
internal import ModelHub
internal import Vision

/// A network that stands somewhere without a manifest: its files, and what their shapes tell.
struct BareNetwork {
  let path: String
  let files: [Manifest.File]
  let shapes: NetworkShapes

  /// Reads the files for their digests, and the network itself where its shapes were not kept in the engine's folder.
  init(_ path: String, on engine: Engine) throws(Fault) {
    self.path = path
    files = try Model.files(ofNetwork: path, cache: engine.cacheFolder)
    shapes = try ShapeCache(engine.cacheFolder).shapes(of: files) { () throws(Fault) in
      let network = try ModelResolver.read(path, on: engine)
      return NetworkShapes(inputs: network.inputs, outputs: network.outputs)
    }
  }

  func recipe(_ overrides: RecipeOverrides, labels: [String]) throws(RecipeDoubt) -> Recipe {
    try InferredRecipe(
      path: path, inputs: shapes.inputs, outputs: shapes.outputs, overrides: overrides, labels: labels
    ).recipe()
  }
}
