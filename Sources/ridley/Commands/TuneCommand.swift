import Analysis
import Base
import Inference
import Isolation
import Loading
import ModelHub
import Reports

/// How a model runs best on this machine.
struct TuneCommand: Command {
  let path = ["tune"]
  let summary = "Measure how a model runs best on this machine, and remember it"
  let positionals = [Positional(name: "model", help: "a model of 'ridley model list', or any network file")]
  let options: [Option] =
    [
      .value("seconds", "N", "time to measure, in all (default 30)"),
      .value("device", "NAME", "where the network runs (default CPU)"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley tune yolox-nano", "ridley tune yolox-nano --precision bf16 --seconds 60",
    "ridley tune ./net.onnx --normalize unit --json",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let seconds = try arguments.number("seconds", in: 0.5...3600) ?? 30
    let name = arguments.positionals[0]
    let device = arguments["device"] ?? "CPU"
    // What is only tried is not kept: the cache would fill with networks that are not run.
    let engine = try Engine.ofProgram(cacheFolder: nil)
    let model = try ModelOptions.resolver(arguments, on: engine).find(name, try ModelOptions.overrides(arguments))
    let own = model.manifest.precision
    let asked = arguments["precision"] != nil ? [own] : [own] + [.f32, .bf16].filter { $0 != own }
    let bar = ProgressBar(model.name, isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    let tuner = try Tuner(
      model, precisions: asked, device: device, seconds: seconds, on: engine,
      isStopped: { Interrupt.isAsked }, beat: { SharedFlags.beat() },
      progress: { bar.show(share: $0.share, detail: "\($0.setting.precision.rawValue), \($0.setting.text)") })
    bar.clear()
    guard tuner.isComplete else { return .interrupted }
    let report = TuneReport(tuner, model: model, device: device)
    try keep(report, for: model, device: device)
    if !arguments.has("quiet") { try Terminal.print(arguments.has("json") ? report.json : report.text) }
    return .success
  }

  private func keep(_ report: TuneReport, for model: Model, device: String) throws(Fault) {
    guard let store = EngineCache.standard.settings else {
      throw Fault(.unavailable, "there is no folder to remember settings in: set RIDLEY_CACHE to one")
    }
    for choice in report.choices {
      try store.keep(choice.fastest.setting, for: model.networkDigest, device: device)
    }
  }
}

/// What tuning found, for a person or a program.
struct TuneReport {
  /// What one precision gives; precisions answer differently, so none is chosen over another.
  struct Choice {
    let precision: Precision
    let fastest: TuningTable.Row
    let quickest: TuningTable.Row
    let automatic: TuningTable.Row
  }

  let choices: [Choice]
  private let model: Model
  private let device: String
  private let rows: [TuningTable.Row]
  private let frontier: Set<Setting>
  private let untried: Int
  private let misfit: Fault?
  private let own: Precision

  init(_ tuner: Tuner, model: Model, device: String) {
    (self.model, self.device, untried, misfit) = (model, device, tuner.untried, tuner.misfit)
    (rows, frontier, own) = (tuner.table.rows, tuner.table.frontier, model.manifest.precision)
    choices = Precision.allCases.compactMap { precision in
      guard let fastest = tuner.table.fastest(precision, automatic: .automatic(precision)),
        let quickest = tuner.table.quickest(precision),
        let automatic = tuner.table.rows.first(where: { $0.setting == .automatic(precision) })
      else { return nil }
      return Choice(precision: precision, fastest: fastest, quickest: quickest, automatic: automatic)
    }
  }

  private func marks(_ row: TuningTable.Row) -> [String] {
    let choice = choices.first { $0.precision == row.setting.precision }
    return [
      ("most a second", row == choice?.fastest), ("lowest latency", row == choice?.quickest),
      ("automatic", row == choice?.automatic),
    ].filter(\.1).map(\.0)
  }

  var text: String {
    var text = "\(model.name) on \(device), \(SettingStore.thisMachine)\n"
    var table = Table([
      ("precision", .left), ("streams", .right), ("threads", .right), ("batch", .right), ("inferences/s", .right),
      ("p50 ms", .right), ("p95 ms", .right), ("CPU ms", .right), ("", .left),
    ])
    for row in ordered {
      let star = frontier.contains(row.setting) ? "*" : " "
      table.add([
        row.setting.precision.rawValue, "\(row.setting.streams)", "\(row.setting.threads)", "\(row.setting.batch)",
        NumberFormat.fixed(row.throughput, 1), NumberFormat.fixed(row.median, 2), NumberFormat.fixed(row.tail, 2),
        NumberFormat.fixed(row.processor, 2),
        "\(star) \(marks(row).joined(separator: ", "))",
      ])
    }
    text += table.text + "* no other setting of its precision has both more a second and a lower latency\n"
    if untried > 0 { text += "\(untried) settings were left out for want of time: say more --seconds\n" }
    if let misfit { text += "settings that do not fit were left out: \(misfit.message)\n" }
    for choice in choices { text += sentence(choice) + "\n" }
    return text
  }

  /// The best first, precision by precision.
  private var ordered: [TuningTable.Row] {
    choices.flatMap { choice in
      rows.filter { $0.setting.precision == choice.precision }.sorted { $0.throughput > $1.throughput }
    }
  }

  private func sentence(_ choice: Choice) -> String {
    let share = Int((choice.automatic.throughput / choice.fastest.throughput * 100).rounded())
    let name = choice.precision.rawValue
    guard choice.precision == own else {
      return "\(name): \(choice.fastest.setting.text); only used with --precision \(name), for it answers differently"
    }
    return
      "\(name): \(choice.fastest.setting.text), remembered for 'ridley analyze'; untuned it reaches \(share) % of that"
  }

  var json: String {
    JSONText.line { json in
      json.field("model", model.name)
      json.field("digest", model.digest)
      json.field("device", device)
      json.field("machine", SettingStore.thisMachine)
      json.field("precision", own.rawValue)
      json.field("untried", untried)
      json.array("settings") { for row in ordered { write(row, into: &$0) } }
    }
  }

  private func write(_ row: TuningTable.Row, into json: inout JSONWriter) {
    let choice = choices.first { $0.precision == row.setting.precision }
    json.object { json in
      json.field("precision", row.setting.precision.rawValue)
      json.field("streams", row.setting.streams)
      json.field("threads", row.setting.threads)
      json.field("batch", row.setting.batch)
      json.field("inferences_per_second", row.throughput, digits: 3)
      json.field("p50_ms", row.median, digits: 3)
      json.field("p95_ms", row.tail, digits: 3)
      json.field("cpu_ms", row.processor, digits: 3)
      json.field("frontier", frontier.contains(row.setting))
      json.field("best_throughput", row == choice?.fastest)
      json.field("best_latency", row == choice?.quickest)
      json.field("automatic", row == choice?.automatic)
    }
  }
}
