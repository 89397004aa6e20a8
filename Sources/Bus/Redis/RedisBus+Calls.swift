public import Base
internal import Redis

extension RedisBus {
  public func add(_ tasks: [BusTask]) throws(Fault) -> [Bool] {
    guard (1...BusLimits.batchCount).contains(tasks.count) else {
      throw Fault(.badInput, "a batch of \(tasks.count) tasks: it has 1 to \(BusLimits.batchCount)")
    }
    var arguments: [[UInt8]] = []
    for task in tasks {
      try task.check()
      arguments += [task.key.argument, task.queue.argument, task.group.argument, task.priority.argument]
      arguments += [task.payload, task.mostAttempts.argument]
    }
    guard let answers = try run(BusLua.add, arguments).elements else { throw unreadable() }
    if answers.first?.integer == -1, answers.count == 3, let place = answers[1].integer, tasks.indices.contains(place) {
      throw tasks[place].liesElsewhere(answers[2].string ?? "")
    }
    guard answers.count == tasks.count else { throw unreadable() }
    return answers.map { $0.integer == 1 }
  }

  public func claim(for worker: String, lease: Duration) throws(Fault) -> ClaimedTask? {
    try BusLimits.check(worker, "a worker's name")
    try BusLimits.check(lease: lease)
    let fence = String(UInt64.random(in: 0 ... .max), radix: 36) + String(UInt64.random(in: 0 ... .max), radix: 36)
    let reply = try run(BusLua.claim, [worker.argument, lease.argument, fence.argument])
    if reply == .none { return nil }
    guard let parts = reply.elements, parts.count == 8, let task = read(parts), let number = parts[0].string,
      let attempt = parts[6].integer, let allowed = parts[7].integer
    else { throw unreadable() }
    let claim = Claim(group: task.group, key: task.key, attempt: attempt, fence: "\(number).\(fence)")
    return ClaimedTask(task: task, claim: claim, isLastAttempt: attempt >= allowed)
  }

  /// A task from its number, its body, its queue, its group, its priority and its most attempts.
  func read(_ parts: [RedisReply]) -> BusTask? {
    guard let body = parts[1].bytes, let space = body.firstIndex(of: UInt8(ascii: " ")),
      let length = Int(String(decoding: body[..<space], as: UTF8.self)), body.count - space - 1 >= length,
      let queue = parts[2].string, let group = parts[3].string, let priority = parts[4].integer,
      let most = parts[5].integer
    else { return nil }
    let end = space + 1 + length
    return BusTask(
      key: String(decoding: body[(space + 1)..<end], as: UTF8.self), queue: queue, group: group, priority: priority,
      payload: Array(body[end...]), mostAttempts: most)
  }

  public func extend(_ claim: Claim, lease: Duration) throws(Fault) -> Standing {
    try BusLimits.check(lease: lease)
    return try standing(BusLua.extend, claim, [lease.argument])
  }

  public func acknowledge(_ claim: Claim, turns: Int) throws(Fault) -> Standing {
    try standing(BusLua.acknowledge, claim, [turns.asTurns])
  }

  public func fail(_ claim: Claim, _ failure: Failure) throws(Fault) -> Failing {
    try BusLimits.check(delay: failure.delay)
    let arguments = [
      failure.reason.shortened.argument, (failure.isRetryable ? 1 : 0).argument, failure.delay.argument,
    ]
    switch try number(BusLua.fail, try Self.fence(claim) + arguments) {
    case 0: return .lost
    case 1: return .again
    default: return .setAside
    }
  }

  public func giveBack(_ claim: Claim, after delay: Duration, turns: Int) throws(Fault) -> Standing {
    try BusLimits.check(delay: delay)
    return try standing(BusLua.giveBack, claim, [delay.argument, turns.asTurns])
  }

  private func standing(_ script: RedisScript, _ claim: Claim, _ more: [[UInt8]]) throws(Fault) -> Standing {
    try number(script, try Self.fence(claim) + more) == 1 ? .held : .lost
  }

  /// The number of a claim's task, and what the claim alone knows.
  private static func fence(_ claim: Claim) throws(Fault) -> [[UInt8]] {
    let parts = claim.fence.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, Int(parts[0]) != nil, !parts[1].isEmpty else {
      throw Fault(.badInput, "'\(claim.fence.prefix(80))' is no fence of a claim")
    }
    return parts.map { Array($0.utf8) }
  }
}

extension Int {
  fileprivate var asTurns: [UInt8] { Swift.min(Swift.max(self, 0), BusLimits.turns).argument }
}
