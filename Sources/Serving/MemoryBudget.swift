internal import Base
internal import ModelProcess
internal import Synchronization

/// How much memory the versions of a server may take, all of them together.
public struct MemoryLimit: Sendable, Hashable {
  public var byteCount: Int
  /// Seconds that a version stays in memory once it was loaded, so that two that are asked in turn do not only load.
  public var staySeconds = 1.0
  /// A request for a version that is not in memory is told to come again, in place of waiting until it is.
  public var refuses = false

  public init(byteCount: Int) { self.byteCount = byteCount }
}

/// Keeps what versions take below a limit: who was not asked for the longest leaves memory, and is loaded again when it is asked.
///
/// One version is loaded at a time, so that what it takes can be told by how much the process grows. Any thread.
final class MemoryBudget: Sendable {
  /// What is known until a version was loaded once: its files, so many times, and a little.
  static let estimate = (factor: 2, more: 16 << 20)

  private struct Tenant {
    weak var served: ServedVersion?
  }

  private struct State {
    var isLoading = false
    var measured: [String: Int] = [:]
    /// Engines that are in memory, which each comes to with the first network that it runs.
    var engines: Set<EngineChoice> = []
    var tenants: [Tenant] = []
    var loads = 0
    var departures = 0
  }

  let limit: MemoryLimit
  private let state = Monitor(State())
  /// Grows in who loads alone; apart from the rest, since a version that goes gives its memory back wherever it goes.
  private let used = Atomic(0)
  /// Loads that requests wait for, in the order in which the first of each came.
  let wakes = LoadQueue(limit: 1)

  /// Seconds that a load waits for versions that are at work.
  private static let patience = 30.0

  init(_ limit: MemoryLimit) { self.limit = limit }

  /// What all take now, and how often versions were loaded and left.
  var figures: (used: Int, loads: Int, departures: Int) {
    let (loads, departures) = state.update { ($0.loads, $0.departures) }
    return (used.load(ordering: .relaxed), loads, departures)
  }

  /// What a version took when it was loaded last; `nil` before that.
  func measured(_ name: String) -> Int? { state.update { $0.measured[name] } }

  /// It may be asked to leave from now on.
  func register(_ served: ServedVersion) {
    state.update { state in
      state.tenants.removeAll { $0.served == nil }
      state.tenants.append(Tenant(served: served))
    }
  }

  /// Waits until it is the version's turn to be loaded, and makes room for it.
  ///
  /// `fileBytes` is what its files have.
  /// - Throws: `tooLarge` where it does not fit at all, `unavailable` where what is at work leaves no room; `closed` where it was given up.
  func begin(_ name: String, fileBytes: Int, _ cancellation: Cancellation) throws(Fault) -> MemoryTurn {
    try enter(cancellation)
    let turn = MemoryTurn(self, name, fileBytes)
    let need = measured(name) ?? Self.estimate.factor * fileBytes + Self.estimate.more
    // What is only guessed keeps nothing out that may fit.
    let least = measured(name) ?? fileBytes
    guard least <= limit.byteCount else { throw tooLarge(least) }
    turn.place = try room(for: min(need, limit.byteCount), cancellation)
    turn.measure()
    return turn
  }

  private func tooLarge(_ need: Int) -> Fault {
    Fault(
      .tooLarge,
      "it takes \(Units.text(bytes: need)) of memory, and \(Units.text(bytes: limit.byteCount)) are allowed for all models together: raise --memory, or the configuration's memory"
    )
  }

  private func enter(_ cancellation: Cancellation) throws(Fault) {
    let isIn = cancellation.listening({ [state] in state.update { _ in } }) {
      state.wait { state -> Bool? in
        if cancellation.isCancelled { return false }
        guard !state.isLoading else { return nil }
        state.isLoading = true
        return true
      }
    }
    guard isIn else { throw Fault(.closed, "its loading was given up") }
  }

  fileprivate func leave() { state.update { $0.isLoading = false } }

