public import Base
internal import SQLite

extension SQLiteBus {
  public func hold(_ group: String) throws(Fault) { try setHeld(group, true) }

  public func release(_ group: String) throws(Fault) { try setHeld(group, false) }

  private func setHeld(_ group: String, _ isHeld: Bool) throws(Fault) {
    try BusLimits.check(group, "a group's name")
    try write(synced: true) { (transaction) throws(Fault) in try transaction.setHeld(group, isHeld) }
  }

  @discardableResult
  public func remove(group: String) throws(Fault) -> Int {
    let count = try write(synced: true) { (transaction) throws(Fault) in try transaction.remove(group: group) }
    try sweep()
    return count
  }

  @discardableResult
  public func remove(queue: String) throws(Fault) -> Int {
    let count = try write(synced: true) { (transaction) throws(Fault) in try transaction.remove(queue: queue) }
    try sweep()
    return count
  }

  public func knows(queue: String) throws(Fault) -> Bool {
    try read { (transaction) throws(Fault) in
      try transaction.connection.first(.queue, [.text(queue)], { _ in true }) ?? false
    }
  }

  /// Takes away what removed groups had, also those that another process left in the middle.
  func sweep() throws(Fault) {
    guard try read({ (transaction) throws(Fault) in try transaction.isUnswept() }) else { return }
    while try write(synced: false, { (transaction) throws(Fault) in try transaction.sweep() }) {}
  }

  @discardableResult
  public func retry(_ group: String) throws(Fault) -> Int {
    // what is set aside meanwhile stays so
    let all = try read { (transaction) throws(Fault) in try transaction.counts(group: group).setAside }
    var count = 0
    while count < all {
      let limit = min(all - count, BusTransaction.step)
      // the last step syncs those before it too
      let retried = try write(synced: count + limit == all) { (transaction) throws(Fault) in
        try transaction.retry(group, limit: limit)
      }
      if retried == 0 { break }
      count += retried
    }
    return count
  }

  public func retry(_ key: String, in group: String) throws(Fault) -> Bool {
    try write(synced: true) { (transaction) throws(Fault) in try transaction.retry(key, in: group) }
  }

  public func setAside(in group: String, after token: String?, limit: Int) throws(Fault) -> SetAsidePage {
    try BusLimits.check(page: limit)
    let start = try BusLimits.start(after: token)
    return try read { (transaction) throws(Fault) in try transaction.setAside(in: group, after: start, limit: limit) }
  }
}

extension BusTransaction {
  func isUnswept() throws(Fault) -> Bool {
    if try connection.first(.deadGroup, [], { _ in true }) != nil { return true }
    return try connection.first(.deadQueue, [], { _ in true }) != nil
  }

  func setAside(in name: String, after start: Int, limit: Int) throws(Fault) -> SetAsidePage {
    guard let (group, _) = try find(name) else { return SetAsidePage(tasks: [], next: nil) }
    var ids: [Int] = []
    try connection.rows(.asidePage, [group.id, start, limit + 1].map { .integer($0) }) { row in
      ids.append(row.integer(0))
      return true
    }
    let next = ids.count > limit ? String(ids[limit - 1]) : nil
    var tasks: [SetAsideTask] = []
    for id in ids.prefix(limit) {
      guard let (task, _, _) = try read(id, inQueue: group.queue) else { continue }
      tasks.append(SetAsideTask(task: task, failures: try failures(of: id)))
    }
    return SetAsidePage(tasks: tasks, next: next)
  }

  private func failures(of task: Int) throws(Fault) -> [FailedAttempt] {
    var failures: [FailedAttempt] = []
    try connection.rows(.reasons, [.integer(task)]) { row in
      failures.append(
        FailedAttempt(attempt: row.integer(0), worker: row.text(1), date: row.integer(2), reason: row.text(3)))
      return true
    }
    return failures
  }
}
