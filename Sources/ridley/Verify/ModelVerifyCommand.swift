import Base
import Execution
import Inference
import Isolation
import Loading
import ModelHub
import Vision

/// Which engines answer a network as its own runtime does.
struct ModelVerifyCommand: Command {
  let path = ["model", "verify"]
  let summary = "Hold each engine's answers to a network against those of the network's own runtime"
  let positionals = [Positional(name: "model", help: "a model of 'ridley model list', or any network file")]
  let options: [Option] =
    [
      .value("inputs", "PATH", "try it on this too: a film, a picture, a pattern, or a folder of them"),
      .value("frames", "N", "pictures of it to look at (default 50)"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley model verify yolox-nano", "ridley model verify yolox-nano --inputs footage/",
    "ridley model verify net.onnx --engine openvino --json",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let frames = try arguments.integer("frames", in: 1...5000) ?? 50
    let name = arguments.positionals[0]
    let engine = try Engine.ofProgram(cacheFolder: nil)
    let scratch = try ScratchFolder()
    let bar = ProgressBar(FileSystem.name(of: name), isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    var trial = try VerifyTrial(
      name, try subject(name, arguments, on: engine), engine: try choice(arguments), on: engine)
    if let footage = arguments["inputs"] { try trial.look(at: footage, frames: frames, scratch, bar) }
    try trial.verify(bar)
    bar.clear()
    if !arguments.has("quiet") { try Terminal.print(arguments.has("json") ? trial.json : trial.text) }
    return trial.isRight ? .success : .partial
  }

  private func choice(_ arguments: Arguments) throws(Fault) -> EngineChoice? {
    try ModelOptions.overrides(arguments).engine
  }

  /// A network that nobody can say the meaning of takes tensors.
  private func subject(
    _ name: String, _ arguments: Arguments, on engine: Engine
  ) throws(Fault) -> VerifyTrial.Subject {
    let resolver = ModelOptions.resolver(arguments, on: engine)
    do throws(Fault) {
      let model = try resolver.find(name, try ModelOptions.overrides(arguments))
      // What has other inputs than pictures is one of tensors, whatever its outputs look like.
      let network = try ModelResolver.read(model.networkPath, on: engine)
      if model.manifest.words != nil { return try texts(model, network.inputs, network.outputs, arguments) }
      guard arguments["inputs"] == nil, ModelResolver.networkFile(name) != nil,
        PictureShape(
          network.inputs, layout: model.recipe.input.layout, window: model.recipe.input.window) == nil
      else { return .pictures(model) }
      return .tensors(model.networkPath)
    } catch {
      guard let file = ModelResolver.networkFile(name), arguments["inputs"] == nil else { throw error }
      _ = try ModelResolver.read(file, on: engine)
      return .tensors(file)
    }
  }

  private func texts(
    _ model: Model, _ inputs: [TensorSpec], _ outputs: [TensorSpec], _ arguments: Arguments
  ) throws(Fault) -> VerifyTrial.Subject {
    guard arguments["inputs"] == nil else {
      throw arguments.refusal("--inputs names pictures, and '\(model.name)' takes words: without it texts are tried")
    }
    do throws(Fault) {
      let tokenizer = try TextTokenizer(model, cache: nil)
      let probes = try tokenizer.probes(inputs: inputs, outputs: outputs)
      return .texts(tokenizer.model, tokenizer.recipe, probes)
    } catch { throw error.at("model \(model.name)") }
  }
}
