/// Who gets which process of a pool, as a value: first come, first served, and the process that was used last goes first.
struct PoolState<Process> {
  enum Step {
    /// This one is yours.
    case use(Process)
    /// A place is yours: make a process for it.
    case start
    /// Ask again with this ticket once something has changed.
    case wait(Int)
    /// Too many wait.
    case refuse
  }

  let limit: Int
  let waitingLimit: Int
  private(set) var idle: [Process] = []
  /// Processes there are or are being made, idle and in use.
  private(set) var alive = 0
  private var waiting: [Int] = []
  private var lastTicket = 0

  init(limit: Int, waitingLimit: Int) { (self.limit, self.waitingLimit) = (limit, waitingLimit) }

  /// Asks for a process; `ticket` is what an earlier question was told, `nil` the first time.
  mutating func ask(_ ticket: Int?) -> Step {
    let isFirst = ticket.map { waiting.first == $0 } ?? waiting.isEmpty
    if isFirst, !idle.isEmpty || alive < limit {
      if ticket != nil { waiting.removeFirst() }
      if let process = idle.popLast() { return .use(process) }
      alive += 1
      return .start
    }
    if let ticket { return .wait(ticket) }
    guard waiting.count < waitingLimit else { return .refuse }
    lastTicket += 1
    waiting.append(lastTicket)
    return .wait(lastTicket)
  }

  /// The caller that holds it does not wait any longer.
  mutating func giveUp(_ ticket: Int) { waiting.removeAll { $0 == ticket } }

  /// Is one to be made ahead of need? If so its place is taken.
  mutating func startsSpare() -> Bool {
    guard idle.isEmpty, alive < limit else { return false }
    alive += 1
    return true
  }

  mutating func add(_ process: Process) { idle.append(process) }

  /// A process is gone, or could not be made.
  mutating func lose() { alive -= 1 }
}
