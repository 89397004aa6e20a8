internal import Base

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
    var isOver = false
  }

  private static let interval: UInt64 = 100_000_000

  private let state: Monitor<State>
  private let worker = Monitor<NativeThread?>(nil)

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

  private static func run(_ state: Monitor<State>) {
    var all: [any RPCWatch] = []
    while true {
      let isIdle = all.isEmpty
      all += state.wait { state -> [any RPCWatch]? in
        guard state.isOver || !state.new.isEmpty || !isIdle else { return nil }
        defer { state.new = [] }
        return state.new
      }
      let end = Clock.now + interval
      if state.wait(before: end, until: { $0.isOver ? () : nil }) != nil { return }
      let now = Clock.now
      all.removeAll { !$0.look(at: now) }
    }
  }
}
