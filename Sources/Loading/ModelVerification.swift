public import Base
public import Inference
public import ModelHub

/// A network's answers held against those of its own runtime, on purpose: see ``NetworkCheck``.
public enum ModelVerification {
  /// Of a model that takes pictures; `frames` are those that it is tried with, each the bytes of its input, rows of interleaved channels.
  ///
  /// - Throws: where the engine does not run it.
  public static func check(
    _ model: Model, _ options: LoadOptions, frames: Probes? = nil, on engine: Engine
  ) throws(Fault) -> NetworkCheck {
    try engine.compare(with: CompileOptions(options, for: model), probes: frames) {
      (wanted) throws(Fault) in try PictureModel.read(model, &wanted, on: engine)
    }
  }

  /// Of a network that takes tensors.
  public static func check(networkAt path: String, _ options: LoadOptions, on engine: Engine) throws(Fault)
    -> NetworkCheck
  {
    try engine.compare(with: CompileOptions(options, precision: .f32)) { (wanted) throws(Fault) in
      try engine.read(path, by: wanted.engine)
    }
  }

  /// Of a network that takes words; `probes` are texts as its inputs take them.
  public static func check(
    _ model: Model, _ words: TextRecipe, _ options: LoadOptions, probes: Probes, on engine: Engine
  ) throws(Fault) -> NetworkCheck {
    var wanted = CompileOptions(options, precision: .f32)
    wanted.openSides = 1...words.length
    return try engine.compare(with: wanted, probes: probes) { (wanted) throws(Fault) in
      try engine.read(model.networkPath, by: wanted.engine)
    }
  }

  /// Who runs a model where nobody says it: what ``EngineChoice/auto`` takes, or the model's own engine.
  ///
  /// - Throws: why nobody does.
  public static func runtime(of model: Model, _ options: LoadOptions, on engine: Engine) throws(Fault) -> EngineChoice {
    try PictureModel.compile(model, options, on: engine).network.runtime
  }

  /// The same of a network that takes tensors.
  public static func runtime(
    ofNetworkAt path: String, _ options: LoadOptions, on engine: Engine
  ) throws(Fault) -> EngineChoice {
    try TensorModel(networkAt: path, options, cache: engine.cacheFolder, on: engine).network.runtime
  }
}
