public import Base
internal import DynamoDB
public import Items

extension DynamoDBTable {
  public func get(_ keys: [ItemKey]) throws(Fault) -> [Item?] {
    guard (1...ItemLimits.batchCount).contains(keys.count) else {
      throw Fault(.badInput, "a batch of \(keys.count) keys: it has 1 to \(ItemLimits.batchCount)")
    }
    for key in keys { try key.check() }
    // The service takes no key twice.
    var (places, different, numbers) = ([ItemKey: Int](), [DynamoDBKey](), [Int]())
    for key in keys {
      numbers.append(places[key] ?? different.count)
      guard places[key] == nil else { continue }
      places[key] = different.count
      different.append(DynamoDBLayout.item(key))
    }
    var last: [Item?]?
    let found = try whole { () throws(Fault) -> [Item?]? in
      guard let found = try rows(together: different) else { return nil }
      let items = found.rows.map { $0?.item }
      // Read in several goes they were there together where nothing changed between twice.
      defer { last = items }
      return found.isOneMoment || items == last ? items : nil
    }
    return numbers.map { found[$0] }
  }

  public func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item> {
    try query.check()
    let start = try token?.place(in: query, index: nil)
    return try whole(touches: { $0.key.partition.hasSameBytes(as: query.partition) }) {
      () throws(Fault) -> Page<Item>? in
      var page = PageBuilder<Item, [UInt8]>(limit: query.limit)
      let isWhole = try walk(DynamoDBLayout.items(query.partition), query, after: start) { (record) throws(Fault) in
        guard let item = try row(record)?.item else { return nil }
        guard page.hasRoom(for: item.body.count) else { return false }
        page.add(item, at: Array(record.key.sort.utf8))
        return true
      }
      return isWhole ? page.finish { PageToken(query, index: nil, behind: $0) } : nil
    }
  }

  public func entries(
    of index: IndexDeclaration, _ query: Query, after token: PageToken?
  ) throws(Fault) -> Page<IndexEntry> {
    let number = try schema.number(of: index)
    let id = actions.ids[number]
    try query.check()
    let start = try token?.place(in: query, index: index.name)
    let touches = { (write: DynamoDBCommit.Write) throws(Fault) -> Bool in
      for case .some(let item) in [write.before, write.after] {
        let entry = try self.schema.entries(of: item.body, at: item.key).indexes[number]
        if let entry, entry.partition.hasSameBytes(as: query.partition) { return true }
      }
      return false
    }
    return try whole(touches: touches) { () throws(Fault) -> Page<IndexEntry>? in
      var page = PageBuilder<IndexEntry, [UInt8]>(limit: query.limit)
      _ = try walk(DynamoDBLayout.entries(id, query.partition), query, after: start) { (record) throws(Fault) in
        let place = Array(record.key.sort.utf8)
        guard let parts = IndexEntry.parts(ofPlace: place), let version = record.number("v"),
          let attributes = record.bytes("a")
        else { throw Fault(.badInput, "\(name): the index '\(index.name)' is damaged: restore a backup") }
        guard page.hasRoom(for: attributes.count) else { return false }
        page.add(
          IndexEntry(key: parts.key, version: ItemVersion(version), sort: parts.sort, attributes: attributes),
          at: place)
        return true
      }
      return page.finish { PageToken(query, index: index.name, behind: $0) }
    }
  }

  public var findsWords: Bool { false }

  public func matches(
    of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?
  ) throws(Fault) -> Page<Item> {
    _ = try schema.number(of: index)
    try query.check(for: index)
    throw Fault(
      .unsupported,
      "\(name): DynamoDB has no search by words: list by brand or campaign, or keep the library in PostgreSQL or a folder"
    )
  }

  /// What is read while no transaction is carried out in several steps, so that none is seen by halves; `read` gives `nil` where others came between.
  ///
  /// The service reads ranges by halves beside any transaction. So where `touches` is given, none lies between that writes what it says.
  func whole<Result>(
    touches: ((DynamoDBCommit.Write) throws(Fault) -> Bool)? = nil, _ read: () throws(Fault) -> Result?
  ) throws(Fault) -> Result {
    let isStrict = touches != nil
    for attempt in 0..<20 {
      if attempt > 2 { Clock.sleep(until: Clock.now + UInt64(Double.random(in: 0...1) * Double(attempt) * 1e7)) }
      let before = try settled(isStrict: isStrict)
      guard let result = try read() else { continue }
      let after = try state(isStrict: isStrict)
      guard after.large == before.large else { continue }
      guard let touches, after.number != before.number else { return result }
      guard let commits = try log(after: before.number, after) else { continue }
      var isTouched = false
      for commit in commits { for write in commit.writes where !isTouched { isTouched = try touches(write) } }
      if !isTouched { return result }
    }
    throw Fault(.unavailable, "\(name): others write what is read all the time: try again")
  }

  /// The records of a range in their order until `body` gives `false`, or `nil`, for which this gives `false`.
  private func walk(
    _ partition: String, _ query: Query, after start: [UInt8]?, _ body: (DynamoDBRecord) throws(Fault) -> Bool?
  ) throws(Fault) -> Bool {
    guard let range = query.dynamoDBRange else { return true }
    let bounds = query.bounds(after: start)
    var page = DynamoDBQuery(partition, range, limit: query.limit + 1)
    page.isDescending = query.order == .descending
    page.start = start.map { String(decoding: $0, as: UTF8.self) }
    repeat {
      let (records, next) = try client.page(page)
      for record in records where bounds.contains(Array(record.key.sort.utf8)) {
        guard let goesOn = try body(record) else { return false }
        if !goesOn { return true }
      }
      page.start = next
    } while page.start != nil
    return true
  }

  /// `nil` where a part of one is gone, since it was written over.
  func rows(together keys: [DynamoDBKey]) throws(Fault) -> (rows: [DynamoDBRow?], isOneMoment: Bool)? {
    let (records, isOneMoment) = try client.get(keys)
    var rows: [DynamoDBRow?] = []
    for record in records {
      guard let record else {
        rows.append(nil)
        continue
      }
      guard let row = try row(record) else { return nil }
      rows.append(row)
    }
    return (rows, isOneMoment)
  }

  /// `nil` where a part of it is gone.
  func row(_ record: DynamoDBRecord) throws(Fault) -> DynamoDBRow? {
    guard let key = DynamoDBLayout.itemKey(record.key), let version = record.number("v"),
      let first = record.number("f")
    else {
      throw Fault(.badInput, "\(name): an item is damaged: restore a backup")
    }
    guard let body = try DynamoDBParts.item(version).bytes(of: record, client) else { return nil }
    return DynamoDBRow(item: Item(key: key, version: ItemVersion(version), body: body), first: first)
  }
}

extension Query {
  /// A range of sort keys, or of places that begin with one, that has all of this one's in it; `nil` where nothing can be.
  fileprivate var dynamoDBRange: DynamoDBQuery.Range? {
    switch range {
    case .all: return .all
    case .prefix(let text): return text.isEmpty ? .all : .prefix(text)
    case .between(let lower, let upper):
      // 1 is the first byte that can stand behind a key which is not its end; a key of the full length has nothing behind it
      let end = upper.utf8.count < DynamoDBKey.sortByteCount ? upper + "\u{1}" : upper
      guard !end.isBefore(lower) else { return nil }
      return lower.isEmpty ? .upTo(end) : .between(lower, end)
    }
  }
}
