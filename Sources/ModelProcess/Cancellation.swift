internal import Base

/// The wish that something under way be given up: said once, heard by each that listens; any thread.
public final class Cancellation: Sendable {
  private struct State {
    var isCancelled = false
    var last = 0
    var listeners: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Monitor(State())

  public init() {}

  public var isCancelled: Bool { state.update { $0.isCancelled } }

  public func cancel() {
    let listeners = state.update { state in
      state.isCancelled = true
      defer { state.listeners = [:] }
      return state.listeners.values
    }
    for listener in listeners { listener() }
  }

  /// Has `listener` called once, at once where it was said already, for as long as `body` runs.
  public func listening<Result, Failure: Error>(
    _ listener: @escaping @Sendable () -> Void, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let number = state.update { state -> Int? in
      guard !state.isCancelled else { return nil }
      state.last += 1
      state.listeners[state.last] = listener
      return state.last
    }
    if number == nil { listener() }
    defer { if let number { state.update { $0.listeners[number] = nil } } }
    return try body()
  }
}
