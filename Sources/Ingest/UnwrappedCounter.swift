/// Counts on where a counter of 16 or 32 bits wraps: the value nearest to the last one.
struct UnwrappedCounter: Sendable, Hashable {
  private let modulus: Int
  private var last: Int?

  init(bits: Int) { modulus = 1 << bits }

  /// The wrapped value as a whole number; it goes backwards where the values do, and begins with the first one.
  mutating func unwrap(_ value: Int) -> Int {
    guard let last else {
      self.last = value
      return value
    }
    let known = last & (modulus - 1)
    var step = (value - known) & (modulus - 1)
    if step >= modulus / 2 { step -= modulus }
    // What comes late does not move the place from which is counted on.
    self.last = max(last, last + step)
    return last + step
  }
}
