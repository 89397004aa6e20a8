internal import Base
internal import Items
internal import SQLite

/// The one thread that writes, and a bounded line of callers' transactions before it.
///
/// What waits while the disk syncs is written together and shares the next sync (group commit). A caller is answered after the sync. Where the
/// line is full, the caller is refused at once.
final class WriteQueue: Sendable {
  typealias Work = @Sendable (inout WriteTransaction) throws(Fault) -> WriteOutcome

  /// A transaction that waits, and then its answer.
  private final class Ticket: Sendable {
    enum Stage { case waiting, taken, abandoned, answered(Result<WriteOutcome, Fault>) }

    let work: Work
    let stage = Monitor(Stage.waiting)

    init(_ work: @escaping Work) { self.work = work }

    /// `false` where the caller has gone.
    func take() -> Bool {
      stage.update { stage in
        guard case .waiting = stage else { return false }
        stage = .taken
        return true
      }
    }

    func answer(_ result: Result<WriteOutcome, Fault>) { stage.update { $0 = .answered(result) } }
  }

  private struct Line {
    var waiting: [Ticket] = []
    var isOver = false
  }

  private let line: Monitor<Line>
  private let thread: NativeThread
  private let settings: SQLiteTable.Settings
  private let path: String

  init(_ connection: Connection, _ schema: TableSchema, _ declared: Opening.Declared, _ settings: SQLiteTable.Settings)
  {
    let line = Monitor(Line())
    (self.line, self.settings, path) = (line, settings, connection.path)
    thread = NativeThread { Writer(connection: connection, schema: schema, declared: declared, line: line).run() }
  }

  /// Finishes what waits.
  deinit {
    line.update { $0.isOver = true }
    thread.join()
  }

  /// Waits for its turn and for the disk, but not longer than for an answer.
  func run(_ work: @escaping Work) throws(Fault) -> WriteOutcome {
    let ticket = Ticket(work)
    let isTaken = line.update { [limit = settings.queue] line in
      guard line.waiting.count < limit else { return false }
      line.waiting.append(ticket)
      return true
    }
    guard isTaken else { throw Fault(.unavailable, "\(path): too many writes wait for the disk: try again") }
    let deadline = Clock.now + UInt64(settings.answer / .nanoseconds(1))
    let result = ticket.stage.wait(before: deadline) { stage -> Result<WriteOutcome, Fault>? in
      if case .answered(let result) = stage { result } else { nil }
    }
    if let result { return try result.get() }
    let isWithdrawn = ticket.stage.update { stage in
      guard case .waiting = stage else { return false }
      stage = .abandoned
      return true
    }
    let end = isWithdrawn ? "nothing was written" : "it is not known whether it was written"
    throw Fault(.unavailable, "\(path): the disk did not answer within \(settings.answer), \(end): try again")
  }

  /// What the thread does.
  private struct Writer {
    let connection: Connection
    let schema: TableSchema
    let declared: Opening.Declared
    let line: Monitor<Line>

    /// Transactions that share a sync, at most.
    private static let groupLimit = 128
    /// How long a group waits for the callers of the one before, who are just being answered, in nanoseconds.
    private static let gathering: UInt64 = 150_000

    func run() {
      var last = 0
      while let group = next(after: last) {
        write(group)
        last = group.count
      }
    }

    private func next(after last: Int) -> [Ticket]? {
      let isThere = line.wait { line in line.waiting.isEmpty ? line.isOver ? false : nil : true }
      guard isThere else { return nil }
      if last > 1 {
        let wanted = min(last, Self.groupLimit)
        _ = line.wait(before: Clock.now + Self.gathering) { $0.waiting.count >= wanted ? true : nil }
      }
      return line.update { line in
        let group = line.waiting.prefix(Self.groupLimit)
        line.waiting.removeFirst(group.count)
        return Array(group)
      }
    }

    private func write(_ group: [Ticket]) {
      let taken = group.filter { $0.take() }
      do {
        let outcomes = try commit(taken)
        for (ticket, outcome) in zip(taken, outcomes) { ticket.answer(.success(outcome)) }
      } catch {
        guard taken.count > 1 else { return taken.forEach { $0.answer(.failure(error)) } }
        // What was too much together, or because of one of them, may do alone.
        for ticket in taken { ticket.answer(Result { () throws(Fault) in try commit([ticket])[0] }) }
      }
    }

    private func commit(_ group: [Ticket]) throws(Fault) -> [WriteOutcome] {
      guard !group.isEmpty else { return [] }
      return try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
        var transaction = try WriteTransaction(connection, schema, declared, time: Clock.date)
        var outcomes: [WriteOutcome] = []
        for ticket in group { outcomes.append(try ticket.work(&transaction)) }
        try transaction.finish()
        return outcomes
      }
    }
  }
}
