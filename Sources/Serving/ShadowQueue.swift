internal import Base
internal import Glibc

/// Questions that another version is asked as well, one at a time, when nobody waits: a line of few places, and who finds none is dropped.
public final class ShadowQueue: Sendable {
  struct Job: Sendable {
    let byteCount: Int
    /// Nobody who wants an answer waits.
    let isQuiet: @Sendable () -> Bool
    /// Is given what to call once the answer is there.
    let ask: @Sendable (@escaping @Sendable () -> Void) -> Void
    let drop: @Sendable () -> Void
  }

  private struct State {
    var jobs: [Job] = []
    var isOver = false
    var hasThread = false
    var byteCount: Int { jobs.reduce(0) { $0 + $1.byteCount } }
  }

  static let (places, mostBytes) = (16, 64 << 20)
  /// Nanoseconds that one waits for a quiet moment, and that an answer may take.
  private static let (patience, limit): (UInt64, UInt64) = (1_000_000_000, 30_000_000_000)
  private let state = Monitor(State())

  init() {}

  deinit { state.update { $0.isOver = true } }

  /// Takes a question on, or gives `false` where there is no room.
  func add(_ job: Job) -> Bool {
    let (isTaken, needsThread) = state.update { state -> (Bool, Bool) in
      guard state.jobs.count < Self.places, state.byteCount + job.byteCount <= Self.mostBytes else {
        return (false, false)
      }
      state.jobs.append(job)
      defer { state.hasThread = true }
      return (true, !state.hasThread)
    }
    if needsThread { begin() }
    return isTaken
  }

  /// The thread is there once something was asked, and goes with the queue.
  private func begin() {
    NativeThread { [state] in
      while let job = state.wait(until: { state -> Job?? in
        if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
        return state.isOver ? .some(nil) : nil
      }) { Self.run(job) }
    }.leave()
  }

  private static func run(_ job: Job) {
    let end = Clock.now + patience
    while !job.isQuiet() {
      guard Clock.now < end else { return job.drop() }
      usleep(2_000)
    }
    let isDone = Monitor(false)
    job.ask { isDone.update { $0 = true } }
    _ = isDone.wait(before: Clock.now + limit) { $0 ? true : nil }
  }
}
