internal import Base
internal import DynamoDB
internal import Items

/// The table as it was at one moment: what stands there now, without what was done since.
///
/// The service gives no such thing. So what is read is read as it is now, and what transactions behind the moment changed is put in its place, as they wrote it
/// down. The more is written meanwhile, the more is kept in memory: end it.
final class DynamoDBMoment: WholeTable {
  private let table: DynamoDBTable
  /// Of the last write that is seen.
  private let number: Int
  private let since: Monitor<Since>

  /// What stood at the moment under the keys that were written since, up to a number.
  private struct Since {
    var number: Int
    var rows: [ItemKey: DynamoDBRow?] = [:]
  }

  init(_ table: DynamoDBTable, _ number: Int) {
    (self.table, self.number) = (table, number)
    since = Monitor(Since(number: number))
  }

  var schema: TableSchema { table.schema }
  var findsWords: Bool { table.findsWords }

  /// What is to be put in the place of all that was read before this call, among it the version `newest`.
  ///
  /// The service may show an item before it shows what wrote it down: that is waited for. What cannot be told any more ends the moment.
  private func changed(_ newest: Int) throws(Fault) -> [ItemKey: DynamoDBRow?] {
    var since = self.since.update { $0 }
    for attempt in 0..<20 {
      if attempt > 0 { Clock.sleep(until: Clock.now + UInt64(attempt) * 5_000_000) }
      let state = try table.settled(isStrict: true)
      guard max(state.trimmed, state.cleared) <= since.number else { break }
      guard let commits = try table.log(after: since.number, state) else { continue }
      for commit in commits {
        for write in commit.writes where since.rows[write.key] == nil {
          since.rows[write.key] = .some(write.before.map { DynamoDBRow(item: $0, first: write.first) })
        }
        since.number = commit.number
      }
      let now = since
      self.since.update { if $0.number < now.number { $0 = now } }
      if newest <= since.number { return since.rows }
    }
    throw Fault(.unavailable, "\(table.name): too much was written while it was read as at one moment: try again")
  }

  func get(_ keys: [ItemKey]) throws(Fault) -> [Item?] {
    let items = try table.get(keys)
    let changed = try changed(items.compactMap { $0?.version.number }.max() ?? 0)
    return zip(keys, items).map { key, item in changed[key].map { $0?.item } ?? item }
  }

  func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item> {
    try page(
      query, nil, token, read: { (token) throws(Fault) in try table.items(query, after: token) },
      place: { ($0.key, Array($0.key.sort.utf8), $0.version) },
      before: { $0.key.partition.hasSameBytes(as: query.partition) ? $0 : nil })
  }

  func entries(
    of index: IndexDeclaration, _ query: Query, after token: PageToken?
  ) throws(Fault) -> Page<IndexEntry> {
    let number = try schema.number(of: index)
    return try page(
      query, index.name, token,
      read: { (token) throws(Fault) in try table.entries(of: index, query, after: token) },
      place: { ($0.key, IndexEntry.place(sort: $0.sort, key: $0.key), $0.version) },
      before: { (item) throws(Fault) in
        let content = try schema.entries(of: item.body, at: item.key).indexes[number]
        guard let content, content.partition.hasSameBytes(as: query.partition) else { return nil }
        return IndexEntry(
          key: item.key, version: item.version, sort: content.sort, attributes: content.attributes)
      })
  }

  /// A page with what was written since in its former state.
  ///
  /// `place` says whose an element is, where it stands, and of which version; `before` makes one of an item, `nil` where it has none in the query's partition.
  private func page<Element>(
    _ query: Query, _ index: String?, _ token: PageToken?, read: (PageToken?) throws(Fault) -> Page<Element>,
    place: (Element) -> (key: ItemKey, place: [UInt8], version: ItemVersion), before: (Item) throws(Fault) -> Element?
  ) throws(Fault) -> Page<Element> {
    var token = token
    while true {
      let found = try read(token)
      let changed = try changed(found.elements.map { place($0).version.number }.max() ?? 0)
      let start = try token.map { (token) throws(Fault) in try token.place(in: query, index: index) }
      var bounds = query.bounds(after: start)
      if found.next != nil, let end = found.elements.last.map({ place($0).place }) {
        if query.order == .ascending { bounds.upper = end + [0] } else { bounds.lower = end }
      }
      var elements = found.elements.filter { changed[place($0).key] == nil }
      for case .some(let row) in changed.values {
        if let element = try before(row.item), bounds.contains(place(element).place) { elements.append(element) }
      }
      elements.sort {
        let (a, b) = query.order == .ascending ? ($0, $1) : ($1, $0)
        return place(a).place.lexicographicallyPrecedes(place(b).place)
      }
      if elements.count > query.limit {
        elements = Array(elements.prefix(query.limit))
        let last = place(elements[query.limit - 1]).place
        return Page(elements: elements, next: PageToken(query, index: index, behind: last))
      }
      guard elements.isEmpty, found.next != nil else { return Page(elements: elements, next: found.next) }
      token = found.next
    }
  }

  func matches(
    of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?
  ) throws(Fault) -> Page<Item> { try table.matches(of: index, query, after: token) }

  func forEachItem(_ body: (Item) throws(Fault) -> Bool) throws(Fault) {
    var (firsts, newest, start) = ([ItemKey: Int](), 0, DynamoDBKey?.none)
    repeat {
      let (records, next) = try table.client.scan(after: start)
      for record in records {
        guard let key = DynamoDBLayout.itemKey(record.key) else { continue }
        (firsts[key], newest) = (record.number("f") ?? 0, max(newest, record.number("v") ?? 0))
      }
      start = next
    } while start != nil
    for (key, row) in try changed(newest) { firsts[key] = row?.first }
    let keys = firsts.sorted { $0.value < $1.value }.map(\.key)
    for start in stride(from: 0, to: keys.count, by: ItemLimits.batchCount) {
      for item in try get(Array(keys[start..<min(keys.count, start + ItemLimits.batchCount)])) {
        guard let item else {
          throw Fault(.unavailable, "\(table.name): too much was written while all items were read: try again")
        }
        guard try body(item) else { return }
      }
    }
  }

  func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage {
    let page = try table.changes(after: position, limit: limit)
    guard let end = page.position.number, end > number else { return page }
    let changes = page.changes.filter { ($0.position.number ?? 0) <= number }
    return ChangePage(changes: changes, position: ChangePosition(number), hasMore: false)
  }

  func oldestTime(after position: ChangePosition) throws(Fault) -> Int? {
    try changes(after: position, limit: 1).changes.first?.time
  }

  func lastPosition() throws(Fault) -> ChangePosition { ChangePosition(number) }
}
