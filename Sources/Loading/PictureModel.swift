public import Base
public import Inference
internal import Metadata
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
  /// The network's, with what its file says of their numbers.
  public let outputs: [TensorSpec]

  /// Takes the network that was cached, or reads, compiles and caches it.
  public init(_ model: Model, _ options: LoadOptions, on engine: Engine) throws(Fault) {
    let model = try model.identified(cache: engine.cacheFolder)
    digest = model.digest
    (network, input) = try Self.compile(model, options, on: engine)
    outputs = Self.described(network.outputs, of: model)
    head = try Head(model.recipe, outputs: outputs, network: input)
    if options.isWarmed { try network.warmUpReady() }
  }

  /// The model's network alone, ready to take pictures of the size.
  ///
  /// - Throws: also where a file is not the one that the manifest names.
  public static func compile(
    _ model: Model, _ options: LoadOptions, on engine: Engine
  ) throws(Fault) -> (network: CompiledNetwork, input: Size) {
    let model = try model.identified(cache: engine.cacheFolder)
    let compiled = try DeviceLanes.compile(options) { (options) throws(Fault) in
      let wanted = CompileOptions(options, for: model)
      return try CompiledNetwork.load(
        CacheKey.of(model.digest, on: options.device, by: wanted.engine), usesCache: options.usesCache, with: wanted,
        on: engine,
        read: { (wanted) throws(Fault) in try read(model, &wanted, on: engine) },
        confirm: { () throws(Fault) in if !model.isUnchanged { throw changedMeanwhile } })
    }
    // Bytes of pictures: rows, columns, channels; of a window behind its frames.
    let rows = model.recipe.input.window == nil ? 1 : 2
    return (compiled, Size(width: compiled.inputs[0].shape[rows + 1]!, height: compiled.inputs[0].shape[rows]!))
  }

  /// What was compiled is not what was looked at, and must not be called by its digest.
  static let changedMeanwhile = Fault(
    .unavailable, "the network's files changed while they were read: load it again once they are whole")

  /// The model's network, and in the options how bytes of a picture become its input.
  static func read(_ model: Model, _ options: inout CompileOptions, on engine: Engine) throws(Fault) -> Network {
    let network = try engine.read(model.networkPath, by: options.engine)
    let facts = NetworkFacts(ofNetwork: model.networkPath)
    options.picture = try pictureInput(facts.described(network.inputs), model.recipe)
    return network
  }

  private static func pictureInput(_ inputs: [TensorSpec], _ recipe: Recipe) throws(Fault) -> PictureInput {
    let recipe = settled(recipe, inputs)
    let place = SideInput.picture(among: inputs)
    guard inputs.count == 1 || place != nil else {
      let names = inputs.dropFirst().map { "'\($0.name)' \($0.shapeText)" }.joined(separator: ", ")
      throw Fault(
        .unsupported,
        "it takes \(names) besides '\(inputs[0].name)' \(inputs[0].shapeText), and only one picture is given")
    }
    let input = inputs[place ?? 0]
    guard let shape = PictureShape(inputs, layout: recipe.layout, window: recipe.window) else {
      throw misfit(inputs, recipe)
    }
    guard shape.channels == (recipe.color == .gray ? 1 : 3) else {
      throw Fault(
        .badInput, "its input has \(shape.channels) channel(s), and input.color is \(recipe.color.rawValue)")
    }
    guard let width = recipe.width ?? shape.width, let height = recipe.height ?? shape.height else {
      throw Fault(
        .badInput,
        "it leaves the size of its input open (\(input.shapeText)): say input.width and input.height, or --size")
    }
    try refuseNumbers(recipe, input, channels: shape.channels)
    let numbers = Self.numbers(recipe, input)
    let spread = { (all: [Float]) in all.count == 1 ? Array(repeating: all[0], count: shape.channels) : all }
    var picture = PictureInput(
      width: width, height: height, channels: shape.channels, channelsFirst: shape.layout == .nchw,
      mean: spread(numbers.mean), scale: spread(numbers.scale))
    picture.place = place ?? 0
    picture.window = recipe.window.map { .init(frames: $0.length, channels: Self.channels(shape.layout)) }
    picture.constants = inputs.map { spec in
      SideInput(spec).map { side in
        PictureInput.Constant(
          sides: spec.shape.map { $0 ?? 1 }, values: side.values(on: Size(width: width, height: height)))
      }
    }
    return picture
  }

  private static func channels(_ layout: InputRecipe.Layout) -> PictureInput.Window.Channels {
    switch layout {
    case .ntchw: .inFrame
    case .ncthw: .first
    case .nthwc, .nchw, .nhwc: .last
    }
  }

  private static func misfit(_ inputs: [TensorSpec], _ recipe: InputRecipe) -> Fault {
    let all = inputs.map(\.description).joined(separator: ", ")
    guard let window = recipe.window else {
      let isWindow = inputs.contains { $0.shape.count == 5 }
      let way = isWindow ? "; one that is shown many frames at once has input.window in its manifest" : ""
      return Fault(
        .unsupported,
        "no picture fits its input: \(all); one input of four dimensions with 1 or 3 channels is needed\(way)")
    }
    return Fault(
      .badInput,
      "no window of \(window.length) frames fits its input: \(all); five dimensions are needed, one of them \(window.length), one 1 or 3 channels; where they can be read in several ways say input.layout (nthwc, ntchw or ncthw)"
    )
  }

  /// What a network's file says of the numbers that it gives, put to outputs of which that is not known.
  public static func described(_ outputs: [TensorSpec], of model: Model) -> [TensorSpec] {
    NetworkFacts(ofNetwork: model.networkPath).described(outputs)
  }

  /// The input of a recipe as a network takes it: one of plain bytes computes from them by itself, so that what is usual in its family is
  /// done inside of it, and bytes go in as they are.
  static func settled(_ recipe: Recipe, _ inputs: [TensorSpec]) -> InputRecipe {
    var input = recipe.input
    let usual = InputRecipe.usual(recipe.output.decoder)
    let spec = inputs[SideInput.picture(among: inputs) ?? 0]
    if !spec.takesFractions, input.mean == usual.mean, input.scale == usual.scale {
      (input.mean, input.scale) = ([], [])
    }
    return input
  }

  /// Numbers that are not for so many channels, or that do not fit into whole ones: most of a picture would become 0 or 1.
  private static func refuseNumbers(_ recipe: InputRecipe, _ input: TensorSpec, channels: Int) throws(Fault) {
    for (key, values) in [("mean", recipe.mean), ("scale", recipe.scale)] where values.count > 1 {
      guard values.count == channels else {
        throw Fault(
          .badInput, "input.\(key) has \(values.count) numbers, and its input \(channels) channel(s): say one for each")
      }
    }
    guard !input.takesFractions else { return }
    let isWhole = recipe.scale.allSatisfy { $0 == 1 } && recipe.mean.allSatisfy { $0 == $0.rounded() }
    let isByte = input.element == .u8 && recipe.mean.contains { $0 > 0 }
    guard isWhole, !isByte else {
      throw Fault(
        .badInput,
        "its input takes whole numbers (\(input.element.rawValue)), and mean and scale make fractions of bytes: the network does that itself, so leave them out, or --normalize none"
      )
    }
  }

  /// Mean and scale as the input's own type wants them: from bytes to its whole numbers where it is quantised.
  ///
  /// A quantised input holds `real / scale + zero`, and the recipe says how a byte becomes real. One that says nothing takes
  /// bytes as they are, moved into the range of signed ones.
  static func numbers(_ recipe: InputRecipe, _ input: TensorSpec) -> (mean: [Float], scale: [Float]) {
    let isPlain = recipe.mean.isEmpty && recipe.scale.isEmpty
    guard input.element == .i8 || input.element == .u8, !isPlain, let quantization = input.quantization else {
      return isPlain && input.element == .i8 ? ([128], []) : (recipe.mean, recipe.scale)
    }
    let count = max(recipe.mean.count, recipe.scale.count)
    func channel(_ values: [Float], _ index: Int, _ usual: Float) -> Float {
      values.isEmpty ? usual : values[values.count == 1 ? 0 : index]
    }
    var (mean, scale): ([Float], [Float]) = ([], [])
    for index in 0..<count {
      let step = channel(recipe.scale, index, 1) * quantization.scale
      mean.append(channel(recipe.mean, index, 0) - quantization.zero * step)
      scale.append(step)
    }
    // What is meant to be a byte for a byte stays one: the engine cuts off, and a rounding error would cost a whole step.
    if scale.allSatisfy({ abs($0 - 1) < 1e-3 }) { return (mean.map { $0.rounded() }, []) }
    return (mean, scale)
  }
}

extension TensorSpec {
  /// Numbers between whole ones can be said: it holds floats, or whole numbers that stand for such.
  var takesFractions: Bool { quantization != nil || [.f32, .f16, .f64, .bf16].contains(element) }
}
