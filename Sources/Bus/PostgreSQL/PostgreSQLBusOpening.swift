internal import Base
internal import PostgreSQL

/// From an address to tables that have this format, while other processes may do the same.
struct PostgreSQLBusOpening {
  let address: PostgreSQLAddress
  let settings: PostgreSQLBus.Settings

  var name: String { "PostgreSQL at \(address.name), schema \(settings.schemaName)" }

  /// Changes nothing where all is as it should be, so that a role without rights on tables can open a bus too; gives whether the server syncs.
  func prepare() throws(Fault) -> Bool {
    let name = settings.schemaName.utf8
    let isPlain =
      name.allSatisfy { 97...122 ~= $0 || 48...57 ~= $0 || $0 == 95 } && !settings.schemaName.hasPrefix("pg_")
    guard isPlain, (1..<64).contains(name.count), 97...122 ~= name.first ?? 0 else {
      throw Fault(.badInput, "'\(settings.schemaName)' is no schema for a bus: up to 63 letters a to z, digits and _")
    }
    let connection = try PostgreSQLConnection(address, settings.session)
    guard connection.serverVersion >= 140_000 else {
      throw Fault(.unsupported, "\(self.name): a PostgreSQL of a version before 14: take a newer one")
    }
    let sync = try connection.exchange([PostgreSQLStatement(once: "SELECT current_setting('fsync')")])[0].text(0, 0)
    if try !isThere(connection) { try make(connection) }
    let state = try connection.exchange([PostgreSQLStatement(once: "SELECT format FROM bus_state")])[0]
    guard state.count == 1 else { throw Fault(.badInput, "\(self.name): the bus is damaged: restore a backup") }
    guard state.integer(0, 0) <= PostgreSQLBusFormat.version else {
      throw Fault(.unsupported, "\(self.name): the bus in it is of a newer Ridley: use that")
    }
    return sync == "on"
  }

  private func make(_ connection: PostgreSQLConnection) throws(Fault) {
    try connection.transaction { () throws(Fault) in
      try connection.exchange([
        PostgreSQLStatement(
          once: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [.text("ridley bus \(settings.schemaName)")])
      ])
      if try !isThere(connection) { try makeTables(connection) }
    }
  }

  private func isThere(_ connection: PostgreSQLConnection) throws(Fault) -> Bool { try has("bus_state", connection) }

  private func has(_ table: String, _ connection: PostgreSQLConnection) throws(Fault) -> Bool {
    let sql = """
      SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2
      """
    let values = [PostgreSQLValue.text(settings.schemaName), .text(table)]
    return try connection.exchange([PostgreSQLStatement(once: sql, values)])[0].integer(0, 0) == 1
  }

  private func makeTables(_ connection: PostgreSQLConnection) throws(Fault) {
    let found = try connection.exchange([
      PostgreSQLStatement(
        once: """
          SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = $1),
            (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1)
          """, [.text(settings.schemaName)])
    ])[0]
    // beside a library, or alone
    let isFree = found.integer(0, 1) == 0
    guard try isFree ? true : has("state", connection) else {
      throw Fault(.badInput, "\(name): this schema holds tables of another program: choose another name")
    }
    if found.integer(0, 0) == 0 {
      try PostgreSQLSchema.make(settings.schemaName, on: connection)
    }
    try connection.exchange(PostgreSQLBusFormat.tables.map { PostgreSQLStatement(once: $0) })
  }
}
