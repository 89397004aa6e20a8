internal import Base

/// What is given up when a client leaves before its answer: whoever is at work on it by then.
final class Leaving: Sendable {
  private struct State {
    /// How many were asked, one in place of the other.
    var turn = 0
    var body: (@Sendable () -> Void)?
  }

  private let state = Monitor(State())

  /// Somebody is asked in place of whoever was before; gives what to say to ``cancels(_:_:)``.
  func begin() -> Int {
    state.update { state in
      state.turn += 1
      return state.turn
    }
  }

  /// From now on this is given up, unless somebody else is asked in its place already.
  func cancels(_ turn: Int, _ body: @escaping @Sendable () -> Void) {
    state.update { state in
      if state.turn == turn { state.body = body }
    }
  }

  /// The client has left.
  func left() {
    let body = state.update { state in
      defer { state.body = nil }
      return state.body
    }
    body?()
  }
}
