internal import Glibc

/// One thread that runs one function and is waited for.
public final class NativeThread: @unchecked Sendable {  // `thread` is set once, in init, and read by `join`
  private var thread = pthread_t()

  /// Starts at once.
  public init(_ body: @escaping @Sendable () -> Void) {
    let job = Unmanaged.passRetained(Job(body))  // taken back by the thread
    let status = pthread_create(&thread, nil, runJob, job.toOpaque())
    precondition(status == 0, "the system gives no more threads")
  }

  /// Waits for its end; call it exactly once, or else ``leave()``.
  ///
  /// On the thread itself it cannot wait: the thread then ends by itself.
  public func join() {
    if isCurrent { leave() } else { pthread_join(thread, nil) }
  }

  /// The caller runs on it.
  public var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

  /// Lets it end by itself, without being waited for.
  public func leave() { pthread_detach(thread) }
}

private final class Job: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Called once by the system, on the new thread.
@c private func runJob(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue().body()
  return nil
}
