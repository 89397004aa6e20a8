import Analysis
import Base
import Execution
import Inference
import Isolation
import Loading
import ModelHub
import Predictions
import Reports
import Vision

/// Makes an 8-bit version of a network, and keeps it only with what it costs and brings.
struct QuantizeCommand: Command {
  let path = ["model", "quantize"]
  let summary = "Make an 8-bit version of an ONNX network, and say what it costs and brings"
  let positionals = [Positional(name: "model", help: "a model of 'ridley model list', or an ONNX file")]
  let options: [Option] =
    [
      .value("calibrate", "PATH", "what it will see: a film, a picture, a pattern, or a folder of them"),
      .value("frames", "N", "pictures to look at, half of them to calibrate and half to compare (default 200)"),
      .value("as", "NAME", "what the version is called (default NAME-int8)"),
      .value("into", "FOLDER", "the folder of models that it is added to (default models)"),
      .value("agreement", "0..1", "keep it only if so many answers are those of the float version (default 0.95)"),
      .value(
        "difference", "0..1",
        "leave operators in floats until outputs differ by less, as a share of their deviation (default 0.1)"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley model quantize yolox-nano --calibrate footage/",
    "ridley model quantize net.onnx --normalize unit --calibrate 'pictures/*.jpg' --as gears-int8",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let footage = arguments["calibrate"] else {
      throw arguments.refusal("--calibrate says what the network will see: a film, or a folder of pictures")
    }
    let frames = try arguments.integer("frames", in: 4...5000) ?? 200
    let tolerance = try arguments.number("difference", in: 0...1) ?? 0.1
    let least = try arguments.number("agreement", in: 0...1) ?? 0.95
    let quantizer = try Quantizer()
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let model = try ModelOptions.resolver(arguments, on: engine).find(
      arguments.positionals[0], try ModelOptions.overrides(arguments))
    let name = arguments["as"] ?? "\(ModelAddCommand.name(of: model.name))-int8"
    let models = arguments["into"] ?? "models"
    guard FileSystem.kind(of: "\(models)/\(name)") == nil else {
      throw Fault(.badInput, "\(models)/\(name) is there already: say another name with --as")
    }
    let scratch = try ScratchFolder()
    let bar = ProgressBar(model.name, isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    var trial = try QuantizeTrial(model, footage: footage, frames: frames, scratch, on: engine, bar)
    try trial.quantize(by: quantizer, tolerance: tolerance)
    let report = try trial.compare()
    bar.clear()
    let place = try report.agreement >= least ? keep(trial.made!, as: name, into: models, report) : nil
    if !arguments.has("quiet") {
      try Terminal.print(arguments.has("json") ? report.json(place, least) : report.text(place, least))
    }
    return place == nil ? .partial : .success
  }

  /// With its table beside it.
  private func keep(
    _ model: Model, as name: String, into models: String, _ report: QuantizeReport
  ) throws(Fault) -> String {
    let added = try model.add(as: name, summary: report.summary, into: models)
    try FileSystem.write(Array(report.json(added.folder, nil).utf8), to: "\(added.folder)/quantization.json")
    return added.folder
  }
}
