public import Base
public import Bus
internal import Catalog

/// Takes tasks from the bus and does them, one after another; used by the thread that runs it.
///
/// A lease is kept alive from a thread of its own for as long as a task takes. What waits for somebody else's server is done beside the other tasks
/// (``Errands``). A worker that hangs is ended by who watches it, and its lease runs out.
public final class Worker {
  /// What a watcher hears: which task is at hand, so that it can be failed where it kills its worker.
  public enum Message: Sendable, Hashable {
    case began(Claim, payload: [UInt8])
    case ended
  }

  private let bus: any Bus
  private let work: JobWork
  private let name: String
  private let lease: Duration
  private let told: (Message) throws(Fault) -> Void
  private let complain: @Sendable (Fault) -> Void
  private let prepare: () -> Void
  private let errands = Errands()
  /// The claims that are kept alive: that of the task at hand, and those of errands.
  private let held = Monitor<Set<Claim>>([])

  /// How long a task is another's to take once nothing is heard of its worker.
  public static let lease = Duration.seconds(30)

  /// A `lease` other than the usual one is for tests; `prepare` is called before a task while this worker holds no other.
  public init(
    _ work: JobWork, lease: Duration = Worker.lease, told: @escaping (Message) throws(Fault) -> Void,
    prepare: @escaping () -> Void = {}, complain: @escaping @Sendable (Fault) -> Void
  ) {
    (self.work, self.lease, self.told, self.prepare, self.complain) = (work, lease, told, prepare, complain)
    (bus, name) = (work.desk.bus, work.worker)
  }

  /// Works until it is asked to end; with `untilIdle`, until no task is left that could be had.
  ///
  /// Tasks that others are at are waited for, since more may come of them, unless `waitsForOthers` is `false`.
  public func run(untilIdle: Bool = false, waitsForOthers: Bool = true) throws(Fault) {
    let rest = max(50, Int(lease / .milliseconds(4)))
    let keeper = RepeatingThread(restMilliseconds: rest, complain: complain) { [bus, lease, held] () throws(Fault) in
      for claim in held.update({ $0 }) { _ = try bus.extend(claim, lease: lease) }
    }
    defer {
      errands.finish(within: 3)
      keeper.stop()
      work.catchUp(always: true)
    }
    var told: Fault?
    while !work.isStopped() {
      do throws(Fault) {
        // Looked at first: an errand that ends behind it may have added tasks.
        let isAlone = held.update { $0.isEmpty }
        guard let claimed = try bus.claim(for: name, lease: lease) else {
          try work.whenIdle()
          if untilIdle, try waitsForOthers ? bus.backlog() == 0 : isAlone { return }
          work.beat()
          try waitForTask()
          continue
        }
        if isAlone { prepare() }
        try perform(claimed)
        work.catchUp()
        told = nil
      } catch {
        // What is gone for a while comes back; each reason is told once.
        if error != told { complain(error) }
        told = error
        work.pause()
      }
    }
  }

  /// A second at most, and a quarter of that where it is asked to end.
  private func waitForTask() throws(Fault) {
    for _ in 0..<4 where !work.isStopped() {
      if try bus.waitForTask(atMost: .milliseconds(250)) { return }
    }
  }

  /// How long a task that may do better later waits after its attempt of this number.
  static func pause(after attempt: Int) -> Duration { .seconds(1 << min(attempt, 11)) }

  private func perform(_ claimed: ClaimedTask) throws(Fault) {
    let (claim, payload) = (claimed.claim, claimed.task.payload)
    _ = held.update { $0.insert(claim) }
    var isHandedOn = false
    defer { if !isHandedOn { _ = held.update { $0.remove(claim) } } }
    try told(.began(claim, payload: payload))
    work.isMine = { [bus, lease] () throws(Fault) in try bus.extend(claim, lease: lease) == .held }
    let began = Clock.now
    do throws(Fault) {
      if var errand = try work.errand(payload, attempt: claim.attempt) {
        errand.spans = work.spans
        isHandedOn = errands.begin(for: errand.job.client) { [bus, held, complain, errand] in
          Self.run(errand, claim, bus, complain)
          _ = held.update { $0.remove(claim) }
        }
        if !isHandedOn { _ = try bus.giveBack(claim, after: errands.pause) }
      } else {
        let outcome = try work.perform(payload, attempt: claim.attempt)
        // Clients share the workers' time and not the number of their tasks, of which the shortest take some milliseconds.
        let turns = Int((Clock.now - began) / 5_000_000)
        if try Self.settle(outcome, claim, turns: turns, pause: Self.pause(after: claim.attempt), bus) == .lost {
          complain(Self.lost(claimed.task))
        }
      }
    } catch {
      Self.settle(error, claim, bus)
      try told(.ended)
      throw error
    }
    try told(.ended)
  }

  /// What a worker is told whose lease ended while it was stopped, slept or was cut off.
  private static func lost(_ task: BusTask) -> Fault {
    Fault(.conflict, "the task \(task.key) was taken back while it was at work here: what was done for it is refused")
  }

  private static func run(_ errand: Errand, _ claim: Claim, _ bus: any Bus, _ complain: (Fault) -> Void) {
    do throws(Fault) {
      _ = try settle(try errand.perform(), claim, turns: 0, pause: errand.pause, bus)
    } catch {
      settle(error, claim, bus)
      complain(error)
    }
  }

  private static func settle(
    _ outcome: JobWork.Outcome, _ claim: Claim, turns: Int, pause: Duration, _ bus: any Bus
  ) throws(Fault) -> Standing {
    switch outcome {
    case .done: return try bus.acknowledge(claim, turns: turns)
    case .again(let fault):
      return try bus.fail(claim, Failure(fault.message, isRetryable: true, delay: pause)) == .lost ? .lost : .held
    case .elsewhere(let fault): throw fault
    case .stopped: return try bus.giveBack(claim, after: .zero, turns: turns)
    }
  }

  /// Where the library itself does not answer, that is no fault of the task.
  private static func settle(_ fault: Fault, _ claim: Claim, _ bus: any Bus) {
    if JobWork.isTemporary(fault) {
      _ = try? bus.giveBack(claim, after: .seconds(2))
    } else {
      _ = try? bus.fail(claim, Failure(fault.message, isRetryable: true, delay: .seconds(10)))
    }
  }
}
