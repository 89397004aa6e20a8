public import Base
internal import Redis

extension RedisBus {
  /// Tasks that one script sweeps or retries, so that others get their turn between.
  private static let step = 500
  /// Tasks of a page that are read at once: each may have 130 KiB of failures.
  private static let readAtOnce = 50

  public func hold(_ group: String) throws(Fault) { try setHeld(group, 1) }

  public func release(_ group: String) throws(Fault) { try setHeld(group, 0) }

  private func setHeld(_ group: String, _ value: Int) throws(Fault) {
    try BusLimits.check(group, "a group's name")
    _ = try run(BusLua.hold, [group.argument, value.argument])
  }

  @discardableResult
  public func remove(group: String) throws(Fault) -> Int {
    let count = try number(BusLua.removeGroup, [group.argument])
    try sweep()
    return count
  }

  @discardableResult
  public func remove(queue: String) throws(Fault) -> Int {
    let count = try number(BusLua.removeQueue, [queue.argument])
    try sweep()
    return count
  }

  public func knows(queue: String) throws(Fault) -> Bool { try number(BusLua.knowsQueue, [queue.argument]) == 1 }

  /// Takes away what removed groups had, also those that another process left in the middle.
  func sweep() throws(Fault) {
    while try number(BusLua.sweep, [Self.step.argument]) == 1 {}
  }

  @discardableResult
  public func retry(_ group: String) throws(Fault) -> Int {
    // what is set aside meanwhile stays so
    let all = try number(BusLua.countAside, [group.argument])
    var count = 0
    while count < all {
      let retried = try number(BusLua.retryGroup, [group.argument, min(all - count, Self.step).argument])
      if retried == 0 { break }
      count += retried
    }
    return count
  }

  public func retry(_ key: String, in group: String) throws(Fault) -> Bool {
    try number(BusLua.retryTask, [group.argument, key.argument]) == 1
  }

  public func setAside(in group: String, after token: String?, limit: Int) throws(Fault) -> SetAsidePage {
    try BusLimits.check(page: limit)
    let start = try BusLimits.start(after: token)
    let ids = try numbers(BusLua.asidePage, [group.argument, start.argument, (limit + 1).argument])
    let next = ids.count > limit ? String(ids[limit - 1]) : nil
    var tasks: [SetAsideTask] = []
    for start in stride(from: 0, to: min(ids.count, limit), by: Self.readAtOnce) {
      let some = ids[start..<min(start + Self.readAtOnce, min(ids.count, limit))]
      guard let found = try run(BusLua.asideTasks, [group.argument] + some.map(\.argument)).elements else {
        throw unreadable()
      }
      for entry in found { tasks.append(try setAsideTask(entry)) }
    }
    return SetAsidePage(tasks: tasks, next: next)
  }

  private func setAsideTask(_ entry: RedisReply) throws(Fault) -> SetAsideTask {
    guard let parts = entry.elements, parts.count == 7, let task = read(parts), let notes = parts[6].elements else {
      throw unreadable()
    }
    let failures = notes.compactMap { $0.bytes.flatMap(Self.failure) }
    guard failures.count == notes.count else { throw unreadable() }
    return SetAsideTask(task: task, failures: failures)
  }

  /// From `2 1700000000 5 worker` with the reason right behind the worker, whose length is the third number.
  private static func failure(_ note: [UInt8]) -> FailedAttempt? {
    let parts = note.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
    let numbers = parts.prefix(3).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    guard parts.count == 4, numbers.count == 3, parts[3].count >= numbers[2] else { return nil }
    return FailedAttempt(
      attempt: numbers[0], worker: String(decoding: parts[3].prefix(numbers[2]), as: UTF8.self), date: numbers[1],
      reason: String(decoding: parts[3].dropFirst(numbers[2]), as: UTF8.self))
  }
}
