internal import Base

/// What is looked after while a call goes on: that its deadline passes, that something changes, that there is room for what it asks.
protocol RPCWatch: AnyObject, Sendable {
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
    var isOver = false
  }

  private static let interval: UInt64 = 100_000_000

  private let state = Monitor(State())
  /// Who waits for room, in turn.
  private let queue = Monitor<[any RPCWatch]>([])
  private let worker = Monitor<NativeThread?>(nil)

  deinit {
    state.update { $0.isOver = true }
    worker.update { $0.take() }?.join()
  }

  func add(_ watch: any RPCWatch) {
    state.update { $0.new.append(watch) }
    worker.update { [state, queue] worker in
      if worker == nil { worker = NativeThread { Self.run(state, queue) } }
    }
  }

  /// One that was added waits until something is answered; a new one is first looked at once more, for what was answered while it was
  /// refused.
  func wait(_ watch: any RPCWatch, isAgain: Bool) {
    guard isAgain else { return state.update { $0.soon.append(watch) } }
    queue.update { queue in
      if !queue.contains(where: { $0 === watch }) { queue.append(watch) }
    }
  }

  /// Something was answered: whoever waits longest is looked at.
  func madeRoom() {
    guard let first = queue.update({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
    state.update { $0.soon.append(first) }
  }

  private static func run(_ state: Monitor<State>, _ queue: Monitor<[any RPCWatch]>) {
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
      var over: Set<ObjectIdentifier> = []
      all.removeAll { watch in
        let isOver = !watch.look(at: now)
        if isOver { over.insert(ObjectIdentifier(watch)) }
        return isOver
      }
      if !over.isEmpty { queue.update { $0.removeAll { over.contains(ObjectIdentifier($0)) } } }
    }
  }
}
