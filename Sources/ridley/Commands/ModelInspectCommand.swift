import Analysis
import Base
import Execution
import Inference
import Loading
import ModelHub
import Predictions
import Vision

/// What a network takes and gives, what it is probably for, and whether it can run here.
struct ModelInspectCommand: Command {
  let path = ["model", "inspect"]
  let summary = "Look into a network: inputs, outputs, what it is for, whether it can run here"
  let positionals = [Positional(name: "model", help: "a model of 'ridley model list', or any network file")]
  let options = [Option.flag("json", "print one JSON object")] + ModelOptions.all
  let examples = ["ridley model inspect net.onnx", "ridley model inspect yolox-nano --json"]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = arguments.positionals[0]
    let engine = try Engine(cacheFolder: nil)
    let report = try InspectReport(name, arguments, on: engine)
    try Terminal.print(arguments.has("json") ? report.json : report.text)
    return .success
  }
}

/// Everything that is known of one network, for a person or a program.
struct InspectReport {
  private let name: String
  private let path: String
  private let digest: String?
  private let inputs: [TensorSpec]
  private let outputs: [TensorSpec]
  private let task: ModelTask?
  private let decoder: String?
  private let why: String
  /// All that it is made of.
  private let files: [Manifest.File]
  /// `nil` where it runs.
  private let obstacle: String?
  /// What its user should know where it runs.
  private let notes: [String]

  /// - Throws: where the file cannot be read at all; a network that reads but cannot run is part of the report.
  init(_ name: String, _ arguments: Arguments, on engine: Engine) throws(Fault) {
    self.name = name
    let file = ModelResolver.networkFile(name)
    let overrides = try ModelOptions.overrides(arguments)
    let known = file == nil ? try ModelOptions.resolver(arguments, on: engine).find(name, overrides) : nil
    path = known?.networkPath ?? file ?? name
    let network = try ModelResolver.read(path, on: engine)
    (inputs, outputs) = (network.inputs, network.outputs)
    let guess = Guess.make(inputs: inputs, outputs: outputs, labels: 0)
    if let known {
      (digest, task, decoder) = (known.digest, known.recipe.task, known.recipe.output.decoder.rawValue)
      why = "its manifest says so"
    } else {
      (digest, task, decoder) = (nil, guess?.task, guess?.output.decoder.rawValue)
      why = guess?.why ?? "several readings fit its outputs: say --task when you use it"
    }
    files = if let known { known.manifest.files } else { try Model.files(ofNetwork: path) }
    let trial = Self.trial(known, path, inputs, on: engine)
    // Of a model with a manifest the input takes the bytes of pictures.
    let limits = ValueRange.limits(inputs: known == nil ? inputs : [], outputs: outputs)
    (obstacle, notes) = (trial.obstacle, trial.notes + limits)
  }

  /// Tries to compile it as it would be used; a bare network with its shapes as they are.
  private static func trial(
    _ known: Model?, _ path: String, _ inputs: [TensorSpec], on engine: Engine
  ) -> (obstacle: String?, notes: [String]) {
    do {
      if let known { return (nil, try LoadedModel(known, on: engine).notes) }
      var options = CompileOptions()
      if let shape = PictureShape(inputs), let size = shape.size {
        options.picture = PictureInput(
          width: size.width, height: size.height, channels: shape.channels, channelsFirst: shape.layout == .nchw)
      }
      return (nil, try CompiledNetwork(try engine.read(path), with: options, on: engine).notes)
    } catch {
      return (error.message, [])
    }
  }

  var text: String {
    var text = "network   \(path)\n"
    if let digest { text += "digest    \(digest)\n" }
    for file in files { text += "file      \(file.path) sha256:\(file.sha256 ?? "")\n" }
    for input in inputs { text += "input     \(input)\n" }
    for output in outputs { text += "output    \(output)\n" }
    text += "task      \(task.map { "\($0.rawValue), decoder \(decoder ?? "")" } ?? "unknown"): \(why)\n"
    text += "runs here \(obstacle.map { "no: \($0)" } ?? "yes")\n"
    return text + notes.map { "note      \($0)\n" }.joined()
  }

  var json: String {
    JSONText.line { json in
      json.field("model", name)
      json.field("network", path)
      json.field("digest", digest)
      json.field("task", task?.rawValue)
      json.field("decoder", decoder)
      json.field("why", why)
      json.field("obstacle", obstacle)
      json.field("runs_here", obstacle == nil)
      json.field("notes", notes)
      json.array("files") { json in
        for file in files {
          json.object { json in
            json.field("path", file.path)
            json.field("sha256", file.sha256)
          }
        }
      }
      json.array("inputs") { for spec in inputs { Self.write(spec, into: &$0) } }
      json.array("outputs") { for spec in outputs { Self.write(spec, into: &$0) } }
    }
  }

  private static func write(_ spec: TensorSpec, into json: inout JSONWriter) {
    json.object { json in
      json.field("name", spec.name)
      json.field("type", spec.element.rawValue)
      json.field("shape", spec.shape)
    }
  }
}
