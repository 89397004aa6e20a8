internal import Base
internal import Items
internal import PostgreSQL

/// A caller's transaction as statements, made from what stands under its keys while they are locked.
struct PostgreSQLTransaction {
  private struct Row {
    let id: Int
    let version: Int
    let body: [UInt8]
  }

  private let schema: TableSchema
  private let declared: PostgreSQLOpening.Declared
  private let time: Int
  private let life: Int
  private let transaction: Int
  /// One for each write, rising.
  private let numbers: [Int]
  private let rows: [Row?]

  /// `found` is that of `PostgreSQLSQL.items`.
  init(
    _ found: PostgreSQLRows, count: Int, _ schema: TableSchema, _ declared: PostgreSQLOpening.Declared, _ name: String,
    time: Int
  ) throws(Fault) {
    guard found.count == count, let transaction = Int(found.text(0, 3)) else {
      throw Fault(.badInput, "\(name): the library is damaged: restore a backup")
    }
    guard found.integer(0, 1) == declared.revision else { throw PostgreSQLTable.changed(name) }
    (self.schema, self.declared, self.time) = (schema, declared, time)
    (life, self.transaction) = (found.integer(0, 2), transaction)
    numbers = (0..<count).map { found.integer($0, 4) }.sorted()
    var rows = [Row?](repeating: nil, count: count)
    for row in 0..<count where !found.isNull(row, 5) {
      rows[found.integer(row, 0) - 1] = Row(
        id: found.integer(row, 5), version: found.integer(row, 6), body: found.bytes(row, 7))
    }
    self.rows = rows
  }

  /// What the caller is told, where all that follows succeeds.
  func outcome(of writes: [PreparedWrite]) throws(Fault) -> WriteOutcome {
    var failed: [FailedCondition] = []
    for (index, prepared) in writes.enumerated() {
      let version = rows[index].map { ItemVersion($0.version) }
      if !prepared.write.condition.holds(for: version) { failed.append(FailedCondition(index: index, found: version)) }
    }
    guard failed.isEmpty else { return .conflict(failed) }
    let versions = zip(writes, numbers).map { $0.write.body == nil ? nil : ItemVersion($1) }
    let place = PostgreSQLPlace(life: life, transaction: transaction, number: numbers.last ?? 1)
    return .committed(Commit(versions: versions, position: place.position))
  }

  func statements(for writes: [PreparedWrite]) throws(Fault) -> [PostgreSQLStatement] {
    var (items, entries) = (ItemRows(), EntryRows())
    var changes = ChangeRows(life: life, time: time)
    var texts = declared.texts.map { TextRows($0) }
    for (index, prepared) in writes.enumerated() {
      let (key, row, number) = (prepared.write.key, rows[index], numbers[index])
      switch prepared.write.action {
      case .check: continue
      case .delete:
        guard let row else { continue }
        items.deleted.append(row.id)
      case .put(let body):
        if let row { items.updated.append((row.id, number, body)) } else { items.inserted.append((number, key, body)) }
      }
      let old = row.flatMap { try? schema.entries(of: $0.body, at: key) }
      // Of a body that cannot be read it is not known where its entries stand.
      if let row, old == nil {
        entries.deleteAll(row.id, declared.ids)
        for place in texts.indices { texts[place].lost.append(row.id) }
      }
      let (id, new) = (row?.id ?? number, prepared.entries)
      for (place, declaration) in declared.ids.enumerated() {
        entries.add(id, declaration, key, number, old?.indexes[place], new?.indexes[place])
      }
      for place in texts.indices { texts[place].add(id, old?.texts[place], new?.texts[place]) }
      if schema.records(key) {
        changes.rows.append((number, key, row?.version, row?.body, prepared.write.body))
      }
    }
    return items.statements + entries.statements + texts.flatMap(\.statements) + changes.statements
  }
}

private struct ItemRows {
  var inserted: [(id: Int, key: ItemKey, body: [UInt8])] = []
  var updated: [(id: Int, version: Int, body: [UInt8])] = []
  var deleted: [Int] = []

  var statements: [PostgreSQLStatement] {
    var statements: [PostgreSQLStatement] = []
    if !deleted.isEmpty { statements.append(PostgreSQLStatement(PostgreSQLSQL.deleteItems, [.integers(deleted)])) }
    if !updated.isEmpty {
      statements.append(
        PostgreSQLStatement(
          PostgreSQLSQL.updateItems,
          [.integers(updated.map(\.id)), .integers(updated.map(\.version)), .byteStrings(updated.map(\.body))]))
    }
    if !inserted.isEmpty {
      statements.append(
        PostgreSQLStatement(
          PostgreSQLSQL.insertItems,
          [
            .integers(inserted.map(\.id)), .byteStrings(inserted.map { Array($0.key.partition.utf8) }),
            .byteStrings(inserted.map { Array($0.key.sort.utf8) }), .byteStrings(inserted.map(\.body)),
          ]))
    }
    return statements
  }
}

