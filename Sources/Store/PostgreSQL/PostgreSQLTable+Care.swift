public import Base
public import Items
internal import PostgreSQL

extension PostgreSQLTable {
  public func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault) {
    _ = try changes(after: position, limit: 1)  // one that is known, or a fault
    let end = try place(of: position)
    let step = 1000
    while try pool.use({ (connection, _) throws(Fault) in
      try connection.transaction { () throws(Fault) in try trim(end, time, step, connection) }
    }) == step {}
  }

  private func trim(
    _ end: PostgreSQLPlace, _ time: Int, _ limit: Int, _ connection: PostgreSQLConnection
  ) throws(Fault) -> Int {
    let rows = try ask(
      [PostgreSQLStatement(Self.oldChanges, end.values + [.integer(limit)])], on: connection
    ).rows[0]
    var (last, count): (PostgreSQLPlace?, Int) = (nil, 0)
    for row in 0..<rows.count {
      guard rows.integer(row, 3) < time, let place = Self.place(rows, row) else { break }
      (last, count) = (place, count + 1)
    }
    guard let last else { return 0 }
    try connection.exchange([
      PostgreSQLStatement("DELETE FROM change WHERE (life, tx, number) <= ($1, $2::text::xid8, $3)", last.values),
      PostgreSQLStatement(Self.setTrimmed, last.values),
    ])
    return count
  }

  public func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault) {
    var position = try ask([]).state.trimmed.position
    while true {
      let page = try changes(after: position, limit: 1000)
      var statements: [PostgreSQLStatement] = []
      for change in page.changes {
        let fate = try fate(change)
        let hasBoth = change.before != nil && change.after != nil
        let sql =
          switch hasBoth || fate == .keep ? fate : .forget {
          case .keep: ""
          case .forget: "DELETE FROM change"
          case .forgetBefore: "UPDATE change SET old_version = NULL, old_body = NULL"
          case .forgetAfter: "UPDATE change SET body = NULL"
          }
        guard !sql.isEmpty else { continue }
        let values = try place(of: change.position).values
        statements.append(
          PostgreSQLStatement("\(sql) WHERE (life, tx, number) = ($1, $2::text::xid8, $3)", values))
      }
      if !statements.isEmpty {
        _ = try pool.use { (connection, _) throws(Fault) in
          try connection.transaction { () throws(Fault) in try connection.exchange(statements) }
        }
      }
      position = page.position
      if !page.hasMore { return }
    }
  }

  /// Leaves nothing in the tables' files of what was deleted, replaced or trimmed before: writes them anew (`VACUUM FULL`).
  ///
  /// Takes the owner of the tables, a connection of its own, and as much room again as the largest table. While a table is written, those who
  /// want it wait, and are told `unavailable` where that lasts longer than they do. The write-ahead log, replicas and backups are the server's:
  /// docs/store.md tells how long they hold what. The planner's samples of the tables (`pg_statistic`) are written anew where this role owns the
  /// database too. The fault is `unavailable` where older moments are still read, and `denied` for another role.
  public func scrub() throws(Fault) {
    let connection = try pool.connect()
    let tables = try ["item", "entry", "change"] + declared.texts.map(\.name) + busTables(connection)
    try checkOwner(of: tables, connection)
    try connection.exchange([PostgreSQLStatement(once: "SET statement_timeout = 0")])
    // before older readers are waited for, who keep samples too
    for table in tables { try forgetSamples(of: table, connection) }
    let end = try ask([], on: connection).state.next
    let deadline = Clock.now + UInt64(settings.patience / .nanoseconds(1))
    // a row that somebody can still see is kept by VACUUM
    while try connection.exchange([PostgreSQLStatement(Self.readers, [.text(String(end))])])[0].integer(0, 0) > 0 {
      guard Clock.now < deadline else {
        throw Fault(.unavailable, "\(name): old rows are still read, so they were not taken away yet: try again")
      }
      Clock.sleep(until: Clock.now + 20_000_000)
    }
    for table in tables + (try ownsDatabase(connection) ? ["pg_catalog.pg_statistic"] : []) {
      let words = table.hasPrefix("pg_catalog.") ? "FULL" : "FULL, ANALYZE"
      try connection.exchange([PostgreSQLStatement(once: "VACUUM (\(words)) \(table)")], within: Self.long)
    }
  }

  private static let long = Duration.seconds(24 * 3600)

  /// Takes what the planner has sampled of a table's contents out of its statistics, as a column does that is given its own type once more: a
  /// table that is empty keeps them otherwise, whatever is done to it.
  private func forgetSamples(of table: String, _ connection: PostgreSQLConnection) throws(Fault) {
    let sql = """
      SELECT string_agg('ALTER ' || quote_ident(attname) || ' TYPE bytea', ', ') FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND atttypid = 'bytea'::regtype
      """
    let changes = try connection.exchange([PostgreSQLStatement(once: sql, [.text(table)])])[0].text(0, 0)
    guard !changes.isEmpty else { return }
    try connection.exchange([PostgreSQLStatement(once: "ALTER TABLE \(table) \(changes)")], within: Self.long)
  }

  /// Who may have the catalogue of a database written anew.
  private func ownsDatabase(_ connection: PostgreSQLConnection) throws(Fault) -> Bool {
    let sql = "SELECT pg_has_role(datdba, 'USAGE')::int FROM pg_database WHERE datname = current_database()"
    return try connection.exchange([PostgreSQLStatement(once: sql)])[0].integer(0, 0) == 1
  }

  /// A bus may be kept beside the library.
  private func busTables(_ connection: PostgreSQLConnection) throws(Fault) -> [String] {
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'bus\\_%'"
    let rows = try connection.exchange([PostgreSQLStatement(once: sql)])[0]
    return (0..<rows.count).map { rows.text($0, 0) }
  }

  /// VACUUM passes over the tables of others without a fault.
  private func checkOwner(of tables: [String], _ connection: PostgreSQLConnection) throws(Fault) {
    for table in tables {
      let sql = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass($1)"
      guard try connection.exchange([PostgreSQLStatement(once: sql, [.text(table)])])[0].integer(0, 0) == 1 else {
        throw Fault(.denied, "\(name): only the owner of the tables can write them anew: run this as that role")
      }
    }
  }

  /// Up to a place, without those before which something may still become visible.
  private static let oldChanges = """
    SELECT life, tx::text, number, time FROM change WHERE (life, tx, number) <= ($1, $2::text::xid8, $3)
      AND (life < (SELECT life FROM state) OR tx < pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY change.life, change.tx, change.number LIMIT $4
    """

  private static let setTrimmed = """
    UPDATE state SET trimmed_life = $1, trimmed_tx = $2::text::xid8, trimmed_number = $3
    WHERE (trimmed_life, trimmed_tx, trimmed_number) < ($1, $2::text::xid8, $3)
    """

  /// Sessions in this database that began to read before a transaction.
  private static let readers = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_xmin IS NOT NULL AND age(backend_xmin) > pg_snapshot_xmax(pg_current_snapshot())::text::bigint - $1::text::bigint
    """
}
