internal import Base
internal import DynamoDB
internal import Items

extension DynamoDBTable {
  /// A transaction that was sent, and what the caller is told if it is the one that was written.
  private struct Attempt {
    /// That of the state that it goes on from: as long as the table stands there, it may still arrive.
    let base: Int
    let commit: DynamoDBCommit
    let outcome: WriteOutcome
  }

  /// Reads, and writes what follows from that, until no other transaction comes between.
  ///
  /// Where an answer is lost, the transactions that were written tell whether this one is among them: it never happens twice.
  func commit(_ writes: [Write], before deadline: UInt64) throws(Fault) -> WriteOutcome {
    var attempts: [Attempt] = []
    var pause = 0.005
    while true {
      let state = try settled()
      for attempt in attempts { if try landed(attempt, state) { return attempt.outcome } }
      let found = try rows(together: writes.map { DynamoDBLayout.item($0.key) })
      if let found = found?.rows {
        let failed = writes.indices.filter { !writes[$0].condition.holds(for: found[$0]?.item.version) }
        if failed.isEmpty {
          if let outcome = try once(writes, found, state, &attempts) { return outcome }
        } else if !attempts.contains(where: { $0.base == state.number }) {
          return .conflict(failed.map { FailedCondition(index: $0, found: found[$0]?.item.version) })
        }
      }
      let rest = UInt64(pause * Double.random(in: 0...1) * 1e9)
      guard Clock.now + rest < deadline else {
        throw Fault(.unavailable, "\(name): others write to the library all the time: try again")
      }
      Clock.sleep(until: Clock.now + rest)
      pause = min(pause * 2, 0.5)
    }
  }

  private func landed(_ attempt: Attempt, _ state: DynamoDBState) throws(Fault) -> Bool {
    let commit = attempt.commit
    guard commit.number <= state.number else { return false }
    if let record = try client.get(DynamoDBLayout.commit(commit.number, isRecorded: commit.isRecorded)) {
      return record.number("k") == commit.token
    }
    let now = try self.state()
    guard commit.number > (commit.isRecorded ? now.trimmed : now.cleared) else {
      throw Fault(.unavailable, "\(name): it is not known whether it was written: try again")
    }
    return false
  }

  /// `nil` where something came between, or an answer was lost.
  private func once(
    _ writes: [Write], _ found: [DynamoDBRow?], _ state: DynamoDBState, _ attempts: inout [Attempt]
  ) throws(Fault) -> WriteOutcome? {
    var done: [DynamoDBCommit.Write] = []
    var versions: [ItemVersion?] = []
    for (index, write) in writes.enumerated() {
      let number = state.number + 1 + index
      let after = write.body.map { Item(key: write.key, version: ItemVersion(number), body: $0) }
      versions.append(after?.version)
      guard write.action != .check, after != nil || found[index] != nil else { continue }
      done.append(
        DynamoDBCommit.Write(
          number: number, key: write.key, first: found[index]?.first ?? number, before: found[index]?.item, after: after
        ))
    }
    guard !done.isEmpty else {
      let check = DynamoDBAction.check(DynamoDBLayout.state, if: state.condition)
      let holds = try client.write([check])
      return holds ? .committed(Commit(versions: versions, position: ChangePosition(state.number))) : nil
    }
    let commit = DynamoDBCommit(
      state.number + writes.count, after: state, isRecorded: done.contains { schema.records($0.key) },
      time: settings.clock(), writes: done)
    let outcome = WriteOutcome.committed(Commit(versions: versions, position: ChangePosition(commit.number)))
    attempts.append(Attempt(base: state.number, commit: commit, outcome: outcome))
    return try send(commit, state) ? outcome : nil
  }

  /// At once where it fits, else in two steps: once it is written down it is done, whoever carries it out.
  private func send(_ commit: DynamoDBCommit, _ state: DynamoDBState) throws(Fault) -> Bool {
    var next = state
    next.number = commit.number
    if commit.isRecorded { next.recorded = commit.number }
    let log = commit.records.map { DynamoDBAction.put($0) }
    let work = log + (try actions.all(commit, isFirst: true))
    if work.count < actions.mostAtOnce, work.byteCount <= DynamoDBAction.mostBytes {
      next.applied = commit.number
      return try client.write(work + [.put(next.record, if: state.condition)])
    }
    guard log.byteCount <= DynamoDBAction.mostBytes else {
      throw Fault(
        .tooLarge,
        "\(name): the bodies of a transaction and those that they replace have \(log.byteCount) bytes, at most \(DynamoDBAction.mostBytes) in DynamoDB: write fewer items at once"
      )
    }
    next.large = commit.number
    guard try client.write(log + [.put(next.record, if: state.condition)]) else { return false }
    try client.finish(next, actions)
    return true
  }
}

extension [DynamoDBAction] {
  fileprivate var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}