/// What the entries of the indexes become; what stays in its place is changed there.
struct EntryRows {
  typealias Row = (item: Int, declaration: Int, key: ItemKey, version: Int, content: IndexEntry.Content)

  private var deleted: [(item: Int, declaration: Int)] = []
  private var updated: [Row] = []
  private var inserted: [Row] = []

  mutating func add(
    _ item: Int, _ declaration: Int, _ key: ItemKey, _ version: Int, _ old: IndexEntry.Content??,
    _ new: IndexEntry.Content??
  ) {
    let (old, new) = (old ?? nil, new ?? nil)
    if let old, let new, old.isInPlace(of: new) {
      updated.append((item, declaration, key, version, new))
      return
    }
    if old != nil { deleted.append((item, declaration)) }
    if let new { inserted.append((item, declaration, key, version, new)) }
  }

  mutating func deleteAll(_ item: Int, _ declarations: [Int]) { deleted += declarations.map { (item, $0) } }

  var statements: [PostgreSQLStatement] {
    var statements: [PostgreSQLStatement] = []
    if !deleted.isEmpty {
      let values = [PostgreSQLValue.integers(deleted.map(\.item)), .integers(deleted.map(\.declaration))]
      statements.append(PostgreSQLStatement(PostgreSQLSQL.deleteEntries, values))
    }
    if !updated.isEmpty {
      statements.append(
        PostgreSQLStatement(PostgreSQLSQL.updateEntries, Self.head(updated) + Self.tail(updated)))
    }
    if !inserted.isEmpty {
      let places = inserted.map { IndexEntry.place(sort: $0.content.sort, key: $0.key) }
      let middle = [
        PostgreSQLValue.byteStrings(inserted.map { Array($0.content.partition.utf8) }), .byteStrings(places),
      ]
      statements.append(
        PostgreSQLStatement(PostgreSQLSQL.insertEntries, Self.head(inserted) + middle + Self.tail(inserted)))
    }
    return statements
  }

  private static func head(_ rows: [Row]) -> [PostgreSQLValue] {
    [.integers(rows.map(\.item)), .integers(rows.map(\.declaration))]
  }

  private static func tail(_ rows: [Row]) -> [PostgreSQLValue] {
    [.integers(rows.map(\.version)), .byteStrings(rows.map(\.content.attributes))]
  }
}

/// Only the terms that come and go.
private struct TextRows {
  private let table: PostgreSQLText
  private var deleted: [(term: Int, item: Int)] = []
  private var inserted: [(term: Int, item: Int)] = []
  /// Items whose rows are not known.
  var lost: [Int] = []

  init(_ table: PostgreSQLText) { self.table = table }

  mutating func add(_ item: Int, _ old: TextEntry??, _ new: TextEntry??) {
    let (old, new) = (old ?? nil, new ?? nil)
    if let old, let new, old.isSame(as: new) { return }
    let oldTerms = old.map { PostgreSQLText.terms(of: $0) } ?? []
    let newTerms = new.map { PostgreSQLText.terms(of: $0) } ?? []
    deleted += oldTerms.subtracting(newTerms).sorted().map { ($0, item) }
    inserted += newTerms.subtracting(oldTerms).sorted().map { ($0, item) }
  }

  var statements: [PostgreSQLStatement] {
    (lost.isEmpty ? [] : [table.deleteAll(of: lost)]) + (deleted.isEmpty ? [] : [table.delete(deleted)])
      + (inserted.isEmpty ? [] : [table.insert(inserted)])
  }
}

private struct ChangeRows {
  let life: Int
  let time: Int
  var rows: [(number: Int, key: ItemKey, oldVersion: Int?, oldBody: [UInt8]?, body: [UInt8]?)] = []

  var statements: [PostgreSQLStatement] {
    guard !rows.isEmpty else { return [] }
    return [
      PostgreSQLStatement(
        PostgreSQLSQL.insertChanges,
        [
          .integer(life), .integer(time), .integers(rows.map(\.number)),
          .byteStrings(rows.map { Array($0.key.partition.utf8) }), .byteStrings(rows.map { Array($0.key.sort.utf8) }),
          .integers(rows.map(\.oldVersion)), .byteStrings(rows.map(\.oldBody)), .byteStrings(rows.map(\.body)),
        ])
    ]
  }
}
