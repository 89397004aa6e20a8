internal import Base
internal import Batching

/// What requests, lanes and the watchdog of a unit share: the shell around ``BatchScheduler``.
final class UnitCore: Sendable {
  typealias Scheduler = BatchScheduler<String, InferenceRequest>

  private struct State {
    var scheduler: Scheduler
    /// By the scheduler's numbers.
    var runners: [CopyRunner] = []
    /// Monotonic nanoseconds since which the copy is being made that comes next; `nil` where none is.
    var growingSince: UInt64?
    /// Threads end as soon as nothing is left.
    var ends = false
  }

  private let limits: InferenceUnit.Limits
  private let observer: (any UnitObserver)?
  private let state: Monitor<State>
  private let threads = Monitor<[NativeThread]>([])
  /// Makes copies.
  private let grower = Monitor<NativeThread?>(nil)

  init(_ limits: InferenceUnit.Limits, turn: Int, _ observer: (any UnitObserver)?) {
    (self.limits, self.observer) = (limits, observer)
    state = Monitor(State(scheduler: Scheduler(limit: limits.queue, turn: turn)))
  }

  /// Uses a copy that is there.
  func add(_ network: CompiledNetwork, copy: Int, isLowLatency: Bool = false) throws(Fault) {
    add(try network.runner(copy: copy), room: network.batch, isLowLatency: isLowLatency)
  }

  func add(_ lane: any RemoteLane) { add(.far(lane), room: 1) }

  func add(_ network: any BatchRunner) { add(.elsewhere(network), room: network.batch) }

  private func add(_ engine: CopyRunner.Engine, room: Int, isLowLatency: Bool = false) {
    let runner = state.update { state in
      let lane = state.scheduler.addLane(room: room, isLowLatency: isLowLatency)
      let runner = CopyRunner(engine, lane: lane, isLowLatency: isLowLatency)
      state.runners.append(runner)
      endIfIdle(state)
      return runner
    }
    threads.update { $0.append(NativeThread { self.work(runner) }) }
    dispatch(.free)
  }

  /// Makes the copies that are missing, while those that are there work.
  func grow(_ network: CompiledNetwork, warmsUp: Bool) {
    state.update { $0.growingSince = Clock.now }
    let thread = NativeThread { [self] in
      while isGrowing, let copy = network.addCopy() {
        // A copy that cannot be used is no loss to the others.
        if warmsUp { guard (try? network.warmUp(copy: copy)) != nil else { break } }
        guard isGrowing else { break }
        try? add(network, copy: copy)
        state.update { if $0.growingSince != nil { $0.growingSince = Clock.now } }
      }
      state.update { $0.growingSince = nil }
    }
    grower.update { $0 = thread }
  }

  /// One more copy is wanted, and was not given up.
  private var isGrowing: Bool { state.update { !$0.scheduler.isClosed && $0.growingSince != nil } }

  /// A copy that takes too long is left to itself, and what is there goes on without it.
  private func giveUpGrowth(now: UInt64) {
    let isLate = state.update { state in
      guard let since = state.growingSince, now > since, now - since >= limits.growth else { return false }
      state.growingSince = nil
      return true
    }
    guard isLate else { return }
    leaveGrower()
  }

  private func leaveGrower() {
    grower.update { grower in
      grower?.leave()
      grower = nil
    }
  }

  var load: (waiting: Int, running: Int) { state.update { ($0.scheduler.waiting, $0.scheduler.running) } }

