public import Base
internal import Items
internal import SQLite

extension SQLiteTable {
  /// Compares every index, the text indexes too, with the items at one moment, and reads every page of the file.
  ///
  /// As long as the table is large; writes go on meanwhile. Takes 16 bytes of memory an item of the text indexes. The fault is `badInput` where
  /// the file is damaged.
  public func verify() throws(Fault) -> [IndexReport] {
    let connection = try Opening.connect(path, settings)
    // what reads a text index is a table of this connection's own, so it comes before nothing may be written
    for table in declared.texts { try connection.run(table.makingTerms) }
    try connection.run("PRAGMA query_only = ON")
    return try connection.transaction { () throws(Fault) in
      _ = try State.read(connection, as: declared)
      try connection.checkWhole()
      var audit = try IndexAudit(schema, declared, connection)
      try connection.rows(.allItems, []) { (row) throws(Fault) in
        try audit.compare(
          ItemKey(row.text(0), row.text(1)), version: row.integer(2), body: row.bytes(3), row: row.integer(4))
        return true
      }
      return try audit.finish()
    }
  }
}

/// Indexes beside what items should have in them.
private struct IndexAudit {
  private struct Count { var right = 0, lacking = 0 }

  private let schema: TableSchema
  private let declared: Opening.Declared
  private let connection: Connection
  private var items = 0
  private var indexes: [Count]
  private var texts: [Count]
  /// A hash of the set of tokens of each row, by text index.
  private let found: [[Int: UInt64]]

  init(_ schema: TableSchema, _ declared: Opening.Declared, _ connection: Connection) throws(Fault) {
    (self.schema, self.declared, self.connection) = (schema, declared, connection)
    indexes = Array(repeating: Count(), count: declared.ids.count)
    texts = Array(repeating: Count(), count: declared.texts.count)
    var found: [[Int: UInt64]] = []
    for table in declared.texts {
      var hashes: [Int: UInt64] = [:]
      try connection.rows(table, .terms, []) { row in
        hashes[row.integer(0), default: 0] &+= Self.hash(row.bytes(1))
        return true
      }
      found.append(hashes)
    }
    self.found = found
  }

  mutating func compare(_ key: ItemKey, version: Int, body: [UInt8], row: Int) throws(Fault) {
    items += 1
    let entries = try schema.entries(of: body, at: key)
    for (number, entry) in entries.indexes.enumerated() {
      guard let entry else { continue }
      let isRight = try connection.first(.entry, entry.values(declared.ids[number], key)) { found in
        found.integer(0) == version && found.bytes(1) == entry.attributes
          && (found.isNull(2) || found.integer(2) == row)
      }
      if isRight == true { indexes[number].right += 1 } else { indexes[number].lacking += 1 }
    }
    for (number, entry) in entries.texts.enumerated() {
      guard let entry else { continue }
      let hash = TextTokens.all(of: entry).reduce(UInt64(0)) { $0 &+ Self.hash($1) }
      if found[number][TextTable.row(row)] == hash { texts[number].right += 1 } else { texts[number].lacking += 1 }
    }
  }

  func finish() throws(Fault) -> [IndexReport] {
    var reports: [IndexReport] = []
    for (number, index) in schema.indexes.enumerated() {
      let all = try connection.first(.countEntries, [.integer(declared.ids[number])]) { $0.integer(0) } ?? 0
      reports.append(report(index.name, indexes[number], all))
    }
    for (number, index) in schema.texts.enumerated() {
      reports.append(report(index.name, texts[number], found[number].count))
    }
    return reports
  }

  private func report(_ index: String, _ count: Count, _ all: Int) -> IndexReport {
    IndexReport(index: index, items: items, missing: count.lacking, surplus: all - count.right)
  }

  /// Another in every process, so that no text is made to have that of another.
  private static func hash(_ token: [UInt8]) -> UInt64 {
    var hasher = Hasher()
    unsafe token.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
