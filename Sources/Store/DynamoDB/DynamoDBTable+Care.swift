public import Base
internal import DynamoDB
public import Items

extension DynamoDBTable: WholeTable {
  /// Reads the whole table, and keeps the keys of all items in memory.
  public func forEachItem(_ body: (Item) throws(Fault) -> Bool) throws(Fault) {
    try DynamoDBMoment(self, try settled(isStrict: true).number).forEachItem(body)
  }

  /// For how many seconds transactions are kept of which readers of changes are told nothing: moments that are read may need them.
  static let keptSeconds = 3600

  public func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault) {
    let state = try settled()
    let end = try number(of: position, state)
    let trimmed = try last(DynamoDBLayout.recorded, upTo: end, before: time)
    let cleared = try last(DynamoDBLayout.unrecorded, upTo: state.number, before: settings.clock() - Self.keptSeconds)
    // First it is said, then done: who reads meanwhile is told.
    try tell(trimmed: trimmed, cleared: cleared)
    try removeTold()
  }

  /// The number of the last transaction of its kind that was written before a moment.
  private func last(_ partition: String, upTo end: Int, before time: Int) throws(Fault) -> Int {
    var last = 0
    try forEach(partition, upTo: end) { (record) throws(Fault) in
      guard let number = record.number("n"), let then = record.number("t"), then < time else { return false }
      last = number
      return true
    }
    return last
  }

  private func forEach(
    _ partition: String, upTo end: Int, _ body: (DynamoDBRecord) throws(Fault) -> Bool
  ) throws(Fault) {
    var query = DynamoDBQuery(partition, .upTo(CompositeKey.number(end)), limit: 100)
    repeat {
      let (records, next) = try client.page(query)
      for record in records { guard try body(record) else { return } }
      query.start = next
    } while query.start != nil
  }

  private func tell(trimmed: Int, cleared: Int) throws(Fault) {
    for _ in 0..<100 {
      let state = try settled()
      var next = state
      (next.trimmed, next.cleared) = (max(state.trimmed, trimmed), max(state.cleared, cleared))
      if next == state { return }
      if try client.write([.put(next.record, if: state.condition)]) { return }
    }
    throw Fault(.unavailable, "\(name): others write to the library all the time: try again")
  }

  /// Takes away what is said to be gone, with what was left by one who died at it.
  private func removeTold() throws(Fault) {
    let state = try settled()
    for (partition, end) in [
      (DynamoDBLayout.recorded, state.trimmed), (DynamoDBLayout.unrecorded, state.cleared),
    ] {
      var keys: [DynamoDBKey] = []
      try forEach(partition, upTo: end) { (record) throws(Fault) in
        keys += DynamoDBCommit.keys(record)
        return true
      }
      for start in stride(from: 0, to: keys.count, by: DynamoDBAction.mostActions) {
        _ = try client.write(keys[start..<min(keys.count, start + DynamoDBAction.mostActions)].map { .delete($0) })
      }
    }
  }

  public func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault) {
    try removeTold()
    let state = try settled()
    var isTold = false
    try rewrite(upTo: state) { (commit) throws(Fault) in
      var changed = commit
      var isChanged = false
      for (place, write) in commit.writes.enumerated() where schema.records(write.key) {
        let change = Change(
          position: ChangePosition(write.number), time: commit.time, before: write.before, after: write.after)
        let fate = try fate(change)
        guard fate != .keep else { continue }
        let isGone = write.before == nil || write.after == nil || fate == .forget
        if isGone || fate == .forgetBefore { changed.writes[place].before = nil }
        if isGone || fate == .forgetAfter { changed.writes[place].after = nil }
        isChanged = true
      }
      guard isChanged else { return nil }
      // Moments that may need it are ended first.
      if !isTold { try tell(trimmed: 0, cleared: state.number) }
      isTold = true
      return changed
    }
  }

  /// Writes transactions down anew, of which readers of changes are told, where `change` gives them otherwise.
  private func rewrite(
    upTo state: DynamoDBState, _ change: (DynamoDBCommit) throws(Fault) -> DynamoDBCommit?
  ) throws(Fault) {
    let isWhole = try commits(after: state.trimmed, state) { (commit) throws(Fault) in
      if let changed = try change(commit) { try replace(commit, with: changed) }
      return true
    }
    guard isWhole else { throw Fault(.unavailable, "\(name): not all changes can be seen yet: try again") }
  }

  /// The parts have names that none had before: who has read the old record does not find others in their place.
  private func replace(_ old: DynamoDBCommit, with new: DynamoDBCommit) throws(Fault) {
    var new = new
    new.series = old.series + 1
    new.writes.removeAll { $0.before == nil && $0.after == nil }
    let (old, records) = (old.records, new.records)
    let condition = DynamoDBCondition.equal([("s", .number(new.series - 1))])
    var work: [DynamoDBAction] = [.put(records[0], if: condition)]
    work += records.dropFirst().map { .put($0) }
    work += old.dropFirst().map { .delete($0.key) }
    guard try !client.write(work) else { return }
    // Trimmed meanwhile it is forgotten too; another who writes it anew knows nothing of this.
    guard let record = try client.get(records[0].key) else { return }
    guard record.number("s") == new.series, record.bytes("b") == records[0].bytes("b") else {
      throw Fault(.unavailable, "\(name): others forget changes too: try again")
    }
  }

  /// What transactions wrote down of items that leave no changes goes from the table.
  ///
  /// What the service keeps beside the table is its owner's to see to (docs/store.md).
  public func scrub() throws(Fault) {
    let state = try settled()
    try tell(trimmed: 0, cleared: state.number)
    try removeTold()
    try rewrite(upTo: state) { (commit) throws(Fault) in
      var changed = commit
      var isChanged = false
      for (place, write) in commit.writes.enumerated() where !schema.records(write.key) {
        isChanged = isChanged || write.before != nil || write.after != nil
        (changed.writes[place].before, changed.writes[place].after) = (nil, nil)
      }
      return isChanged ? changed : nil
    }
  }

  public func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result {
    try body(DynamoDBMoment(self, try settled(isStrict: true).number))
  }
}
