internal import Base
internal import Execution
internal import Glibc
internal import Inference
internal import ModelHub
internal import ModelProcess

/// A version that leaves memory while nobody asks it, and comes back when somebody does.
extension ServedVersion {
  /// A request that waits until the version is loaded, in a unit of its own that has no network: there it is dropped when it is late.
  struct Waiting: Sendable {
    let request: InferenceRequest
    let room: InferenceUnit
  }

  /// Nanoseconds that a version that is to go waits for its last load.
  static let mostLoading: UInt64 = 60_000_000_000

  /// It is in memory, or computed elsewhere: its next answer waits for no load.
  public var isLoaded: Bool { state.update { !$0.isResting } }

  /// What it takes of memory, or took when it was there; `nil` where nobody counts that.
  public var memoryByteCount: Int? {
    loader.memory.flatMap { $0.measured(loader.name) ?? state.update { $0.place?.byteCount } }
  }

  /// Requests for it are refused until it is loaded, and not kept until then.
  public var refusesWhileAway: Bool { loader.memory?.limit.refuses == true && !isLoaded }

  /// When it was loaded and asked last, and whether anything is at work in it; `nil` where it cannot leave.
  var leaving: (loaded: UInt64, asked: UInt64, isBusy: Bool)? {
    state.update { state in
      guard let unit = state.unit, state.place != nil, state.mayLeave else { return nil }
      return (state.loaded, state.asked, !unit.isIdle)
    }
  }

  /// What it takes where it cannot leave, or was asked since a moment; else nothing.
  func byteCount(askedSince moment: UInt64) -> Int {
    state.update { state in state.holds > 0 || state.asked >= moment ? state.place?.byteCount ?? 0 : 0 }
  }

  /// It is there, or comes back without another one leaving that is in use: what nobody waits for may be asked of it.
  var isAtHand: Bool { isLoaded || loader.memory?.comesQuietly(loader.name) ?? true }

  /// Takes it out of memory, once what it has accepted is answered; requests wait from now on.
  ///
  /// - Returns: `false` where it is to stay.
  func rest() -> Bool {
    var parts = state.update { state -> (unit: InferenceUnit?, place: MemoryPlace?)? in
      guard let unit = state.unit, let place = state.place, state.mayLeave else { return nil }
      (state.unit, state.apart, state.place, state.isResting) = (nil, nil, nil, true)
      return (unit, place)
    }
    guard let unit = parts?.unit else { return false }
    unit.close()
    while !unit.isIdle {
      if unit.check(now: Clock.now) {
        // The engine still writes to its memory: it is never freed.
        _ = Unmanaged.passRetained(unit)
        AbandonedThreads.add()
        unit.abandon(Fault(.unavailable, "the inference did not come back in time; the model is being started again"))
        break
      }
      usleep(500)
    }
    // The network goes before its memory is given to another.
    parts?.unit = nil
    parts?.place = nil
    return true
  }

  /// Keeps it in memory from its next load on, as long as somebody holds it.
  func hold() { state.update { $0.holds += 1 } }
  func letGo() { state.update { $0.holds -= 1 } }

  /// Keeps a request until the version is loaded, which begins now at the latest.
  func keep(_ request: InferenceRequest, in memory: MemoryBudget) throws(AdmissionRefusal) {
    guard !ending.isCancelled else {
      throw AdmissionRefusal(retryAfter: 0, fault: Fault(.closed, "the model was replaced in this moment"))
    }
    let (failure, rows) = state.update { state in
      let isPaused = state.retry > Clock.now
      return (isPaused ? state.failure : nil, state.waiting.reduce(0) { $0 + $1.request.rowCount })
    }
    if let failure { throw AdmissionRefusal(retryAfter: 1, fault: failure) }
    if memory.limit.refuses {
      wakeUp(memory)
      throw AdmissionRefusal(
        retryAfter: 1, fault: Fault(.unavailable, "the model '\(model)' is being loaded into memory: ask again soon"))
    }
    guard rows + request.rowCount <= max(loader.limits.queue, request.rowCount) else {
      throw AdmissionRefusal(
        retryAfter: 1, fault: Fault(.exhausted, "\(rows) inputs wait until the model is loaded: ask again later"))
    }
    let room = InferenceUnit(remote: [], inputs: inputs, limits: loader.limits)
    try room.submit(request)
    let isKept = state.update { state in
      guard state.isResting else { return false }
      state.waiting.append(Waiting(request: request, room: room))
      return true
    }
    if isKept { wakeUp(memory) } else { hand(Waiting(request: request, room: room)) }
  }

