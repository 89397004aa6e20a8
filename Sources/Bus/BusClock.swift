public import Base
internal import Glibc

/// The time of leases and delays: it goes on while the machine sleeps, and no change of the date moves it.
public struct BusClock: Sendable {
  /// Nanoseconds since the machine was started.
  public let now: @Sendable () -> Int
  /// Another after every start of the machine.
  public let boot: @Sendable () throws(Fault) -> String
  /// Seconds since 1970, for display alone.
  public let date: @Sendable () -> Int

  public init(
    now: @escaping @Sendable () -> Int, boot: @escaping @Sendable () throws(Fault) -> String,
    date: @escaping @Sendable () -> Int
  ) {
    (self.now, self.boot, self.date) = (now, boot, date)
  }

  /// The kernel's.
  public static let system = BusClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_BOOTTIME, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    },
    boot: { () throws(Fault) in
      let bytes = try FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 1024)
      return String(decoding: bytes.filter { $0 > 32 }, as: UTF8.self)
    }, date: { Clock.date })
}
