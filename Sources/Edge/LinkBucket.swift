/// How many bytes may go over a link by now; a value, moments in monotonic nanoseconds.
///
/// What went is subtracted when its number is known, so that the balance may be below nothing; the next waits until it is not. Over any
/// time no more goes than the rate allows, and one message with ``burst`` bytes.
public struct LinkBucket: Sendable, Hashable {
  /// Bytes a second; 0 for no limit.
  public let rate: Double
  /// What may be saved up where nothing goes.
  public let burst: Double
  private var balance: Double
  private var last: UInt64

  public init(rate: Double, burst: Double, at now: UInt64) {
    (self.rate, self.burst, balance, last) = (max(0, rate), burst, burst, now)
  }

  /// So many bytes went.
  public mutating func spend(_ byteCount: Int, at now: UInt64) {
    guard rate > 0 else { return }
    fill(at: now)
    balance -= Double(byteCount)
  }

  /// When the next may go; it may be now.
  public mutating func ready(at now: UInt64) -> UInt64 {
    guard rate > 0 else { return now }
    fill(at: now)
    return balance >= 0 ? now : now + UInt64((-balance / rate * 1e9).rounded(.up))
  }

  private mutating func fill(at now: UInt64) {
    guard now > last else { return }
    balance = min(burst, balance + Double(now - last) / 1e9 * rate)
    last = now
  }
}
