internal import Base

/// The back-pressure of a streamed body: bytes on their way from a loop to the sink, which works on another thread.
///
/// The sink's calls are steps of one job at a time, so none meets another. What waits counts as held by its sender.
final class BodyFeed: Sendable {
  /// Bytes that a sink may be behind before no more are read for it.
  static let most = 1 << 20
  private static let partSize = 64 << 10

  enum Ending: Sendable { case whole, broken }

  private enum Step {
    case begin(Exchange), part([UInt8]), end(Ending)
  }

  private struct State {
    var sink: (any BodySink)?
    /// Until it is handed to the sink.
    var exchange: Exchange?
    var hasBegun = false
    var parts: [[UInt8]] = []
    /// Bytes in `parts`, and of the part that the sink is at work on.
    var count = 0
    var ending: Ending?
    /// A job runs or waits.
    var isAtWork = false
    /// The loop waits to be told that there is room.
    var isPaused = false
    /// The sink wants nothing until it says so.
    var isHeld = false
    /// Since when the client owes the sink more of what it has begun.
    var owedSince: UInt64?
    /// The client was kept waiting since that was last asked.
    var wasHeld = false

    /// Says whether a job must be made.
    mutating func schedule() -> Bool {
      defer { isAtWork = true }
      return !isAtWork
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
      count += bytes.count
      // Bits are put together, so that their own cost is bounded too.
      let last = parts.count - 1
      if last >= 0, parts[last].count + bytes.count <= BodyFeed.partSize {
        unsafe parts[last].append(contentsOf: bytes)
      } else {
        unsafe parts.append(BodyFeed.copy(bytes))
      }
    }

    mutating func drop() {
      for part in parts { count -= part.count }
      parts = []
    }

    /// What the sink is to do next; `nil`, and the job is over, where there is nothing.
    mutating func next() -> (Step, any BodySink)? {
      guard let sink else { return finish() }
      if let exchange = exchange.take() { return (.begin(exchange), sink) }
      if isHeld, ending != .broken { return finish() }
      if !parts.isEmpty { return (.part(parts.removeFirst()), sink) }
      guard let ending else { return finish() }
      self.sink = nil
      return (.end(ending), sink)
    }

    private mutating func finish() -> (Step, any BodySink)? {
      isAtWork = false
      return nil
    }
  }

  let connection: Connection
  /// The stream's number in HTTP/2.
  let stream: Int32
  let owner: String
  private let share: BudgetShare
  private let state = Monitor(State())

  init(_ connection: Connection, stream: Int32 = 0, owner: String) {
    (self.connection, self.stream, self.owner) = (connection, stream, owner)
    share = BudgetShare(connection.loop.pool.budget, owner: owner)
  }

  /// By one call, because optimisation is not always on; with room for what is put to it, where that is likely to come.
  private static func copy(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let capacity = bytes.count >= partSize / 8 ? max(bytes.count, partSize) : bytes.count
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
      unsafe UnsafeMutableRawBufferPointer(room).copyMemory(from: bytes)
      count = bytes.count
    }
  }

  // MARK: for the loop

  /// Once, before all else.
  func start(_ exchange: Exchange, _ sink: any BodySink) {
    connection.loop.counters.sinkBegins()
    state.update { ($0.sink, $0.exchange, $0.isAtWork) = (sink, exchange, true) }
    goOn()
  }

  /// Hands bytes on, of which the sink hears once the loop has read what there was; false where there is no memory for them.
  func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard unsafe !bytes.isEmpty else { return true }
    let (fits, mustWork) = state.update { state in
      guard state.ending == nil else { return (true, false) }
      guard share.add(bytes.count) else { return (false, false) }
      unsafe state.append(bytes)
      return (true, state.schedule())
    }
    if mustWork { connection.loop.wakesSink(of: self) }
    return fits
  }

  /// Whether nothing more is to be read for it until the loop is told.
  func isFull() -> Bool {
    state.update { state in
      if state.count > Self.most { (state.isPaused, state.wasHeld) = (true, true) }
      return state.isPaused
    }
  }

  /// Whether the sink has begun and still wants the body.
  var isWanted: Bool { state.update { $0.hasBegun && $0.ending == nil } }

  /// Whether it was the sink that the client waited for, at some time since this was last asked.
  func wasHeld() -> Bool {
    state.update { state in
      defer { state.wasHeld = state.isPaused }
      return state.wasHeld
    }
  }

  /// The client was kept waiting until now.
  func hold() { state.update { $0.wasHeld = true } }

  /// Nothing more will come; the first ending counts.
  func end(_ ending: Ending) {
    let mustWork = state.update { state in
      guard state.ending == nil else { return false }
      state.ending = ending
      if state.isHeld, ending == .broken { dropAll(&state) }
      return state.schedule()
    }
    if mustWork { goOn() }
  }

  // MARK: for any thread

  /// There is an answer: what the sink has not heard yet, it will not.
  func answered() {
    let mustWork = state.update { state in
      guard state.sink != nil else { return false }
      state.ending = .broken
      dropAll(&state)
      return state.schedule()
    }
    if mustWork { goOn() }
  }

  private func dropAll(_ state: inout State) {
    state.drop()
    _ = share.set(state.count)
  }

  /// Takes back what the sink has not used of the part that it is at work on, and gives it nothing until it is let go on.
  ///
  /// Where it broke off meanwhile the rest goes, and with it what came behind: that would go on in the middle of a message.
  func hold(back rest: [UInt8]) {
    state.update { state in
      state.isHeld = true
      guard state.ending != .broken else { return dropAll(&state) }
      guard !rest.isEmpty else { return }
      state.count += rest.count
      state.parts.insert(rest, at: 0)
    }
  }

  func letGoOn() {
    let mustWork = state.update { state in
      state.isHeld = false
      return state.schedule()
    }
    if mustWork { goOn() }
  }

  /// Says whether the client owes more, for as long as nothing else is said.
  func owes(_ isOwed: Bool) {
    state.update { $0.owedSince = isOwed ? $0.owedSince ?? Clock.now : nil }
  }

  /// Whether the client has owed more since a moment.
  func isOwed(since moment: UInt64) -> Bool { state.update { $0.owedSince.map { $0 <= moment } ?? false } }

  // MARK: the sink's thread

  /// A job for it is made; once for each time that its state asked for one.
  func goOn() { connection.loop.sinkThreads.run { self.work() } }

  /// A few steps; then others have their turn.
  private func work() {
    for _ in 0..<16 {
      guard let (step, sink) = state.update({ $0.next() }) else { return }
      switch step {
      case .begin(let exchange): sink.begin(exchange)
      case .part(let bytes): sink.append(bytes)
      case .end(.whole): sink.end()
      case .end(.broken): sink.broken()
      }
      if state.update({ done(step, &$0) }) { connection.loop.post(.fed(self)) }
    }
    goOn()
  }

  /// Says whether the loop must be told.
  private func done(_ step: Step, _ state: inout State) -> Bool {
    switch step {
    case .begin: state.hasBegun = true
    case .part(let bytes):
      state.count -= bytes.count
      _ = share.set(state.count)
      guard state.isPaused, state.count <= Self.most / 2 else { return false }
      state.isPaused = false
    case .end:
      connection.loop.counters.sinkEnded()
      return false
    }
    return true
  }
}
