public import Base
internal import DynamoDB
public import Items

/// The changes are what the transactions wrote down, in their order.
///
/// Not the service's own stream: that keeps a day, has no order among items, and its readers see records twice. Each transaction names the one before it that
/// is told too, so that one which cannot be seen yet, because the service is still at work on it, is waited for and not passed.
extension DynamoDBTable {
  public func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage {
    guard (1...ItemLimits.pageCount).contains(limit) else {
      throw Fault(.badInput, "a page of \(limit) changes: it has 1 to \(ItemLimits.pageCount)")
    }
    let state = try settled()
    let start = try number(of: position, state)
    var (changes, byteCount, last) = ([Change](), 0, start)
    let isWhole = try commits(after: start, state) { (commit) throws(Fault) in
      for write in commit.writes where write.number > start && schema.records(write.key) {
        byteCount += (write.before?.body.count ?? 0) + (write.after?.body.count ?? 0)
        let isFull = changes.count == limit || byteCount > ItemLimits.pageByteCount
        guard changes.isEmpty || !isFull else { return false }
        last = write.number
        changes.append(
          Change(
            position: ChangePosition(write.number), time: commit.time, before: write.before, after: write.after))
      }
      last = commit.number
      return true
    }
    return ChangePage(changes: changes, position: ChangePosition(last), hasMore: !isWhole)
  }

  public func oldestTime(after position: ChangePosition) throws(Fault) -> Int? {
    let state = try settled()
    let start = try number(of: position, state)
    var time: Int?
    _ = try commits(after: start, state) { (commit) throws(Fault) in
      let isTold = commit.writes.contains { $0.number > start && schema.records($0.key) }
      if isTold { time = commit.time }
      return !isTold
    }
    return time
  }

  public func lastPosition() throws(Fault) -> ChangePosition { ChangePosition(try settled().number) }

  /// The number of a position that this table gave out, and behind which all is kept.
  func number(of position: ChangePosition, _ state: DynamoDBState) throws(Fault) -> Int {
    guard let number = Int(position.text), ChangePosition(number) == position, !state.isForeign(number) else {
      throw Fault(.badInput, "'\(position.text.prefix(60))' is no position among the changes")
    }
    guard number >= state.trimmed else {
      throw Fault(.notFound, "changes behind '\(position.text)' are gone: begin anew from what stands there now")
    }
    return number
  }

  /// The transactions of which readers are told behind a position, up to those that a state knows, until `body` gives `false`, which this gives then.
  ///
  /// Where one cannot be seen yet it ends before it.
  func commits(
    after start: Int, _ state: DynamoDBState, _ body: (DynamoDBCommit) throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    var last = start
    var query = DynamoDBQuery(DynamoDBLayout.recorded, .behind(CompositeKey.number(start)), limit: 100)
    repeat {
      let (records, next) = try client.page(query)
      for record in records {
        guard let number = record.number("n"), number <= state.number else { return last >= state.recorded }
        // a position may lie within one, or among those of which nothing is told
        guard let previous = record.number("p"), previous <= last, let commit = try DynamoDBCommit(record, client)
        else {
          return false
        }
        guard try body(commit) else { return false }
        last = number
      }
      query.start = next
    } while query.start != nil
    return last >= state.recorded
  }

  /// All transactions behind a number up to those that a state knows, in their order; `nil` where one cannot be seen yet, or any more.
  func log(after start: Int, _ state: DynamoDBState) throws(Fault) -> [DynamoDBCommit]? {
    guard start < state.number else { return [] }
    var commits: [DynamoDBCommit] = []
    for partition in [DynamoDBLayout.recorded, DynamoDBLayout.unrecorded] {
      var query = DynamoDBQuery(partition, .behind(CompositeKey.number(start)), limit: 100)
      repeat {
        let (records, next) = try client.page(query)
        for record in records where (record.number("n") ?? 0) <= state.number {
          guard let commit = try DynamoDBCommit(record, client) else { return nil }
          commits.append(commit)
        }
        query.start = next
      } while query.start != nil
    }
    commits.sort { $0.number < $1.number }
    var last = start
    for commit in commits {
      guard commit.previous == last else { return nil }
      last = commit.number
    }
    // what was cleared meanwhile does not tell what stood before
    guard last == state.number, try self.state().cleared <= start else { return nil }
    return commits
  }
}
