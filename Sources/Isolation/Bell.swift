public import Base
internal import CProcess
internal import Glibc

/// Wakes one thread that waits, from any thread or from a process that was handed the descriptor (eventfd).
///
/// However often it is rung meanwhile, it is heard once.
public final class Bell: Sendable {
  public let descriptor: Int32

  public init() throws(Fault) {
    descriptor = ridley_bell()
    guard descriptor >= 0 else { throw Fault(.unavailable, "there are no file descriptors left") }
  }

  /// Of a descriptor that was handed over, and is owned from now on.
  public init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  public func ring() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Waits until it is rung, or until a deadline in monotonic nanoseconds; whether it was.
  @discardableResult
  public func wait(until deadline: UInt64 = .max) -> Bool {
    while true {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let now = Clock.now
      let rest = deadline > now ? min((deadline - now) / 1_000_000 + 1, 3_600_000) : 0
      if unsafe poll(&waiting, 1, Int32(rest)) > 0 {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
        return true
      }
      if Clock.now >= deadline { return false }
    }
  }
}