  private func room(for need: Int, _ cancellation: Cancellation) throws(Fault) -> MemoryPlace {
    let end = Clock.now + UInt64(Self.patience * 1e9)
    while true {
      if used.load(ordering: .relaxed) + need <= limit.byteCount {
        used.add(need, ordering: .relaxed)
        return MemoryPlace(self, need)
      }
      guard !cancellation.isCancelled else { throw Fault(.closed, "its loading was given up") }
      guard Clock.now < end else {
        throw Fault(
          .unavailable,
          "there is no memory for it: others are at work, or held by live streams (\(Units.text(bytes: limit.byteCount)) for all models)"
        )
      }
      if !makeRoom(afterSeconds: limit.staySeconds) { Clock.sleep(until: Clock.now + 5_000_000) }
    }
  }

  /// Has one leave: who was not asked for the longest, and has been there for long enough; of those at work only where all are.
  private func makeRoom(afterSeconds seconds: Double, for name: String = "") -> Bool {
    let stay = UInt64(seconds * 1e9)
    let now = Clock.now
    let tenants = state.update { $0.tenants.compactMap(\.served) }.filter { $0.loader.name != name }
    let candidates = tenants.compactMap { served in served.leaving.map { (served, $0) } }
      .filter { now >= $0.1.loaded && now - $0.1.loaded >= stay }
    let victim = candidates.min { left, right in
      left.1.isBusy == right.1.isBusy ? left.1.asked < right.1.asked : !left.1.isBusy
    }
    guard let victim, victim.0.rest() else { return false }
    state.update { $0.departures += 1 }
    return true
  }

  /// What a version really takes is known now; others leave where it is more than was thought.
  fileprivate func settle(_ turn: MemoryTurn, _ grown: Int, fileBytes: Int, by engine: EngineChoice?) throws(Fault) {
    let bytes = state.update { state in
      let isFirst = engine.map { state.engines.insert($0).inserted } ?? false
      let bytes = max(isFirst ? min(grown, turn.place?.byteCount ?? grown) : grown, fileBytes)
      state.measured[turn.name] = isFirst ? nil : bytes
      state.loads += 1
      return bytes
    }
    used.add(bytes - (turn.place?.byteCount ?? 0), ordering: .relaxed)
    turn.place?.byteCount = bytes
    guard bytes <= limit.byteCount else { throw tooLarge(bytes) }
    while used.load(ordering: .relaxed) > limit.byteCount, makeRoom(afterSeconds: 0, for: turn.name) {}
  }

  fileprivate func free(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// Memory that a version takes, given back with the value.
final class MemoryPlace: @unchecked Sendable {  // its number is changed by the one thread that loads
  private let budget: MemoryBudget
  fileprivate(set) var byteCount: Int

  fileprivate init(_ budget: MemoryBudget, _ byteCount: Int) { (self.budget, self.byteCount) = (budget, byteCount) }

  deinit { budget.free(byteCount) }
}

/// The right to load one version, and the room for it; the next one's turn comes when this goes.
final class MemoryTurn: @unchecked Sendable {  // one thread loads
  let name: String
  fileprivate(set) var place: MemoryPlace?
  private let budget: MemoryBudget
  private let fileBytes: Int
  private var before = 0

  fileprivate init(_ budget: MemoryBudget, _ name: String, _ fileBytes: Int) {
    (self.budget, self.name, self.fileBytes) = (budget, name, fileBytes)
  }

  deinit { budget.leave() }

  fileprivate func measure() { before = ProcessFigures.now.residentBytes }

  /// Said once all of it is in memory: what it takes is what the process grew by, and its files at least, which may lie in memory that was freed before.
  ///
  /// With the first network of an `engine` that comes to memory too, so that one counts as was thought. `nil` for one in another process, of which
  /// this one does not grow.
  /// - Throws: `tooLarge` where that is more than all may take.
  func settle(by engine: EngineChoice?) throws(Fault) {
    let grown = engine == nil ? place?.byteCount ?? 0 : ProcessFigures.now.residentBytes - before
    try budget.settle(self, grown, fileBytes: fileBytes, by: engine)
  }
}
