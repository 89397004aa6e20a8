internal import Base
internal import Items
internal import PostgreSQL

/// Whether a database still lives the life in which the library was written last.
///
/// A restored backup, or a server that took over without all that the one before had acknowledged, gives the same numbers out again: of
/// transactions and of writes. What was read of the old life would be taken for the new. So each life has a number that stands in every position, and the
/// numbers of writes go on far behind those of the one before. A life ends where the server is another
/// (`system_identifier`), it began a new line of time, or the database or the library's tables were made anew there (`oid`).
enum PostgreSQLLife {
  private static let origin = """
    SELECT convert_to(concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
      left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
      (SELECT oid FROM pg_database WHERE datname = current_database()), 'state'::regclass::oid), 'UTF8')
    """

  private static let mayKnow = """
    SELECT has_function_privilege('pg_control_system()', 'EXECUTE')
      AND has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE')
    """

  /// Of the server that a connection leads to; nothing where the role may not know.
  static func origin(on connection: PostgreSQLConnection) throws(Fault) -> [UInt8] {
    let mayKnow = try connection.exchange([PostgreSQLStatement(once: mayKnow)])[0].integer(0, 0) == 1
    return mayKnow ? try connection.exchange([PostgreSQLStatement(once: origin)])[0].bytes(0, 0) : []
  }

  /// Of each new connection: begins a new life where the database does.
  static func begin(on connection: PostgreSQLConnection, _ locks: PostgreSQLLocks) throws(Fault) {
    let origin = try origin(on: connection)
    let state = try connection.exchange([PostgreSQLStatement(PostgreSQLSQL.state)])[0]
    guard let state = PostgreSQLState(state), !origin.isEmpty, state.origin != origin else { return }
    try connection.transaction { () throws(Fault) in
      try connection.exchange([PostgreSQLStatement(once: "SELECT pg_advisory_xact_lock($1)", [.integer(locks.library)])]
      )
      let now = PostgreSQLState(try connection.exchange([PostgreSQLStatement(PostgreSQLSQL.state)])[0])
      // another connection may have been first
      guard let now, now.origin != origin else { return }
      try connection.exchange([
        PostgreSQLStatement(
          once: """
            INSERT INTO life (life, tx, number) SELECT * FROM (
              (SELECT life, tx, number FROM change WHERE life = $1 ORDER BY tx DESC, number DESC LIMIT 1)
              UNION ALL SELECT $1, trimmed_tx, trimmed_number FROM state WHERE trimmed_life = $1
              UNION ALL SELECT $1, '0'::xid8, 0
            ) AS ends ORDER BY tx DESC, number DESC LIMIT 1
            """, [.integer(now.life)]),
        PostgreSQLStatement(
          once: "SELECT setval('number', nextval('number') + $1)", [.integer(Int.random(in: (1 << 32)..<(1 << 33)))]),
        PostgreSQLStatement(once: "UPDATE state SET life = life + 1, origin = $1", [.bytes(origin)]),
      ])
    }
  }
}
