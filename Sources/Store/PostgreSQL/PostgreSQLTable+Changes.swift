public import Base
public import Items
internal import PostgreSQL

/// The changes in an order without holes.
///
/// A change carries the number of the transaction that wrote it. Numbers of transactions rise as they begin to write, but they end in any
/// order; so a change is given when no transaction with a lower number is at work any more (`pg_snapshot_xmin`). Where one is, and it may be
/// one of another program on the same server, there is a second way: all writers of the library share a lock, and whoever has it
/// for itself for a moment knows that every change which is written up to then can be seen, and that each later one has a higher number.
extension PostgreSQLTable {
  /// Waits before the second way is taken, in milliseconds: writers are mostly done before.
  private static let waits = [0, 1, 2, 4, 8, 15]

  public func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage {
    guard (1...ItemLimits.pageCount).contains(limit) else {
      throw Fault(.badInput, "a page of \(limit) changes: it has 1 to \(ItemLimits.pageCount)")
    }
    let start = try place(of: position)
    var page: Found?
    for wait in moment == nil ? Self.waits : [] {
      Clock.sleep(until: Clock.now + UInt64(wait) * 1_000_000)
      let found = try changes(after: start, limit, on: nil)
      page = found
      guard found.changes.isEmpty, found.isPending else { return found.page(after: start) }
    }
    do {
      let found = try alone { (connection) throws(Fault) in try changes(after: start, limit, on: connection) }
      return found.page(after: start)
    } catch {
      guard let page, error.kind == .unavailable else { throw error }
      return page.page(after: start)
    }
  }

  public func oldestTime(after position: ChangePosition) throws(Fault) -> Int? {
    let start = try place(of: position)
    let (rows, state) = try ask([PostgreSQLStatement(Self.oldestChange, start.values)], on: moment)
    try check(start, state, on: moment)
    return rows[0].isNull(0, 0) ? nil : rows[0].integer(0, 0)
  }

  public func lastPosition() throws(Fault) -> ChangePosition {
    for wait in moment == nil ? Self.waits : [] {
      Clock.sleep(until: Clock.now + UInt64(wait) * 1_000_000)
      if let position = try last(on: nil) { return position }
    }
    let position = try alone { (connection) throws(Fault) in try last(on: connection) }
    return position ?? .beginning
  }

  /// What stands there, while no writer is at work: of a moment, which began so, or of one that is made.
  private func alone<Result>(_ body: (PostgreSQLConnection) throws(Fault) -> Result) throws(Fault) -> Result {
    if let moment { return try body(moment) }
    return try pool.use { (connection, _) throws(Fault) in
      try connection.exchange([PostgreSQLStatement(PostgreSQLSQL.lockAlone, [.integer(locks.library)])])
      let result = Swift.Result { () throws(Fault) in try body(connection) }
      try unlock(connection)
      return try result.get()
    }
  }

  func unlock(_ connection: PostgreSQLConnection) throws(Fault) {
    guard !connection.isBroken else { return }
    do { try connection.exchange([PostgreSQLStatement(PostgreSQLSQL.unlockAlone, [.integer(locks.library)])]) } catch {
      // with the connection ends the lock
      connection.abandon()
      throw error
    }
  }

  private struct Found {
    var changes: [Change] = []
    var last: PostgreSQLPlace?
    var hasMore = false
    /// The next change is there, and it is not known yet what comes before it.
    var isPending = false

    func page(after start: PostgreSQLPlace) -> ChangePage {
      ChangePage(changes: changes, position: (last ?? start).position, hasMore: hasMore || isPending)
    }
  }

  private func changes(
    after start: PostgreSQLPlace, _ limit: Int, on connection: PostgreSQLConnection?
  ) throws(Fault) -> Found {
    let statement = PostgreSQLStatement(
      Self.newChanges, start.values + [.integer(limit + 1), .integer(connection == nil ? 0 : 1)])
    let (rows, state) = try ask([statement], on: connection)
    try check(start, state, on: connection)
    var (found, byteCount) = (Found(), 0)
    let changes = rows[0]
    for row in 0..<changes.count {
      guard changes.integer(row, 9) == 1 else {
        found.isPending = true
        break
      }
      byteCount += changes.byteCount(row, 7) + changes.byteCount(row, 8)
      found.hasMore =
        !found.changes.isEmpty && (found.changes.count == limit || byteCount > ItemLimits.pageByteCount)
      guard !found.hasMore else { break }
      guard let place = Self.place(changes, row) else { continue }
      found.changes.append(Self.change(changes, row, place))
      found.last = place
    }
    return found
  }

