public import Base
internal import PostgreSQL

extension PostgreSQLBus {
  public func add(_ tasks: [BusTask]) throws(Fault) -> [Bool] {
    guard (1...BusLimits.batchCount).contains(tasks.count) else {
      throw Fault(.badInput, "a batch of \(tasks.count) tasks: it has 1 to \(BusLimits.batchCount)")
    }
    // by bytes: of two spellings of é each is a name of its own
    var queues: [[UInt8]: [UInt8]] = [:]
    for task in tasks {
      try task.check()
      let group = Array(task.group.utf8)
      queues[group] = queues[group] ?? Array(task.queue.utf8)
    }
    // where a group was removed in between, it is made anew
    for _ in 0..<8 {
      let isNew = try retrying { () throws(Fault) in
        try pool.use { (connection, _) throws(Fault) in try add(tasks, queues, on: connection) }
      }
      if let isNew { return isNew }
    }
    throw Fault(.unavailable, "\(name): groups are removed while tasks are added to them: try again")
  }

  /// `nil` where a group went meanwhile.
  private func add(
    _ tasks: [BusTask], _ queues: [[UInt8]: [UInt8]], on connection: PostgreSQLConnection
  ) throws(Fault) -> [Bool]? {
    let found = try begin(with: queues, on: connection)
    var ids: [Int] = []
    for task in tasks {
      guard let group = found[Array(task.group.utf8)] else { return nil }
      guard group.queue == Array(task.queue.utf8) else {
        throw task.liesElsewhere(String(decoding: group.queue, as: UTF8.self))
      }
      ids.append(group.id)
    }
    let values: [PostgreSQLValue] = [
      .integers(ids), .byteStrings(tasks.map { Array($0.key.utf8) }), .integers(tasks.map(\.priority)),
      .integers(tasks.map(\.mostAttempts)), .byteStrings(tasks.map(\.payload)),
    ]
    let new = try connection.exchange(
      [
        PostgreSQLStatement(PostgreSQLBusSQL.insert, values), PostgreSQLStatement("COMMIT"),
        PostgreSQLStatement(PostgreSQLBusSQL.flush),
      ], within: settings.patience)[0]
    var isNew = Array(repeating: false, count: tasks.count)
    for row in 0..<new.count { isNew[new.integer(row, 0)] = true }
    return isNew
  }

  /// Begins a transaction in which groups stay that there are, or are made, each in the queue that is named where it is in none; gives their
  /// numbers, and the queues that they are in.
  private func begin(
    with queues: [[UInt8]: [UInt8]], on connection: PostgreSQLConnection
  ) throws(Fault) -> [[UInt8]: (id: Int, queue: [UInt8])] {
    let groups = queues.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let names = groups.map(\.key)
    let find = PostgreSQLStatement(PostgreSQLBusSQL.findGroups, [.byteStrings(names)])
    let start = [PostgreSQLBusSQL.begin, PostgreSQLBusSQL.keepGroups].map { PostgreSQLStatement($0) }
    var rows = try connection.exchange(start + [find], within: settings.patience)[2]
    if rows.count < queues.count {
      let wanted = groups.map(\.value)
      let pairs = [PostgreSQLValue.byteStrings(names), .byteStrings(wanted)]
      // alone: who finds that another was first would hold rows in no order
      rows = try connection.exchange(
        [
          PostgreSQLStatement("ROLLBACK"), PostgreSQLStatement(PostgreSQLBusSQL.begin),
          PostgreSQLStatement(PostgreSQLBusSQL.freeNames, [.byteStrings(names)]), PostgreSQLStatement("COMMIT"),
          PostgreSQLStatement(PostgreSQLBusSQL.begin), PostgreSQLStatement(PostgreSQLBusSQL.beAlone),
          PostgreSQLStatement(PostgreSQLBusSQL.makeQueues, [.byteStrings(wanted)]),
          PostgreSQLStatement(PostgreSQLBusSQL.makeGroups, pairs),
          PostgreSQLStatement(PostgreSQLBusSQL.placeGroups, pairs), find,
        ], within: settings.patience)[9]
    }
    var found: [[UInt8]: (id: Int, queue: [UInt8])] = [:]
    for row in 0..<rows.count { found[rows.bytes(row, 0)] = (rows.integer(row, 1), rows.bytes(row, 2)) }
    return found
  }

