import Analysis
import Base
import Execution
import Inference
import Isolation
import Loading
import ModelHub
import Predictions
import Vision

/// One network under every engine that runs it here.
struct VerifyTrial {
  /// What is verified.
  enum Subject {
    case pictures(Model)
    /// The network's file.
    case tensors(String)
    /// With texts as its inputs take them.
    case texts(Model, TextRecipe, Probes)

    var path: String {
      switch self {
      case .pictures(let model): model.networkPath
      case .tensors(let path): path
      case .texts(let model, _, _): model.networkPath
      }
    }
  }

  /// What came of one engine and precision.
  struct Row {
    let computation: Computation
    /// Or why it does not run there.
    let result: Result<NetworkCheck, Fault>
    /// Inferences a second with all cores busy, untuned; `nil` where it is not used, or takes no pictures.
    var throughput: Double?
    /// Answers that are those of the network's own runtime, 0 to 1; `nil` where none were compared.
    var agreement: Double?

    var isRight: Bool { (try? result.get())?.verdict == .right }
  }

  private let name: String
  private let subject: Subject
  private let engine: Engine
  private let computations: [Computation]
  private(set) var rows: [Row] = []
  /// What agreement means, and on how many frames it was counted.
  private(set) var measure: (words: String, frames: Int)?
  /// Who runs it where nobody says it, or why nobody does.
  private var runtime: Result<EngineChoice, Fault>?
  private var footage: Footage?

  init(_ name: String, _ subject: Subject, engine choice: EngineChoice?, on engine: Engine) throws(Fault) {
    (self.name, self.subject, self.engine) = (name, subject, engine)
    let all = try engine.choices(for: subject.path)
    let engines = choice.flatMap { $0 == .auto ? nil : [$0] } ?? all
    computations = engines.flatMap { choice in
      (choice == .openvino ? [Precision.f32, .bf16] : [.f32]).map { Computation($0, by: choice) }
    }
  }

  /// The network runs with at least one engine in full precision, as its own runtime has it.
  var isRight: Bool { rows.contains { $0.isRight && $0.computation.precision == .f32 } }

  /// Frames of the user's own, as the network gets them, and what its own runtime finds on them.
  mutating func look(at path: String, frames: Int, _ scratch: ScratchFolder, _ bar: ProgressBar) throws(Fault) {
    guard case .pictures(let model) = subject else { return }
    footage = try Footage(model, path, frames, scratch, on: engine, bar)
  }

  mutating func verify(_ bar: ProgressBar) throws(Fault) {
    for (number, computation) in computations.enumerated() {
      bar.show(share: Double(number) / Double(computations.count), detail: computation.text)
      var row = Row(computation: computation, result: check(computation))
      guard !Interrupt.isAsked else { throw Quantizer.stopped }
      SharedFlags.beat()
      if case .pictures(let model) = subject {
        // What does not run, or not in that precision, has no speed, and neither has what is not used.
        if (try? row.result.get())?.verdict != .wrong { row.throughput = try? speed(model, computation) }
        if let footage, let found = try? footage.compare(computation, on: engine, bar) {
          let (share, words) = found.share(model.recipe.task)
          row.agreement = found.foundAny ? share : nil
          measure = (words, found.frames)
        }
      }
      rows.append(row)
    }
    bar.show(share: nil, detail: "loading")
    runtime = Result { () throws(Fault) in
      switch subject {
      case .pictures(let model): try ModelVerification.runtime(of: model, LoadOptions(), on: engine)
      case .tensors(let path): try ModelVerification.runtime(ofNetworkAt: path, LoadOptions(), on: engine)
      case .texts(let model, let words, _): try TextModel(model, words, LoadOptions(), on: engine).network.runtime
      }
    }
  }

  private func check(_ computation: Computation) -> Result<NetworkCheck, Fault> {
    var options = LoadOptions()
    (options.engine, options.precision) = (computation.engine, computation.precision)
    return Result { () throws(Fault) in
      switch subject {
      case .pictures(let model):
        try ModelVerification.check(model, options, frames: footage?.inputs, on: engine)
      case .tensors(let path): try ModelVerification.check(networkAt: path, options, on: engine)
      case .texts(let model, let words, let probes):
        try ModelVerification.check(model, words, options, probes: probes, on: engine)
      }
    }
  }

  private func speed(_ model: Model, _ computation: Computation) throws(Fault) -> Double {
    let measured = try MeasuredModel(model, .automatic(computation), device: "CPU", on: engine)
    return try measured.measure(seconds: 1) { SharedFlags.beat() }.throughput
  }

  var text: String {
    var columns: [(String, Table.Side)] = [
      ("engine", .left), ("precision", .left), ("answers", .left), ("largest", .right), ("mean", .right),
      ("inferences/s", .right),
    ]
    if measure != nil { columns.append(("agreement", .right)) }
    var (table, lines) = (Table(columns), runsOn)
    for row in rows {
      let check = try? row.result.get()
      let figures = check.flatMap { $0.probes > 0 ? [$0.largest, $0.mean] : nil }
      var cells = [
        row.computation.engine.rawValue, row.computation.precision.rawValue,
        check?.verdict.rawValue ?? "does not run",
        figures.map { NumberFormat.short($0[0], 6) } ?? "–", figures.map { NumberFormat.short($0[1], 6) } ?? "–",
        row.throughput.map { NumberFormat.fixed($0, 1) } ?? "–",
      ]
      if measure != nil { cells.append(row.agreement.map { NumberFormat.fixed($0, 4) } ?? "–") }
      table.add(cells)
      if let reason = reason(row) { lines += "\(row.computation.text): \(reason)\n" }
    }
    if let check = rows.compactMap({ try? $0.result.get() }).first(where: { $0.probes > 0 }) {
      lines +=
        "largest and mean: differences from \(check.reference), as shares of the output's range, on \(check.probes) inputs\n"
    }
    if let measure { lines += "agreement: \(measure.words), on \(measure.frames) pictures\n" }
    return table.text + lines
  }

  private var runsOn: String {
    switch runtime {
    case .success(let choice): "runs on: \(choice.rawValue)\n"
    case .failure(let fault): "runs nowhere: \(fault.message)\n"
    case nil: ""
    }
  }

  private func reason(_ row: Row) -> String? {
    switch row.result {
    case .success(let check): check.reason.isEmpty ? nil : check.reason
    case .failure(let fault): fault.message
    }
  }

  var json: String {
    JSONText.line { json in
      json.field("model", name)
      json.field("right", isRight)
      json.field("runs_on", ifKnown: (try? runtime?.get())?.rawValue)
      if case .failure(let fault) = runtime { json.field("obstacle", fault.message) }
      json.array("engines") { json in
        for row in rows {
          json.object { json in
            json.field("choice", row.computation.engine.rawValue)
            json.field("precision", row.computation.precision.rawValue)
            if case .success(let check) = row.result { check.write(to: &json) }
            if case .failure(let fault) = row.result { json.field("obstacle", fault.message) }
            json.field("inferences_per_second", ifKnown: row.throughput)
            json.field("agreement", ifKnown: row.agreement)
          }
        }
      }
      json.field("agreement_is", ifKnown: measure?.words)
      json.field("compared", ifKnown: measure?.frames)
    }
  }
}
