internal import Base
internal import Items
internal import SQLite

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
    let connection = try Connection.opening(path, settings.connection) { (connection) throws(Fault) in
      try makeTables(connection)
    }
    return try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      try beginNewLife(connection)
      return try declare(connection)
    }
  }

  static func connect(_ path: String, _ settings: SQLiteTable.Settings) throws(Fault) -> Connection {
    try Connection.connecting(path, settings.connection)
  }

  private func makeTables(_ connection: Connection) throws(Fault) {
    let known = format.steps.count
    // at one moment: another process may be making the file, which must not look like that of another program
    let found = try connection.transaction { () throws(Fault) in try steps(connection) }
    guard found != known else { return }
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      for number in try steps(connection)..<known { try connection.run(format.steps[number].forward) }
      try connection.run("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(known)")
    }
  }

  /// How many steps the file has taken.
  private func steps(_ connection: Connection) throws(Fault) -> Int {
    let steps = try connection.number("PRAGMA user_version")
    try connection.checkOwner()
    guard steps <= format.steps.count else {
      throw Fault(
        .unsupported, "\(path): the file was made by a newer Ridley: use that")
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
