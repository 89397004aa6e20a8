internal import Access

/// How often each who comes to the nodes' door may ask.
struct DoorRates: Sendable {
  static let node = Rate(50, per: .second, burst: 200)
  /// Of those, beats: each is a write to the library, which everybody has to wait for.
  static let beat = Rate(1, per: .second, burst: 30)
  /// Whoever shows no key of a node, by the address that it comes from.
  static let stranger = Rate(1, per: .second, burst: 20)
  /// Of those that are remembered; beyond it all are forgotten, so that strangers' addresses do not fill the memory.
  private static let most = 16_384

  private var buckets: [String: TokenBucket] = [:]

  /// Of those that are remembered.
  var count: Int { buckets.count }

  /// Takes one, or answers how many nanoseconds are to be waited.
  mutating func take(_ rate: Rate, from who: String, at moment: Int) -> Int? {
    if buckets.count >= Self.most, buckets[who] == nil { buckets = [:] }
    return buckets[who, default: TokenBucket()].take(rate, at: moment)
  }
}
