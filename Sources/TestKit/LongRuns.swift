import Foundation
import Synchronization
public import Testing

/// Programs that run for long and mostly wait, begun before the first test of all; one at a time of each lane, beside the tests.
///
/// Tests that wait for one hold no thread that others need, of which there are as few as processors; and a test that went on after
/// each of several programs would go on behind all others that are ready.
public final class LongRuns: Sendable {
  /// More at once, beside the tests, would starve those that hold others to a time.
  public enum Lane: Sendable {
    /// Live streams, which go at the pace of their cameras.
    case live
    /// Clients that others wrote, which mostly wait for servers of their own.
    case clients
    case other

    fileprivate var turn: Turn {
      switch self {
      case .live: .live
      case .clients: .clients
      case .other: .other
      }
    }
  }

  fileprivate final class Turn: Sendable {
    static let (live, clients, other) = (Turn(), Turn(), Turn())
    let lock = Mutex(())
  }

  private struct State {
    var wanted: Set<String> = []
    var isRunning = false
    var results: [String: ShellResult] = [:]
    var waiting: [String: CheckedContinuation<ShellResult, Never>] = [:]
  }

  /// Of a run of tests one after another: what a test waits for is begun by that test, and nothing is beside it.
  private static let isApart = ProcessInfo.processInfo.environment["RIDLEY_TESTS_APART"] != nil

  private let runs: [(name: String, run: @Sendable () -> ShellResult)]
  private let lane: Lane
  private let state = Mutex(State())

  /// In the order in which they run.
  public init(lane: Lane = .other, _ runs: [(name: String, run: @Sendable () -> ShellResult)]) {
    (self.lane, self.runs) = (lane, runs)
  }

  /// A test that waits for these: they run where the test is among those that were asked for.
  public func early(_ names: String...) -> EarlyRuns {
    EarlyRuns(runs: self, names: names.isEmpty ? runs.map(\.name) : names)
  }

  /// Of one of them; for one test each, which has said so by `early`.
  public func result(of name: String) async -> ShellResult {
    await withCheckedContinuation { continuation in
      let result = state.withLock { state in
        precondition(state.wanted.contains(name), "\(name) was not asked for early")
        if state.results[name] == nil { state.waiting[name] = continuation }
        return state.results[name]
      }
      if let result { continuation.resume(returning: result) } else if Self.isApart { begin() }
    }
  }

  fileprivate func want(_ names: [String]) {
    state.withLock { $0.wanted.formUnion(names) }
    if !Self.isApart { begin() }
  }

  private func begin() {
    let starts = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if starts { Thread.detachNewThread { [self] in run() } }
  }

  private func run() {
    while let (name, run) = next() {
      let result = lane.turn.lock.withLock { _ in run() }
      let waiting = state.withLock { state in
        state.results[name] = result
        return state.waiting.removeValue(forKey: name)
      }
      waiting?.resume(returning: result)
    }
  }

  private func next() -> (String, @Sendable () -> ShellResult)? {
    state.withLock { state in
      let found = runs.first {
        state.results[$0.name] == nil && (Self.isApart ? state.waiting[$0.name] != nil : state.wanted.contains($0.name))
      }
      state.isRunning = found != nil
      return found
    }
  }
}

/// Says which of some long runs a test waits for.
public struct EarlyRuns: TestTrait {
  fileprivate let runs: LongRuns
  fileprivate let names: [String]

  /// Called of each test that will run, before any does.
  public func prepare(for test: Test) { runs.want(names) }
}
