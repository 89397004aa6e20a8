internal import Base
internal import Items
internal import PostgreSQL

/// From an address to tables that have this format and these indexes, while other processes may do the same.
struct PostgreSQLOpening {
  let address: PostgreSQLAddress
  let schema: TableSchema
  let settings: PostgreSQLTable.Settings
  let locks: PostgreSQLLocks

  /// What every call must find to go on: other indexes were declared meanwhile where it differs.
  struct Declared: Sendable {
    let revision: Int
    /// Of the schema's indexes, in the schema's order.
    let ids: [Int]
    let texts: [PostgreSQLText]
  }

  /// What is declared in the database, by name.
  typealias Declarations = [String: (id: Int, text: String)]

  private var name: String { "PostgreSQL at \(address.name), schema \(settings.schemaName)" }

  /// Changes nothing where all is as it should be, so that a role without rights on tables can open a library too.
  func prepare() throws(Fault) -> (declared: Declared, isDurable: Bool) {
    let connection = try PostgreSQLConnection(address, settings.session)
    guard connection.serverVersion >= 140_000 else {
      throw Fault(.unsupported, "\(name): a PostgreSQL of a version before 14: take a newer one")
    }
    let sync = try connection.exchange([PostgreSQLStatement(once: "SELECT current_setting('fsync')")])[0].text(0, 0)
    if let declared = try current(connection) { return (declared, sync == "on") }
    let declared = try connection.transaction { () throws(Fault) in
      // it may have to wait for writers, and then read every item
      try connection.exchange([
        PostgreSQLStatement(once: "SET LOCAL statement_timeout = 0"),
        PostgreSQLStatement(once: "SELECT pg_advisory_xact_lock($1)", [.integer(locks.library)]),
      ])
      try makeTables(connection)
      return try declare(connection)
    }
    return (declared, sync == "on")
  }

  /// `nil` where something is to be made or changed.
  private func current(_ connection: PostgreSQLConnection) throws(Fault) -> Declared? {
    guard try isThere(connection) else { return nil }
    let state = try state(connection)
    try check(state)
    let there = try declarations(connection)
    guard state.format == PostgreSQLFormat.steps.count, state.schema == schema.version else { return nil }
    guard there.count == wanted.count, wanted.allSatisfy({ there[$0.name]?.text == $0.text }) else { return nil }
    return declared(wanted.map { there[$0.name]?.id ?? 0 }, state.revision)
  }

  /// Names and texts of all indexes, the text indexes last.
  var wanted: [(name: String, text: String)] {
    schema.indexes.map { ($0.name, $0.canonicalText) } + schema.texts.map { ($0.name, $0.canonicalText) }
  }

  func declared(_ ids: [Int], _ revision: Int) -> Declared {
    let count = schema.indexes.count
    return Declared(
      revision: revision, ids: Array(ids.prefix(count)), texts: ids.dropFirst(count).map(PostgreSQLText.init))
  }

  func state(_ connection: PostgreSQLConnection) throws(Fault) -> PostgreSQLState {
    let rows = try connection.exchange([PostgreSQLStatement(once: PostgreSQLSQL.state)])[0]
    guard let state = PostgreSQLState(rows) else {
      throw Fault(.badInput, "\(name): the library is damaged: restore a backup")
    }
    return state
  }

  func declarations(_ connection: PostgreSQLConnection) throws(Fault) -> Declarations {
    let rows = try connection.exchange([PostgreSQLStatement(once: "SELECT id, name, text FROM declaration")])[0]
    var found: Declarations = [:]
    for row in 0..<rows.count { found[rows.text(row, 1)] = (rows.integer(row, 0), rows.text(row, 2)) }
    return found
  }

  func check(_ state: PostgreSQLState) throws(Fault) {
    guard state.format <= PostgreSQLFormat.steps.count else {
      throw Fault(.unsupported, "\(name): the tables were made by a newer Ridley: use that")
    }
    guard state.schema > schema.version else { return }
    guard state.schema == schema.version + 1, settings.stepsBack else {
      throw Fault(
        .unsupported,
        "\(name): the library has the schema \(state.schema) of a newer Ridley, this one has \(schema.version): use the newer"
      )
    }
  }

  private func isThere(_ connection: PostgreSQLConnection) throws(Fault) -> Bool {
    // not by `to_regclass`, which may remember that it was not there before a lock was waited for
    let sql = """
      SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = 'state'
      """
    return try connection.exchange([PostgreSQLStatement(once: sql, [.text(settings.schemaName)])])[0].integer(0, 0) == 1
  }

  private func makeTables(_ connection: PostgreSQLConnection) throws(Fault) {
    if try !isThere(connection) {
      let found = try connection.exchange([
        PostgreSQLStatement(
          once: """
            SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = $1),
              (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relname NOT LIKE 'bus\\_%')
            """, [.text(settings.schemaName)])
      ])[0]
      // a bus (docs/bus.md) may have been first
      guard found.integer(0, 1) == 0 else {
        throw Fault(.badInput, "\(name): this schema holds tables of another program: choose another name")
      }
      if found.integer(0, 0) == 0 {
        try PostgreSQLSchema.make(settings.schemaName, on: connection)
      }
      try connection.exchange(PostgreSQLFormat.steps[0].map { PostgreSQLStatement(once: $0) })
      try setFormat(1, connection)
      let origin = try PostgreSQLLife.origin(on: connection)
      try connection.exchange([PostgreSQLStatement(once: "UPDATE state SET origin = $1", [.bytes(origin)])])
    }
    let state = try state(connection)
    try check(state)
    guard state.format < PostgreSQLFormat.steps.count else { return }
    for step in PostgreSQLFormat.steps[state.format...] {
      try connection.exchange(step.map { PostgreSQLStatement(once: $0) })
    }
    try setFormat(PostgreSQLFormat.steps.count, connection)
  }

  private func setFormat(_ format: Int, _ connection: PostgreSQLConnection) throws(Fault) {
    try connection.exchange([
      PostgreSQLStatement(once: "UPDATE state SET format = $1, revision = revision + 1", [.integer(format)])
    ])
  }
}
