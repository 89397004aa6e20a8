internal import Base
internal import Glibc
internal import Items

/// From a path to a file that has this format and these indexes, in steps that other processes may take at the same time.
struct Opening {
  let path: String
  let schema: TableSchema
  let format: Format
  let settings: SQLiteTable.Settings

  /// What every connection must find in the file to go on: other indexes were declared meanwhile where it differs.
  struct Declared: Sendable {
    let revision: Int
    /// Of the schema's indexes in the file, in the schema's order.
    let ids: [Int]
    let texts: [TextTable]
  }

  /// Makes the file, or brings it to this format and this schema.
  ///
  /// Faults name the file and what to do: not a library, from a newer Ridley, damaged, no permission, disk full, busy.
  func prepare() throws(Fault) -> Declared {
    if FileSystem.isThere(path) { try FileSystem.checkPlain(path) }
    let isNew = !FileSystem.isThere(path)
    let connection = try Self.connect(path, settings, makes: true)
    guard !connection.isReadOnly else { throw SQLiteFailure.fault(8, path) }  // SQLITE_READONLY
    try connection.run("PRAGMA page_size = 8192")
    try untilPatienceEnds { () throws(Fault) in
      try makeTables(connection)
      try connection.run("PRAGMA journal_mode = WAL")
    }
    if isNew { try FileSystem.sync(folder: FileSystem.folder(of: path)) }
    return try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      try beginNewLife(connection)
      return try declare(connection)
    }
  }

  /// A connection that waits for locks, syncs every commit, overwrites what becomes free, and notices damaged pages.
  ///
  /// Without memory-mapped reading: where a disk fails, that ends the process instead of the query.
  static func connect(_ path: String, _ settings: SQLiteTable.Settings, makes: Bool = false) throws(Fault) -> Connection
  {
    let connection = try Connection(path, makes: makes, patience: settings.patience)
    try connection.run(
      """
      PRAGMA synchronous = \(settings.isDurable ? "FULL" : "OFF"); PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
      PRAGMA secure_delete = \(settings.overwrites ? "ON" : "OFF"); PRAGMA mmap_size = 0; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY
      """)
    return connection
  }

  /// Tries again while others are at the same file: SQLite waits for no lock when it turns a file into one with WAL, but refuses at once.
  private func untilPatienceEnds(_ body: () throws(Fault) -> Void) throws(Fault) {
    let deadline = Clock.now + UInt64(settings.patience / .nanoseconds(1))
    while true {
      do { return try body() } catch { guard error.kind == .unavailable, Clock.now < deadline else { throw error } }
      usleep(UInt32.random(in: 1000...5000))
    }
  }

  private func makeTables(_ connection: Connection) throws(Fault) {
    let known = format.steps.count
    // at one moment: another process may be making the file, which must not look like that of another program
    let found = try connection.transaction { () throws(Fault) in try steps(connection) }
    guard found != known else { return }
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      for number in try steps(connection)..<known { try connection.run(format.steps[number].forward) }
      try connection.run(
        "PRAGMA application_id = \(Format.applicationID); PRAGMA user_version = \(known)")
    }
  }

  /// How many steps the file has taken.
  private func steps(_ connection: Connection) throws(Fault) -> Int {
    let steps = try connection.number("PRAGMA user_version")
    let (id, tables) = try (
      connection.number("PRAGMA application_id"), connection.number("SELECT count(*) FROM sqlite_schema")
    )
    guard steps != 0 || id != 0 || tables != 0 else { return 0 }
    guard id == Format.applicationID else {
      throw Fault(.badInput, "\(path): this is a database of another program: choose another file")
    }
    guard steps <= format.steps.count else {
      throw Fault(
        .unsupported, "\(path): the file was made by a newer Ridley: use that, or have it take the file a step back")
    }
    return steps
  }

  /// The first opening of a copy: numbers go on far behind those that the original may have given out since.
  private func beginNewLife(_ connection: Connection) throws(Fault) {
    let state = try State.read(connection)
    guard state.isCopied else { return }
    let until = state.number + Int.random(in: (1 << 32)..<(1 << 33))
    try connection.run(.insertGap, [.integer(state.number), .integer(until)])
    try connection.run("UPDATE state SET copied = 0, revision = revision + 1, number = \(until)")
  }
}

/// The one row that says how far a file is.
struct State {
  let revision: Int
  let schema: Int
  let number: Int
  /// Changes up to here are gone.
  let trimmed: Int
  let isCopied: Bool

  static func read(_ connection: Connection) throws(Fault) -> State {
    let state = try connection.first(.state, []) { row in
      State(
        revision: row.integer(0), schema: row.integer(1), number: row.integer(2), trimmed: row.integer(3),
        isCopied: row.integer(4) != 0)
    }
    guard let state else { throw Fault(.badInput, "\(connection.path): the library is damaged: restore a backup") }
    return state
  }

  /// The state, in a transaction that relies on the indexes as they were declared when the table was opened.
  static func read(_ connection: Connection, as declared: Opening.Declared) throws(Fault) -> State {
    let state = try read(connection)
    guard state.revision == declared.revision else {
      throw Fault(
        .closed, "\(connection.path): another version of Ridley has changed the library meanwhile: start again")
    }
    return state
  }
}

extension IndexEntry.Content {
  /// What an entry is found by: declaration, partition, place.
  func values(_ declaration: Int, _ key: ItemKey) -> [SQLValue] {
    [.integer(declaration), .text(partition), .blob(IndexEntry.place(sort: sort, key: key))]
  }
}
