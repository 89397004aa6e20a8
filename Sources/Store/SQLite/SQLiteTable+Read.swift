public import Base
public import Items
internal import SQLite

extension SQLiteTable {
  public func get(_ keys: [ItemKey]) throws(Fault) -> [Item?] {
    guard (1...ItemLimits.batchCount).contains(keys.count) else {
      throw Fault(.badInput, "a batch of \(keys.count) keys: it has 1 to \(ItemLimits.batchCount)")
    }
    for key in keys { try key.check() }
    return try read { (connection, _) throws(Fault) in
      var items: [Item?] = []
      for key in keys { items.append(try Self.item(key, connection)) }
      return items
    }
  }

  public func items(of entries: [IndexEntry]) throws(Fault) -> [Item?] {
    guard (1...ItemLimits.batchCount).contains(entries.count) else {
      throw Fault(.badInput, "a batch of \(entries.count) entries: it has 1 to \(ItemLimits.batchCount)")
    }
    return try read { (connection, _) throws(Fault) in
      var items: [Item?] = []
      for entry in entries { items.append(try Self.item(of: entry, connection)) }
      return items
    }
  }

  private static func item(_ key: ItemKey, _ connection: Connection) throws(Fault) -> Item? {
    try connection.first(.item, [.text(key.partition), .text(key.sort)]) { row in
      Item(key: key, version: ItemVersion(row.integer(1)), body: row.bytes(2))
    }
  }

  /// In its row, else by its key.
  private static func item(of entry: IndexEntry, _ connection: Connection) throws(Fault) -> Item? {
    let key = entry.key
    if let row = entry.row {
      let found = try connection.first(.itemAt, [.integer(row), .text(key.partition), .text(key.sort)]) { row in
        Item(key: key, version: ItemVersion(row.integer(0)), body: row.bytes(1))
      }
      if let found { return found }
    }
    return try item(key, connection)
  }

  public func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item> {
    try query.check()
    let bounds = query.bounds(after: try token?.place(in: query, index: nil))
    let values: [SQLValue] = [.text(query.partition), .utf8(bounds.lower), bounds.upperValue { .utf8($0) }]
    return try read { (connection, _) throws(Fault) in
      var page = PageBuilder<Item, [UInt8]>(limit: query.limit)
      try connection.rows(query.isUp ? .itemsUp : .itemsDown, values + [.integer(query.limit + 1)]) { row in
        guard page.hasRoom(for: row.byteCount(2)) else { return false }
        let place = row.bytes(0)
        let key = ItemKey(query.partition, String(decoding: place, as: UTF8.self))
        page.add(Item(key: key, version: ItemVersion(row.integer(1)), body: row.bytes(2)), at: place)
        return true
      }
      return page.finish { PageToken(query, index: nil, behind: $0) }
    }
  }

  public func entries(
    of index: IndexDeclaration, _ query: Query, after token: PageToken?
  ) throws(Fault) -> Page<IndexEntry> {
    let id = declared.ids[try schema.number(of: index)]
    try query.check()
    let bounds = query.bounds(after: try token?.place(in: query, index: index.name))
    let values: [SQLValue] = [.text(query.partition), .blob(bounds.lower), bounds.upperValue { .blob($0) }]
    return try read { (connection, _) throws(Fault) in
      var page = PageBuilder<IndexEntry, [UInt8]>(limit: query.limit)
      try connection.rows(
        query.isUp ? .entriesUp : .entriesDown, values + [.integer(query.limit + 1), .integer(id)]
      ) { row in
        guard page.hasRoom(for: row.byteCount(2)) else { return false }
        let place = row.bytes(0)
        guard let parts = IndexEntry.parts(ofPlace: place) else { return true }
        page.add(
          IndexEntry(
            key: parts.key, version: ItemVersion(row.integer(1)), sort: parts.sort, attributes: row.bytes(2),
            row: row.isNull(3) ? nil : row.integer(3)),
          at: place)
        return true
      }
      return page.finish { PageToken(query, index: index.name, behind: $0) }
    }
  }

