public import Base
internal import DynamoDB
public import Items

/// The changes are what the transactions wrote down, in their order.
///
/// Not the service's own stream: that keeps a day, has no order among items, and its readers see records twice. Each transaction names the one before it, so
/// that one which cannot be seen yet, because the service is still at work on it, is waited for and not passed.
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
        // what was forgotten has neither side
        guard write.before != nil || write.after != nil else { continue }
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

  /// The transactions behind a position up to those that a state knows, until `body` gives `false`, which this gives then.
  ///
  /// Where one cannot be seen yet it ends before it.
  func commits(
    after start: Int, _ state: DynamoDBState, _ body: (DynamoDBCommit) throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    var last = start
    var query = DynamoDBQuery(DynamoDBLayout.commits, .behind(CompositeKey.number(start)), limit: 100)
    repeat {
      let (records, next) = try client.page(query)
      for record in records {
        guard let number = record.number("n"), number <= state.number else { return true }
        guard let previous = record.number("p"), isNext(previous, behind: last, isStart: last == start, state),
          let commit = try DynamoDBCommit(record, client)
        else { return false }
        guard try body(commit) else { return false }
        last = number
      }
      query.start = next
    } while query.start != nil
    return last == state.number || state.base(behind: last) == state.number
  }

  /// Whether a transaction that names `previous` follows on what was read; a position may lie within one.
  private func isNext(_ previous: Int, behind last: Int, isStart: Bool, _ state: DynamoDBState) -> Bool {
    let base = state.base(behind: last)
    return previous == base || isStart && previous < base
  }
}
