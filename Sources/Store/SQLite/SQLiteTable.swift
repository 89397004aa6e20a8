public import Base
public import Items
internal import SQLite

/// A table in one file, by SQLite: nothing to install, and several processes may have it open.
///
/// Writes are synced before they are answered, and those of several threads share a sync. Reads see one moment each and wait for no
/// writer. A process that is killed leaves nothing half, and the file opens at once. Made for one machine: SQLite's locks do not work
/// on network file systems. The file must not be opened by other means in a process that has it open here: closing it there
/// would drop SQLite's locks.
public final class SQLiteTable: Table {
  public struct Settings: Sendable {
    /// How long one waits for a lock that another process holds, or for a connection that reads.
    public var patience = Duration.seconds(5)
    /// How long a writer waits for its answer.
    public var answer = Duration.seconds(30)
    /// Connections that read at once, at most.
    public var readers = 8
    /// Transactions that wait to be written, at most.
    public var queue = 1024
    /// Whether a file of the next schema may be taken back to this one: indexes that this one does not know are dropped.
    public var stepsBack = false
    /// Commits are synced; tests on memory can do without.
    package var isDurable = true
    /// What is deleted or replaced is overwritten in the file; benches measure what that costs.
    package var overwrites = true

    public init() {}

    var connection: ConnectionSettings {
      ConnectionSettings(patience: patience, sync: isDurable ? .commits : .nothing, overwrites: overwrites)
    }
  }

  public let path: String
  public let schema: TableSchema
  let declared: Opening.Declared
  let readers: ReaderPool
  let settings: Settings
  let queue: WriteQueue
  private let moment: Moment?

  /// Opens the file, or makes it; its folder must be there.
  ///
  /// Brings the file to the program's format and schema, for which new indexes read every item once.
  public convenience init(_ path: String, schema: TableSchema, settings: Settings = Settings()) throws(Fault) {
    try self.init(path, schema: schema, settings: settings, format: .current)
  }

  init(_ path: String, schema: TableSchema, settings: Settings, format: Format) throws(Fault) {
    let opening = Opening(path: path, schema: schema, format: format, settings: settings)
    declared = try opening.prepare()
    readers = ReaderPool(path, settings)
    (self.path, self.schema, self.settings) = (path, schema, settings)
    moment = nil
    queue = WriteQueue(try Opening.connect(path, settings), schema, declared, settings)
  }

  public func write(_ writes: [Write]) throws(Fault) -> WriteOutcome {
    try writes.check()
    var prepared: [PreparedWrite] = []
    for write in writes { prepared.append(try PreparedWrite(write, schema)) }
    return try queue.run { [prepared] (transaction) throws(Fault) in try transaction.apply(prepared) }
  }

  public func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault) {
    let end = try read { (connection, state) throws(Fault) in try checked(position, state, connection) }
    let (step, count) = (1000, Monitor(0))
    repeat {
      _ = try queue.run { (transaction) throws(Fault) in
        let trimmed = try transaction.trim(through: end, olderThan: time, limit: step)
        count.update { $0 = trimmed }
        return .conflict([])
      }
    } while count.update { $0 } == step
  }

  /// Pages of the file that were asked for to read, by all who read and are done: what a query costs, for benches.
  package var pagesRead: Int { readers.pagesRead }

  /// The same of the connection that writes; asking costs a few pages itself, always as many.
  package func pagesOfWriter() throws(Fault) -> Int {
    let count = Monitor(0)
    _ = try queue.run { (transaction) throws(Fault) in
      let pages = transaction.pagesRead
      count.update { $0 = pages }
      return .conflict([])
    }
    return count.update { $0 }
  }

  /// One moment of the table, with the indexes as they were declared when it was opened.
  func read<Result>(_ body: (Connection, State) throws(Fault) -> Result) throws(Fault) -> Result {
    if let moment { return try body(moment.connection, moment.state) }
    return try readers.read { (connection) throws(Fault) in
      try body(connection, try State.read(connection, as: declared))
    }
  }

  public func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result {
    try read { (connection, state) throws(Fault) in
      try body(SQLiteTable(self, at: Moment(connection: connection, state: state)))
    }
  }

  /// One transaction that reads, kept open.
  struct Moment: @unchecked Sendable {  // the call that opened it uses it, and no other thread
    let connection: Connection
    let state: State
  }

  private init(_ table: SQLiteTable, at moment: Moment) {
    (path, schema, settings) = (table.path, table.schema, table.settings)
    (declared, readers, queue, self.moment) = (table.declared, table.readers, table.queue, moment)
  }
}
