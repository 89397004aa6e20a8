internal import Base

/// Moments of the monotonic clock as the world's: nanoseconds since 1970.
///
/// What lies between two moments stays as long as it was, unless the world's clock was set.
struct WallClock: Sendable {
  private var offset: Int64

  init() { offset = Self.offset }

  private static var offset: Int64 { Int64(Clock.seconds * 1e9) - Int64(Clock.now) }

  /// Follows the world's clock where that is a millisecond off or more.
  mutating func follow() {
    let now = Self.offset
    if abs(now - offset) > 1_000_000 { offset = now }
  }

  func nanoseconds(_ moment: UInt64) -> UInt64 { UInt64(max(0, Int64(clamping: moment) + offset)) }
}
