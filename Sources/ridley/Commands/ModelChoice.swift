import Base
import Inference
import ModelHub
import Predictions
import Vision

/// The options that say which model is meant and how it is used; shared by the commands that run one.
enum ModelChoice {
  static let options: [Option] = [
    .value("models", "FOLDER", "look for models in this folder first"),
    .value("labels", "FILE", "names of the classes, one a line"),
    .choice("task", ModelTask.allCases.map(\.rawValue), "what the network is for, where it cannot be guessed"),
    .choice("decoder", OutputRecipe.Decoder.allCases.map(\.rawValue), "how its outputs are read"),
    .choice("activation", OutputRecipe.Activation.allCases.map(\.rawValue), "what turns its outputs into scores"),
    .choice("color", InputRecipe.Color.allCases.map(\.rawValue), "order of the channels it takes"),
    .choice(
      "normalize", Normalization.allCases.map(\.rawValue),
      "what 0 to 255 becomes: the same, 0 to 1, -1 to 1, or ImageNet's mean and deviation"),
    .value("mean", "N[,N,N]", "subtracted from each channel, 0 to 255"),
    .value("scale", "N[,N,N]", "then divides each channel"),
    .choice("resize", InputRecipe.Resize.allCases.map(\.rawValue), "how a picture of another shape fits"),
    .choice("anchor", InputRecipe.Anchor.allCases.map(\.rawValue), "where a letterboxed picture stands"),
    .value("size", "WxH", "input size, where the network leaves it open"),
    .choice(
      "layout", InputRecipe.Layout.allCases.map(\.rawValue),
      "order of its dimensions, where the shape can be read both ways"),
    .value("threshold", "0..1", "leave out what scores less"),
    .value("iou", "0..1", "overlap above which the weaker of two boxes goes"),
    .value("top", "N", "classes a classification names"),
    .choice(
      "precision", Precision.allCases.map(\.rawValue),
      "arithmetic inside the network (default f32: the same answer on every machine)"),
  ]

  /// The model that `--model` names: a network file, a folder with a manifest, or a name in the hub.
  static func find(_ name: String, _ arguments: Arguments, on engine: Engine) throws(Fault) -> Model {
    if let file = networkFile(name) { return try bare(file, arguments, on: engine) }
    return try named(name, arguments)
  }

  /// A model by name, or by its folder; with `mustBeHere`, one whose files were pulled.
  static func named(_ name: String, _ arguments: Arguments, mustBeHere: Bool = true) throws(Fault) -> Model {
    if Disk.kind(of: name) == nil, name.contains("/") || looksLikeNetwork(name) {
      throw Fault(.notFound, "there is no network file \(name)")
    }
    let hub = try Hub.standard(models: arguments["models"])
    let model = try mustBeHere ? hub.find(name) : hub.look(name)
    if let task = arguments["task"], task != model.recipe.task.rawValue {
      throw arguments.refusal("\(name) is for \(model.recipe.task.rawValue), not for \(task): leave --task out")
    }
    var manifest = model.manifest
    manifest.recipe = model.recipe
    guard try override(&manifest.recipe, arguments) || arguments["precision"] != nil else { return model }
    manifest.labels = .list(manifest.recipe.labels)
    if let precision = arguments["precision"] { manifest.precision = Precision(rawValue: precision)! }
    return try Model(manifest, folder: model.folder, store: hub.store)
  }

  /// A network without a manifest: what it is, is guessed from its shapes; what cannot be guessed is asked for.
  private static func bare(_ path: String, _ arguments: Arguments, on engine: Engine) throws(Fault) -> Model {
    let files = try Model.files(ofNetwork: path, cache: engine.cacheFolder)
    let shapes = try KnownShapes.of(files, in: engine.cacheFolder) { () throws(Fault) in
      let network = try read(path, on: engine)
      return KnownShapes(inputs: network.inputs, outputs: network.outputs)
    }
    let recipe = try BareRecipe(path: path, inputs: shapes.inputs, outputs: shapes.outputs, arguments).recipe()
    let precision = arguments["precision"].flatMap { Precision(rawValue: $0) } ?? .f32
    return try Model(network: path, files: files, recipe: recipe, precision: precision)
  }

