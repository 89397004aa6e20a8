public import Base
public import Items
internal import PostgreSQL

/// A table in a schema of a PostgreSQL database: for libraries that several hosts work on.
///
/// A write is answered when the server has synced it. Writers of different items do not wait for each other; those of one item do, by locks that
/// every transaction takes in one order. Reads see one moment each and wait for no writer. Where the server goes away, calls end with
/// `unavailable`, and later ones connect anew. Behind a pooler of connections it must be one that lends them for a session.
public final class PostgreSQLTable: Table {
  public struct Settings: Sendable {
    /// The database's schema that holds the library; several share a database.
    public var schemaName = "ridley"
    /// How long one waits for a lock that another holds, or for a connection.
    public var patience = Duration.seconds(5)
    /// How long one waits for an answer.
    public var answer = Duration.seconds(30)
    /// How long one waits to be let in.
    public var connecting = Duration.seconds(5)
    /// Connections at once, at most.
    public var connections = 8
    /// Whether a library of the next schema may be taken back to this one: indexes that this one does not know are dropped.
    public var stepsBack = false

    public init() {}

    var session: PostgreSQLSettings {
      var settings = PostgreSQLSettings()
      (settings.patience, settings.answer, settings.connecting) = (patience, answer, connecting)
      settings.connections = connections
      // Every statement is made to go by one index. Plans are made once, when a table may be empty, and kept: without these, one would read
      // all of a table that has grown since.
      let ways = ["seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort", "material", "memoize"]
      settings.session = ways.map { ("enable_\($0)", "off") }
      settings.session += [("search_path", schemaName), ("plan_cache_mode", "force_generic_plan"), ("jit", "off")]
      return settings
    }
  }

  /// Of whom one speaks to people: server, database and schema.
  public let name: String
  public let schema: TableSchema
  /// The server waits for its disk before it answers; where not, the loss of power loses what was acknowledged.
  public let isDurable: Bool
  let settings: Settings
  let declared: PostgreSQLOpening.Declared
  let pool: PostgreSQLPool
  let locks: PostgreSQLLocks
  let moment: PostgreSQLConnection?

  /// Opens the schema of a database, or makes its tables; the database must be there.
  ///
  /// `address` is `postgres://…`, and nothing of its password is told again. A role that may only read and write rows can open a library that has the
  /// program's format and indexes; to make and to change them takes the owner. Faults: `badInput` for a schema of another
  /// program, `unsupported` for the library of a newer Ridley, `denied`, `notFound` for the database, `unavailable`.
  public init(_ address: String, schema: TableSchema, settings: Settings = Settings()) throws(Fault) {
    let address = try PostgreSQLAddress(address)
    try Self.check(settings.schemaName)
    let locks = PostgreSQLLocks(schema: settings.schemaName)
    let opening = PostgreSQLOpening(address: address, schema: schema, settings: settings, locks: locks)
    (declared, isDurable) = try opening.prepare()
    pool = PostgreSQLPool(address, settings.session) { (connection) throws(Fault) in
      try PostgreSQLLife.begin(on: connection, locks)
    }
    (self.schema, self.settings, self.locks, moment) = (schema, settings, locks, nil)
    name = "PostgreSQL at \(address.name), schema \(settings.schemaName)"
  }

  init(_ table: PostgreSQLTable, at moment: PostgreSQLConnection) {
    (name, schema, isDurable, settings) = (table.name, table.schema, table.isDurable, table.settings)
    (declared, pool, locks, self.moment) = (table.declared, table.pool, table.locks, moment)
  }

  private static func check(_ name: String) throws(Fault) {
    let isPlain = name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) }
    guard isPlain, !name.isEmpty, name.utf8.count < 64, name.first?.isLetter == true, !name.hasPrefix("pg_") else {
      throw Fault(
        .badInput,
        "'\(name)' is no schema for a library: up to 63 letters a to z, digits and _, a letter first, not pg_ at its beginning"
      )
    }
  }

  public func write(_ writes: [Write]) throws(Fault) -> WriteOutcome {
    try writes.check()
    var prepared: [PreparedWrite] = []
    for write in writes { prepared.append(try PreparedWrite(write, schema)) }
    return try pool.use { (connection, attempt) throws(Fault) in try apply(prepared, on: connection, &attempt) }
  }

  /// Two ways there and back: to lock and read what stands there, and to write and commit.
  private func apply(
    _ writes: [PreparedWrite], on connection: PostgreSQLConnection, _ attempt: inout PostgreSQLPool.Attempt
  ) throws(Fault) -> WriteOutcome {
    let keys = writes.map(\.write.key)
    let found = try connection.exchange([
      PostgreSQLStatement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
      PostgreSQLStatement(PostgreSQLSQL.lock, [.integer(locks.library), .integers(locks.items(keys))]),
      PostgreSQLStatement(
        PostgreSQLSQL.items,
        [.byteStrings(keys.map { Array($0.partition.utf8) }), .byteStrings(keys.map { Array($0.sort.utf8) })]),
    ])[2]
    let transaction = try PostgreSQLTransaction(found, count: keys.count, schema, declared, name, time: Clock.date)
    let outcome = try transaction.outcome(of: writes)
    guard case .committed = outcome else { return outcome }
    let statements = try transaction.statements(for: writes)
    attempt.mayRepeat = false
    do { try connection.exchange(statements + [PostgreSQLStatement("COMMIT")]) } catch {
      guard connection.isBroken else { throw error }
      throw Fault(
        .unavailable, "\(name): the database went away, it is not known whether it was written: try again",
        cause: error.cause)
    }
    return outcome
  }

  /// The rows of some statements, by the indexes as they were declared when the table was opened.
  ///
  /// On the connection that is given, else on that of the moment, else on any.
  func ask(
    _ statements: [PostgreSQLStatement], on connection: PostgreSQLConnection? = nil
  ) throws(Fault) -> (rows: [PostgreSQLRows], state: PostgreSQLState) {
    guard let connection = connection ?? moment else {
      return try pool.use { (connection, _) throws(Fault) in try ask(statements, on: connection) }
    }
    let rows = try connection.exchange(statements + [PostgreSQLStatement(PostgreSQLSQL.state)])
    guard let last = rows.last, let state = PostgreSQLState(last) else {
      throw Fault(.badInput, "\(name): the library is damaged: restore a backup")
    }
    guard state.revision == declared.revision else { throw Self.changed(name) }
    return (rows, state)
  }

  static func changed(_ name: String) -> Fault {
    Fault(.closed, "\(name): another version of Ridley has changed the library meanwhile: start again")
  }
}
