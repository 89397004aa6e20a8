public import Base
public import Inference
internal import Loading
public import ModelHub

/// Finds out how a model runs best on this machine.
///
/// Every setting is measured once; those that may still win are measured again in turns, so that a disturbance hits all of
/// them alike. Takes about the time it is given, reading and compiling included: what there is no time for is left out, the
/// automatic setting never.
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
  /// The settings were measured as often as they should be; `false` after a stop.
  public let isComplete: Bool

  /// Rounds among the settings that may still win.
  private static let rounds = 4

  /// Measures for about `seconds`; `precisions` that the device does not have are left out.
  ///
  /// `beat` is called after every inference, from any thread.
  /// - Throws: where even the automatic setting does not run.
  public init(
    _ model: Model, precisions: [Precision], device: String, seconds: Double, on engine: Engine,
    isStopped: () -> Bool = { false }, beat: @escaping @Sendable () -> Void = {},
    progress: (Progress) -> Void = { _ in }
  ) throws(Fault) {
    var bench = Bench(model: model, device: device, engine: engine, beat: beat)
    let clock = Stopwatch()
    let candidates = Setting.candidates(precisions)
    let window = max(0.06, seconds * 0.4 / Double(candidates.count))
    var untried = 0
    var misfit: Fault?
    var takesBatches = true
    for (index, setting) in candidates.enumerated() where !isStopped() && (takesBatches || setting.batch == 1) {
      guard index == 0 || clock.seconds < seconds * 0.6 else {
        untried += 1
        continue
      }
      progress(Progress(share: min(0.6, clock.seconds / seconds), setting: setting))
      do {
        try bench.measure(setting, seconds: window)
      } catch {
        // A network of one picture at a time, or a precision that is not here; the first must run.
        if index == 0 || error.kind != .unsupported { throw error.at("model \(model.name)") }
        misfit = misfit ?? error
        takesBatches = takesBatches && setting.batch == 1  // what refuses two at once refuses more
      }
    }
    // The automatic settings stay in, so that what is said of them rests on as many windows.
    let kept = bench.table.contenders.union(bench.table.rows.map(\.setting).filter(\.isAutomatic))
    let contenders = candidates.filter { kept.contains($0) }
    bench.keep(only: contenders)
    let left = max(0.06 * Double(contenders.count * Self.rounds), seconds - clock.seconds)
    for round in 0..<Self.rounds {
      for (index, setting) in contenders.enumerated() where !isStopped() {
        let done = Double(round * contenders.count + index) / Double(contenders.count * Self.rounds)
        progress(Progress(share: min(1, max(done * 0.4 + 0.6, clock.seconds / seconds)), setting: setting))
        do {
          try bench.measure(setting, seconds: left / Double(contenders.count * Self.rounds))
        } catch {
          throw error.at("model \(model.name)")
        }
      }
    }
    (table, self.untried, self.misfit, isComplete) = (bench.table, untried, misfit, !isStopped())
  }
}

/// Settings under measurement, each compiled once.
private struct Bench {
  let model: Model
  let device: String
  let engine: Engine
  let beat: @Sendable () -> Void
  private(set) var table = TuningTable()
  private var units: [Setting: (network: CompiledNetwork, unit: InferenceUnit)] = [:]

  init(model: Model, device: String, engine: Engine, beat: @escaping @Sendable () -> Void) {
    (self.model, self.device, self.engine, self.beat) = (model, device, engine, beat)
  }

  mutating func measure(_ setting: Setting, seconds: Double) throws(Fault) {
    let (network, unit) = try prepared(setting)
    table.add(try LoadMeasurement(of: unit, network, seconds: seconds, beat: beat), of: setting)
  }

  /// Lets go of what is not measured any more.
  mutating func keep(only settings: [Setting]) { units = units.filter { settings.contains($0.key) } }

  private mutating func prepared(_ setting: Setting) throws(Fault) -> (CompiledNetwork, InferenceUnit) {
    if let kept = units[setting] { return kept }
    var options = LoadOptions(setting, device: device)
    options.precision = setting.precision
    let network = try PictureModel.compile(model, options, on: engine).network
    guard setting.precision != .bf16 || network.precision == "bf16" else {
      throw Fault(.unsupported, "the device does not compute in bf16")
    }
    try network.warmUp()
    let unit = try InferenceUnit(network)
    units[setting] = (network, unit)
    return (network, unit)
  }
}