  func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
    let (admission, late) = state.update { admit(request, &$0) }
    try settle(request, admission, late)
  }

  func submitWaiting(_ request: InferenceRequest) throws(AdmissionRefusal) {
    let (admission, late) = state.wait { state -> (Scheduler.Admission, [InferenceRequest])? in
      let admitted = admit(request, &state)
      if case .refused = admitted.0 { return nil }
      return admitted
    }
    try settle(request, admission, late)
  }

  /// Lets it in where it may come, and starts what can start; gives what was found to be late meanwhile.
  private func admit(_ request: InferenceRequest, _ state: inout State) -> (Scheduler.Admission, [InferenceRequest]) {
    let now = Clock.now
    request.arrived = now
    let admission = state.scheduler.admit(
      request, rows: request.rowCount, from: request.source, deadline: request.deadline, now: now)
    guard case .accepted(let ticket) = admission else { return (admission, []) }
    (request.ticket, request.owner) = (ticket, ObjectIdentifier(self))
    return (admission, start(.arrival, &state))
  }

  private func settle(
    _ request: InferenceRequest, _ admission: Scheduler.Admission, _ late: [InferenceRequest]
  ) throws(AdmissionRefusal) {
    for request in late { finish(request, .late) }
    switch admission {
    case .accepted: break
    case .late: finish(request, .late)
    case .closed:
      throw AdmissionRefusal(retryAfter: 0, fault: Fault(.closed, "the model was replaced in this moment"))
    case .refused(let wait):
      observer?.refused()
      throw refusal(after: wait)
    }
  }

  private func refusal(after wait: Double) -> AdmissionRefusal {
    let fault = Fault(
      .exhausted,
      "\(load.waiting) inputs wait already, about \(Int(wait / 1e6)) ms of work: ask again later, or less often")
    return AdmissionRefusal(retryAfter: max(0.01, wait / 1e9), fault: fault)
  }

  func cancel(_ request: InferenceRequest) {
    if state.update({ _ in request.owner == ObjectIdentifier(self) }) { finish(request, .cancelled) }
  }

  /// Late requests are answered even while the engine is busy with something long.
  func check(now: UInt64) -> Bool {
    let (late, hangs) = state.update { state in
      (state.scheduler.takeLate(now: now), state.scheduler.isHung(now: now, stall: limits.stall))
    }
    for request in late { finish(request, .late) }
    giveUpGrowth(now: now)
    return hangs
  }

  func close() { state.update { $0.scheduler.close() } }
  var isIdle: Bool { state.update { $0.scheduler.isIdle && $0.growingSince == nil } }

  func drain() { state.wait { $0.scheduler.isIdle ? () : nil } }

  /// Bounded: each copy has its time.
  func waitUntilGrown() {
    while let since = state.update({ $0.growingSince }) {
      let (end, overflows) = since.addingReportingOverflow(limits.growth)
      let isOver = state.wait(before: overflows ? .max : end) { $0.growingSince == since ? nil : true } ?? false
      if !isOver { giveUpGrowth(now: Clock.now) }
    }
  }

  func takeLowLatencyWish() -> Bool { state.update { $0.scheduler.takeLowLatencyWish() } }

  /// Closes, and ends the threads once nothing is left; waits for that, unless one of them asks.
  func end() {
    state.update { state in
      state.scheduler.close()
      state.ends = true
      endIfIdle(state)
    }
    // None is added any more once the copies are made.
    let isInside = threads.update { $0.contains(where: \.isCurrent) } || grower.update { $0?.isCurrent == true }
    if !isInside { waitUntilGrown() }
    let grower = grower.update { grower in
      defer { grower = nil }
      return grower
    }
    if isInside { grower?.leave() } else { grower?.join() }
    let threads = threads.update { threads in
      defer { threads = [] }
      return threads
    }
    for thread in threads { if isInside { thread.leave() } else { thread.join() } }
  }

  func abandon(_ fault: Fault) {
    let (requests, runners) = state.update { ($0.scheduler.abandon(), $0.runners) }
    for request in requests { finish(request, .failed(fault)) }
    // One of them hangs, and ends when it comes back, if it ever does.
    for runner in runners { runner.finish() }
    threads.update { threads in
      for thread in threads { thread.leave() }
      threads = []
    }
    state.update { $0.growingSince = nil }
    leaveGrower()
  }

  private func endIfIdle(_ state: State) {
    guard state.ends, state.scheduler.isIdle else { return }
    for runner in state.runners { runner.finish() }
  }

  /// A lane's thread.
  private func work(_ runner: CopyRunner) {
    while runner.sleep() {
      repeat { run(runner) } while follow(runner)
    }
  }

  /// Infers, and hands the answers out.
  private func run(_ runner: CopyRunner) {
    let (began, rows, traced) = (Clock.now, runner.rowCount, TracedBatch(runner))
    observer?.willRun()
    let result = Result { () throws(LaneFailure) in try runner.infer() }
    let now = Clock.now
    observer?.didRun(rows: rows, nanoseconds: now - began)
    traced?.ended(at: now, result, to: observer)
    state.update { $0.scheduler.ran(on: runner.lane, now: now) }
    // Others waited for the cores, not for the answer to be written.
    if runner.isLowLatency { dispatch(.free) }
    switch result {
    case .success(let outputs):
      var place = 0
      for portion in runner.batch {
        answer(portion, outputs, from: place)
        place += portion.count
      }
    case .failure(let failure) where rows == 1: finish(runner.batch[0].item, failure.outcome)
    case .failure: state.update { $0.scheduler.retryAlone(on: runner.lane) }
    }
  }

  /// Whether the lane has something to do next; others may get something too.
  private func follow(_ runner: CopyRunner) -> Bool {
    runner.batch = []  // so that the scheduler can use its memory again
    let late = state.update { state in
      state.scheduler.free(runner.lane)
      let late = start(.free, &state, follower: runner)
      endIfIdle(state)
      return late
    }
    for request in late { finish(request, .late) }
    return !runner.batch.isEmpty
  }

  private func dispatch(_ reason: BatchStart) {
    for request in state.update({ start(reason, &$0) }) { finish(request, .late) }
  }

  /// Starts what can start; gives what is late.
  ///
  /// `follower` asks on its own thread, and needs no waking.
  private func start(
    _ reason: BatchStart, _ state: inout State, follower: CopyRunner? = nil
  ) -> [InferenceRequest] {
    var late: [InferenceRequest] = []
    let now = Clock.now
    state.scheduler.start(now: now, late: &late).forEach { lane in
      observer?.started(reason)
      let batch = state.scheduler.lanes[lane].batch
      for portion in batch where portion.item.started == nil { portion.item.started = now }
      if lane == follower?.lane { follower?.batch = batch } else { state.runners[lane].give(batch) }
    }
    return late
  }

  private func answer(_ portion: Scheduler.Portion, _ outputs: BatchOutputs, from place: Int) {
    let request = portion.item
    if request.rowCount == 1 { return finish(request, .answered(outputs[place])) }
    let rows = (0..<portion.count).map { outputs[place + $0].copied }
    let isLast = state.update { _ in
      guard !request.isOver else { return false }
      if request.gathered.isEmpty { request.gathered = Array(repeating: [], count: request.rowCount) }
      for (offset, row) in rows.enumerated() { request.gathered[portion.first + offset] = row }
      request.left -= portion.count
      return request.left == 0
    }
    if isLast { finish(request, .answered(request.answer(like: outputs[place].specs))) }
  }

  /// Ends a request, unless it has ended already.
  private func finish(_ request: InferenceRequest, _ outcome: InferenceRequest.Outcome) {
    let completion = state.update { state -> InferenceRequest.Completion? in
      // First, so that the ticket of one that ended elsewhere takes nothing out here.
      guard let completion = request.end() else { return nil }
      if case .answered = outcome {} else if let ticket = request.ticket { state.scheduler.remove(ticket) }
      return completion
    }
    guard let completion else { return }
    let now = Clock.now
    let started = request.started ?? now
    let times = InferenceRequest.Times(queued: started - request.arrived, inferred: now - started)
    observer?.ended(outcome, times)
    completion.done(outcome, times)
  }
}
