public import Base

/// A schema of a database, which a library and a bus may share.
public enum PostgreSQLSchema {
  /// Makes one that is not there, in a transaction that is open; another that makes it at the same moment is waited for.
  ///
  /// The name is not quoted: letters a to z, digits and `_`.
  public static func make(_ name: String, on connection: PostgreSQLConnection) throws(Fault) {
    try connection.exchange([
      PostgreSQLStatement(
        once: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [.text("ridley schema \(name)")]),
      PostgreSQLStatement(once: "CREATE SCHEMA IF NOT EXISTS \(name)"),
    ])
  }
}