  /// What the engine opens where `name` is a bare network: the file, or the folder of a SavedModel; `nil` for other names.
  static func networkFile(_ name: String) -> String? {
    let isFile = Disk.kind(of: name) == .file
    // The file of a SavedModel is half of it.
    if isFile, Disk.name(of: name) == "saved_model.pb" { return Disk.folder(of: name) }
    return isFile || Disk.kind(of: name + "/saved_model.pb") == .file ? name : nil
  }

  /// Reads a network; faults carry its path.
  static func read(_ path: String, on engine: Engine) throws(Fault) -> Network {
    do { return try engine.read(path) } catch { throw error.message.contains(path) ? error : error.at(path) }
  }

  static func looksLikeNetwork(_ name: String) -> Bool {
    [".onnx", ".tflite", ".xml", ".pb", ".pdmodel"].contains { name.hasSuffix($0) }
  }

  /// Puts what the user says over what the manifest or the guess says; `true` where anything changed.
  @discardableResult
  static func override(_ recipe: inout Recipe, _ arguments: Arguments) throws(Fault) -> Bool {
    let before = recipe
    if let file = arguments["labels"] { recipe.labels = try LabelFile.read(file) }
    if let task = arguments["task"] { recipe.task = ModelTask(rawValue: task)! }
    try override(&recipe.input, arguments)
    try override(&recipe.output, arguments)
    return recipe != before
  }

  private static func override(_ input: inout InputRecipe, _ arguments: Arguments) throws(Fault) {
    if let color = arguments["color"] { input.color = InputRecipe.Color(rawValue: color)! }
    if let name = arguments["normalize"] { (input.mean, input.scale) = Normalization(rawValue: name)!.values }
    if let mean = try arguments.numbers("mean", counts: [1, 3]) { input.mean = mean }
    if let scale = try arguments.numbers("scale", counts: [1, 3]) { input.scale = scale }
    guard !input.scale.contains(0) else { throw arguments.refusal("--scale divides, so it takes no zero") }
    if let resize = arguments["resize"] { input.resize = InputRecipe.Resize(rawValue: resize)! }
    if let anchor = arguments["anchor"] { input.anchor = InputRecipe.Anchor(rawValue: anchor)! }
    if let layout = arguments["layout"] { input.layout = InputRecipe.Layout(rawValue: layout)! }
    guard let size = arguments["size"] else { return }
    let sides = size.split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, sides.allSatisfy({ (1...8192).contains($0) }) else {
      throw arguments.refusal("--size takes width x height in pixels such as 320x240, not '\(size)'")
    }
    (input.width, input.height) = (sides[0], sides[1])
  }

  private static func override(_ output: inout OutputRecipe, _ arguments: Arguments) throws(Fault) {
    if let decoder = arguments["decoder"] { output.decoder = OutputRecipe.Decoder(rawValue: decoder)! }
    if let activation = arguments["activation"] { output.activation = OutputRecipe.Activation(rawValue: activation)! }
    if let threshold = try arguments.number("threshold", in: 0...1) { output.threshold = Float(threshold) }
    if let iou = try arguments.number("iou", in: 0...1) { output.iou = Float(iou) }
    if let top = try arguments.integer("top", in: 1...10_000) { output.top = top }
  }
}

/// Common ways to scale the bytes of a picture.
enum Normalization: String, CaseIterable {
  case none, unit, symmetric, imagenet

  /// ImageNet's figures are those of torchvision's pre-trained networks, times 255.
  var values: (mean: [Float], scale: [Float]) {
    switch self {
    case .none: ([], [])
    case .unit: ([], [255])
    case .symmetric: ([127.5], [127.5])
    case .imagenet: ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
    }
  }
}
