public import Base
internal import Crypto
public import Inference
internal import Media
public import ModelHub
public import Vision

/// A model that is ready to look at pictures: compiled, with its unit running.
///
/// Shared by every file of a run, from any thread.
public final class LoadedModel: Sendable {
  /// How a model is run, apart from what it is.
  public struct Options: Sendable, Hashable {
    public var device = "CPU"
    /// `nil` keeps the manifest's.
    public var precision: CompileOptions.Precision?
    public var streams: Int?
    public var batch = 1

    public init() {}
  }

  public let name: String
  /// `sha256:…` of recipe and files.
  public let digest: String
  public let recipe: Recipe
  /// The network's input, in pixels.
  public let input: Size
  public let device: String
  /// What the device computes in.
  public let precision: String
  let unit: InferenceUnit
  let head: Head
  let order: PixelOrder

  /// Reads, compiles and starts.
  ///
  /// - Throws: `badInput` or `unsupported` with the model's name in front.
  public init(_ model: Model, options: Options = .init(), on engine: Engine) throws(Fault) {
    do {
      var compile = CompileOptions()
      compile.device = options.device
      compile.precision = options.precision ?? CompileOptions.Precision(rawValue: model.manifest.precision.rawValue)!
      (compile.streams, compile.batch) = (options.streams, options.batch)
      let compiled = try CompiledNetwork.load(Self.name(model, options.device), with: compile, on: engine) {
        (compile) throws(Fault) in
        let network = try engine.read(model.networkPath)
        compile.picture = try Self.pictureInput(network.inputs, model.recipe.input)
        return network
      }
      // Bytes of pictures: rows, columns, channels.
      input = Size(width: compiled.inputs[0].shape[2]!, height: compiled.inputs[0].shape[1]!)
      head = try Head(model.recipe, outputs: compiled.outputs, network: input)
      unit = try InferenceUnit(compiled)
      precision = compiled.precision
    } catch {
      throw error.at("model \(model.name)")
    }
    (name, digest, recipe, device) = (model.name, model.digest, model.recipe, options.device)
    order = PixelOrder(rawValue: model.recipe.input.color.rawValue)!
  }

  /// The model's name with its digest, as every prediction carries it.
  public var identity: String { "\(name)@\(digest)" }

  /// What the compiled network is kept as: its files and recipe, the engine and the processor.
  private static func name(_ model: Model, _ device: String) -> String {
    SHA256.hex(of: Array([model.digest, device, Engine.version, Processor.name].joined(separator: "\n").utf8))
  }

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
