internal import Base
internal import Synchronization

/// What is looked after while a call goes on: that its deadline passes, that something changes.
protocol RPCWatch: Sendable {
  /// `now` is monotonic; false once there is nothing to look after any more. Must not block.
  func look(at now: UInt64) -> Bool
}

/// A watchdog: one thread that looks after all calls that have a deadline or wait for a change, ten times a second; made with the first of
/// them.
final class RPCWatches: Sendable {
  private struct State {
    var new: [any RPCWatch] = []
    /// To be looked at without waiting.
    var soon: [any RPCWatch] = []
    /// Who waits for room, first come first served.
    var waiting: [any RPCWatch] = []
    var isOver = false
  }

  private static let interval: UInt64 = 100_000_000

  private let state: Monitor<State>
  private let worker = Monitor<NativeThread?>(nil)
  private let waitingCount = Atomic<Int>(0)

  init() { state = Monitor(State()) }

  deinit {
    state.update { $0.isOver = true }
    worker.update { $0.take() }?.join()
  }

  func add(_ watch: any RPCWatch) {
    state.update { $0.new.append(watch) }
    worker.update { [state] worker in
      if worker == nil { worker = NativeThread { Self.run(state) } }
    }
  }

  /// One that was added waits until something is answered; a new one is looked at once more at once, for what was answered while it was
  /// refused.
  func wait(_ watch: any RPCWatch, isAgain: Bool) {
    if isAgain { waitingCount.add(1, ordering: .relaxed) }
    state.update { if isAgain { $0.waiting.append(watch) } else { $0.soon.append(watch) } }
  }

  /// Something was answered: whoever waits longest is looked at.
  func madeRoom() {
    // Seldom more: each change wakes the thread.
    guard waitingCount.load(ordering: .relaxed) > 0 else { return }
    state.update { state in
      guard !state.waiting.isEmpty else { return }
      waitingCount.subtract(1, ordering: .relaxed)
      state.soon.append(state.waiting.removeFirst())
    }
  }

  private static func run(_ state: Monitor<State>) {
    var (all, next): ([any RPCWatch], UInt64) = ([], Clock.now + interval)
    while true {
      let end = all.isEmpty ? UInt64(Int64.max) : next
      let woken = state.wait(before: end) { state -> State? in
        guard state.isOver || !state.new.isEmpty || !state.soon.isEmpty else { return nil }
        defer { (state.new, state.soon) = ([], []) }
        return state
      }
      let now = Clock.now
      if let woken {
        if woken.isOver { return }
        if all.isEmpty { next = now + interval }
        all += woken.new
        for watch in woken.soon { _ = watch.look(at: now) }
      }
      guard now >= next else { continue }
      next = now + interval
      all.removeAll { !$0.look(at: now) }
    }
  }
}
