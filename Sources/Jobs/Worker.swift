public import Base
public import Bus

/// Takes tasks from the bus and does them, one after another; used by the thread that runs it.
///
/// A lease is kept alive from a thread of its own for as long as a task takes. A worker that hangs is ended by who watches it, and its lease runs out.
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

  /// How long a task is another's to take once nothing is heard of its worker.
  public static let lease = Duration.seconds(30)

  /// A `lease` other than the usual one is for tests.
  public init(
    _ work: JobWork, lease: Duration = Worker.lease, told: @escaping (Message) throws(Fault) -> Void,
    complain: @escaping @Sendable (Fault) -> Void
  ) {
    (self.work, self.lease, self.told, self.complain) = (work, lease, told, complain)
    (bus, name) = (work.desk.bus, work.worker)
  }

  /// Works until it is asked to end; with `untilIdle`, until no task is left that could be had.
  public func run(untilIdle: Bool = false) throws(Fault) {
    let claim = Monitor(Claim?.none)
    let rest = max(50, Int(lease / .milliseconds(4)))
    let keeper = RepeatingThread(restMilliseconds: rest, complain: complain) { [bus, lease] () throws(Fault) in
      guard let held = claim.update({ $0 }) else { return }
      _ = try bus.extend(held, lease: lease)
    }
    defer {
      keeper.stop()
      work.catchUp(always: true)
    }
    var told: Fault?
    while !work.isStopped() {
      do throws(Fault) {
        guard let claimed = try bus.claim(for: name, lease: lease) else {
          try work.whenIdle()
          if untilIdle, try bus.backlog() == 0 { return }
          work.beat()
          _ = try bus.waitForTask(atMost: .seconds(1))
          continue
        }
        claim.update { $0 = claimed.claim }
        work.isMine = { [bus, lease] () throws(Fault) in try bus.extend(claimed.claim, lease: lease) == .held }
        defer { claim.update { $0 = nil } }
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

  private func perform(_ claimed: ClaimedTask) throws(Fault) {
    try told(.began(claimed.claim, payload: claimed.task.payload))
    let began = Clock.now
    do throws(Fault) {
      switch try work.perform(claimed.task.payload, attempt: claimed.claim.attempt) {
      // Clients share the workers' time and not the number of their tasks: a tenth of a second is a turn.
      case .done: _ = try bus.acknowledge(claimed.claim, turns: Int((Clock.now - began) / 100_000_000))
      case .again(let fault):
        let delay = Duration.seconds(1 << min(claimed.claim.attempt, 11))
        _ = try bus.fail(claimed.claim, Failure(fault.message, isRetryable: true, delay: delay))
      case .elsewhere(let fault): throw fault
      case .stopped: _ = try bus.giveBack(claimed.claim, after: .zero)
      }
    } catch {
      // Where the library itself does not answer, that is no fault of the task.
      if JobWork.isTemporary(error) {
        _ = try? bus.giveBack(claimed.claim, after: .seconds(2))
      } else {
        _ = try? bus.fail(claimed.claim, Failure(error.message, isRetryable: true, delay: .seconds(10)))
      }
      try told(.ended)
      throw error
    }
    try told(.ended)
  }
}
