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
  /// What one counts at most where the process grew by more, since it grows by other things meanwhile; made like that.
  static let most = (factor: 4, more: 64 << 20)

  private struct Tenant {
    weak var served: ServedVersion?
  }

  /// One that found no room, or took more than there is.
  private struct TurnedAway {
    let fault: Fault
    let need: Int
    /// Nanoseconds until it is tried again, and when that is.
    let pause: UInt64
    let retry: UInt64
  }

  private struct State {
    var isLoading = false
    var isTrimming = false
    var measured: [String: Int] = [:]
    /// What each counted as when it was there last, measured or not.
    var taken: [String: Int] = [:]
    var turnedAway: [String: TurnedAway] = [:]
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
  /// Loads that requests wait for, in the order in which the first of each came; some, since one may wait for room.
  let wakes = LoadQueue(limit: 4)

  /// Seconds that a load waits for versions that are at work.
  private static let patience = 30.0
  /// Nanoseconds until one is tried again that found no room; the shortest and the longest for one that took too much.
  private static let pauses: (noRoom: UInt64, least: UInt64, longest: UInt64) =
    (1_000_000_000, 30_000_000_000, 3_600_000_000_000)
  /// Nanoseconds for which one that was asked counts as used.
  private static let use: UInt64 = 60_000_000_000

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

  private var tenants: [ServedVersion] { state.update { $0.tenants.compactMap(\.served) } }

  /// What cannot leave.
  private var heldByteCount: Int { tenants.reduce(0) { $0 + $1.byteCount(askedSince: .max) } }

  /// Whether a version that was there before comes back without one leaving that is in use.
  func comesQuietly(_ name: String) -> Bool {
    guard let need = state.update({ $0.taken[name] }) else { return false }
    let now = Clock.now
    let used = tenants.reduce(0) { $0 + $1.byteCount(askedSince: now - min(now, Self.use)) }
    return used + need <= limit.byteCount
  }

  /// Waits until it is the version's turn to be loaded, and makes room for it.
  ///
  /// `fileBytes` is what its files have; by them alone it is refused for good.
  /// - Throws: `tooLarge` where it does not fit at all, `unavailable` where what is held or at work leaves no room; `closed` where it was given up.
  func begin(_ name: String, fileBytes: Int, _ cancellation: Cancellation) throws(Fault) -> MemoryTurn {
    guard fileBytes <= limit.byteCount else { throw tooLarge(fileBytes) }
    var end = UInt64.max
    while true {
      if let turn = try attempt(name, fileBytes: fileBytes, cancellation) { return turn }
      // It waits without its turn, so that others are loaded meanwhile.
      end = min(end, Clock.now + UInt64(Self.patience * 1e9))
      guard Clock.now < end else { throw noRoom(name, need(name, fileBytes)) }
      Clock.sleep(until: Clock.now + 5_000_000)
    }
  }

  /// What is only guessed keeps nothing out that may fit.
  private func need(_ name: String, _ fileBytes: Int) -> Int {
    min(measured(name) ?? Self.estimate.factor * fileBytes + Self.estimate.more, limit.byteCount)
  }

  /// One look for room, in its turn; `nil` where those that may leave do not do so now.
  private func attempt(
    _ name: String, fileBytes: Int, _ cancellation: Cancellation
  ) throws(Fault) -> MemoryTurn? {
    try enter(cancellation)
    let turn = MemoryTurn(self, name, fileBytes)
    let need = need(name, fileBytes)
    guard need <= limit.byteCount - heldByteCount else { throw noRoom(name, need) }
    while used.load(ordering: .relaxed) + need > limit.byteCount {
      guard !cancellation.isCancelled else { throw Fault(.closed, "its loading was given up") }
      guard makeRoom(afterSeconds: limit.staySeconds) else { return nil }
    }
    used.add(need, ordering: .relaxed)
    turn.place = MemoryPlace(self, need)
    turn.measure()
    return turn
  }

  private func noRoom(_ name: String, _ need: Int) -> Fault {
    let fault = Fault(
      .unavailable,
      "there is no memory for it: others are at work, or held by live streams (\(Units.text(bytes: limit.byteCount)) for all models)"
    )
    turnAway(name, fault, need, pause: Self.pauses.noRoom)
    return fault
  }

  private func turnAway(_ name: String, _ fault: Fault, _ need: Int, pause: UInt64) {
    let one = TurnedAway(fault: fault, need: need, pause: pause, retry: Clock.now + pause)
    state.update { $0.turnedAway[name] = one }
  }

  /// When a version that was turned away may be tried again.
  func retry(of name: String) -> UInt64 { state.update { $0.turnedAway[name]?.retry } ?? 0 }

  /// Whether a version that is not there for this reason was turned away, and may find room by now.
  func isDue(_ name: String, _ fault: Fault) -> Bool {
    guard let one = state.update({ $0.turnedAway[name] }), one.fault.message == fault.message else { return false }
    return Clock.now >= one.retry && one.need <= limit.byteCount - heldByteCount
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

  /// Who leaves next: who was not asked for the longest, and has been there for long enough; of those at work only where all are.
  private func leaver(afterSeconds seconds: Double, except name: String) -> ServedVersion? {
    let stay = UInt64(seconds * 1e9)
    let now = Clock.now
    let candidates = tenants.filter { $0.loader.name != name }
      .compactMap { served in served.leaving.map { (served, $0) } }
      .filter { now >= $0.1.loaded && now - $0.1.loaded >= stay }
    return candidates.min { left, right in
      left.1.isBusy == right.1.isBusy ? left.1.asked < right.1.asked : !left.1.isBusy
    }?.0
  }

  /// Has one leave, where one may.
  private func makeRoom(afterSeconds seconds: Double, for name: String = "") -> Bool {
    guard let next = leaver(afterSeconds: seconds, except: name), next.rest() else { return false }
    state.update { $0.departures += 1 }
    return true
  }

  /// Has some leave where all together take more than they may, on a thread that waits for what is at work in them.
  ///
  /// Called some times a second: when the last load ended, those may have been held that are not any more.
  func trim() {
    guard used.load(ordering: .relaxed) > limit.byteCount, leaver(afterSeconds: limit.staySeconds, except: "") != nil
    else { return }
    let isDue = state.update { state in
      guard !state.isLoading, !state.isTrimming else { return false }
      state.isTrimming = true
      return true
    }
    guard isDue else { return }
    NativeThread { [self] in
      while used.load(ordering: .relaxed) > limit.byteCount, makeRoom(afterSeconds: limit.staySeconds) {}
      state.update { $0.isTrimming = false }
    }.leave()
  }

  /// What a version really takes is known now; others leave where it is more than was thought.
  ///
  /// What was measured is kept only where it fits, so that a wrong one keeps nothing out for good.
  func settle(_ turn: MemoryTurn, _ grown: Int, fileBytes: Int, by engine: EngineChoice?) throws(Fault) {
    let likely = min(grown, Self.most.factor * fileBytes + Self.most.more)
    let (bytes, pause) = state.update { state in
      let isFirst = engine.map { state.engines.insert($0).inserted } ?? false
      let bytes = max(isFirst ? min(likely, turn.place?.byteCount ?? likely) : likely, fileBytes)
      let fits = bytes <= limit.byteCount
      let pause = 2 * (state.turnedAway[turn.name]?.pause ?? 0)
      state.measured[turn.name] = fits && !isFirst ? bytes : nil
      state.taken[turn.name] = fits ? bytes : nil
      if fits { state.turnedAway[turn.name] = nil }
      state.loads += 1
      return (bytes, pause)
    }
    used.add(bytes - (turn.place?.byteCount ?? 0), ordering: .relaxed)
    turn.place?.set(bytes)
    guard bytes <= limit.byteCount else {
      let fault = tooLarge(bytes)
      // It takes the place of others each time that it is tried.
      let wait = min(max(pause, Self.pauses.least), Self.pauses.longest)
      turnAway(turn.name, fault, need(turn.name, fileBytes), pause: wait)
      throw fault
    }
    while used.load(ordering: .relaxed) > limit.byteCount, makeRoom(afterSeconds: 0, for: turn.name) {}
  }

  fileprivate func free(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// Memory that a version takes, given back with the value.
final class MemoryPlace: Sendable {
  private let budget: MemoryBudget
  /// Changed by the one thread that loads.
  private let bytes: Atomic<Int>

  fileprivate init(_ budget: MemoryBudget, _ byteCount: Int) {
    self.budget = budget
    bytes = Atomic(byteCount)
  }

  deinit { budget.free(byteCount) }

  var byteCount: Int { bytes.load(ordering: .relaxed) }

  fileprivate func set(_ byteCount: Int) { bytes.store(byteCount, ordering: .relaxed) }
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
