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
    /// Threads of all streams; `nil` is one a core.
    public var threads: Int?
    public var batch = 1
    /// These settings come from tuning.
    public private(set) var isTuned = false
    /// Takes the compiled network that an earlier run kept; else it is made anew and kept in its place.
    public var trustsKept = true
    /// Runs every batch size once before it is ready, so that the first picture waits no longer than any other.
    public var isWarmed = true

    public init() {}

    /// As tuned; the precision is the model's own affair.
    public init(_ setting: Setting, device: String) {
      (self.device, streams, threads, batch) = (device, setting.streams, setting.threads, setting.batch)
      isTuned = true
    }
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
  /// How it runs here.
  public let setting: Setting
  /// `ridley tune` found that.
  public let isTuned: Bool
  let unit: InferenceUnit
  let head: Head
  let order: PixelOrder

  /// Reads, compiles, starts and, where the options say so, warms up.
  ///
  /// - Throws: `badInput` or `unsupported` with the model's name in front.
  public init(_ model: Model, options: Options = .init(), on engine: Engine) throws(Fault) {
    do {
      let (compiled, size) = try Self.compile(model, options, on: engine)
      input = size
      head = try Head(model.recipe, outputs: compiled.outputs, network: input)
      if options.isWarmed { try compiled.warmUp() }
      // Frames that wait keep the engine busy while the decoder works on a hard one: measured, two a stream are too few.
      unit = try InferenceUnit(compiled, spare: max(2, 3 * compiled.streams / compiled.batch))
      precision = compiled.precision
      setting = Setting(
        precision: options.precision ?? CompileOptions.Precision(of: model), streams: compiled.streams,
        threads: options.threads ?? Processor.count, batch: compiled.batch)
    } catch {
      throw error.at("model \(model.name)")
    }
    (name, digest, recipe, device) = (model.name, model.digest, model.recipe, options.device)
    isTuned = options.isTuned
    order = PixelOrder(rawValue: model.recipe.input.color.rawValue)!
  }

  /// The model's name with its digest, as every prediction carries it.
  public var identity: String { "\(name)@\(digest)" }

  /// The model's network, ready to take pictures of the size.
  static func compile(
    _ model: Model, _ options: Options, on engine: Engine
  ) throws(Fault) -> (network: CompiledNetwork, input: Size) {
    var compile = CompileOptions()
    compile.device = options.device
    compile.precision = options.precision ?? CompileOptions.Precision(of: model)
    (compile.streams, compile.threads, compile.batch) = (options.streams, options.threads, options.batch)
    let name = Self.name(model, options.device)
    let compiled = try CompiledNetwork.load(name, isTrusted: options.trustsKept, with: compile, on: engine) {
      (compile) throws(Fault) in
      let network = try engine.read(model.networkPath)
      compile.picture = try pictureInput(network.inputs, model.recipe.input)
      return network
    }
    // Bytes of pictures: rows, columns, channels.
    return (compiled, Size(width: compiled.inputs[0].shape[2]!, height: compiled.inputs[0].shape[1]!))
  }

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

extension CompileOptions.Precision {
  /// What the model's manifest, or the user in its place, asks for.
  public init(of model: Model) { self = Self(rawValue: model.manifest.precision.rawValue)! }
}
