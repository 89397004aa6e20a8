internal import Base
internal import SQLite

/// Connections that read, each lent to one thread at a time; made when they are wanted, and kept.
final class ReaderPool: Sendable {
  private struct Lot {
    var free: [Connection] = []
    var made = 0
  }

  private let lot = Monitor(Lot())
  private let path: String
  private let settings: SQLiteTable.Settings

  init(_ path: String, _ settings: SQLiteTable.Settings) { (self.path, self.settings) = (path, settings) }

  /// Reads at one moment of the table: nothing that is written meanwhile is seen.
  ///
  /// Where all connections are lent, the caller waits for one as long as for a lock.
  func read<Result>(_ body: (Connection) throws(Fault) -> Result) throws(Fault) -> Result {
    let connection = try take()
    defer { lot.update { $0.free.append(connection) } }
    return try connection.transaction { () throws(Fault) in try body(connection) }
  }

  /// Pages that the connections which are not lent have asked for.
  var pagesRead: Int { lot.update { $0.free.reduce(0) { $0 + $1.pagesRead } } }

  private func take() throws(Fault) -> Connection {
    let deadline = Clock.now + UInt64(settings.patience / .nanoseconds(1))
    let taken = lot.wait(before: deadline) { [limit = settings.readers] lot -> Connection?? in
      if let connection = lot.free.popLast() { return .some(connection) }
      guard lot.made < limit else { return nil }
      lot.made += 1
      return .some(nil)
    }
    guard let taken else { throw Fault(.unavailable, "\(path): too many read the library at once: try again") }
    if let connection = taken { return connection }
    do {
      let connection = try Opening.connect(path, settings)
      try connection.run("PRAGMA query_only = ON")
      return connection
    } catch {
      lot.update { $0.made -= 1 }
      throw error
    }
  }
}
