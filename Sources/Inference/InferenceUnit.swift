public import Base
internal import Batching

/// The asynchronous, always-on part that owns one compiled network and turns waiting requests into batches.
///
/// A thread for each compiled copy infers and hands the answers out: see `docs/decisions/one-thread-a-copy.md`. A batch starts as soon as
/// a copy is free and takes what waits then; it never waits to fill up. What waits is bounded, fair between sources and dropped once it is
/// late. A network that was cached starts with one copy; the others come while it works.
public final class InferenceUnit: Sendable {
  public struct Limits: Sendable {
    /// Rows that may wait.
    public var queue: Int
    /// Nanoseconds after which a running inference counts as hung.
    public var stall: UInt64

    /// Nanoseconds that a further copy may take; then the unit goes on without it.
    public var growth: UInt64

    public init(queue: Int = 256, stall: UInt64 = 30_000_000_000, growth: UInt64 = 60_000_000_000) {
      (self.queue, self.stall, self.growth) = (queue, stall, growth)
    }
  }

  private let core: UnitCore
  /// Bytes that one row has for each input, at least.
  private let rowBytes: [Int]
  /// What one request of one row brings.
  public let inputs: [TensorSpec]
  /// Rows in one inference, at most.
  public let batch: Int
  /// Inferences at the same time, once all copies are there.
  public let streams: Int

  /// With `warmsUp`, copies that are still missing run every batch size once before they take part.
  public init(
    _ network: CompiledNetwork, limits: Limits = Limits(), observer: (any UnitObserver)? = nil, warmsUp: Bool = false
  ) throws(Fault) {
    (inputs, batch, streams) = (network.inputs, network.batch, network.streams)
    rowBytes = network.inputs.map { InferenceUnit.leastBytes(of: $0, batch: network.batch) }
    core = UnitCore(limits, turn: network.batch, observer)
    do {
      for copy in 0..<network.readyCopies { try core.add(network, copy: copy) }
    } catch {
      core.end()
      throw error
    }
    if network.readyCopies < network.streams { core.grow(network, warmsUp: warmsUp) }
  }

  /// Of a network that runs in another process.
  public init(remote network: any BatchRunner, limits: Limits = Limits(), observer: (any UnitObserver)? = nil) {
    (inputs, batch, streams) = (network.inputs, network.batch, 1)
    rowBytes = network.inputs.map { InferenceUnit.leastBytes(of: $0, batch: network.batch) }
    core = UnitCore(limits, turn: network.batch, observer)
    core.add(network)
  }

  /// Of networks that run elsewhere, with as many ways to them as lanes; `network` is the same here.
  public init(
    remote lanes: [any RemoteLane], inputs: [TensorSpec], limits: Limits = Limits(),
    observer: (any UnitObserver)? = nil
  ) {
    (self.inputs, batch, streams) = (inputs, 1, lanes.count)
    rowBytes = inputs.map { InferenceUnit.leastBytes(of: $0, batch: 1) }
    core = UnitCore(limits, turn: 1, observer)
    for lane in lanes { core.add(lane) }
  }

  /// Answers what was let in, then ends; where the last owner is one of the answers, it does not wait for the others.
  deinit { core.end() }

  /// A network compiled for one inference on all cores, used while requests come one by one.
  public func add(lowLatency network: CompiledNetwork) throws(Fault) {
    try core.add(network, copy: 0, isLowLatency: true)
  }

  /// Lets a request in, or says why not and when to come again.
  ///
  /// One with fewer bytes than its rows have is refused: the engine would read what stands behind them.
  public func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
    try check(request)
    try core.submit(request)
  }

  /// The same for a caller that sleeps while too much waits: back-pressure.
  ///
  /// Throws where the unit takes nothing any more.
  public func submitWaiting(_ request: InferenceRequest) throws(AdmissionRefusal) {
    try check(request)
    try core.submitWaiting(request)
  }

  /// A side that is open behind the first is as long as the bytes make it.
  private static func leastBytes(of spec: TensorSpec, batch: Int) -> Int {
    let opens = spec.shape.dropFirst().count { $0 == nil }
    let first = batch == 1 ? (spec.shape.first ?? 1) ?? 1 : 1
    let sides = [first] + spec.shape.dropFirst().map { $0 ?? (opens == 1 ? 0 : 1) }
    // What cannot be counted cannot be given.
    return TensorSpec.elementCount(of: sides).map { $0 * spec.element.byteCount } ?? .max
  }

  private func check(_ request: InferenceRequest) throws(AdmissionRefusal) {
    guard request.inputs.count == rowBytes.count else {
      throw AdmissionRefusal(
        retryAfter: 0,
        fault: Fault(.badInput, "\(request.inputs.count) inputs were given, and the network has \(rowBytes.count)"))
    }
    for index in rowBytes.indices where request.inputs[index].count / request.rowCount < rowBytes[index] {
      throw AdmissionRefusal(
        retryAfter: 0,
        fault: Fault(
          .badInput,
          "\(request.inputs[index].count) bytes were given for \(request.rowCount) rows of the input \(inputs[index]), which has \(rowBytes[index]) bytes a row"
        ))
    }
  }

  /// Forgets a request; it may be answered all the same, if the engine has it already.
  public func cancel(_ request: InferenceRequest) { core.cancel(request) }

  /// Lets nothing in any more.
  public func close() { core.close() }

  /// Everything that was let in was answered, and no copy is being made.
  public var isIdle: Bool { core.isIdle }

  /// Sleeps until everything that was let in so far was answered.
  public func drain() { core.drain() }

  /// Sleeps until every copy is there, cannot be made, or took too long.
  public func waitUntilGrown() { core.waitUntilGrown() }

  /// Requests come one by one, and there is no copy yet that works on one with all cores; true once.
  public func takeLowLatencyWish() -> Bool { core.takeLowLatencyWish() }

  /// Drops what is late; says whether an inference hangs.
  ///
  /// For a watchdog, some times a second.
  public func check(now: UInt64) -> Bool { core.check(now: now) }

  /// Fails everything inside, because the engine does not come back.
  ///
  /// It still writes to its memory, so the unit must then live for ever.
  public func abandon(_ fault: Fault) { core.abandon(fault) }

  /// Rows that wait, and rows that run.
  public var load: (waiting: Int, running: Int) { core.load }
}
