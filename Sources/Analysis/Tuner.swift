public import Base
public import Inference
public import ModelHub

/// Finds out how a model runs best on this machine.
///
/// Every setting is measured once; those that may still win are measured again in turns, so that a disturbance hits all of
/// them alike. Takes about the time it is given, reading and compiling included: what there is no time for is left out, the
/// automatic setting of an engine never.
public struct Tuner {
  public struct Progress: Sendable {
    /// 0 to 1.
    public let share: Double
    public let setting: Setting
  }

  public let table: TuningTable
  /// Settings that were left out because the time was up.
  public let untried: Int
  /// Why settings do not fit the network, said of the first of them; `nil` where all fit.
  public let misfit: Fault?
  /// Computations that do not run the network at all, and why.
  public let refused: [Computation: Fault]
  /// Who ran the first of the computations: an engine that exists, where that leaves it open.
  public let engine: EngineChoice
  /// The settings were measured as often as they should be; `false` after a stop.
  public let isComplete: Bool

  /// Rounds among the settings that may still win.
  private static let rounds = 4

  /// Measures for about `seconds`; the first of the computations must run, others that do not are left out, as are those that are the same.
  ///
  /// `beat` is called after every inference, from any thread.
  /// - Throws: where even the automatic setting does not run.
  public init(
    _ model: Model, _ computations: [Computation], device: String, seconds: Double, on engine: Engine,
    isStopped: () -> Bool = { false }, beat: @escaping @Sendable () -> Void = {},
    progress: (Progress) -> Void = { _ in }
  ) throws(Fault) {
    var trial = Trial(bench: Bench(model: model, device: device, engine: engine, beat: beat), computations, seconds)
    let clock = trial.clock
    for setting in trial.candidates where !isStopped() {
      try trial.tryOnce(setting) {
        progress(Progress(share: min(0.6, clock.seconds / seconds), setting: setting))
      }
    }
    // The automatic settings stay in, so that what is said of them rests on as many windows.
    let kept = trial.bench.table.contenders.union(trial.bench.table.rows.map(\.setting).filter(\.isAutomatic))
    let contenders = trial.candidates.filter { kept.contains($0) }
    trial.bench.keep(only: contenders)
    let left = max(0.06 * Double(contenders.count * Self.rounds), seconds - clock.seconds)
    for round in 0..<Self.rounds {
      for (index, setting) in contenders.enumerated() where !isStopped() {
        let done = Double(round * contenders.count + index) / Double(contenders.count * Self.rounds)
        progress(Progress(share: min(1, max(done * 0.4 + 0.6, clock.seconds / seconds)), setting: setting))
        do {
          try trial.bench.measure(setting, seconds: left / Double(contenders.count * Self.rounds))
        } catch {
          throw error.at("model \(model.name)")
        }
      }
    }
    (table, untried, misfit, isComplete) = (trial.bench.table, trial.untried, trial.misfit, !isStopped())
    (refused, self.engine) = (trial.refused, trial.engine ?? .auto)
  }
}

/// Every setting once: which of them fit at all.
private struct Trial {
  var bench: Bench
  let candidates: [Setting]
  let clock = Stopwatch()
  private(set) var untried = 0
  private(set) var misfit: Fault?
  private(set) var refused: [Computation: Fault] = [:]
  /// Who ran the first.
  private(set) var engine: EngineChoice?
  private let computations: [Computation]
  private let seconds: Double
  private var withoutBatches: Set<Computation> = []

  init(bench: Bench, _ computations: [Computation], _ seconds: Double) {
    (self.bench, self.computations, self.seconds) = (bench, computations, seconds)
    candidates = Setting.candidates(computations)
  }

  mutating func tryOnce(_ setting: Setting, progress: () -> Void) throws(Fault) {
    let computation = setting.computation
    guard refused[computation] == nil, !isKnown(computation),
      setting.batch == 1 || !withoutBatches.contains(computation)
    else { return }
    guard clock.seconds < seconds * 0.6 || isFirst(setting) else {
      untried += 1
      return
    }
    progress()
    do throws(Fault) {
      let window = max(0.06, seconds * 0.4 / Double(candidates.count))
      let ran = try bench.measure(setting, seconds: window)
      engine = engine ?? ran
    } catch {
      // A network of one picture at a time, or what is not here; the first must run.
      if engine == nil || error.kind != .unsupported { throw error.at("model \(bench.model.name)") }
      if setting.isAutomatic { refused[computation] = error } else { misfit = misfit ?? error }
      if setting.batch > 1 { withoutBatches.insert(computation) }  // what refuses two at once refuses more
    }
  }

  /// None of its engine was measured yet, and this is how that is run unless more is said.
  private func isFirst(_ setting: Setting) -> Bool {
    setting.isAutomatic && !bench.table.rows.contains { $0.setting.computation.engine == setting.computation.engine }
  }

  /// The engine that is named is the one that runs it where none is.
  private func isKnown(_ computation: Computation) -> Bool {
    computation.engine != .auto && computation.engine == engine
      && computations.contains(Computation(computation.precision))
  }
}

/// Settings under measurement, each compiled once.
private struct Bench {
  let model: Model
  let device: String
  let engine: Engine
  let beat: @Sendable () -> Void
  private(set) var table = TuningTable()
  private var units: [Setting: MeasuredModel] = [:]

  init(model: Model, device: String, engine: Engine, beat: @escaping @Sendable () -> Void) {
    (self.model, self.device, self.engine, self.beat) = (model, device, engine, beat)
  }

  /// Who ran it.
  @discardableResult
  mutating func measure(_ setting: Setting, seconds: Double) throws(Fault) -> EngineChoice {
    let unit =
      if let kept = units[setting] { kept } else { try MeasuredModel(model, setting, device: device, on: engine) }
    units[setting] = unit
    table.add(try unit.measure(seconds: seconds, beat: beat), of: setting)
    return unit.engine
  }

  /// Lets go of what is not measured any more.
  mutating func keep(only settings: [Setting]) { units = units.filter { settings.contains($0.key) } }
}
