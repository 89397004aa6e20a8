public import Base
internal import Glibc

/// How a connection treats the file and those who share it.
public struct ConnectionSettings: Sendable {
  /// What waits for the disk.
  public enum Sync: Sendable {
    /// Every commit, which then outlives the loss of power.
    case commits
    /// The copying of the `-wal` file into the file alone: the last commits may be lost with the power, in order, and the file stays whole.
    case copies
    /// Nothing: for tests and benches, on files that may be lost.
    case nothing
  }

  /// How long one waits for a lock that another connection holds.
  public var patience: Duration
  public var sync: Sync
  /// What is deleted or replaced is overwritten in the file.
  public var overwrites: Bool

  public init(patience: Duration, sync: Sync, overwrites: Bool) {
    (self.patience, self.sync, self.overwrites) = (patience, sync, overwrites)
  }
}

/// `RIDL`: by this a file is known among SQLite's databases.
public let applicationID = 0x5249_444c

extension SQLiteConnection {
  /// Makes the file where it is missing, has tables made by `makeTables`, and turns it into one with WAL.
  ///
  /// `makeTables` is called again while others are at the same file. Faults name the file and what to do: not a library, damaged, no
  /// permission, disk full, busy.
  public static func opening(
    _ path: String, _ settings: ConnectionSettings, _ makeTables: (SQLiteConnection) throws(Fault) -> Void
  ) throws(Fault) -> SQLiteConnection {
    if FileSystem.isThere(path) { try FileSystem.checkPlain(path) }
    let isNew = !FileSystem.isThere(path)
    let connection = try connecting(path, settings, makes: true)
    guard !connection.isReadOnly else { throw SQLiteFailure.fault(8, path) }  // SQLITE_READONLY
    try connection.run("PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE")
    try untilPatienceEnds(settings.patience) { () throws(Fault) in
      try makeTables(connection)
      try connection.run("PRAGMA journal_mode = WAL")
    }
    if isNew { try FileSystem.sync(folder: FileSystem.folder(of: path)) }
    return connection
  }

  /// A connection that waits for locks and notices damaged pages.
  ///
  /// Without memory-mapped reading: where a disk fails, that ends the process instead of the query.
  public static func connecting(
    _ path: String, _ settings: ConnectionSettings, makes: Bool = false
  ) throws(Fault) -> SQLiteConnection {
    let connection = try SQLiteConnection(path, makes: makes, patience: settings.patience)
    let sync =
      switch settings.sync {
      case .commits: "FULL"
      case .copies: "NORMAL"
      case .nothing: "OFF"
      }
    try connection.run(
      """
      PRAGMA synchronous = \(sync); PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
      PRAGMA secure_delete = \(settings.overwrites ? "ON" : "OFF"); PRAGMA mmap_size = 0; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY
      """)
    return connection
  }

  /// The fault says that the file is that of another program; one that holds nothing is no one's.
  public func checkOwner() throws(Fault) {
    let id = try number("PRAGMA application_id")
    guard id != applicationID else { return }
    let (version, tables) = try (number("PRAGMA user_version"), number("SELECT count(*) FROM sqlite_schema"))
    guard id == 0, version == 0, tables == 0 else {
      throw Fault(.badInput, "\(path): this is a database of another program: choose another file")
    }
  }

  /// Tries again while others are at the same file: SQLite waits for no lock when it turns a file into one with WAL, but refuses at once.
  private static func untilPatienceEnds(
    _ patience: Duration, _ body: () throws(Fault) -> Void
  ) throws(Fault) {
    let deadline = Clock.now + UInt64(patience / .nanoseconds(1))
    while true {
      do { return try body() } catch { guard error.kind == .unavailable, Clock.now < deadline else { throw error } }
      usleep(UInt32.random(in: 1000...5000))
    }
  }
}
