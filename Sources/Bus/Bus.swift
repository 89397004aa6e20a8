public import Base

/// Tasks that wait to be done, lent to workers for a time.
///
/// A task is delivered at least once: whoever receives it may be the second, and publishes its result under a condition. Every call may wait for
/// the disk or the network, and none without an end; they are for threads that may block. Faults: `badInput` for what no engine takes;
/// `unavailable` where the bus is busy or gone for now; `exhausted` for a full disk; `denied`. A call that ended with `unavailable` may have
/// been done, and is safe to repeat: what it asked for is then there, or its claim no longer holds.
///
/// `add`, `fail`, `hold`, `release`, `retry` and `remove` outlive the loss of power once they are answered. `claim`, `extend`, `acknowledge` and
/// `giveBack` outlive the death of every process, but not that: what the power took of them is delivered again.
public protocol Bus: Sendable {
  /// Adds all of the tasks or, with a fault, none; says of each whether it is new.
  ///
  /// A key that was ever added to its group and not removed with it is not added again, also when its task was done, and nothing of the task
  /// that is there is changed. A group lies in one queue: the fault is `badInput` where it was begun in another. At most
  /// ``BusLimits/batchCount`` tasks.
  func add(_ tasks: [BusTask]) throws(Fault) -> [Bool]

  /// Lends the next task to a worker, `nil` where none may be had now.
  ///
  /// Queues take turns, however many tasks each has; in a queue the highest priority is first, and of one priority the oldest. First it
  /// takes back leases that have run out, each an attempt of its task, and sees to what was delayed and is due.
  func claim(for worker: String, lease: Duration) throws(Fault) -> ClaimedTask?

  /// Has a lease end so long from now; a lease that has run out holds until the bus has taken it back.
  func extend(_ claim: Claim, lease: Duration) throws(Fault) -> Standing

  /// The task is done: only its key is kept.
  ///
  /// `turns` is how many turns of its queue it was worth beside the one that it took: so queues whose tasks are long and others whose tasks are
  /// short share the workers' time.
  func acknowledge(_ claim: Claim, turns: Int) throws(Fault) -> Standing

  /// Ends an attempt with a reason; the task waits again, or is set aside after its last attempt or where it never can be done.
  func fail(_ claim: Claim, _ failure: Failure) throws(Fault) -> Failing

  /// Ends a claim as if it had not been made, but for its queue's turn, and as many more as it was worth; the task may be had again after a delay.
  func giveBack(_ claim: Claim, after delay: Duration, turns: Int) throws(Fault) -> Standing

  /// Lends no task of a group until it is released; what is lent goes on. A group that has no tasks yet may be held too.
  func hold(_ group: String) throws(Fault)

  func release(_ group: String) throws(Fault)

  /// Forgets a group: its tasks, its keys, and that it is held. Claims of its tasks hold no longer.
  ///
  /// Gives how many tasks there were, those that were done too. As long as the group is large, others work meanwhile. Where the call is
  /// interrupted, the group is gone all the same.
  @discardableResult
  func remove(group: String) throws(Fault) -> Int

  /// The same for all groups of a queue and for its name.
  @discardableResult
  func remove(queue: String) throws(Fault) -> Int

  /// Has all tasks of a group that are set aside wait again, each with as many attempts as at first; gives how many there were.
  @discardableResult
  func retry(_ group: String) throws(Fault) -> Int

  /// The same for one task; `false` where it is not set aside.
  func retry(_ key: String, in group: String) throws(Fault) -> Bool

  func counts(group: String) throws(Fault) -> BusCounts

  func counts(queue: String) throws(Fault) -> BusCounts

  /// Whether anything is kept of a queue, if only its name: what a look behind ``remove(queue:)`` asks.
  func knows(queue: String) throws(Fault) -> Bool

  /// Tasks that may be had now and those that are lent, of all queues: by this one decides how many workers there should be.
  func backlog() throws(Fault) -> Int

  /// A page of a group's tasks that are set aside, oldest first; `token` is that of the page before. 1 to ``BusLimits/pageCount`` tasks.
  func setAside(in group: String, after token: String?, limit: Int) throws(Fault) -> SetAsidePage

  /// Sleeps until a task may be had, in whatever process it was added, or for so long (an hour at most); `false` where none came.
  func waitForTask(atMost limit: Duration) throws(Fault) -> Bool
}

extension Bus {
  /// The task is done, and was worth the turn that it took.
  public func acknowledge(_ claim: Claim) throws(Fault) -> Standing { try acknowledge(claim, turns: 0) }

  /// A claim that came to nothing.
  public func giveBack(_ claim: Claim, after delay: Duration) throws(Fault) -> Standing {
    try giveBack(claim, after: delay, turns: 0)
  }
}
