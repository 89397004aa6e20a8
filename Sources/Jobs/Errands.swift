internal import Base

/// The threads on which a worker does errands beside its work, so that a slow server holds up neither the worker nor other clients.
///
/// Each errand takes one of a few places until it ends. A client gets another place only while more are free than it has: one alone gets half of
/// them, and whoever comes next finds one. Who gets none pays: the task goes back to the bus and waits.
final class Errands: Sendable {
  private struct State {
    var held: [String: Int] = [:]
    /// Those that found no place since the last that found one.
    var refused = 0
  }

  private let places: Int
  private let state = Monitor(State())

  init(places: Int = 8) { self.places = places }

  /// Has a thread do it, unless there is no place for the client.
  func begin(for client: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    let mayBegin = state.update { state in
      let (own, free) = (state.held[client] ?? 0, places - state.held.values.reduce(0, +))
      guard free > own else {
        state.refused += 1
        return false
      }
      state.held[client] = own + 1
      state.refused = 0
      return true
    }
    guard mayBegin else { return false }
    NativeThread { [state] in
      body()
      state.update { state in
        let left = (state.held[client] ?? 1) - 1
        state.held[client] = left > 0 ? left : nil
      }
    }.leave()
    return true
  }

  /// How long one that found no place waits: the longer the more of them there are, so that asking costs the worker little.
  var pause: Duration { .seconds(1 + min(59, state.update { $0.refused } / 16)) }

  /// Waits until all have ended, but no longer than so many seconds.
  func finish(within seconds: Double) {
    _ = state.wait(before: Clock.now + UInt64(seconds * 1e9)) { $0.held.isEmpty ? true : nil }
  }
}
