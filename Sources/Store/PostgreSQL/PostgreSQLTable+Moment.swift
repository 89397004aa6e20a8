public import Base
public import Items
internal import PostgreSQL

extension PostgreSQLTable: WholeTable {
  public func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result {
    if moment != nil { return try body(self) }
    return try atMoment { (table, _) throws(Fault) in try body(table) }
  }

  /// One transaction that reads, and begins when no writer is at work: so that all changes up to it are known to be there.
  func atMoment<Result>(
    _ body: (PostgreSQLTable, PostgreSQLConnection) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try pool.use { (connection, attempt) throws(Fault) in
      try connection.exchange([PostgreSQLStatement(PostgreSQLSQL.lockAlone, [.integer(locks.library)])])
      let begun = Swift.Result { () throws(Fault) in
        try connection.exchange([
          PostgreSQLStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
          // the caller may do something else between two questions
          PostgreSQLStatement("SET LOCAL idle_in_transaction_session_timeout = 0"),
          // the moment is that of the first question
          PostgreSQLStatement(PostgreSQLSQL.state),
        ])
      }
      try unlock(connection)
      _ = try begun.get()
      attempt.mayRepeat = false
      return try body(PostgreSQLTable(self, at: connection), connection)
    }
  }

  public func forEachItem(_ body: (Item) throws(Fault) -> Bool) throws(Fault) {
    guard let moment else { return try atMoment { (table, _) throws(Fault) in try table.forEachItem(body) } }
    var goesOn = true
    try PostgreSQLWalk.batches(on: moment, while: { goesOn }) { (items) throws(Fault) in
      for item in items where goesOn {
        goesOn = try body(Item(key: item.key, version: ItemVersion(item.version), body: item.body))
      }
    }
  }

  /// Compares every index, the text indexes too, with the items at one moment.
  ///
  /// As long as the table is large; writes go on meanwhile.
  public func verify() throws(Fault) -> [IndexReport] {
    try atMoment { (table, connection) throws(Fault) in
      _ = try table.ask([])
      var audit = PostgreSQLAudit(schema, declared, connection)
      try PostgreSQLWalk.batches(on: connection) { (items) throws(Fault) in try audit.compare(items) }
      return try audit.finish()
    }
  }
}

/// Indexes beside what items should have in them.
private struct PostgreSQLAudit {
  private struct Count { var right = 0, lacking = 0, rows = 0 }

  private let schema: TableSchema
  private let declared: PostgreSQLOpening.Declared
  private let connection: PostgreSQLConnection
  private var items = 0
  private var indexes: [Count]
  private var texts: [Count]

  init(_ schema: TableSchema, _ declared: PostgreSQLOpening.Declared, _ connection: PostgreSQLConnection) {
    (self.schema, self.declared, self.connection) = (schema, declared, connection)
    indexes = Array(repeating: Count(), count: declared.ids.count)
    texts = Array(repeating: Count(), count: declared.texts.count)
  }

  private struct Slot: Hashable { let item, declaration: Int }
  private struct Content: Hashable { let partition, place, attributes: [UInt8], version: Int }

  mutating func compare(_ batch: [PostgreSQLWalk.Item]) throws(Fault) {
    items += batch.count
    let sql = """
      SELECT item, declaration, partition, place, attributes, version FROM entry WHERE item = ANY ($1::bigint[])
      """
    let rows = try connection.exchange([PostgreSQLStatement(sql, [.integers(batch.map(\.id))])])[0]
    var found: [Slot: Content] = [:]
    for row in 0..<rows.count {
      found[Slot(item: rows.integer(row, 0), declaration: rows.integer(row, 1))] = Content(
        partition: rows.bytes(row, 2), place: rows.bytes(row, 3), attributes: rows.bytes(row, 4),
        version: rows.integer(row, 5))
    }
    var terms = [[(term: Int, item: Int)]](repeating: [], count: texts.count)
    for item in batch {
      let entries = try schema.entries(of: item.body, at: item.key)
      for (number, entry) in entries.indexes.enumerated() {
        guard let entry else { continue }
        let wanted = Content(
          partition: Array(entry.partition.utf8), place: IndexEntry.place(sort: entry.sort, key: item.key),
          attributes: entry.attributes, version: item.version)
        let isRight = found[Slot(item: item.id, declaration: declared.ids[number])] == wanted
        if isRight { indexes[number].right += 1 } else { indexes[number].lacking += 1 }
      }
      for (number, entry) in entries.texts.enumerated() {
        if let entry { terms[number] += PostgreSQLText.terms(of: entry).map { ($0, item.id) } }
      }
    }
    for number in texts.indices { try compare(terms[number], number) }
  }

  private mutating func compare(_ terms: [(term: Int, item: Int)], _ number: Int) throws(Fault) {
    let rows = try connection.exchange([declared.texts[number].count(terms)])[0]
    var found: [Int: Int] = [:]
    for row in 0..<rows.count { found[rows.integer(row, 0)] = rows.integer(row, 1) }
    for (item, wanted) in Dictionary(grouping: terms, by: \.item) {
      let isRight = found[item] == wanted.count
      if isRight { texts[number].right += 1 } else { texts[number].lacking += 1 }
      texts[number].rows += found[item] ?? 0
    }
  }

  func finish() throws(Fault) -> [IndexReport] {
    var reports: [IndexReport] = []
    for (number, index) in schema.indexes.enumerated() {
      let count = PostgreSQLStatement(
        "SELECT count(*) FROM entry WHERE declaration = $1", [.integer(declared.ids[number])])
      let all = try connection.exchange([count])[0].integer(0, 0)
      reports.append(
        IndexReport(
          index: index.name, items: items, missing: indexes[number].lacking, surplus: all - indexes[number].right))
    }
    for (number, index) in schema.texts.enumerated() {
      let count = PostgreSQLStatement("SELECT count(*) FROM \(declared.texts[number].name)")
      let all = try connection.exchange([count])[0].integer(0, 0)
      reports.append(
        IndexReport(
          index: index.name, items: items, missing: texts[number].lacking, surplus: all - texts[number].rows))
    }
    return reports
  }
}
