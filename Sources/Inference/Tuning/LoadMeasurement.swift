public import Base
internal import Glibc

/// What a unit did in a short time under load.
public struct LoadMeasurement: Sendable, Hashable {
  /// Inferences a second.
  public let throughput: Double
  /// Milliseconds, see ``TuningTable/Row``.
  public let median: Double
  public let tail: Double
  /// Milliseconds of processor time for an inference, all threads together: what else runs hardly changes it.
  public let processor: Double

  public init(throughput: Double, median: Double, tail: Double, processor: Double) {
    (self.throughput, self.median, self.tail, self.processor) = (throughput, median, tail, processor)
  }

  /// Loads a unit of the network for about `seconds`: two thirds as full as it gets, one third without a queue.
  ///
  /// Takes longer where so much time is not enough for a few inferences. Blocks the caller; inputs are noise. `beat` is
  /// called after every inference, from any thread.
  public init(
    of unit: InferenceUnit, _ network: CompiledNetwork, seconds: Double, beat: @escaping @Sendable () -> Void = {}
  ) throws(Fault) {
    let load = Load(unit, network, beat)
    let atOnce = network.streams * network.batch
    let before = clock()
    // As many wait as run, so that no copy ever has to.
    let full = try load.run(inside: 2 * atOnce, seconds: seconds * 2 / 3)
    processor = Double(clock() - before) * 1000 / Double(CLOCKS_PER_SEC) / Double(full.count)
    let single = try load.run(inside: atOnce, seconds: seconds / 3)
    throughput = Self.rate(full.loaded.map(\.end).sorted(), atOnce: atOnce)
    let latencies = single.loaded.map { Double($0.nanoseconds) / 1e6 }.sorted()
    median = latencies[latencies.count / 2]
    tail = latencies[min(latencies.count - 1, latencies.count * 95 / 100)]
  }

  /// Answers come in bursts of a batch a stream; the first bursts, while the unit fills, are left out.
  private static func rate(_ ends: [Int], atOnce: Int) -> Double {
    let first = min(2 * atOnce, ends.count / 2) - 1
    let nanoseconds = ends.last! - ends[first]
    return nanoseconds > 0 ? Double(ends.count - 1 - first) / Double(nanoseconds) * 1e9 : 0
  }
}

/// Brings inputs to a unit as fast as it takes them, and notes when their answers come.
private struct Load {
  struct Inference {
    /// Since the load began, and since the input was brought.
    let end: Int
    let nanoseconds: Int
  }

  private struct State {
    var inside = 0
    var answered: [Inference] = []
    var failure: Fault?
  }

  private let unit: InferenceUnit
  private let noise: [SharedBytes]
  /// Answers that a measurement has at least.
  private let least: Int
  private let beat: @Sendable () -> Void

  init(_ unit: InferenceUnit, _ network: CompiledNetwork, _ beat: @escaping @Sendable () -> Void) {
    (self.unit, self.beat) = (unit, beat)
    least = 8 * network.streams * network.batch
    var seed: UInt32 = 1
    noise = network.inputs.map { input in
      let count = input.shape.dropFirst().reduce(input.element.byteCount) { $0 * ($1 ?? 1) }
      let bytes = (0..<count).map { _ in
        seed = seed &* 1_664_525 &+ 1_013_904_223  // Numerical Recipes' generator: noise enough
        return UInt8(seed >> 24)
      }
      return SharedBytes(bytes)
    }
  }

  /// Inferences under load with at most `inside` inputs in the unit, and how many there were until the unit was empty again.
  func run(inside most: Int, seconds: Double) throws(Fault) -> (loaded: [Inference], count: Int) {
    let state = Monitor(State())
    let start = ContinuousClock.now
    while true {
      let (count, failure) = state.wait { state in
        guard state.inside < most else { return nil as (Int, Fault?)? }
        state.inside += 1
        return (state.answered.count, state.failure)
      }
      if let failure { throw failure }
      if count >= least, start.duration(to: .now) >= .seconds(seconds) { break }
      do { try unit.submitWaiting(request(state, start)) } catch { throw error.fault }
    }
    let answered = state.update { $0.answered }  // those that come while the unit empties are not part of the load
    unit.drain()
    return (answered, state.update { $0.answered.count })
  }

  private func request(_ state: Monitor<State>, _ start: ContinuousClock.Instant) -> InferenceRequest {
    let (brought, beat) = (ContinuousClock.now, beat)
    return InferenceRequest(noise, rows: 1, source: "") { outcome, _ in
      let now = ContinuousClock.now
      beat()
      state.update { state in
        state.inside -= 1
        if case .failed(let fault) = outcome { state.failure = fault }
        state.answered.append(Inference(end: nanoseconds(start, now), nanoseconds: nanoseconds(brought, now)))
      }
    }
  }
}

private func nanoseconds(_ start: ContinuousClock.Instant, _ end: ContinuousClock.Instant) -> Int {
  let (seconds, attoseconds) = start.duration(to: end).components
  return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
}