  public func matches(
    of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?
  ) throws(Fault) -> Page<Item> {
    let table = declared.texts[try schema.number(of: index)]
    try query.check(for: index)
    let end =
      try token.map { (token) throws(Fault) in TextTable.row(try token.row(in: query, index: index.name)) } ?? .min
    let values: [SQLValue] = [.text(TextTokens.expression(query)), .integer(end)]
    return try read { (connection, _) throws(Fault) in
      var page = PageBuilder<Item, Int>(limit: query.limit)
      try connection.rows(table, .matches, values) { (row) throws(Fault) in
        let (key, body) = (ItemKey(row.text(1), row.text(2)), row.bytes(4))
        // what stands in the item decides, not that two hashes are the same
        guard try index.allows(query, body, of: key) else { return true }
        guard page.hasRoom(for: body.count) else { return false }
        page.add(Item(key: key, version: ItemVersion(row.integer(3)), body: body), at: row.integer(0))
        return true
      }
      return page.finish { PageToken(query, index: index.name, behind: $0) }
    }
  }

  public func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage {
    guard (1...ItemLimits.pageCount).contains(limit) else {
      throw Fault(.badInput, "a page of \(limit) changes: it has 1 to \(ItemLimits.pageCount)")
    }
    return try read { (connection, state) throws(Fault) in
      let start = try checked(position, state, connection)
      guard start >= state.trimmed else {
        throw Fault(
          .notFound, "the changes behind \(position.text) are no longer kept: read the items anew, and begin at the end"
        )
      }
      var (changes, byteCount, hasMore) = ([Change](), 0, false)
      try connection.rows(.changes, [.integer(start), .integer(limit + 1)]) { row in
        byteCount += row.byteCount(5) + row.byteCount(6)
        hasMore = !changes.isEmpty && (changes.count == limit || byteCount > ItemLimits.pageByteCount)
        guard !hasMore else { return false }
        changes.append(Self.change(row))
        return true
      }
      let end = hasMore ? changes.last?.position : nil
      return ChangePage(changes: changes, position: end ?? ChangePosition(state.number), hasMore: hasMore)
    }
  }

  public func oldestTime(after position: ChangePosition) throws(Fault) -> Int? {
    try changes(after: position, limit: 1).changes.first?.time
  }

  public func lastPosition() throws(Fault) -> ChangePosition {
    try read { _, state in ChangePosition(state.number) }
  }

  /// The number of a position that this table gave out in this life, or in one that it goes on from.
  func checked(_ position: ChangePosition, _ state: State, _ connection: Connection) throws(Fault) -> Int {
    guard let number = position.number else {
      throw Fault(.badInput, "'\(position.text.prefix(40))' is no position among the changes")
    }
    let isInGap = try connection.first(.gap, [.integer(number)]) { _ in true } ?? false
    guard number <= state.number, !isInGap else {
      throw Fault(
        .badInput,
        "the position \(number) belongs to changes that are gone since a backup was restored: read the items anew, and begin at the end"
      )
    }
    return number
  }

  private static func change(_ row: SQLRow) -> Change {
    let (number, key) = (row.integer(0), ItemKey(row.text(2), row.text(3)))
    func item(_ column: Int32, _ version: Int) -> Item? {
      row.isNull(column) ? nil : Item(key: key, version: ItemVersion(version), body: row.bytes(column))
    }
    return Change(
      position: ChangePosition(number), time: row.integer(1), before: item(5, row.integer(4)), after: item(6, number))
  }
}

extension Query {
  var isUp: Bool { order == .ascending }
}

extension Query.Bounds {
  /// A byte that no key holds where the range has no end: as a blob it stands behind every text too.
  func upperValue(_ value: ([UInt8]) -> SQLValue) -> SQLValue { upper.map(value) ?? .blob([0xff]) }
}
