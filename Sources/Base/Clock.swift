internal import Glibc

/// Time for intervals and deadlines.
public enum Clock {
  /// Nanoseconds that only grow, from an arbitrary beginning.
  public static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Sleeps up to a moment of ``now``, or not at all where that has passed.
  public static func sleep(until moment: UInt64) {
    var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
  }

  /// Nanoseconds of a processor that the calling thread has used; ``NativeThread/processorTime`` tells another's.
  public static var processorTimeOfThread: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Nanoseconds of processors that this process has used.
  public static var processorTime: Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }

  /// Seconds since 1970, for display and for dates of expiry.
  public static var date: Int { Int(seconds) }

  /// Says by how many milliseconds the machine's clock is taken to be wrong, for tests of clocks that drift; a program's processes share it.
  public static let offsetVariable = "RIDLEY_CLOCK_OFFSET_MS"

  private static let offset: Double =
    (unsafe getenv(offsetVariable).map { unsafe String(cString: $0) }.flatMap(Double.init) ?? 0) / 1000

  /// The same with its fraction.
  public static var seconds: Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 + offset
  }
}
