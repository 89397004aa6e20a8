internal import Base
internal import ModelProcess

/// Work that may never come back, on a thread of its own.
enum BoundedWork {
  private struct State<Value> {
    var value: Value?
    var isOver = false
  }

  /// What came of it; `nil` where it took longer than so many seconds or was given up.
  ///
  /// It is then left to itself, and what it still makes is dropped.
  static func run<Value: Sendable>(
    seconds: Double, _ cancellation: Cancellation, _ body: @escaping @Sendable () -> Value
  ) -> Value? {
    let state = Monitor(State<Value>())
    NativeThread {
      let value = body()
      state.update { if !$0.isOver { $0.value = value } }
    }.leave()
    return cancellation.listening({ state.update { $0.isOver = true } }) {
      let came = state.wait(before: Clock.now + UInt64(seconds * 1e9)) { state -> Value?? in
        state.value.map { .some($0) } ?? (state.isOver ? .some(nil) : nil)
      }
      return state.update { state in
        if state.value == nil { AbandonedThreads.add() }
        state.isOver = true
        defer { state.value = nil }
        return came ?? nil
      }
    }
  }
}
