public import Base
internal import Glibc

/// A bus that holds nothing, for libraries whose jobs are those of other engines alone.
///
/// It has no task to lend and takes none; whatever else is asked of it is answered as by a bus that is empty.
public struct NoBus: Bus {
  public init() {}

  /// The fault of what cannot be done without a bus: `a worker`.
  public static func refusal(_ what: String) -> Fault {
    Fault(
      .unsupported,
      "\(what) needs a bus for tasks, and the library has none: start jobs with --external for another engine, or name Redis in RIDLEY_BUS=redis://HOST"
    )
  }

  public func add(_ tasks: [BusTask]) throws(Fault) -> [Bool] {
    guard let first = tasks.first else { return [] }
    throw Self.refusal("the task \(first.key)")
  }

  public func claim(for worker: String, lease: Duration) throws(Fault) -> ClaimedTask? { nil }

  public func extend(_ claim: Claim, lease: Duration) throws(Fault) -> Standing { .lost }

  public func acknowledge(_ claim: Claim, turns: Int) throws(Fault) -> Standing { .lost }

  public func fail(_ claim: Claim, _ failure: Failure) throws(Fault) -> Failing { .lost }

  public func giveBack(_ claim: Claim, after delay: Duration, turns: Int) throws(Fault) -> Standing { .lost }

  public func hold(_ group: String) throws(Fault) {}

  public func release(_ group: String) throws(Fault) {}

  public func remove(group: String) throws(Fault) -> Int { 0 }

  public func remove(queue: String) throws(Fault) -> Int { 0 }

  public func retry(_ group: String) throws(Fault) -> Int { 0 }

  public func retry(_ key: String, in group: String) throws(Fault) -> Bool { false }

  public func counts(group: String) throws(Fault) -> BusCounts { BusCounts() }

  public func counts(queue: String) throws(Fault) -> BusCounts { BusCounts() }

  public func knows(queue: String) throws(Fault) -> Bool { false }

  public func backlog() throws(Fault) -> Int { 0 }

  public func setAside(in group: String, after token: String?, limit: Int) throws(Fault) -> SetAsidePage {
    SetAsidePage(tasks: [], next: nil)
  }

  public func waitForTask(atMost limit: Duration) throws(Fault) -> Bool {
    usleep(UInt32(max(0, min(limit, .seconds(3600)).nanoseconds) / 1000))
    return false
  }
}
