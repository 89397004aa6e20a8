public import Base
public import Bus
internal import Glibc
internal import Inference
public import Serving

/// A unit: takes frames of the networks that it has from a bus, has them computed, and answers.
///
/// Keeps nothing: whatever ends it costs the frames that it has in hand.
public final class UnitWorker: Sendable {
  public struct Options: Sendable {
    /// Models that it computes; `nil` for all that it has.
    public var models: [String]?
    public var host: String
    /// Frames that it takes of a network beside those that it computes.
    public var ahead = 1

    public init(host: String) { self.host = host }
  }

  private struct State {
    var pullers: [ObjectIdentifier: Puller] = [:]
    var beat: NativeThread?
    var isOver = false
    /// Threads that wait for pullers whose versions are gone.
    var leaving: [NativeThread] = []
    /// What pullers did that are gone.
    var past = UnitCounts()
  }

  private let models: ModelRepository
  private let bus: FrameBus
  private let options: Options
  private let id: String
  private let complain: @Sendable (Fault) -> Void
  private let state = Monitor(State())

  private static let (interval, patience) = (UInt64(1_000_000_000), UInt64(1_000_000_000))
  /// Nanoseconds after which every server knows that a unit is about to leave.
  private static let farewell: UInt64 = 700_000_000

  /// Begins at once; `complain` hears, once for each reason in a row, of what it is kept from.
  public init(
    _ models: ModelRepository, bus: FrameBus, _ options: Options, complain: @escaping @Sendable (Fault) -> Void
  ) {
    (self.models, self.bus, self.options, self.complain) = (models, bus, options, complain)
    id = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
    let beat = NativeThread { [self] in run() }
    state.update { $0.beat = beat }
  }

  /// Takes no frame any more, and waits until those in hand were answered.
  ///
  /// Gives what became of all that it took.
  public func stop() -> UnitCounts {
    let beat = state.update { state in
      state.isOver = true
      defer { state.beat = nil }
      return state.beat
    }
    beat?.join()
    return state.update { $0.past }
  }

  private func run() {
    var told: Fault?
    while !state.update({ $0.isOver }) {
      let next = Clock.now + Self.interval
      settle()
      do throws(Fault) {
        try bus.announce(notice, before: Clock.now + Self.patience)
        told = nil
      } catch {
        if told != error { complain(error) }
        told = error
      }
      _ = state.wait(before: next) { $0.isOver ? true : nil }
    }
    // until servers have looked again, frames come that nobody else is to wait for
    if (try? bus.withdraw(id, before: Clock.now + Self.patience)) != nil {
      Clock.sleep(until: Clock.now + Self.farewell)
    }
    let pullers = state.update { state in
      defer { state.pullers = [:] }
      return state.pullers
    }
    end(pullers.values)
    let leaving = state.update { state in
      defer { state.leaving = [] }
      return state.leaving
    }
    for thread in leaving { thread.join() }
  }

  private func end(_ pullers: some Collection<Puller>) {
    for puller in pullers {
      puller.stop()
      state.update { $0.past.add(puller.counts) }
    }
  }

  private var notice: UnitNotice {
    UnitNotice(id: id, host: options.host, offers: state.update { $0.pullers.values.map { $0.offer() } })
  }

  /// Versions come and go.
  private func settle() {
    let served = models.served.filter { options.models?.contains($0.model) ?? true }
    let wanted = Dictionary(served.map { (ObjectIdentifier($0), $0) }) { first, _ in first }
    let gone = state.update { state in
      let gone = state.pullers.filter { wanted[$0.key] == nil }
      for key in gone.keys { state.pullers[key] = nil }
      for (key, served) in wanted where state.pullers[key] == nil {
        guard let description = served.remoteDescription else { continue }
        state.pullers[key] = Puller(served, description, bus, ahead: options.ahead, complain)
      }
      return gone
    }
    guard !gone.isEmpty else { return }
    // what they have in hand may take longer than this unit may be silent
    let farewell = NativeThread { [self] in end(gone.values) }
    state.update { $0.leaving.append(farewell) }
  }
}

/// Frames that a unit took, by what became of them.
public struct UnitCounts: Sendable, Hashable {
  public var answered = 0
  /// Too old to be computed.
  public var stale = 0
  /// It could not be computed.
  public var failed = 0
  /// Nanoseconds that networks took for those that were answered.
  public var inferred = 0

  mutating func add(_ other: UnitCounts) {
    answered += other.answered
    stale += other.stale
    failed += other.failed
    inferred += other.inferred
  }
}