  /// `nil` where what was written last may have something before it that cannot be seen yet.
  private func last(on connection: PostgreSQLConnection?) throws(Fault) -> ChangePosition? {
    let statement = PostgreSQLStatement(Self.lastChange, [.integer(connection == nil ? 0 : 1)])
    let (rows, state) = try ask([statement], on: connection)
    guard rows[0].count > 0, let place = Self.place(rows[0], 0) else { return state.trimmed.position }
    return rows[0].integer(0, 3) == 1 ? max(place, state.trimmed).position : nil
  }

  func place(of position: ChangePosition) throws(Fault) -> PostgreSQLPlace {
    guard let place = PostgreSQLPlace(position) else {
      throw Fault(.badInput, "'\(position.text.prefix(60))' is no position among the changes")
    }
    return place
  }

  /// A position that this table gave out in this life of the database, or in one that it goes on from, and behind which all is kept.
  private func check(
    _ place: PostgreSQLPlace, _ state: PostgreSQLState, on connection: PostgreSQLConnection?
  ) throws(Fault) {
    var isKnown = place.life < state.life || place.life == state.life && place.transaction < state.next
    if place.life > 0, place.life < state.life {
      let end = try ask([PostgreSQLStatement(Self.endOfLife, [.integer(place.life)])], on: connection).rows[0]
      isKnown = end.count == 1 && place <= (Self.place(end, 0) ?? .beginning)
    }
    guard isKnown else {
      throw Fault(
        .badInput,
        "the position \(place.position.text) belongs to changes that are gone since a backup was restored: read the items anew, and begin at the end"
      )
    }
    guard place >= state.trimmed else {
      throw Fault(
        .notFound,
        "the changes behind \(place.position.text) are no longer kept: read the items anew, and begin at the end")
    }
  }

  static func place(_ rows: PostgreSQLRows, _ row: Int) -> PostgreSQLPlace? {
    Int(rows.text(row, 1)).map {
      PostgreSQLPlace(life: rows.integer(row, 0), transaction: $0, number: rows.integer(row, 2))
    }
  }

  private static func change(_ rows: PostgreSQLRows, _ row: Int, _ place: PostgreSQLPlace) -> Change {
    let key = ItemKey(rows.text(row, 4), rows.text(row, 5))
    func item(_ column: Int, _ version: Int) -> Item? {
      rows.isNull(row, column) ? nil : Item(key: key, version: ItemVersion(version), body: rows.bytes(row, column))
    }
    return Change(
      position: place.position, time: rows.integer(row, 3), before: item(7, rows.integer(row, 6)),
      after: item(8, place.number))
  }

  /// Whether all before a change can be seen; always so where the reader is alone.
  private static func isSafe(_ parameter: String) -> String {
    """
    (\(parameter)::bigint = 1 OR life < (SELECT life FROM state) OR tx < pg_snapshot_xmin(pg_current_snapshot()))::integer
    """
  }

  private static let size = "coalesce(octet_length(old_body), 0) + coalesce(octet_length(body), 0)"

  /// Places are told as text, but put in order as what they are: a bare name behind ORDER BY would mean the text.
  private static let newChanges = """
    SELECT life, tx::text, number, time, partition, sort, old_version, old_body, body, \(isSafe("$5")) FROM (
      SELECT *, sum(\(size)) OVER (ORDER BY life, tx, number ROWS UNBOUNDED PRECEDING) AS total FROM (
        SELECT * FROM change WHERE (life, tx, number) > ($1, $2::text::xid8, $3)
        ORDER BY life, tx, number LIMIT $4
      ) AS row
    ) AS found WHERE total - (\(size)) <= \(ItemLimits.pageByteCount)
    ORDER BY found.life, found.tx, found.number
    """

  private static let lastChange = """
    SELECT life, tx::text, number, \(isSafe("$1")) FROM change
    ORDER BY change.life DESC, change.tx DESC, change.number DESC LIMIT 1
    """

  private static let oldestChange = """
    SELECT min(time) FROM (
      SELECT time FROM change WHERE (life, tx, number) > ($1, $2::text::xid8, $3) ORDER BY life, tx, number LIMIT 1000
    ) AS row
    """

  private static let endOfLife = "SELECT life, tx::text, number FROM life WHERE life = $1"
}
