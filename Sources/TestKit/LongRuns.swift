import Foundation
import Synchronization

/// Programs that run for long and mostly wait, one after the other on a thread of their own, from the first time that one is asked for.
///
/// Tests that wait for one hold no thread that others need, of which there are as few as processors; and a test that went on after
/// each of several programs would go on behind all others that are ready.
public final class LongRuns: Sendable {
  private struct State {
    var results: [String: ShellResult] = [:]
    var waiting: [String: CheckedContinuation<ShellResult, Never>] = [:]
  }

  private let runs: [(name: String, run: @Sendable () -> ShellResult)]
  private let state = Mutex(State())
  private let start = Atomic(false)

  /// In the order in which they run.
  public init(_ runs: [(name: String, run: @Sendable () -> ShellResult)]) { self.runs = runs }

  /// Of one of them; for one test each.
  public func result(of name: String) async -> ShellResult {
    precondition(runs.contains { $0.name == name }, "\(name) is none of the programs")
    if !start.exchange(true, ordering: .relaxed) { Thread.detachNewThread { [self] in run() } }
    return await withCheckedContinuation { continuation in
      let result = state.withLock { state in
        if state.results[name] == nil { state.waiting[name] = continuation }
        return state.results[name]
      }
      if let result { continuation.resume(returning: result) }
    }
  }

  private func run() {
    for (name, run) in runs {
      let result = run()
      let waiting = state.withLock { state in
        state.results[name] = result
        return state.waiting.removeValue(forKey: name)
      }
      waiting?.resume(returning: result)
    }
  }
}
