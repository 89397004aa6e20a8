internal import Base
internal import Isolation
internal import Synchronization

/// Gives turns to the threads of streams, and wakes those whose turn it is.
final class TurnDesk: Sendable {
  private struct State {
    var turns: Turns
    var bells: [Int: Bell] = [:]
    /// How many at a time keep the networks of each member's pipeline busy.
    var widths: [Int: Int] = [:]
    var last = 0

    mutating func settleLimit() { turns.limit = max(narrowest, widths.values.max() ?? 0) }
    let narrowest: Int
  }

  private let state: Mutex<State>

  init(limit: Int) { state = Mutex(State(turns: Turns(limit: limit), narrowest: limit)) }

  /// As many at a time as keep the busiest network busy: a member's own may have more or fewer places than before.
  func widen(to width: Int, for id: Int) {
    wake { state in
      guard state.bells[id] != nil, state.widths[id] != width else { return [] }
      state.widths[id] = width
      state.settleLimit()
      return state.turns.give(at: Clock.now)
    }
  }

  func join(weight: Double, client: String, _ bell: Bell) -> Int {
    state.withLock { state in
      state.last += 1
      state.turns.join(state.last, weight: weight, client: client)
      state.bells[state.last] = bell
      return state.last
    }
  }

  func leave(_ id: Int) {
    wake { state in
      (state.bells[id], state.widths[id]) = (nil, nil)
      state.settleLimit()
      return state.turns.leave(id, now: Clock.now)
    }
  }

  /// Whether it has a turn now; else it is woken when it has.
  func ask(_ id: Int) -> Bool {
    wake(but: id) { $0.turns.ask(id, now: Clock.now) }
    return state.withLock { $0.turns.hasTurn(id) }
  }

  func hasTurn(_ id: Int) -> Bool { state.withLock { $0.turns.hasTurn(id) } }

  /// A turn came to nothing.
  func giveBack(_ id: Int) { wake { $0.turns.end(id, isUsed: false, now: Clock.now) } }

  /// A turn was used, and the next is asked for at once: whether it is now.
  func next(_ id: Int) -> Bool {
    wake(but: id) { $0.turns.end(id, isUsed: true, asksAgain: true, now: Clock.now) }
    return state.withLock { $0.turns.hasTurn(id) }
  }

  private func wake(but asker: Int? = nil, _ body: (inout State) -> [Int]) {
    let bells = state.withLock { state in body(&state).filter { $0 != asker }.compactMap { state.bells[$0] } }
    for bell in bells { bell.ring() }
  }
}
