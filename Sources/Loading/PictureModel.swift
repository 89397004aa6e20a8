public import Base
public import Inference
public import ModelHub
public import Vision

/// A model's network, compiled for pictures, and what reads its answers.
public struct PictureModel: Sendable {
  public let network: CompiledNetwork
  /// The network's input, in pixels.
  public let input: Size
  public let head: Head
  /// `sha256:…` of everything that decides what it answers.
  public let digest: String

  /// Takes the network that was cached, or reads, compiles and caches it.
  public init(_ model: Model, _ options: LoadOptions, on engine: Engine) throws(Fault) {
    let model = try model.identified(cache: engine.cacheFolder)
    digest = model.digest
    (network, input) = try Self.compile(model, options, on: engine)
    head = try Head(model.recipe, outputs: network.outputs, network: input)
    if options.isWarmed { try network.warmUpReady() }
  }

  /// The model's network alone, ready to take pictures of the size.
  ///
  /// - Throws: also where a file is not the one that the manifest names.
  public static func compile(
    _ model: Model, _ options: LoadOptions, on engine: Engine
  ) throws(Fault) -> (network: CompiledNetwork, input: Size) {
    let model = try model.identified(cache: engine.cacheFolder)
    let key = CacheKey.of(model.digest, on: options.device)
    let compiled = try CompiledNetwork.load(
      key, usesCache: options.usesCache, with: CompileOptions(options, for: model), on: engine,
      read: { (compile) throws(Fault) in
        let network = try engine.read(model.networkPath)
        compile.picture = try pictureInput(network.inputs, model.recipe.input)
        return network
      },
      confirm: { () throws(Fault) in if !model.isUnchanged { throw changedMeanwhile } })
    // Bytes of pictures: rows, columns, channels.
    return (compiled, Size(width: compiled.inputs[0].shape[2]!, height: compiled.inputs[0].shape[1]!))
  }

  /// What was compiled is not what was looked at, and must not be called by its digest.
  static let changedMeanwhile = Fault(
    .unavailable, "the network's files changed while they were read: load it again once they are whole")

  private static func pictureInput(_ inputs: [TensorSpec], _ recipe: InputRecipe) throws(Fault) -> PictureInput {
    guard let shape = PictureShape(inputs, layout: recipe.layout) else {
      throw Fault(
        .unsupported,
        "no picture fits its input: \(inputs.map(\.description).joined(separator: ", ")); one input of four dimensions with 1 or 3 channels is needed"
      )
    }
    guard shape.channels == (recipe.color == .gray ? 1 : 3) else {
      throw Fault(
        .badInput, "its input has \(shape.channels) channel(s), and input.color is \(recipe.color.rawValue)")
    }
    guard let width = recipe.width ?? shape.width, let height = recipe.height ?? shape.height else {
      throw Fault(
        .badInput,
        "it leaves the size of its input open (\(inputs[0].shapeText)): say input.width and input.height, or --size")
    }
    let spread = { (values: [Float]) in
      values.count == 1 ? Array(repeating: values[0], count: shape.channels) : values
    }
    return PictureInput(
      width: width, height: height, channels: shape.channels, channelsFirst: shape.layout == .nchw,
      mean: spread(recipe.mean), scale: spread(recipe.scale))
  }
}
