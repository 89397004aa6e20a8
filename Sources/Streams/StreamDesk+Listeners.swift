public import Base
public import Catalog
internal import Execution
internal import Synchronization

/// Who hears of streams' answers.
extension StreamDesk {
  /// From now on `listener` hears of every answer of the stream that is told in time.
  public func listen(to name: String, scope: ClientScope, client: String, _ listener: Listener) throws(Fault) {
    sweep(Place(client: client, name: name), isDue: true)
    let isThere = state.withLock { state in
      let place = Place(client: client, name: name)
      guard scope.covers(client), state.entries[place] != nil else { return false }
      state.lastListener += 1
      state.entries[place]?.listeners[state.lastListener] = listener
      return true
    }
    guard isThere else { throw Self.noStream(name) }
    // One that has ended tells nobody by itself any more.
    sweep(Place(client: client, name: name))
  }

  func tell(_ place: Place, _ result: LiveStream.Result, _ pipeline: LoadedPipeline) {
    let listeners = state.withLock { $0.entries[place]?.listeners ?? [:] }
    for listener in listeners.values { listener.hear(result, pipeline) }
  }

  /// Lets go of those that listen no more, now and then, and of all once a film has ended.
  func sweep(_ place: Place, isDue: Bool = false) {
    let (listeners, isOver) = state.withLock { state -> ([Int: Listener], Bool) in
      guard let entry = state.entries[place] else { return ([:], false) }
      let isOver = entry.stream.isOver
      guard isOver || isDue || Clock.now > entry.swept + Self.sweepInterval else { return ([:], false) }
      state.entries[place]?.swept = Clock.now
      if isOver { state.entries[place]?.listeners = [:] }
      return (entry.listeners, isOver)
    }
    for (id, listener) in listeners where isOver || !listener.isThere() {
      state.withLock { $0.entries[place]?.listeners[id] = nil }
      listener.end(isOver)
    }
  }

  private static let sweepInterval: UInt64 = 2_000_000_000
}
