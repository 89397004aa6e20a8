public import Base
internal import Glibc
internal import SQLite

/// A bus in a library's file, beside the tables of others: several processes of one machine may have it open.
///
/// The file is made where it is missing. Like that of every table in it, the file must not be opened by other means in a process that has
/// it open here.
public final class SQLiteBus: Bus {
  public struct Settings: Sendable {
    /// How long one waits for a lock, or for another thread.
    public var patience = Duration.seconds(5)
    /// What should be synced is; tests on memory can do without.
    package var isDurable = true

    public init() {}
  }

  /// Two connections that write, of which one waits for the disk; a thread has both or none.
  private struct Writers: Sendable {
    let synced: BusConnection
    let unsynced: BusConnection
  }

  public let path: String
  private let writers: Lending<Writers>
  private let reader: Lending<BusConnection>
  private let clock: BusClock
  private let settings: Settings

  /// Opens the file and makes the bus's tables where they are missing; its folder must be there.
  ///
  /// Leases of an earlier run of the machine, and those in a file that was restored or moved to another disk, are over.
  public init(_ path: String, settings: Settings = Settings(), clock: BusClock = .system) throws(Fault) {
    (self.path, self.clock, self.settings) = (path, clock, settings)
    func connection(_ sync: ConnectionSettings.Sync) -> ConnectionSettings {
      ConnectionSettings(patience: settings.patience, sync: settings.isDurable ? sync : .nothing, overwrites: true)
    }
    let synced = try BusConnection.opening(path, connection(.commits)) { (connection) throws(Fault) in
      try Self.makeTables(connection)
    }
    try Self.beginLife(synced, path, clock)
    writers = Lending(Writers(synced: synced, unsynced: try .connecting(path, connection(.copies))))
    let reader = try BusConnection.connecting(path, connection(.copies))
    try reader.run("PRAGMA query_only = ON")
    self.reader = Lending(reader)
    try sweep()
  }

  private static func makeTables(_ connection: BusConnection) throws(Fault) {
    func areThere() throws(Fault) -> Bool {
      try connection.checkOwner()
      return try connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'bus_state'") > 0
    }
    // at one moment: another process may be making the file, which must not look like that of another program
    guard try !connection.transaction("BEGIN", { () throws(Fault) in try areThere() }) else { return }
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      guard try !areThere() else { return }
      try connection.run(BusFormat.tables)
      try connection.run("PRAGMA application_id = \(applicationID)")
    }
  }

  /// A claim's holder has the file open, so no other file gets its number meanwhile.
  private static func beginLife(_ connection: BusConnection, _ path: String, _ clock: BusClock) throws(Fault) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw SystemError.last.fault("read", path) }
    let place = "\(try clock.boot()) \(facts.st_ino)"
    guard try state(connection).place != place else { return }
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      guard try state(connection).place != place else { return }
      try connection.run(.beginLife, [.text(place)])
    }
  }

  private static func state(_ connection: BusConnection) throws(Fault) -> (life: Int, place: String) {
    let state = try connection.first(.state, []) { ($0.integer(0), $0.integer(1), $0.text(2)) }
    guard let (format, life, place) = state else {
      throw Fault(.badInput, "\(connection.path): the library is damaged: restore a backup")
    }
    guard format <= BusFormat.version else {
      throw Fault(.unsupported, "\(connection.path): the bus in it is of a newer Ridley: use that")
    }
    return (life, place)
  }

  /// Changes the bus in one transaction, which waits for the disk where it is `synced`.
  func write<Result>(
    synced: Bool, _ body: (BusTransaction) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try writers.lend(path, settings.patience) { (writers) throws(Fault) in
      try transaction(synced ? writers.synced : writers.unsynced, "BEGIN IMMEDIATE", body)
    }
  }

  /// Looks at the bus at one moment.
  func read<Result>(_ body: (BusTransaction) throws(Fault) -> Result) throws(Fault) -> Result {
    try reader.lend(path, settings.patience) { (connection) throws(Fault) in
      try transaction(connection, "BEGIN", body)
    }
  }

  private func transaction<Result>(
    _ connection: BusConnection, _ begin: String, _ body: (BusTransaction) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try connection.transaction(begin) { () throws(Fault) in
      let life = try Self.state(connection).life
      // only now: the lock may have been waited for
      return try body(BusTransaction(connection: connection, life: life, now: clock.now(), date: clock.date()))
    }
  }

  /// Pages that were asked for by all connections, for benches: what a call costs.
  package func pagesRead() throws(Fault) -> Int {
    let written = try writers.lend(path, settings.patience) { (writers) throws(Fault) in
      writers.synced.pagesRead + writers.unsynced.pagesRead
    }
    return try written + reader.lend(path, settings.patience) { (connection) throws(Fault) in connection.pagesRead }
  }
}

/// What one thread at a time uses.
private final class Lending<Value: Sendable>: Sendable {
  private let value: Value
  private let isLent = Monitor(false)

  init(_ value: Value) { self.value = value }

  func lend<Result>(
    _ path: String, _ patience: Duration, _ body: (Value) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    let taken = isLent.wait(before: Clock.now + UInt64(patience.nanoseconds)) { isLent -> Bool? in
      guard !isLent else { return nil }
      isLent = true
      return true
    }
    guard taken != nil else { throw Fault(.unavailable, "\(path): too many use the bus at once: try again") }
    defer { isLent.update { $0 = false } }
    return try body(value)
  }
}
