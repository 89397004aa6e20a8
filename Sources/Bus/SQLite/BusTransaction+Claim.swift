internal import Base
internal import SQLite

extension BusTransaction {
  /// Leases and delays that one transaction ends, at most.
  private static let settled = 256

  /// Does what time has brought about: leases that ran out end an attempt, what was delayed waits.
  func settle() throws(Fault) {
    let values = [life, now, Self.settled].map { SQLValue.integer($0) }
    for row in try rows(.timedTasks, values) {
      if row.group.isRemoved {
        try delete(row)
      } else if row.state == .leased {
        try note(row.life == life ? Self.leaseEnded : Self.machineStarted, of: row)
        try move(row, to: row.attempts < row.allowed ? .waiting : .setAside, attempts: row.attempts)
      } else {
        try move(row, to: .waiting, attempts: row.attempts)
      }
    }
  }

  static let leaseEnded = "the lease ran out: the worker ended, hung or was stopped"
  static let machineStarted = "the machine was started anew, or the library was restored, while this was at work"

  func claim(for worker: String, lease: Int) throws(Fault) -> ClaimedTask? {
    try settle()
    guard let queue = try connection.first(.readyQueue, [], { $0.integer(0) }) else { return nil }
    let head = try connection.first(.readyLane, [.integer(queue)]) { (lane: $0.integer(0), task: $0.integer(1)) }
    guard let head, let (task, attempts, allowed) = try read(head.task, inQueue: queue) else {
      throw Fault(.bug, "\(connection.path): the queue \(queue) of the bus counts tasks that are not there")
    }
    guard let group = try find(task.group)?.group else { throw Fault(.bug, "the group \(task.group) is not there") }
    let row = Row(
      id: head.task, lane: head.lane, group: group, state: .waiting, attempts: attempts, allowed: allowed, life: life,
      worker: "", key: task.key)
    let token = Int.random(in: 0...Int.max)
    try move(row, to: .leased, attempts: attempts + 1, until: now + lease, token: token, worker: worker)
    let claim = Claim(
      group: task.group, key: task.key, attempt: attempts + 1, fence: Fence(row.id, life, token).text)
    return ClaimedTask(task: task, claim: claim, isLastAttempt: attempts + 1 >= allowed)
  }

  /// The task of a claim that holds.
  private func held(_ claim: Claim) throws(Fault) -> (row: Row, token: Int)? {
    guard let fence = Fence(claim.fence) else {
      throw Fault(.badInput, "'\(claim.fence.prefix(80))' is no fence of a claim")
    }
    guard fence.life == life else { return nil }
    let values = [fence.task, fence.life, fence.token].map { SQLValue.integer($0) }
    return try connection.first(.heldTask, values) { Self.row($0) }.map { ($0, fence.token) }
  }

  func extend(_ claim: Claim, lease: Int) throws(Fault) -> Standing {
    guard let (row, token) = try held(claim) else { return .lost }
    try move(row, to: .leased, attempts: row.attempts, until: now + lease, token: token, worker: row.worker)
    return .held
  }

  func acknowledge(_ claim: Claim, turns: Int) throws(Fault) -> Standing {
    guard let (row, _) = try held(claim) else { return .lost }
    try delete(row)
    try connection.run(.insertDone, [.integer(row.group.id), .text(row.key)])
    try count(Tally(leased: -1, done: 1), in: row.group, turns: min(max(turns, 0), BusLimits.turns))
    return .held
  }

  func fail(_ claim: Claim, _ failure: Failure) throws(Fault) -> Failing {
    guard let (row, _) = try held(claim) else { return .lost }
    try note(failure.reason, of: row)
    guard failure.isRetryable, row.attempts < row.allowed else {
      try move(row, to: .setAside, attempts: row.attempts)
      return .setAside
    }
    try wait(row, attempts: row.attempts, failure.delay)
    return .again
  }

  func giveBack(_ claim: Claim, after delay: Duration, turns: Int) throws(Fault) -> Standing {
    guard let (row, _) = try held(claim) else { return .lost }
    try wait(row, attempts: row.attempts - 1, delay)
    if turns > 0 { try count(Tally(), in: row.group, turns: min(turns, BusLimits.turns)) }
    return .held
  }

  private func wait(_ row: Row, attempts: Int, _ delay: Duration) throws(Fault) {
    if delay == .zero { return try move(row, to: .waiting, attempts: attempts) }
    try move(row, to: .delayed, attempts: attempts, until: now + delay.nanoseconds)
  }

  func read(_ id: Int, inQueue queue: Int) throws(Fault) -> (task: BusTask, attempts: Int, allowed: Int)? {
    guard let name = try connection.first(.queueName, [.integer(queue)], { $0.text(0) }) else { return nil }
    return try connection.first(.task, [.integer(id)]) { row in
      let task = BusTask(
        key: row.text(0), queue: name, group: row.text(1), priority: row.integer(2), payload: row.bytes(3),
        mostAttempts: row.integer(4))
      return (task, row.integer(5), row.integer(6))
    }
  }
}

/// Which claim of which task in which life of the file.
private struct Fence {
  let task: Int
  let life: Int
  let token: Int

  init(_ task: Int, _ life: Int, _ token: Int) { (self.task, self.life, self.token) = (task, life, token) }

  init?(_ text: String) {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 3, let task = numbers[0], let life = numbers[1], let token = numbers[2] else { return nil }
    self.init(task, life, token)
  }

  var text: String { "\(task).\(life).\(token)" }
}

extension Duration {
  var nanoseconds: Int { Int(self / .nanoseconds(1)) }
}
