public import Base
internal import PostgreSQL

/// A bus in a schema of a PostgreSQL database, for workers on many hosts where there is no Redis.
///
/// Every call is one transaction, sent in one go; only `add` asks first. Leases and delays end by the server's clock. Calls end in bounded
/// time, with `unavailable` where the server does not answer; all goes on when it does. Behind a pooler of connections it must be one that lends
/// them for a session.
public final class PostgreSQLBus: Bus {
  public struct Settings: Sendable {
    /// The database's schema that holds the bus; it may be that of a library.
    public var schemaName = "ridley"
    /// How long one waits for each of a free connection, to be let in, a lock, and an answer.
    public var patience = Duration.seconds(5)
    /// Threads that are served at once; others wait for them.
    public var connections = 8
    /// Threads that wait for a task with a connection of their own; others look now and then.
    public var waiters = 2

    public init() {}

    var session: PostgreSQLSettings {
      var settings = PostgreSQLSettings()
      (settings.patience, settings.answer, settings.connecting) = (patience, patience, patience)
      settings.connections = connections
      // Every statement is made to go by one index, also by a plan that was made when a table was empty.
      let ways = ["seqscan", "bitmapscan", "hashjoin", "mergejoin", "material", "memoize"]
      settings.session = ways.map { ("enable_\($0)", "off") }
      settings.session += [
        ("search_path", schemaName), ("plan_cache_mode", "force_generic_plan"), ("jit", "off"),
        // of a host that is cut off while it adds
        ("idle_in_transaction_session_timeout", "5s"),
      ]
      return settings
    }
  }

  /// Of whom one speaks to people: server, database and schema.
  public let name: String
  /// The server waits for its disk where it is asked to; where not, the loss of power loses tasks that were added.
  public let isDurable: Bool
  let settings: Settings
  let pool: PostgreSQLPool
  /// Connections that hear of tasks, of which each wait takes one.
  let ears: Monitor<PostgreSQLEars>
  /// Tells the time in place of the server.
  let clock: BusClock?

  /// Opens the schema of a database, or makes the bus's tables; the database must be there.
  ///
  /// `address` is `postgres://…`, and nothing of its password is told again. A role that may only read and write rows can open a bus that is
  /// there. Faults: `badInput` for a schema of another program, `unsupported` for the bus of a newer Ridley, `denied`, `notFound` for the
  /// database, `unavailable`.
  public convenience init(_ address: String, settings: Settings = Settings()) throws(Fault) {
    try self.init(address, settings: settings, clock: nil)
  }

  /// With a clock that is told, of which the boot does not count.
  package init(_ address: String, settings: Settings = Settings(), clock: BusClock?) throws(Fault) {
    let address = try PostgreSQLAddress(address)
    let opening = PostgreSQLBusOpening(address: address, settings: settings)
    isDurable = try opening.prepare()
    pool = PostgreSQLPool(address, settings.session) { (connection) throws(Fault) in
      try connection.exchange([PostgreSQLStatement(once: PostgreSQLBusSQL.unsync)])
    }
    (self.settings, self.clock, name) = (settings, clock, opening.name)
    ears = Monitor(PostgreSQLEars(left: settings.waiters))
    try sweep()
  }

  /// Makes the tables where they are missing, for workers whose role may not.
  public static func makeTables(_ address: String, settings: Settings = Settings()) throws(Fault) {
    _ = try PostgreSQLBusOpening(address: try PostgreSQLAddress(address), settings: settings).prepare()
  }

  /// The told time, or a number below 0.
  var now: PostgreSQLValue { .integer(clock.map { $0.now() / 1_000_000 } ?? -1) }
  var date: PostgreSQLValue { .integer(clock.map { $0.date() } ?? -1) }

  /// Some statements as one transaction; where it is `kept`, it has outlived everything when this returns.
  ///
  /// What others wait for is let go at its commit, before the disk is waited for.
  func change(
    _ statements: [PostgreSQLStatement], kept: Bool, mayRepeat: Bool = true
  ) throws(Fault) -> [PostgreSQLRows] {
    let all =
      [PostgreSQLStatement(PostgreSQLBusSQL.begin)] + statements + [PostgreSQLStatement("COMMIT")]
      + (kept ? [PostgreSQLStatement(PostgreSQLBusSQL.flush)] : [])
    return try retrying { () throws(Fault) in
      try pool.use { (connection, attempt) throws(Fault) in
        attempt.mayRepeat = mayRepeat
        return Array(try connection.exchange(all, within: settings.patience).dropFirst().prefix(statements.count))
      }
    }
  }

  func look(_ statement: PostgreSQLStatement) throws(Fault) -> PostgreSQLRows {
    try pool.use { (connection, _) throws(Fault) in try connection.exchange([statement], within: settings.patience)[0] }
  }

  /// What the server took back because of others is asked for again.
  func retrying<Result>(_ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    for _ in 0..<4 {
      do throws(Fault) { return try body() } catch {
        let isTakenBack = ["40001", "40P01"].contains { error.cause?.hasPrefix("PostgreSQL \($0)") == true }
        guard isTakenBack else { throw error }
      }
    }
    return try body()
  }
}

extension String {
  var value: PostgreSQLValue { .bytes(Array(utf8)) }
}

extension Duration {
  /// In milliseconds, of a part of one a whole one.
  var value: PostgreSQLValue { .integer((nanoseconds + 999_999) / 1_000_000) }
}
