public import Base
internal import DynamoDB
public import Items

extension DynamoDBTable: WholeTable {
  /// Reads the whole table, and keeps the keys of all items in memory.
  public func forEachItem(_ body: (Item) throws(Fault) -> Bool) throws(Fault) {
    try DynamoDBMoment(self, try settled().number).forEachItem(body)
  }

  public func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault) {
    let state = try settled()
    let end = try number(of: position, state)
    var gone: [(number: Int, parts: Int)] = []
    // What an earlier trimming left goes with it.
    var query = DynamoDBQuery(DynamoDBLayout.commits, .upTo(CompositeKey.number(end)), limit: 100)
    read: repeat {
      let (records, next) = try client.page(query)
      for record in records {
        guard let number = record.number("n"), let then = record.number("t"), then < time else { break read }
        gone.append((number, record.number("c") ?? 0))
      }
      query.start = next
    } while query.start != nil
    guard let last = gone.last?.number else { return }
    // First it is said, then done: who reads meanwhile is told.
    try tell(trimmed: last)
    let keys = gone.flatMap { [DynamoDBLayout.commit($0.number)] + DynamoDBParts.commit($0.number).keys($0.parts) }
    for start in stride(from: 0, to: keys.count, by: DynamoDBAction.mostActions) {
      _ = try client.write(keys[start..<min(keys.count, start + DynamoDBAction.mostActions)].map { .delete($0) })
    }
  }

  private func tell(trimmed number: Int) throws(Fault) {
    for _ in 0..<100 {
      let state = try settled()
      guard state.trimmed < number else { return }
      var next = state
      next.trimmed = number
      if try client.write([.put(next.record, if: state.condition)]) { return }
    }
    throw Fault(.unavailable, "\(name): others write to the library all the time: try again")
  }

  public func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault) {
    let state = try settled()
    let isWhole = try commits(after: state.trimmed, state) { (commit) throws(Fault) in
      var changed = commit
      var isChanged = false
      for (place, write) in commit.writes.enumerated() where schema.records(write.key) {
        guard write.before != nil || write.after != nil else { continue }
        let change = Change(
          position: ChangePosition(write.number), time: commit.time, before: write.before, after: write.after)
        let fate = try fate(change)
        guard fate != .keep else { continue }
        let isGone = write.before == nil || write.after == nil || fate == .forget
        if isGone || fate == .forgetBefore { changed.writes[place].before = nil }
        if isGone || fate == .forgetAfter { changed.writes[place].after = nil }
        isChanged = true
      }
      if isChanged { try replace(commit, with: changed) }
      return true
    }
    guard isWhole else { throw Fault(.unavailable, "\(name): not all changes can be seen yet: try again") }
  }

  private func replace(_ old: DynamoDBCommit, with new: DynamoDBCommit) throws(Fault) {
    let (old, records) = (old.records, new.records)
    var work: [DynamoDBAction] = [.put(records[0], if: .equal([("n", .number(new.number))]))]
    work += records.dropFirst().map { .put($0) }
    work += old.dropFirst(records.count).map { .delete($0.key) }
    // Where it is not there any more, it was trimmed, and is forgotten too.
    _ = try client.write(work)
  }

  /// Nothing is to be done: what was deleted is in none of the service's records; what it keeps beside the table is its owner's to see to (docs/store.md).
  public func scrub() throws(Fault) { _ = try settled() }

  /// Compares every index with a rebuild.
  ///
  /// Reads the whole table, and keeps the keys of all entries in memory meanwhile; what is written meanwhile may be told as missing.
  public func verify() throws(Fault) -> [IndexReport] {
    var wanted = actions.ids.map { _ in Set<Entry>() }
    var found = wanted
    var (items, start) = (0, DynamoDBKey?.none)
    repeat {
      let (records, next) = try client.scan(after: start)
      for record in records {
        if let id = DynamoDBLayout.index(record.key) {
          guard let number = actions.ids.firstIndex(of: id) else { continue }
          found[number].insert(Entry(record))
        } else if DynamoDBLayout.itemKey(record.key) != nil, let item = try row(record)?.item {
          items += 1
          for record in try actions.entries(of: item) {
            guard let number = DynamoDBLayout.index(record.key).flatMap({ actions.ids.firstIndex(of: $0) }) else {
              continue
            }
            wanted[number].insert(Entry(record))
          }
        }
      }
      start = next
    } while start != nil
    return schema.indexes.enumerated().map { number, index in
      IndexReport(
        index: index.name, items: items, missing: wanted[number].subtracting(found[number]).count,
        surplus: found[number].subtracting(wanted[number]).count)
    }
  }

  private struct Entry: Hashable {
    let partition: [UInt8]
    let place: [UInt8]
    let version: Int
    let attributes: [UInt8]

    init(_ record: DynamoDBRecord) {
      (partition, place) = (Array(record.key.partition.utf8), Array(record.key.sort.utf8))
      (version, attributes) = (record.number("v") ?? 0, record.bytes("a") ?? [])
    }
  }

  public func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result {
    try body(DynamoDBMoment(self, try settled().number))
  }
}
