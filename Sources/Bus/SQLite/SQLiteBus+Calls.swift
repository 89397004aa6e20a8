public import Base
internal import Glibc
internal import SQLite

extension SQLiteBus {
  public func add(_ tasks: [BusTask]) throws(Fault) -> [Bool] {
    guard (1...BusLimits.batchCount).contains(tasks.count) else {
      throw Fault(.badInput, "a batch of \(tasks.count) tasks: it has 1 to \(BusLimits.batchCount)")
    }
    for task in tasks { try task.check() }
    return try write(synced: true) { (transaction) throws(Fault) in try transaction.add(tasks) }
  }

  public func claim(for worker: String, lease: Duration) throws(Fault) -> ClaimedTask? {
    try BusLimits.check(worker, "a worker's name")
    try BusLimits.check(lease: lease)
    // those that find nothing keep nobody from writing
    guard try read({ (transaction) throws(Fault) in try transaction.mayClaim() }) else { return nil }
    return try write(synced: false) { (transaction) throws(Fault) in
      try transaction.claim(for: worker, lease: lease.nanoseconds)
    }
  }

  public func extend(_ claim: Claim, lease: Duration) throws(Fault) -> Standing {
    try BusLimits.check(lease: lease)
    return try write(synced: false) { (transaction) throws(Fault) in
      try transaction.extend(claim, lease: lease.nanoseconds)
    }
  }

  public func acknowledge(_ claim: Claim, turns: Int) throws(Fault) -> Standing {
    try write(synced: false) { (transaction) throws(Fault) in try transaction.acknowledge(claim, turns: turns) }
  }

  public func fail(_ claim: Claim, _ failure: Failure) throws(Fault) -> Failing {
    try BusLimits.check(delay: failure.delay)
    return try write(synced: true) { (transaction) throws(Fault) in try transaction.fail(claim, failure) }
  }

  public func giveBack(_ claim: Claim, after delay: Duration, turns: Int) throws(Fault) -> Standing {
    try BusLimits.check(delay: delay)
    return try write(synced: false) { (transaction) throws(Fault) in
      try transaction.giveBack(claim, after: delay, turns: turns)
    }
  }

  public func counts(group: String) throws(Fault) -> BusCounts {
    try settled { (transaction) throws(Fault) in try transaction.counts(group: group) }
  }

  public func counts(queue: String) throws(Fault) -> BusCounts {
    try settled { (transaction) throws(Fault) in try transaction.counts(queue: queue) }
  }

  public func backlog() throws(Fault) -> Int {
    try settled { (transaction) throws(Fault) in
      try transaction.connection.first(.backlog, []) { $0.integer(0) } ?? 0
    }
  }

  /// Looks at the bus once time has had its way.
  private func settled<Result>(_ body: (BusTransaction) throws(Fault) -> Result) throws(Fault) -> Result {
    if try read({ (transaction) throws(Fault) in try transaction.isUnsettled() }) {
      try write(synced: false) { (transaction) throws(Fault) in try transaction.settle() }
    }
    return try read(body)
  }

  public func waitForTask(atMost limit: Duration) throws(Fault) -> Bool {
    let deadline = Clock.now + UInt64(max(0, min(limit, .seconds(3600)).nanoseconds))
    var pause: UInt64 = 1_000_000
    while true {
      if try read({ (transaction) throws(Fault) in try transaction.mayClaim() }) { return true }
      let now = Clock.now
      guard now < deadline else { return false }
      usleep(UInt32(min(pause, deadline - now) / 1000 + 1))
      pause = min(pause * 2, 32_000_000)
    }
  }
}

extension BusTransaction {
  /// A task waits, or will once time has had its way.
  func mayClaim() throws(Fault) -> Bool {
    if try connection.first(.readyQueue, [], { _ in true }) != nil { return true }
    return try isUnsettled()
  }

  /// A lease has run out, or a delay is over.
  func isUnsettled() throws(Fault) -> Bool {
    try connection.first(.nextTime, []) { ($0.integer(0), $0.integer(1)) }.map { $0 <= (life, now) } ?? false
  }
}
