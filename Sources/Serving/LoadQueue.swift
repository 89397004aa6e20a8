internal import Base

/// Thread pool with a bound, whose threads are there only while there is work.
final class LoadQueue: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var active = 0
  }

  private let limit: Int
  private let state = Monitor(State())

  /// `limit` jobs at the same time; the others wait in the order in which they came.
  init(limit: Int) { self.limit = limit }

  func add(_ job: @escaping @Sendable () -> Void) {
    let isNew = state.update { state in
      state.waiting.append(job)
      guard state.active < limit else { return false }
      state.active += 1
      return true
    }
    guard isNew else { return }
    NativeThread { [self] in
      while let next = state.update({ state -> (@Sendable () -> Void)? in
        guard !state.waiting.isEmpty else {
          state.active -= 1
          return nil
        }
        return state.waiting.removeFirst()
      }) { next() }
    }.leave()
  }
}
