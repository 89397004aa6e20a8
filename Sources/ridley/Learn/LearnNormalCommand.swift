import Analysis
import Base
import Execution
import Inference
import Insights
import Isolation
import Loading
import Media
import ModelHub
import NetworkFormats
import Predictions
import Vision

/// Makes a model that tells odd parts from pictures of good ones alone.
struct LearnNormalCommand: Command {
  let path = ["model", "learn-normal"]
  let summary = "Make a model that finds what is odd, from pictures of good parts alone"
  let positionals = [Positional(name: "folder", help: "pictures of good parts, one part a picture")]
  let options: [Option] =
    [
      .value("as", "NAME", "what the model is called"),
      .value("into", "FOLDER", "the folder of models that it is added to (default models)"),
      .value("false-alarms", "RATE", "how many good parts may be called odd, at most: 0.05 or 5% (default 5%)"),
      .value("network", "NAME", "an ONNX network whose features are compared (default line-inspector, at 64x64)"),
      .value("layer", "NAME", "which of its inner maps (default: the last sum, or activation, of stride 16)"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley model learn-normal good/ --as bottle-check",
    "ridley model learn-normal good/ --as lid --false-alarms 2% --network mobilenet-v2 --size 224x224",
  ]

  private static let usual = (network: "line-inspector", size: Size(width: 64, height: 64), rate: 0.05)

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let name = arguments["as"] else { throw arguments.refusal("--as NAME says what the model is called") }
    let models = arguments["into"] ?? "models"
    guard FileSystem.kind(of: "\(models)/\(name)") == nil else {
      throw Fault(.badInput, "\(models)/\(name) is there already: say another name with --as")
    }
    let rate = try Self.rate(arguments)
    let good = try GoodPictures(arguments.positionals[0])
    let promise = try Self.promise(rate, good.paths.count)
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    var overrides = try ModelOptions.overrides(arguments)
    let size = overrides.size ?? (arguments["network"] == nil ? Self.usual.size : nil)
    overrides.size = nil
    let base = try ModelOptions.resolver(arguments, on: engine).find(
      arguments["network"] ?? Self.usual.network, overrides)
    let bar = ProgressBar(name, isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    let learner = try NormalLearner(base, layer: arguments["layer"], size: size, on: engine)
    let learned = try learner.learn(good, promise, bar)
    bar.clear()
    let added = try learned.model.add(
      as: name, summary: "Finds what is odd, learned from \(good.paths.count) pictures of good parts.",
      license: base.manifest.license, into: models)
    try FileSystem.write(Array(learned.json(added.folder).utf8), to: "\(added.folder)/learning.json")
    if !arguments.has("quiet") {
      if let warning = learned.warning { Terminal.complain("ridley: \(warning)") }
      try Terminal.print(
        arguments.has("json")
          ? learned.json(added.folder) : learned.text(added, useAs: arguments["into"] == nil ? name : added.folder))
    }
    return .success
  }

  /// `0.01` or `1%`.
  static func rate(_ arguments: Arguments) throws(Fault) -> Double {
    guard let text = arguments["false-alarms"] else { return usual.rate }
    let isPercent = text.hasSuffix("%")
    guard let number = Double(isPercent ? text.dropLast() : text[...]),
      case let rate = isPercent ? number / 100 : number,
      rate > 0, rate <= 0.5
    else {
      throw arguments.refusal("'\(text)' is not a rate for --false-alarms, expected more than 0 and up to 0.5, e.g. 5%")
    }
    return rate
  }

  private static func promise(_ rate: Double, _ count: Int) throws(Fault) -> FalseAlarms {
    if let promise = FalseAlarms(rate, pictures: count) { return promise }
    let least = (FalseAlarms.least(for: count) * 1000).rounded(.up) / 10
    throw Fault(
      .badInput,
      "\(count) pictures cannot promise that at most \(NumberFormat.short(rate * 100, 3)) % of good parts are called odd: not even with none of them beyond the threshold; \(FalseAlarms.needed(for: rate)) pictures can, and \(count) can promise --false-alarms \(NumberFormat.short(least, 1))% (with a certainty of 90 %)"
    )
  }
}