  public func claim(for worker: String, lease: Duration) throws(Fault) -> ClaimedTask? {
    try BusLimits.check(worker, "a worker's name")
    try BusLimits.check(lease: lease)
    let deadline = Clock.now + UInt64(settings.patience.nanoseconds)
    var (beside, pause) = (0, UInt64(200_000))
    while true {
      let token = Int.random(in: 1 ... .max)
      let statement = PostgreSQLStatement(
        PostgreSQLBusSQL.claim, [now, .integer(beside), lease.value, .integer(token), worker.value])
      let rows = try change(
        [statement, PostgreSQLStatement(PostgreSQLBusSQL.renewHead)], kept: false, mayRepeat: false)[0]
      if !rows.isNull(0, 2) { return claimed(rows, token) }
      if rows.integer(0, 1) == 1, beside == 0 {
        // what is due and in the hands of another is not waited for
        if try settle() == 0 { beside = 1 }
        continue
      }
      // nothing waits, or all that does is about to be taken by others
      guard rows.integer(0, 0) == 1, pause < 20_000_000, Clock.now < deadline else { return nil }
      Clock.sleep(until: Clock.now + pause)
      pause *= 2
    }
  }

  private func claimed(_ rows: PostgreSQLRows, _ token: Int) -> ClaimedTask {
    let task = Self.task(rows, 0, from: 2)
    let (attempts, allowed) = (rows.integer(0, 9), rows.integer(0, 10))
    let claim = Claim(
      group: task.group, key: task.key, attempt: attempts, fence: "\(rows.integer(0, 2)).\(token)")
    return ClaimedTask(task: task, claim: claim, isLastAttempt: attempts >= allowed)
  }

  /// From number, key, payload, queue, group, priority, most attempts.
  static func task(_ rows: PostgreSQLRows, _ row: Int, from column: Int) -> BusTask {
    BusTask(
      key: rows.text(row, column + 1), queue: rows.text(row, column + 3), group: rows.text(row, column + 4),
      priority: rows.integer(row, column + 5), payload: rows.bytes(row, column + 2),
      mostAttempts: rows.integer(row, column + 6))
  }

  /// Leases and delays that one transaction ends, at most.
  private static let settled = 256

  /// Does what time has brought about: leases that ran out end an attempt, what was delayed waits; gives how many it ended.
  @discardableResult
  func settle() throws(Fault) -> Int {
    var all = 0
    while true {
      let statement = PostgreSQLStatement(
        PostgreSQLBusSQL.settle, [now, date, BusTransaction.leaseEnded.value, .integer(Self.settled)])
      let count = try change([statement], kept: false)[0].integer(0, 0)
      all += count
      if count < Self.settled { return all }
    }
  }

  /// Task and token of a claim.
  private func fence(_ claim: Claim) throws(Fault) -> [PostgreSQLValue] {
    let numbers = claim.fence.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let task = numbers[0], let token = numbers[1] else {
      throw Fault(.badInput, "'\(claim.fence.prefix(80))' is no fence of a claim")
    }
    return [.integer(task), .integer(token)]
  }

  public func extend(_ claim: Claim, lease: Duration) throws(Fault) -> Standing {
    try BusLimits.check(lease: lease)
    let values = try [now] + fence(claim) + [lease.value]
    return try look(PostgreSQLStatement(PostgreSQLBusSQL.extend, values)).count == 1 ? .held : .lost
  }

  public func acknowledge(_ claim: Claim, turns: Int) throws(Fault) -> Standing {
    let values = try fence(claim) + [.integer(min(max(turns, 0), BusLimits.turns))]
    return try end(PostgreSQLStatement(PostgreSQLBusSQL.acknowledge, values)).integer(0, 0) == 1 ? .held : .lost
  }

  public func fail(_ claim: Claim, _ failure: Failure) throws(Fault) -> Failing {
    try BusLimits.check(delay: failure.delay)
    let more: [PostgreSQLValue] = [
      failure.delay.value, .integer(failure.isRetryable ? 1 : 0), date, failure.reason.shortened.value,
    ]
    let rows = try end(PostgreSQLStatement(PostgreSQLBusSQL.fail, [now] + fence(claim) + more))
    guard rows.integer(0, 0) == 1 else { return .lost }
    return rows.integer(0, 1) == 3 ? .setAside : .again
  }

  public func giveBack(_ claim: Claim, after delay: Duration, turns: Int) throws(Fault) -> Standing {
    try BusLimits.check(delay: delay)
    let more: [PostgreSQLValue] = [delay.value, .integer(min(max(turns, 0), BusLimits.turns))]
    let rows = try end(PostgreSQLStatement(PostgreSQLBusSQL.giveBack, [now] + fence(claim) + more))
    return rows.integer(0, 0) == 1 ? .held : .lost
  }

  /// A second time it would be lost, though it was not.
  private func end(_ statement: PostgreSQLStatement) throws(Fault) -> PostgreSQLRows {
    try change([statement], kept: true, mayRepeat: false)[0]
  }
}
