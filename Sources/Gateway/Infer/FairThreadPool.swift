internal import Base
internal import Batching

/// A thread pool whose waiting jobs are bounded and fair between sources: deficit round robin (see `Intake`).
final class FairThreadPool: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State {
    var intake: Intake<String, Job>
    var isOver = false

    mutating func take() -> Job? {
      guard !intake.isEmpty else { return nil }
      var (portions, late): ([Intake<String, Job>.Portion], [Job]) = ([], [])
      intake.take(1, now: 0, into: &portions, late: &late)
      return portions.first?.item
    }
  }

  private let state: Monitor<State>
  private let workers: [NativeThread]

  /// `limit` jobs may wait, of one source no more than are still free for all others.
  init(threads: Int, limit: Int) {
    let state = Monitor(State(intake: Intake(limit: limit, turn: 1)))
    self.state = state
    workers = (0..<threads).map { _ in
      NativeThread {
        while let job = state.wait(until: { state -> Job?? in
          state.take().map { .some($0) } ?? (state.isOver ? .some(nil) : nil)
        }) { job() }
      }
    }
  }

  /// Finishes what waits; not on one of its own threads.
  deinit {
    state.update { $0.isOver = true }
    for worker in workers { worker.join() }
  }

  /// Takes a job on, or gives `false` where too many wait: the caller refuses its own caller.
  func take(from source: String, _ job: @escaping Job) -> Bool {
    state.update { $0.intake.add(job, rows: 1, from: source, deadline: .max) != nil }
  }
}
