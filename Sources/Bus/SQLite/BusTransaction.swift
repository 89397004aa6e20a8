internal import Base
internal import SQLite

/// What a bus does inside one transaction of the database that may write, at one moment.
struct BusTransaction {
  enum State: Int {
    case waiting, leased, delayed, setAside
  }

  /// A task as far as moving it needs to know it.
  struct Row {
    let id: Int
    let lane: Int
    let group: Group
    let state: State
    let attempts: Int
    let allowed: Int
    let life: Int
    let worker: String
    let key: String
  }

  /// A group as far as counting its tasks needs to know it.
  struct Group {
    let id: Int
    let queue: Int
    let isHeld: Bool
    var isRemoved = false
  }

  /// Tasks that come (above 0) or go, by state.
  struct Tally {
    var waiting = 0
    var leased = 0
    var delayed = 0
    var setAside = 0
    var done = 0

    mutating func add(_ count: Int, _ state: State) {
      switch state {
      case .waiting: waiting += count
      case .leased: leased += count
      case .delayed: delayed += count
      case .setAside: setAside += count
      }
    }
  }

  let connection: BusConnection
  let life: Int
  /// Nanoseconds of ``BusClock``.
  let now: Int
  let date: Int

  /// Puts a task into another state; one that is lent has a token.
  func move(
    _ row: Row, to state: State, attempts: Int, until time: Int? = nil, token: Int? = nil, worker: String? = nil
  ) throws(Fault) {
    try connection.run(
      .updateTask,
      [
        .integer(row.id), .integer(state.rawValue), .integer(attempts), time == nil ? .null : .integer(life),
        time.map { .integer($0) } ?? .null, token.map { .integer($0) } ?? .null, worker.map { .text($0) } ?? .null,
      ])
    guard row.state != state else { return }
    if row.state == .waiting || state == .waiting { try connection.run(.setHead, [.integer(row.lane)]) }
    var tally = Tally()
    tally.add(-1, row.state)
    tally.add(1, state)
    try count(tally, in: row.group, turns: state == .leased ? 1 : 0)
  }

  /// Takes a task away, with the reasons of its failures.
  func delete(_ row: Row) throws(Fault) {
    try connection.run(.deleteReasons, [.integer(row.id)])
    try connection.run(.deleteTask, [.integer(row.id)])
  }

  func count(_ tally: Tally, in group: Group, turns: Int = 0) throws(Fault) {
    let counts: [SQLValue] = [
      .integer(tally.waiting), .integer(tally.leased), .integer(tally.delayed), .integer(tally.setAside),
      .integer(tally.done),
    ]
    try connection.run(.countGroup, [.integer(group.id)] + counts)
    guard group.queue != 0 else { return }
    let ready = group.isHeld ? 0 : tally.waiting
    if ready > 0 { try liftIfIdle(group.queue) }
    try connection.run(.countQueue, [.integer(group.queue)] + counts + [.integer(ready), .integer(turns)])
  }

  /// Tasks that wait in a queue may be had from now on, or no longer.
  func makeReady(_ count: Int, in queue: Int) throws(Fault) {
    if count > 0 { try liftIfIdle(queue) }
    let counts = [queue, 0, 0, 0, 0, 0, count, 0]
    try connection.run(.countQueue, counts.map { .integer($0) })
  }

  /// Before tasks of a queue become ready.
  private func liftIfIdle(_ queue: Int) throws(Fault) {
    let ready = try connection.first(.readyOfQueue, [.integer(queue)]) { $0.integer(0) }
    if ready == 0 { try connection.run(.liftQueue, [.integer(queue)]) }
  }

  func note(_ reason: String, of row: Row) throws(Fault) {
    try connection.run(
      .insertReason,
      [.integer(row.id), .integer(row.attempts), .text(row.worker), .integer(date), .text(reason.shortened)])
    if row.attempts > BusLimits.reasons {
      try connection.run(.trimReasons, [.integer(row.id), .integer(row.attempts - BusLimits.reasons)])
    }
  }

  static func row(_ row: SQLRow) -> Row {
    let group = Group(
      id: row.integer(2), queue: row.integer(3), isHeld: row.integer(4) != 0, isRemoved: row.integer(5) != 0)
    return Row(
      id: row.integer(0), lane: row.integer(1), group: group, state: State(rawValue: row.integer(6)) ?? .setAside,
      attempts: row.integer(7), allowed: row.integer(8), life: row.integer(9), worker: row.text(10), key: row.text(11))
  }

  /// All rows at once: what is done with one changes the index that leads to the next.
  func rows(_ sql: BusSQL, _ values: [SQLValue]) throws(Fault) -> [Row] {
    var rows: [Row] = []
    try connection.rows(sql, values) { row in
      rows.append(Self.row(row))
      return true
    }
    return rows
  }
}
