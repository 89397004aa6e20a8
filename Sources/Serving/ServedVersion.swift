public import Base
internal import Glibc
internal import Inference
internal import Loading
internal import ModelHub
public import Vision

/// One version of a model, loaded and ready to be asked.
///
/// Shared by every request that was routed to it; it ends when the last of them has.
public final class ServedVersion: Sendable {
  public let model: String
  public let version: String
  /// `sha256:…` of everything that decides what it answers.
  public let digest: String
  /// What may be sent: the first dimension is open where rows are independent of each other.
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// Where there is a manifest.
  public let picture: Picture?
  /// Rows of a request are inferred one by one or in batches, in any company.
  public let takesRows: Bool
  public let maxBatch: Int
  public let precision: String
  public let streams: Int
  public let ledger: Ledger
  private let source: Source
  private let state: Monitor<State>

  /// What is known of a model that looks at pictures.
  public struct Picture: Sendable {
    public let recipe: Recipe
    /// The network's input, in pixels.
    public let input: Size
    public let head: Head
    public let summary: String
  }

  private struct State: Sendable {
    /// `nil` while a hung one is being replaced.
    var unit: Unit?
    /// Times it was replaced since an inference last came back.
    var failures = 0
    /// Monotonic nanoseconds of the next attempt.
    var retry: UInt64 = 0
  }

  init(_ source: Source, ledger: Ledger) throws(Fault) {
    let loaded = try source.load()
    self.source = source
    (model, version, digest) = (source.folder.model, source.folder.version, loaded.digest)
    let network = loaded.network
    self.ledger = ledger
    let (inputs, outputs) = (network.inputs, network.outputs)
    let takesRows =
      network.batch > 1
      || (inputs + outputs).allSatisfy { $0.shape.first == 1 && $0.shape.dropFirst().allSatisfy { $0 != nil } }
    self.takesRows = takesRows
    let open = { (spec: TensorSpec) in
      takesRows ? TensorSpec(name: spec.name, shape: [nil] + spec.shape.dropFirst(), element: spec.element) : spec
    }
    (self.inputs, self.outputs) = (inputs.map(open), outputs.map(open))
    (maxBatch, precision, streams) = (network.batch, network.precision, network.streams)
    picture = loaded.picture
    state = Monitor(State(unit: try Unit(network, limits: source.limits, ledger: ledger, mark: source.mark)))
  }

  /// Lets an ask in, or says why not and when to come again.
  public func submit(_ ask: Ask) throws(Refusal) {
    guard let unit = state.update({ $0.unit }) else {
      throw Refusal(
        retryAfter: 1, fault: Fault(.unavailable, "the model's engine hangs and is being started again"))
    }
    try unit.submit(ask)
  }

  /// Why an ask was not let in.
  public struct Refusal: Error {
    /// Seconds after which it may be let in.
    public let retryAfter: Double
    /// `exhausted` where too much waits already, `closed` where another version has taken over.
    public let fault: Fault
  }

  /// Forgets an ask, unless the engine has it already.
  public func cancel(_ ask: Ask) { state.update { $0.unit }?.cancel(ask) }

  /// Rows that wait, and rows that run.
  public var load: (waiting: Int, running: Int) { state.update { $0.unit }?.load ?? (0, 0) }

  /// Finishes what was accepted and lets nobody in any more; gives up an engine that hangs meanwhile.
  func drain() {
    guard let unit = state.update({ $0.unit }) else { return }
    unit.close()
    while !unit.isIdle {
      let now = Clock.now
      if unit.check(now: now) { return replace(unit, now) }
      usleep(1_000)
    }
  }

  /// Makes the copy that works on one input with all cores.
  private func addSolo() {
    guard let network = try? source.loadSolo(), let unit = state.update({ $0.unit }) else { return }
    try? unit.add(solo: network)
  }

  /// Called now and then: drops what is late, and replaces an engine that does not come back.
  func check(now: UInt64) {
    let (unit, isDue) = state.update { ($0.unit, $0.unit == nil && now >= $0.retry) }
    if let unit, unit.check(now: now) { replace(unit, now) }
    if let unit, unit.takeWishForSolo() { Background.run { [weak self] in self?.addSolo() } }
    if isDue { restart(now) }
  }

  private func replace(_ unit: Unit, _ now: UInt64) {
    let isFirst = state.update { state in
      guard state.unit === unit else { return false }
      state.unit = nil
      state.failures += 1
      state.retry = now + backoff(state.failures)
      return true
    }
    guard isFirst else { return }
    // The engine still writes to its memory: it is never freed.
    _ = Unmanaged.passRetained(unit)
    unit.abandon(Fault(.unavailable, "the inference did not come back in time; the model is being started again"))
  }

  private func restart(_ now: UInt64) {
    do throws(Fault) {
      let unit = try Unit(try source.load().network, limits: source.limits, ledger: ledger, mark: source.mark)
      state.update { $0.unit = unit }
    } catch {
      state.update { state in
        state.failures += 1
        state.retry = now + backoff(state.failures)
      }
    }
  }

  /// 1, 2, 4 … 64 seconds.
  private func backoff(_ failures: Int) -> UInt64 { 1_000_000_000 << min(6, failures - 1) }
}
