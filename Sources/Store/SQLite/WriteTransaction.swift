internal import Base
internal import Items
internal import SQLite

/// A write with what it makes of the indexes; looked at before it waits for its turn.
struct PreparedWrite: Sendable {
  let write: Write
  /// Of the body that is put; `nil` for other actions.
  let entries: TableSchema.Entries?

  init(_ write: Write, _ schema: TableSchema) throws(Fault) {
    self.write = write
    entries = if let body = write.body { try schema.entries(of: body, at: write.key) } else { nil }
  }
}

/// The callers' transactions of one group, one after the other, inside one transaction of the database.
struct WriteTransaction {
  private struct Row {
    let id: Int
    let version: Int
    let body: [UInt8]
  }

  private let connection: Connection
  private let schema: TableSchema
  private let declared: Opening.Declared
  private let time: Int
  private let began: Int
  /// Writes are put among the changes where the schema says so.
  private let records: Bool
  private var number: Int
  private var texts: TextChanges

  /// In a transaction of the database that may write.
  init(
    _ connection: Connection, _ schema: TableSchema, _ declared: Opening.Declared, time: Int, records: Bool = true
  ) throws(Fault) {
    self.records = records
    (self.connection, self.schema, self.declared, self.time) = (connection, schema, declared, time)
    texts = TextChanges(count: schema.texts.count)
    began = try State.read(connection, as: declared).number
    number = began
  }

  /// Pages that the connection asked for since it was opened.
  var pagesRead: Int { connection.pagesRead }

  /// Before the database commits.
  func finish() throws(Fault) {
    try texts.write(to: declared.texts, connection)
    if number != began { try connection.run(.setNumber, [.integer(number)]) }
  }

  mutating func apply(_ writes: [PreparedWrite]) throws(Fault) -> WriteOutcome {
    var (rows, failed): ([Row?], [FailedCondition]) = ([], [])
    for (index, prepared) in writes.enumerated() {
      let row = try find(prepared.write.key)
      let version = row.map { ItemVersion($0.version) }
      if !prepared.write.condition.holds(for: version) { failed.append(FailedCondition(index: index, found: version)) }
      rows.append(row)
    }
    guard failed.isEmpty else { return .conflict(failed) }
    var versions: [ItemVersion?] = []
    for (prepared, row) in zip(writes, rows) { versions.append(try apply(prepared, to: row)) }
    return .committed(Commit(versions: versions, position: ChangePosition(number)))
  }

  /// Takes away at most `limit` changes, the oldest first, that are behind neither a position nor a moment.
  func trim(through position: Int, olderThan time: Int, limit: Int) throws(Fault) -> Int {
    var (last, count) = (0, 0)
    try connection.rows(.oldChanges, [.integer(position), .integer(limit)]) { row in
      guard row.integer(1) < time else { return false }
      (last, count) = (row.integer(0), count + 1)
      return true
    }
    if count > 0 {
      try connection.run(.deleteChanges, [.integer(last)])
      try connection.run(.setTrimmed, [.integer(last)])
    }
    return count
  }

  /// Takes away changes by their numbers, or one side of them.
  func forget(_ fates: [(number: Int, fate: ChangeFate)]) throws(Fault) {
    for (number, fate) in fates {
      switch fate {
      case .keep: continue
      case .forget: try connection.run(.deleteChange, [.integer(number)])
      case .forgetBefore: try connection.run(.forgetBefore, [.integer(number)])
      case .forgetAfter: try connection.run(.forgetAfter, [.integer(number)])
      }
    }
  }

  /// Merges a part of what a text index has in several segments; `false` where all is in one.
  func merge(_ text: TextTable) throws(Fault) -> Bool {
    let before = connection.rowsChanged
    try connection.run(text, .merge, [])
    // one row is the command itself (sqlite.org/fts5.html, 'merge')
    return connection.rowsChanged - before >= 2
  }

  private func find(_ key: ItemKey) throws(Fault) -> Row? {
    try connection.first(.item, [.text(key.partition), .text(key.sort)]) { row in
      Row(id: row.integer(0), version: row.integer(1), body: row.bytes(2))
    }
  }

  private mutating func apply(_ prepared: PreparedWrite, to row: Row?) throws(Fault) -> ItemVersion? {
    let key = prepared.write.key
    var id = row?.id
    switch prepared.write.action {
    case .check: return nil
    case .delete:
      guard let row else { return nil }
      number += 1
      try connection.run(.deleteItem, [.integer(row.id)])
    case .put(let body):
      number += 1
      if let row {
        try connection.run(.updateItem, [.integer(row.id), .integer(number), .utf8(body)])
      } else {
        let values: [SQLValue] = [.text(key.partition), .text(key.sort), .integer(number), .utf8(body)]
        id = try connection.first(.insertItem, values) { $0.integer(0) }
      }
    }
    let old: TableSchema.Entries? = if let row { try entries(of: row, at: key) } else { nil }
    try setEntries(prepared, old?.indexes, row: id)
    if let id { texts.note(row: id, old: old?.texts, new: prepared.entries?.texts) }
    if records, schema.records(key) { try record(prepared, row) }
    return prepared.write.body == nil ? nil : ItemVersion(number)
  }

  /// What a body made of an item; of one that cannot be read it is not known where, so all entries are looked through for the item's key, and all
  /// words for its row, which another item may have later.
  private func entries(of row: Row, at key: ItemKey) throws(Fault) -> TableSchema.Entries? {
    do throws(Fault) { return try schema.entries(of: row.body, at: key) } catch {
      guard error.kind == .badInput else { throw error }
      let end = IndexEntry.place(sort: "", key: key)
      try connection.run(.deleteLostEntries, [.blob(end)])
      for table in declared.texts { try TextChanges.deleteAll(of: row.id, table, connection) }
      return nil
    }
  }

  /// Takes the entries of the old body away and puts those of the new there; what stays in its place is changed there.
  private func setEntries(_ prepared: PreparedWrite, _ old: [IndexEntry.Content?]?, row: Int?) throws(Fault) {
    let key = prepared.write.key
    for (index, id) in declared.ids.enumerated() {
      let (old, new) = (old?[index], prepared.entries?.indexes[index])
      let (oldPlace, newPlace) = (old?.values(id, key), new?.values(id, key))
      let stays = old.map { old in new.map { old.isInPlace(of: $0) } ?? false } ?? false
      if let oldPlace, !stays { try connection.run(.deleteEntry, oldPlace) }
      if let new, let newPlace {
        let content: [SQLValue] = [.integer(number), .utf8(new.attributes), row.map { .integer($0) } ?? .null]
        try connection.run(stays ? .updateEntry : .insertEntry, newPlace + content)
      }
    }
  }

  private func record(_ prepared: PreparedWrite, _ row: Row?) throws(Fault) {
    let key = prepared.write.key
    try connection.run(
      .insertChange,
      [
        .integer(number), .integer(time), .text(key.partition), .text(key.sort),
        row.map { .integer($0.version) } ?? .null, row.map { .utf8($0.body) } ?? .null,
        prepared.write.body.map { .utf8($0) } ?? .null,
      ])
  }
}

extension IndexEntry.Content {
  /// Both are of one item.
  func isInPlace(of other: IndexEntry.Content) -> Bool {
    partition.hasSameBytes(as: other.partition) && sort.hasSameBytes(as: other.sort)
  }
}

extension ChangePosition {
  init(_ number: Int) { self.init(text: String(number)) }

  /// `nil` for a text that no table of this kind gave out.
  var number: Int? {
    guard let number = Int(text), number >= 0, String(number) == text else { return nil }
    return number
  }
}
