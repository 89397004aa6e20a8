import Analysis
import Base
import Inference
import Isolation
import Loading
import ModelHub

/// How a model runs best on this machine.
struct TuneCommand: Command {
  let path = ["tune"]
  let summary = "Measure how a model runs best on this machine, and remember it"
  let positionals = [Positional(name: "model", help: "a model of 'ridley model list', or any network file")]
  let options: [Option] =
    [
      .value("seconds", "N", "time to measure, in all (default 30)"),
      .value(
        "device", "NAME", "where the network runs: cpu, gpu, npu, cuda, cuda:1, several with commas, auto (default cpu)"
      ),
      .flag("apply", "write the quickest engine and precision into the model's manifest"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley tune yolox-nano", "ridley tune yolox-nano --precision bf16 --seconds 60",
    "ridley tune models/gears --engine onnxruntime --apply", "ridley tune ./net.onnx --normalize unit --json",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let seconds = try arguments.number("seconds", in: 0.5...3600) ?? 30
    let name = arguments.positionals[0]
    let device = try ModelOptions.device(arguments)
    // What is only tried is not kept: the cache would fill with networks that are not run.
    let engine = try Engine.ofProgram(cacheFolder: nil)
    let model = try ModelOptions.resolver(arguments, on: engine).find(name, try ModelOptions.overrides(arguments))
    guard !arguments.has("apply") || ModelResolver.networkFile(name) == nil else {
      throw arguments.refusal(
        "--apply writes into a manifest, and \(name) has none: give it a name with 'ridley model add'")
    }
    let bar = ProgressBar(model.name, isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    let tuner = try Tuner(
      model, try computations(arguments, of: model, on: engine), device: device, seconds: seconds, on: engine,
      isStopped: { Interrupt.isAsked }, beat: { SharedFlags.beat() },
      progress: { bar.show(share: $0.share, detail: "\($0.setting.computation.text), \($0.setting.text)") })
    bar.clear()
    guard tuner.isComplete else { return .interrupted }
    var report = TuneReport(tuner, model: model, device: device)
    try keep(report, for: model, device: device)
    if arguments.has("apply"), let best = report.best {
      report.applied = try model.apply(engine: best.engine, precision: best.precision)
    }
    if !arguments.has("quiet") { try Terminal.print(arguments.has("json") ? report.json : report.text) }
    return .success
  }

  /// The model's own first; then what else may run it, unless it was said what shall.
  private func computations(
    _ arguments: Arguments, of model: Model, on engine: Engine
  ) throws(Fault) -> [Computation] {
    let own = Computation(model.manifest.precision, by: model.manifest.engine)
    let engines =
      arguments["engine"] != nil ? [own.engine] : [own.engine] + (try engine.choices(for: model.networkPath))
    let precisions =
      arguments["precision"] != nil ? [own.precision] : [own.precision] + [.f32, .bf16].filter { $0 != own.precision }
    var found: [Computation] = []
    for engine in engines {
      for precision in precisions {
        let computation = Computation(precision, by: engine)
        if !found.contains(computation) { found.append(computation) }
      }
    }
    return found
  }

  private func keep(_ report: TuneReport, for model: Model, device: String) throws(Fault) {
    guard let store = EngineCache.standard.settings else {
      throw Fault(.unavailable, "there is no folder to remember settings in: set RIDLEY_CACHE to one")
    }
    for setting in report.kept { try store.keep(setting, for: model.networkDigest, device: device) }
  }
}
