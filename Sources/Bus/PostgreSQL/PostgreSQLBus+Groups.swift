public import Base
internal import PostgreSQL

extension PostgreSQLBus {
  /// Tasks of a page whose failures are read at once: each may have 130 KiB of them.
  private static let readAtOnce = 50

  public func hold(_ group: String) throws(Fault) { try setHeld(group, 1) }

  public func release(_ group: String) throws(Fault) { try setHeld(group, 0) }

  private func setHeld(_ group: String, _ value: Int) throws(Fault) {
    try BusLimits.check(group, "a group's name")
    let making = [
      PostgreSQLStatement(PostgreSQLBusSQL.freeNames, [.byteStrings([Array(group.utf8)])]),
      PostgreSQLStatement(PostgreSQLBusSQL.makeGroup, [group.value]),
    ]
    let holding = [
      PostgreSQLStatement(PostgreSQLBusSQL.hold, [group.value, .integer(value)]),
      PostgreSQLStatement(PostgreSQLBusSQL.openLanes, [group.value]),
    ]
    _ = try change(value == 1 ? making + holding : holding, kept: true)
  }

  @discardableResult
  public func remove(group: String) throws(Fault) -> Int {
    let rows = try change(
      [
        PostgreSQLStatement(PostgreSQLBusSQL.beAlone),
        PostgreSQLStatement(PostgreSQLBusSQL.removeGroup, [group.value]),
        PostgreSQLStatement(PostgreSQLBusSQL.dropLanes),
      ], kept: true, mayRepeat: false)[1]
    try sweep()
    return rows.count == 0 ? 0 : rows.integer(0, 0)
  }

  @discardableResult
  public func remove(queue: String) throws(Fault) -> Int {
    let rows = try change(
      [
        PostgreSQLStatement(PostgreSQLBusSQL.beAlone),
        PostgreSQLStatement(PostgreSQLBusSQL.removeQueue, [queue.value]),
      ], kept: true, mayRepeat: false)[1]
    try sweep()
    return rows.count == 0 ? 0 : rows.integer(0, 0)
  }

  public func knows(queue: String) throws(Fault) -> Bool {
    try look(PostgreSQLStatement(PostgreSQLBusSQL.knowsQueue, [queue.value])).count == 1
  }

  /// Takes away what removed groups had, also those that another process left in the middle; what another is at work on is left to it.
  func sweep() throws(Fault) {
    while true {
      let dead = try look(PostgreSQLStatement(PostgreSQLBusSQL.dead))
      if !dead.isNull(0, 0) {
        guard try sweep(group: dead.integer(0, 0)) else { return }
      } else if !dead.isNull(0, 1) {
        guard try sweep(queue: dead.integer(0, 1)) else { return }
      } else {
        return
      }
    }
  }

  /// `false` where nothing went.
  private func sweep(group: Int) throws(Fault) -> Bool {
    let some = PostgreSQLStatement(PostgreSQLBusSQL.sweepTasks, [.integer(group), .integer(BusTransaction.step)])
    if try change([some], kept: false)[0].integer(0, 0) > 0 { return true }
    let rest = [PostgreSQLBusSQL.sweepLanes, PostgreSQLBusSQL.sweepGroup]
    return try change(rest.map { PostgreSQLStatement($0, [.integer(group)]) }, kept: false)[1].count == 1
  }

  private func sweep(queue: Int) throws(Fault) -> Bool {
    let some = PostgreSQLStatement(PostgreSQLBusSQL.sweepQueue, [.integer(queue), .integer(BusTransaction.step)])
    if try change([some], kept: false)[0].integer(0, 0) > 0 { return true }
    let statement = PostgreSQLStatement(PostgreSQLBusSQL.dropQueue, [.integer(queue)])
    return try change([statement], kept: false)[0].count == 1
  }

  @discardableResult
  public func retry(_ group: String) throws(Fault) -> Int {
    // what is set aside meanwhile stays so
    let all = try look(PostgreSQLStatement(PostgreSQLBusSQL.countAside, [group.value])).integer(0, 0)
    var count = 0
    while count < all {
      let limit = min(all - count, BusTransaction.step)
      let statement = PostgreSQLStatement(PostgreSQLBusSQL.retryGroup, [group.value, .integer(limit)])
      let retried = try change([statement], kept: true, mayRepeat: false)[0].integer(0, 0)
      if retried == 0 { break }
      count += retried
    }
    return count
  }

  public func retry(_ key: String, in group: String) throws(Fault) -> Bool {
    let statement = PostgreSQLStatement(PostgreSQLBusSQL.retryTask, [group.value, key.value])
    return try change([statement], kept: true, mayRepeat: false)[0].integer(0, 0) == 1
  }

  public func counts(group: String) throws(Fault) -> BusCounts { try counts(PostgreSQLBusSQL.countGroup, group) }

  public func counts(queue: String) throws(Fault) -> BusCounts { try counts(PostgreSQLBusSQL.countQueue, queue) }

  private func counts(_ sql: String, _ name: String) throws(Fault) -> BusCounts {
    let rows = try settled(PostgreSQLStatement(sql, [now, name.value]))
    var counts = BusCounts()
    let waiting = rows.integer(0, 2)
    (counts.waiting, counts.held) = (rows.integer(0, 1), waiting - rows.integer(0, 1))
    (counts.leased, counts.delayed) = (rows.integer(0, 3), rows.integer(0, 4))
    (counts.setAside, counts.done) = (rows.integer(0, 5), rows.integer(0, 6))
    return counts
  }

  /// Looks at the bus once time has had its way: whether it has not is what a statement gives first.
  func settled(_ statement: PostgreSQLStatement) throws(Fault) -> PostgreSQLRows {
    var rows = try look(statement)
    while rows.integer(0, 0) == 1 {
      let count = try settle()
      rows = try look(statement)
      // what is due and in the hands of another is still lent, or delayed
      if count == 0 { break }
    }
    return rows
  }

  public func setAside(in group: String, after token: String?, limit: Int) throws(Fault) -> SetAsidePage {
    try BusLimits.check(page: limit)
    let values: [PostgreSQLValue] = [group.value, .integer(try BusLimits.start(after: token)), .integer(limit + 1)]
    let rows = try look(PostgreSQLStatement(PostgreSQLBusSQL.asidePage, values))
    let ids = (0..<min(rows.count, limit)).map { rows.integer($0, 0) }
    var failures: [Int: [FailedAttempt]] = [:]
    for start in stride(from: 0, to: ids.count, by: Self.readAtOnce) {
      try readFailures(of: Array(ids[start..<min(start + Self.readAtOnce, ids.count)]), into: &failures)
    }
    let tasks = ids.enumerated().map { row, id in
      SetAsideTask(task: Self.task(rows, row, from: 0), failures: failures[id] ?? [])
    }
    return SetAsidePage(tasks: tasks, next: rows.count > limit ? String(ids[limit - 1]) : nil)
  }

  private func readFailures(of tasks: [Int], into failures: inout [Int: [FailedAttempt]]) throws(Fault) {
    let rows = try look(PostgreSQLStatement(PostgreSQLBusSQL.reasons, [.integers(tasks)]))
    for row in 0..<rows.count {
      failures[rows.integer(row, 0), default: []].append(
        FailedAttempt(
          attempt: rows.integer(row, 1), worker: rows.text(row, 2), date: rows.integer(row, 3),
          reason: rows.text(row, 4)))
    }
  }
}
