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

  /// Nanoseconds of a processor that it has used; 0 where it has ended.
  ///
  /// Not after ``join()``.
  public var processorTime: UInt64 {
    var (clock, time) = (clockid_t(), timespec())
    guard pthread_getcpuclockid(thread, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Has the system hand it a signal; nothing where it has ended.
  ///
  /// Not after ``join()``.
  public func signal(_ number: Int32) { pthread_kill(thread, number) }

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
