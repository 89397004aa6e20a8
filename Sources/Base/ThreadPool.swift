/// A few threads for work that blocks or takes long, and a bounded line of jobs before them.
public final class ThreadPool: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var next = 0
    var isOver = false

    var waiting: Int { jobs.count - next }

    mutating func take() -> (@Sendable () -> Void)? {
      guard waiting > 0 else { return nil }
      defer {
        next += 1
        if next == jobs.count { (jobs, next) = ([], 0) }
      }
      return jobs[next]
    }
  }

  private let state = Monitor(State())
  private let limit: Int
  private let workers: [NativeThread]

  /// `limit` jobs may wait.
  public init(threads: Int, limit: Int) {
    precondition(threads > 0 && limit > 0, "a crew has hands and room")
    self.limit = limit
    workers = (0..<threads).map { [state] _ in
      NativeThread {
        while let job = state.wait(until: { state -> (@Sendable () -> Void)?? in
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
  public func take(_ job: @escaping @Sendable () -> Void) -> Bool {
    state.update { state in
      guard state.waiting < limit else { return false }
      state.jobs.append(job)
      return true
    }
  }

  /// Goes on with something that was taken on before, however many wait.
  public func goOn(_ job: @escaping @Sendable () -> Void) { state.update { $0.jobs.append(job) } }
}
