internal import Base

/// The back-pressure of a ``ResponseStream``: bytes on their way from any thread to the loop, of which so many may wait.
final class Flow: Sendable {
  /// So many bytes may wait before a writer has to.
  static let most = 256 << 10

  enum End: Sendable { case whole, brokenOff }

  private struct State {
    var parts: [[UInt8]] = []
    var count = 0
    /// Bytes that the connection took and its socket did not.
    var unsent = 0
    var end: End?
    /// What goes out behind the end, instead of what the head named.
    var trailers: [(String, String)]?
    var isGone = false
    /// Why it was broken off.
    var fault: Fault?
    /// Bytes that count as held: those that came and are not the connection's yet.
    var held = 0
    var isSignalled = false
    var waiters: [@Sendable (Bool) -> Void] = []

    /// Takes bytes; says whether the loop must be told.
    mutating func put(_ more: [UInt8]...) -> Bool { put(more) }

    mutating func put(_ more: [[UInt8]]) -> Bool {
      parts += more
      count += more.reduce(0) { $0 + $1.count }
      return signal()
    }

    mutating func signal() -> Bool {
      defer { isSignalled = true }
      return !isSignalled
    }
  }

  /// Bytes of the whole, where that is known.
  let size: Int?
  private let call: Call
  private let share: BudgetShare?
  private let state = Monitor(State())

  init(_ call: Call) { (self.call, size, share) = (call, nil, nil) }

  /// For an answer of any length whose bytes count as held by `owner` while they wait.
  init(_ call: Call, owner: String) {
    (self.call, size) = (call, nil)
    share = BudgetShare(call.connection.loop.answers, owner: owner, isEndless: true)
  }

  /// For an answer of so many bytes, which count as held by `owner`.
  init(_ call: Call, size: Int, owner: String) {
    (self.call, self.size) = (call, size)
    share = BudgetShare(call.connection.loop.answers, owner: owner)
  }

  // MARK: for any thread

  var isGone: Bool { state.update { $0.isGone } }

  /// Calls `done` once there is room for more, with whether the client is still there.
  func put(_ bytes: [UInt8], done: @escaping @Sendable (Bool) -> Void) {
    put([bytes], isReserved: false, done: done)
  }

  /// The same for several runs of bytes in a row, which ``reserve(_:)`` has counted already where `isReserved`.
  func put(_ parts: [[UInt8]], isReserved: Bool, done: @escaping @Sendable (Bool) -> Void) {
    let (answer, mustSignal) = state.update { state -> (Bool?, Bool) in
      guard !state.isGone, state.end == nil else { return (false, false) }
      guard isReserved || hold(parts.reduce(0) { $0 + $1.count }, &state) else {
        state.end = .brokenOff
        return (false, state.signal())
      }
      let mustSignal = state.put(parts)
      guard state.count + state.unsent > Self.most else { return (true, mustSignal) }
      state.waiters.append(done)
      return (nil, mustSignal)
    }
    if mustSignal { signal() }
    if let answer { done(answer) }
  }

  /// Counts bytes that will be put; false where there is no room for them.
  func reserve(_ count: Int) -> Bool {
    state.update { state in
      if state.isGone { return true }
      return hold(count, &state)
    }
  }

  /// Takes bytes though others wait, unless more than `most` then would.
  func push(_ bytes: [UInt8], most: Int) -> Bool {
    let (isTaken, mustSignal) = state.update { state in
      guard !state.isGone, state.end == nil, state.count + state.unsent + bytes.count <= most else {
        return (false, false)
      }
      return (true, state.put(bytes))
    }
    if mustSignal { signal() }
    return isTaken
  }

  func offer(_ bytes: [UInt8]) -> Bool {
    let (isTaken, mustSignal) = state.update { state in
      guard !state.isGone, state.end == nil, state.count == 0, state.unsent == 0 else { return (false, false) }
      return (true, state.put(bytes))
    }
    if mustSignal { signal() }
    return isTaken
  }

  /// What waits counts for its owner; false where that is more than may be.
  private func hold(_ count: Int, _ state: inout State) -> Bool {
    guard let share else { return true }
    guard share.set(state.held + count) else { return false }
    state.held += count
    return true
  }

  /// Breaks the answer off.
  func fail(_ fault: Fault) {
    state.update { $0.fault = $0.fault ?? fault }
    end(.brokenOff)
  }

  var fault: Fault? { state.update(\.fault) }

  func end(_ end: End, trailers: [(String, String)]? = nil) {
    let mustSignal = state.update { state in
      guard state.end == nil, !state.isGone else { return false }
      (state.end, state.trailers) = (end, trailers)
      return state.signal()
    }
    if mustSignal { signal() }
  }

  private func signal() { call.connection.loop.post(.flow(call)) }

  // MARK: for the loop

  /// All that waits, and what comes behind it.
  func take() -> (parts: [[UInt8]], end: End?, trailers: [(String, String)]?) {
    state.update { state in
      defer { (state.parts, state.count, state.isSignalled) = ([], 0, false) }
      return (state.parts, state.end, state.trailers)
    }
  }

  /// So many bytes are the connection's now, which counts them itself.
  func passed(_ count: Int) {
    guard let share else { return }
    state.update { state in
      state.held -= min(count, state.held)
      _ = share.set(state.held)
    }
  }

  /// So many bytes wait for the socket; lets writers go on where there is room again.
  func report(unsent: Int) {
    let waiters = state.update { state -> [@Sendable (Bool) -> Void] in
      state.unsent = unsent
      guard state.count + unsent <= Self.most else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter(true) }
  }

  /// Nothing is taken any more.
  func leave() {
    let waiters = state.update { state in
      (state.isGone, state.parts, state.count, state.held) = (true, [], 0, 0)
      _ = share?.set(0)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter(false) }
  }
}