  private func hand(_ waiting: Waiting) {
    guard let unit = state.update({ $0.unit }) else {
      return waiting.room.abandon(Fault(.unavailable, "the model left memory in this moment: ask again"))
    }
    do throws(AdmissionRefusal) { try unit.submitWaiting(waiting.request) } catch {
      waiting.room.abandon(error.fault)
    }
  }

  /// Drops what waits and is late.
  func checkWaiting(now: UInt64) {
    let late = state.update { state -> [Waiting] in
      guard state.waiting.contains(where: { $0.request.deadline <= now }) else { return [] }
      defer { state.waiting.removeAll { $0.request.deadline <= now } }
      return state.waiting.filter { $0.request.deadline <= now }
    }
    for one in late {
      _ = one.room.check(now: Clock.now)
      one.room.abandon(Fault(.unavailable, "the model was not loaded in time"))
    }
  }

  /// Forgets a request that waits.
  func cancelWaiting(_ request: InferenceRequest) {
    let found = state.update { state -> Waiting? in
      state.waiting.firstIndex { $0.request === request }.map { state.waiting.remove(at: $0) }
    }
    found?.room.cancel(request)
  }

  private func wakeUp(_ memory: MemoryBudget) {
    let isDue = state.update { state in
      guard state.isResting, !state.isWaking else { return false }
      state.isWaking = true
      return true
    }
    if isDue { memory.wakes.add { [self] in wake() } }
  }

  private func wake() {
    do throws(Fault) {
      try loader.refuseCrashed()
      let examined = try loader.examine()
      guard examined.digest == filesDigest else {
        throw Fault(
          .badInput,
          "its files changed since it was loaded, so it cannot be loaded again: versions never change, put the new files into a folder of their own"
        )
      }
      let loaded = try loader.load(examined, ending)
      guard loaded.digest == digest else { throw Fault(.badInput, "it became another model since it was loaded") }
      let unit = try Self.unit(loaded.network, loader, metrics)
      took(unit, loaded)
      unit.waitUntilGrown()
      try loaded.turn?.settle(by: loaded.network.apart == nil ? loaded.network.runtime : nil)
    } catch {
      failed(error)
    }
  }

  /// It is there: what waited for it is asked.
  private func took(_ unit: InferenceUnit, _ loaded: VersionLoader.Loaded) {
    let answered = metrics.count(.success)
    state.update { state in
      (state.unit, state.apart, state.place) = (unit, loaded.network.apart, loaded.turn?.place)
      (state.loaded, state.asked) = (Clock.now, Clock.now)
      state.backoff.began(now: Clock.now, answered: answered)
    }
    while true {
      let next = state.update { state -> Waiting? in
        guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
        (state.isResting, state.isWaking) = (false, false)
        return nil
      }
      guard let next else { return }
      hand(next)
    }
  }

  /// It is not there, or is not to stay; who asks it within a moment is told why.
  func failed(_ fault: Fault) {
    let kind: Fault.Kind = fault.kind == .closed ? .closed : .unavailable
    // Where things stand on this machine is none of the clients' business.
    let places = [loader.folder.path, loader.store, loader.engine.cacheFolder].compactMap { $0 }
    let reason = PlaceNames.removed(from: fault.message, of: places)
    let told = Fault(
      kind, "version \(version) of '\(model)' left memory and could not be loaded again: \(reason)", cause: fault.cause)
    let retry = max(Clock.now + 1_000_000_000, loader.memory?.retry(of: loader.name) ?? 0)
    let (waiting, isNew) = state.update { state in
      defer { state.waiting = [] }
      let isNew = state.failure != told
      // One that is there and turned out too large has answered what waited.
      if state.unit == nil { state.isResting = true }
      (state.isWaking, state.failure, state.retry) = (false, told, retry)
      return (state.waiting, isNew)
    }
    for one in waiting { one.room.abandon(told) }
    noteRefusal()
    _ = rest()
    if isNew { warn("\(model) \(version): \(fault.message)") }
  }
}

extension ServedVersion.State {
  /// Nobody wants it to stay, and what waited for its load was handed to it.
  var mayLeave: Bool { holds == 0 && waiting.isEmpty && !isWaking }
}

/// A version that stays in memory while this is there: for live streams, whose next picture is not to wait for a load.
final class HeldVersion: InferenceTarget {
  private let served: ServedVersion

  init(_ served: ServedVersion) {
    self.served = served
    served.hold()
  }

  deinit { served.letGo() }

  var batch: Int { served.batch }
  var streams: Int { served.streams }
  var far: FarCapacity? { served.far }
  func submit(_ request: InferenceRequest) throws(AdmissionRefusal) { try served.submit(request) }
  func cancel(_ request: InferenceRequest) { served.cancel(request) }
}
