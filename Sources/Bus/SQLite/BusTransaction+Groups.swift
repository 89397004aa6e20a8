internal import Base
internal import SQLite

extension BusTransaction {
  /// Rows that one transaction sweeps or retries, so that others get their turn between.
  static let step = 500

  func setHeld(_ name: String, _ isHeld: Bool) throws(Fault) {
    if isHeld { _ = try group(name) }
    guard let (group, waiting) = try find(name), group.isHeld != isHeld else { return }
    try connection.run(.holdGroup, [.integer(group.id), .integer(isHeld ? 1 : 0)])
    try connection.run(.openLanes, [.integer(group.id), .integer(isHeld ? 0 : 1)])
    if waiting > 0 { try makeReady(isHeld ? -waiting : waiting, in: group.queue) }
  }

  /// Takes a group out of sight, and out of its queue's counts; gives how many tasks it had.
  ///
  /// The rest is ``sweep()``.
  func remove(group name: String) throws(Fault) -> Int {
    guard let (group, waiting) = try find(name) else { return 0 }
    let counts = try counts(group: name)
    try connection.run(.openLanes, [.integer(group.id), .integer(0)])
    try connection.run(.killGroup, [.integer(group.id)])
    try count(
      Tally(
        waiting: -waiting, leased: -counts.leased, delayed: -counts.delayed, setAside: -counts.setAside,
        done: -counts.done), in: group)
    return counts.all
  }

  func remove(queue name: String) throws(Fault) -> Int {
    guard let queue = try connection.first(.queue, [.text(name)], { $0.integer(0) }) else { return 0 }
    let all = try counts(queue: name).all
    try connection.rows(.groupsOfQueue, [.integer(queue)]) { (row) throws(Fault) in
      try connection.run(.openLanes, [.integer(row.integer(0)), .integer(0)])
      return true
    }
    try connection.run(.killGroups, [.integer(queue)])
    try connection.run(.killQueue, [.integer(queue)])
    return all
  }

  /// Takes away a part of what removed groups had; `false` where there is nothing more.
  func sweep() throws(Fault) -> Bool {
    guard let group = try connection.first(.deadGroup, [], { $0.integer(0) }) else {
      try connection.run(.sweepQueues, [])
      return false
    }
    let some: [SQLValue] = [.integer(group), .integer(Self.step)]
    let before = connection.rowsChanged
    try connection.run(.sweepReasons, some)
    try connection.run(.sweepTasks, some)
    if connection.rowsChanged == before { try connection.run(.sweepDone, some) }
    if connection.rowsChanged == before {
      try connection.run(.sweepLanes, [.integer(group)])
      try connection.run(.sweepGroup, [.integer(group)])
    }
    return true
  }

  /// Has some tasks that are set aside wait again; gives how many.
  func retry(_ name: String, limit: Int) throws(Fault) -> Int {
    guard let (group, _) = try find(name) else { return 0 }
    let rows = try rows(.asideTasks, [.integer(group.id), .integer(limit)])
    for row in rows { try retry(row) }
    return rows.count
  }

  func retry(_ key: String, in name: String) throws(Fault) -> Bool {
    guard let (group, _) = try find(name) else { return false }
    guard let row = try rows(.asideTask, [.integer(group.id), .text(key)]).first else { return false }
    try retry(row)
    return true
  }

  private func retry(_ row: Row) throws(Fault) {
    try connection.run(.allowMore, [.integer(row.id)])
    try move(row, to: .waiting, attempts: row.attempts)
  }

  func counts(group: String) throws(Fault) -> BusCounts {
    try counts(.groupCounts, group) { row, waiting in row.integer(5) == 0 ? waiting : 0 }
  }

  func counts(queue: String) throws(Fault) -> BusCounts {
    try counts(.queueCounts, queue) { row, _ in row.integer(5) }
  }

  /// `ready` says how many of those that wait may be had.
  private func counts(_ sql: BusSQL, _ name: String, _ ready: (SQLRow, Int) -> Int) throws(Fault) -> BusCounts {
    try connection.first(sql, [.text(name)]) { row in
      var counts = BusCounts()
      let waiting = row.integer(0)
      counts.waiting = ready(row, waiting)
      counts.held = waiting - counts.waiting
      (counts.leased, counts.delayed) = (row.integer(1), row.integer(2))
      (counts.setAside, counts.done) = (row.integer(3), row.integer(4))
      return counts
    } ?? BusCounts()
  }
}

extension BusCounts {
  /// Tasks in any state.
  var all: Int { waiting + held + leased + delayed + setAside + done }
}
