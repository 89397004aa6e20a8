import Analysis
import Base
import Inference
import Loading
import ModelHub
import Reports

/// What tuning found, for a person or a program.
struct TuneReport {
  /// What one computation gives; they answer differently, so none is taken in another's place unless that is asked for.
  struct Choice {
    let computation: Computation
    let fastest: TuningTable.Row
    let quickest: TuningTable.Row
    let automatic: TuningTable.Row
  }

  let choices: [Choice]
  /// Where the manifest names another computation since, its path.
  var applied: String?
  private let model: Model
  private let device: String
  private let rows: [TuningTable.Row]
  private let frontier: Set<Setting>
  private let tuner: Tuner
  private let own: Computation

  init(_ tuner: Tuner, model: Model, device: String) {
    (self.model, self.device, self.tuner) = (model, device, tuner)
    (rows, frontier) = (tuner.table.rows, tuner.table.frontier)
    own = Computation(model.manifest.precision, by: model.manifest.engine)
    var computations: [Computation] = []
    for row in rows where !computations.contains(row.setting.computation) {
      computations.append(row.setting.computation)
    }
    choices = computations.compactMap { computation in
      guard let fastest = tuner.table.fastest(computation, automatic: .automatic(computation)),
        let quickest = tuner.table.quickest(computation),
        let automatic = tuner.table.rows.first(where: { $0.setting == .automatic(computation) })
      else { return nil }
      return Choice(computation: computation, fastest: fastest, quickest: quickest, automatic: automatic)
    }
  }

  /// The one that gives the most a second, with the engine's own name; the model's own unless another gives a twentieth more.
  var best: Computation? {
    guard let most = choices.max(by: { $0.fastest.throughput < $1.fastest.throughput }) else { return nil }
    let kept = choices.first { $0.computation == own && $0.fastest.throughput * 1.05 >= most.fastest.throughput }
    return named((kept ?? most).computation)
  }

  /// The settings to remember: what an engine does that runs the model where none is named, it does where it is.
  var kept: [Setting] {
    choices.flatMap { choice in
      var setting = choice.fastest.setting
      let first = setting
      setting.computation = named(setting.computation)
      return setting == first ? [setting] : [first, setting]
    }
  }

  private func named(_ computation: Computation) -> Computation {
    Computation(computation.precision, by: computation.engine == .auto ? tuner.engine : computation.engine)
  }

  private func marks(_ row: TuningTable.Row) -> [String] {
    let choice = choices.first { $0.computation == row.setting.computation }
    return [
      ("most a second", row == choice?.fastest), ("lowest latency", row == choice?.quickest),
      ("automatic", row == choice?.automatic),
    ].filter(\.1).map(\.0)
  }

  var text: String {
    var text = "\(model.name) on \(device), \(SettingStore.thisMachine)\n"
    var table = Table([
      ("engine", .left), ("precision", .left), ("streams", .right), ("threads", .right), ("batch", .right),
      ("inferences/s", .right), ("p50 ms", .right), ("p95 ms", .right), ("CPU ms", .right), ("", .left),
    ])
    for row in ordered {
      let star = frontier.contains(row.setting) ? "*" : " "
      table.add([
        named(row.setting.computation).engine.rawValue, row.setting.computation.precision.rawValue,
        "\(row.setting.streams)", "\(row.setting.threads)", "\(row.setting.batch)",
        NumberFormat.fixed(row.throughput, 1), NumberFormat.fixed(row.median, 2), NumberFormat.fixed(row.tail, 2),
        NumberFormat.fixed(row.processor, 2), "\(star) \(marks(row).joined(separator: ", "))",
      ])
    }
    text += table.text + "* no other setting of its engine and precision has both more a second and a lower latency\n"
    if tuner.untried > 0 { text += "\(tuner.untried) settings were left out for want of time: say more --seconds\n" }
    if let misfit = tuner.misfit { text += "settings that do not fit were left out: \(misfit.message)\n" }
    for (computation, fault) in leftOut { text += "\(computation.text) was left out: \(fault.message)\n" }
    for choice in choices { text += sentence(choice) + "\n" }
    return text + (proposal.map { $0 + "\n" } ?? "")
  }

  private var leftOut: [(Computation, Fault)] {
    tuner.refused.sorted { $0.key.text < $1.key.text }.map { ($0.key, $0.value) }
  }

  /// The best first, computation by computation.
  private var ordered: [TuningTable.Row] {
    choices.flatMap { choice in
      rows.filter { $0.setting.computation == choice.computation }.sorted { $0.throughput > $1.throughput }
    }
  }

  private func sentence(_ choice: Choice) -> String {
    let share = Int((choice.automatic.throughput / choice.fastest.throughput * 100).rounded())
    let computation = choice.computation
    let (name, setting) = (named(computation).text, choice.fastest.setting.text)
    guard computation == own else {
      var words: [String] = []
      if computation.engine != own.engine { words.append("--engine \(computation.engine.rawValue)") }
      if computation.precision != own.precision { words.append("--precision \(computation.precision.rawValue)") }
      return "\(name): \(setting); only used with \(words.joined(separator: " ")), for it answers differently"
    }
    return "\(name): \(setting), remembered for 'ridley analyze'; untuned it reaches \(share) % of that"
  }

  /// What would be quicker than what the model says now.
  private var proposal: String? {
    guard let best, best != named(own) else { return nil }
    guard applied == nil else { return "\(applied!) says \(best.text) now" }
    let rates = [best, named(own)].compactMap { wanted in
      choices.first { named($0.computation) == wanted }?.fastest.throughput
    }
    let more = rates.count == 2 ? ", \(Int(((rates[0] / rates[1] - 1) * 100).rounded())) % more a second" : ""
    return "the quickest: \(best.text)\(more); 'ridley tune \(model.name) --apply' writes it into the manifest"
  }

  var json: String {
    JSONText.line { json in
      json.field("model", model.name)
      json.field("digest", model.digest)
      json.field("device", device)
      json.field("machine", SettingStore.thisMachine)
      json.field("engine", named(own).engine.rawValue)
      json.field("precision", own.precision.rawValue)
      json.field("untried", tuner.untried)
      json.array("settings") { for row in ordered { write(row, into: &$0) } }
      json.array("left_out") { json in
        for (computation, fault) in leftOut {
          json.object { json in
            write(computation, into: &json)
            json.field("reason", fault.message)
          }
        }
      }
      if let best { json.object("best") { write(best, into: &$0) } }
      json.field("applied", applied != nil)
    }
  }

  private func write(_ computation: Computation, into json: inout JSONWriter) {
    json.field("engine", computation.engine.rawValue)
    json.field("precision", computation.precision.rawValue)
  }

  private func write(_ row: TuningTable.Row, into json: inout JSONWriter) {
    let choice = choices.first { $0.computation == row.setting.computation }
    json.object { json in
      write(named(row.setting.computation), into: &json)
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
