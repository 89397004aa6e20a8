public import Base
public import Items
internal import PostgreSQL

extension PostgreSQLTable {
  public func get(_ keys: [ItemKey]) throws(Fault) -> [Item?] {
    guard (1...ItemLimits.batchCount).contains(keys.count) else {
      throw Fault(.badInput, "a batch of \(keys.count) keys: it has 1 to \(ItemLimits.batchCount)")
    }
    for key in keys { try key.check() }
    let values = [
      PostgreSQLValue.byteStrings(keys.map { Array($0.partition.utf8) }),
      .byteStrings(keys.map { Array($0.sort.utf8) }),
    ]
    let rows = try ask([PostgreSQLStatement(PostgreSQLSQL.get, values)]).rows[0]
    var items = [Item?](repeating: nil, count: keys.count)
    for row in 0..<rows.count {
      let number = rows.integer(row, 0) - 1
      items[number] = Item(
        key: keys[number], version: ItemVersion(rows.integer(row, 1)), body: rows.bytes(row, 2))
    }
    return items
  }

  public func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item> {
    let rows = try ask([try statement(query, after: token)]).rows[0]
    var page = PageBuilder<Item, [UInt8]>(limit: query.limit)
    for row in 0..<rows.count {
      guard page.hasRoom(for: rows.byteCount(row, 2)) else { break }
      let place = rows.bytes(row, 0)
      let key = ItemKey(query.partition, String(decoding: place, as: UTF8.self))
      page.add(Item(key: key, version: ItemVersion(rows.integer(row, 1)), body: rows.bytes(row, 2)), at: place)
    }
    return page.finish { PageToken(query, index: nil, behind: $0) }
  }

  public func entries(
    of index: IndexDeclaration, _ query: Query, after token: PageToken?
  ) throws(Fault) -> Page<IndexEntry> {
    let rows = try ask([try statement(query, of: index, after: token)]).rows[0]
    var page = PageBuilder<IndexEntry, [UInt8]>(limit: query.limit)
    for row in 0..<rows.count {
      guard page.hasRoom(for: rows.byteCount(row, 2)) else { break }
      let place = rows.bytes(row, 0)
      guard let parts = IndexEntry.parts(ofPlace: place) else { continue }
      page.add(
        IndexEntry(
          key: parts.key, version: ItemVersion(rows.integer(row, 1)), sort: parts.sort, attributes: rows.bytes(row, 2)),
        at: place)
    }
    return page.finish { PageToken(query, index: index.name, behind: $0) }
  }

  public func matches(
    of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?
  ) throws(Fault) -> Page<Item> {
    let table = declared.texts[try schema.number(of: index)]
    try query.check(for: index)
    var below = try token.map { (token) throws(Fault) in try token.row(in: query, index: index.name) } ?? .max
    let terms = PostgreSQLText.terms(of: query)
    var page = PageBuilder<Item, Int>(limit: query.limit)
    while true {
      let rows = try ask([table.matches(terms, below: below, limit: query.limit + 1)]).rows[0]
      var byteCount = 0
      for row in 0..<rows.count {
        below = rows.integer(row, 0)
        let (key, body) = (ItemKey(rows.text(row, 1), rows.text(row, 2)), rows.bytes(row, 4))
        // what stands in the item decides, not that two hashes are the same
        byteCount += body.count
        guard try index.finds(query, body, of: key) else { continue }
        guard page.hasRoom(for: body.count) else {
          return page.finish { PageToken(query, index: index.name, behind: $0) }
        }
        page.add(Item(key: key, version: ItemVersion(rows.integer(row, 3)), body: body), at: below)
      }
      // less than was asked for is all that there is, but where it was more than a page has bytes
      guard rows.count > query.limit || byteCount > ItemLimits.pageByteCount else {
        return page.finish { PageToken(query, index: index.name, behind: $0) }
      }
    }
  }
}

/// The statements that are asked, apart from what is made of the answers.
extension PostgreSQLTable {
  func statement(_ query: Query, after token: PageToken?) throws(Fault) -> PostgreSQLStatement {
    try query.check()
    let bounds = query.bounds(after: try token?.place(in: query, index: nil))
    return PostgreSQLStatement(
      query.isUp ? PostgreSQLSQL.itemsUp : PostgreSQLSQL.itemsDown,
      [.bytes(Array(query.partition.utf8)), .bytes(bounds.lower), .bytes(bounds.end), .integer(query.limit + 1)])
  }

  func statement(
    _ query: Query, of index: IndexDeclaration, after token: PageToken?
  ) throws(Fault) -> PostgreSQLStatement {
    let id = declared.ids[try schema.number(of: index)]
    try query.check()
    let bounds = query.bounds(after: try token?.place(in: query, index: index.name))
    let head = PostgreSQLFormat.headCount
    return PostgreSQLStatement(
      query.isUp ? PostgreSQLSQL.entriesUp : PostgreSQLSQL.entriesDown,
      [
        .bytes(Array(query.partition.utf8)), .bytes(bounds.lower), .bytes(bounds.end), .integer(query.limit + 1),
        .integer(id), .bytes(Array(bounds.lower.prefix(head))), .bytes(Array(bounds.end.prefix(head))),
      ])
  }
}

extension Query.Bounds {
  /// A byte that no key holds where the range has no end.
  fileprivate var end: [UInt8] { upper ?? [0xff] }
}
