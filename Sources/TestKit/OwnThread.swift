import Foundation
import Synchronization
public import Testing

/// A thread beside those that all tests share, for suites whose tests come one after the other.
///
/// All tests are ready at once, on as few threads as there are processors, and whatever goes on does so behind all that are ready: the second test of
/// such a suite would begin when everything else is over.
public struct OwnThread: SuiteTrait, TestScoping {
  /// Around the whole suite.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(Turns.shared) { try await function() }
  }
}

extension Trait where Self == OwnThread {
  /// The one thread of all suites that say so, which take turns on it.
  public static var ownThread: Self { Self() }
}

private final class Turns: TaskExecutor {
  static let shared = Turns()

  private let jobs = Mutex<[UnownedJob]>([])
  private let bell = DispatchSemaphore(value: 0)

  private init() {
    Thread.detachNewThread { [self] in
      while true {
        bell.wait()
        let job = jobs.withLock { $0.removeFirst() }
        job.runSynchronously(on: asUnownedTaskExecutor())
      }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    bell.signal()
  }
}
