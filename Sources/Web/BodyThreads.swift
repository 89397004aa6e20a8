internal import Base

/// The threads that may block for bodies, on which sinks write or sources read; made when they are first needed.
final class BodyThreads: Sendable {
  private let count: Int
  private let pool = Monitor<ThreadPool?>(nil)

  init(_ count: Int) { self.count = count }

  /// Takes on a job; how many wait is bounded by the streams, of which each has one at most.
  func run(_ job: @escaping @Sendable () -> Void) {
    let pool = pool.update { pool in
      let made = pool ?? ThreadPool(threads: count, limit: 1)
      pool = made
      return made
    }
    pool.goOn(job)
  }
}
