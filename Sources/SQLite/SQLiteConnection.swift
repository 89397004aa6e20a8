public import Base
internal import CSQLite
internal import Glibc

/// The statements of a room that its connections keep prepared, numbered from 0.
public protocol KeptStatement: RawRepresentable, CaseIterable, Sendable where RawValue == Int {
  var text: String { get }
}

/// One connection to a database, with the statements that it has prepared.
@safe
public final class SQLiteConnection<Statement: KeptStatement>: @unchecked Sendable {  // one thread at a time uses it
  public let path: String
  let handle: OpaquePointer
  private var prepared: [OpaquePointer?]
  private var preparedByText: [String: OpaquePointer]
  /// Monotonic nanoseconds: when waiting for a lock ends, and for how long it may last.
  private let patience: UnsafeMutablePointer<(deadline: UInt64, length: UInt64)>

  /// Faults name the file and the way out; a file that is not there is made where `makes` says so.
  public init(_ path: String, makes: Bool, patience length: Duration) throws(Fault) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (makes ? SQLITE_OPEN_CREATE : 0)
    let status = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard status == SQLITE_OK, let opened = unsafe opened else {
      defer { unsafe sqlite3_close_v2(opened) }
      throw unsafe SQLiteFailure.fault(status, path, systemError: opened == nil ? 0 : sqlite3_system_errno(opened))
    }
    self.path = path
    unsafe handle = opened
    unsafe preparedByText = [:]
    unsafe prepared = Array(repeating: nil, count: Statement.allCases.count)
    unsafe patience = .allocate(capacity: 1)
    unsafe patience.initialize(to: (0, UInt64(length / .nanoseconds(1))))
    unsafe sqlite3_busy_handler(opened, waitForLock, patience)
  }

  deinit {
    for index in unsafe prepared.indices { unsafe sqlite3_finalize(prepared[index]) }
    unsafe preparedByText.values.forEach { unsafe sqlite3_finalize($0) }
    unsafe sqlite3_close_v2(handle)
    unsafe patience.deallocate()
  }

  /// The file may only be read.
  public var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }

  /// A transaction is open.
  public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Rows that were changed since it was opened, those of tables behind a text index too.
  public var rowsChanged: Int { unsafe Int(sqlite3_total_changes64(handle)) }

  /// Pages of the file that were asked for since it was opened, whether they were in its memory or not.
  public var pagesRead: Int {
    [SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS].reduce(0) { sum, what in
      var (count, highest): (Int32, Int32) = (0, 0)
      unsafe sqlite3_db_status(handle, what, &count, &highest, 0)
      return sum + Int(count)
    }
  }

  /// Runs statements that give no rows, or whose rows do not matter.
  public func run(_ sql: String) throws(Fault) {
    errno = 0
    let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw failure(status) }
  }

  /// The first column of the first row of a statement that is asked once.
  public func number(_ sql: String) throws(Fault) -> Int {
    var number: Int?
    try rows(once: sql) { row in
      number = row.integer(0)
      return false
    }
    guard let number else { throw failure(SQLITE_DONE) }
    return number
  }

  /// Hands on the rows of a statement that is asked once, until `row` gives `false`.
  public func rows(once sql: String, _ row: (SQLRow) throws(Fault) -> Bool) throws(Fault) {
    let statement = unsafe try prepare(sql, isKept: false)
    defer { unsafe sqlite3_finalize(statement) }
    unsafe try rows(statement, [], row)
  }

  /// Hands on the rows of any statement, which is kept by its text, until `row` gives `false`.
  public func rows(
    keeping sql: String, _ values: [SQLValue], _ row: (SQLRow) throws(Fault) -> Bool
  ) throws(Fault) {
    if unsafe preparedByText[sql] == nil { unsafe preparedByText[sql] = try prepare(sql, isKept: true) }
    unsafe try rows(preparedByText[sql]!, values, row)
  }

  /// Hands on the rows of a kept statement until `row` gives `false`.
  public func rows(
    _ sql: Statement, _ values: [SQLValue], _ row: (SQLRow) throws(Fault) -> Bool
  ) throws(Fault) {
    let number = sql.rawValue
    if unsafe prepared[number] == nil { unsafe prepared[number] = try prepare(sql.text, isKept: true) }
    unsafe try rows(prepared[number]!, values, row)
  }

  private func rows(
    _ statement: OpaquePointer, _ values: [SQLValue], _ row: (SQLRow) throws(Fault) -> Bool
  ) throws(Fault) {
    defer {
      unsafe sqlite3_reset(statement)
      unsafe sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let status = unsafe value.bind(to: statement, Int32(index + 1))
      guard status == SQLITE_OK else { throw failure(status) }
    }
    while true {
      errno = 0
      let status = unsafe sqlite3_step(statement)
      if status == SQLITE_DONE { return }
      guard status == SQLITE_ROW else { throw failure(status) }
      guard try row(unsafe SQLRow(statement)) else { return }
    }
  }

  /// Runs a kept statement that gives no rows.
  public func run(_ sql: Statement, _ values: [SQLValue]) throws(Fault) { try rows(sql, values) { _ in true } }

  /// What `read` makes of the first row, `nil` where there is none.
  public func first<Result>(
    _ sql: Statement, _ values: [SQLValue], _ read: (SQLRow) -> Result
  ) throws(Fault) -> Result? {
    var result: Result?
    try rows(sql, values) { row in
      result = read(row)
      return false
    }
    return result
  }

  /// Runs a body between `begin` and COMMIT; what it throws takes everything back.
  public func transaction<Result>(
    _ begin: String = "BEGIN", _ body: () throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try run(begin)
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // SQLite may have taken it back already
      if isInTransaction { try? run("ROLLBACK") }
      throw error
    }
  }

  private func prepare(_ sql: String, isKept: Bool) throws(Fault) -> OpaquePointer {
    var statement: OpaquePointer?
    let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
    let status = unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil)
    guard status == SQLITE_OK, let statement = unsafe statement else { throw failure(status) }
    return unsafe statement
  }

  /// Right behind the call that failed: of a COMMIT that cannot write, SQLite keeps no error of the system, and `errno` alone says why.
  func failure(_ status: Int32) -> Fault {
    let (last, kept) = (errno, unsafe sqlite3_system_errno(handle))
    let isUnkept = kept == 0 && status & 0xff == SQLITE_IOERR
    return unsafe SQLiteFailure.fault(
      status, path, systemError: isUnkept ? last : kept, text: String(cString: sqlite3_errmsg(handle)))
  }
}

/// Called by SQLite on the thread of the call that finds the database locked, before each attempt but the first; 0 gives up.
///
/// Looks often: a writer of another process frees the lock for a fraction of a millisecond, and SQLite's own handler, which sleeps up
/// to 100 ms, would miss that for seconds.
@c private func waitForLock(_ context: UnsafeMutableRawPointer?, _ attempts: Int32) -> Int32 {
  guard let context = unsafe context else { return 0 }
  let patience = unsafe context.assumingMemoryBound(to: (deadline: UInt64, length: UInt64).self)
  let now = Clock.now
  if attempts == 0 { unsafe patience.pointee.deadline = now + patience.pointee.length }
  guard unsafe now < patience.pointee.deadline else { return 0 }
  usleep(UInt32(min(200 + attempts * 10, 1000)) + UInt32(truncatingIfNeeded: now & 127))
  return 1
}
