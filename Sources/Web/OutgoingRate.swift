/// How fast a client takes what waits for it: a floor on the rate of an answer's way out, judged over `stallSeconds`.
///
/// Pure: time is passed in, in monotonic nanoseconds.
struct OutgoingRate {
  /// When the stretch that is judged began; `.max` while nothing waits.
  private var began = UInt64.max
  private var bytes = 0

  /// Something waits from now on, if it did not before.
  mutating func begin(_ now: UInt64) { if began == .max { (began, bytes) = (now, 0) } }

  /// The client's system took so many bytes, and `isAll` says whether nothing waits any more.
  mutating func sent(_ count: Int, isAll: Bool) {
    bytes += count
    if isAll { began = .max }
  }

  /// When it is to be judged next; `.max` for never.
  func due(_ limits: Limits) -> UInt64 { began == .max ? .max : began + UInt64(limits.stallSeconds * 1e9) }

  /// Judges at the end of a stretch, and begins the next.
  mutating func isFastEnough(_ now: UInt64, _ limits: Limits) -> Bool {
    guard due(limits) <= now else { return true }
    defer { (began, bytes) = (now, 0) }
    return bytes >= max(1, Int(Double(limits.downloadBytesPerSecond) * limits.stallSeconds))
  }
}
