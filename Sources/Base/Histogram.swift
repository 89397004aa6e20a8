internal import Synchronization

/// How often values of which size were seen, in buckets that are fixed from the start; any thread, no lock.
///
/// For scrapers, who want the same bounds in every answer; `LogHistogram` of Reports finds percentiles of one run, needs no atomics
/// and merges as a value.
///
/// Values are whole numbers, such as nanoseconds, so that their sum is exact; `perUnit` of them are one of the unit that is
/// shown, such as a second.
@safe
public final class Histogram: @unchecked Sendable {  // the buckets are atomics, and their address never changes
  /// The highest value of each bucket but the last, which has the rest; ascending.
  public let bounds: [Int]
  public let perUnit: Int
  private let buckets: UnsafeMutablePointer<Atomic<Int>>
  private let sum = Atomic<Int>(0)

  public init(bounds: [Int], perUnit: Int = 1) {
    precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<), "the bounds do not ascend")
    precondition(perUnit > 0, "a unit is made of nothing")
    (self.bounds, self.perUnit) = (bounds, perUnit)
    buckets = .allocate(capacity: bounds.count + 1)
    for index in 0...bounds.count { (buckets + index).initialize(to: Atomic(0)) }
  }

  deinit {
    buckets.deinitialize(count: bounds.count + 1)
    buckets.deallocate()
  }

  /// For waiting and working times in nanoseconds, shown in seconds: from 100 µs to 30 s.
  public static func times() -> Histogram {
    let microseconds = [
      100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
      5_000_000, 10_000_000, 30_000_000,
    ]
    return Histogram(bounds: microseconds.map { $0 * 1000 }, perUnit: 1_000_000_000)
  }

  public func record(_ value: Int) {
    buckets[bounds.partitioningIndex { $0 >= value }].wrappingAdd(1, ordering: .relaxed)
    sum.wrappingAdd(value, ordering: .relaxed)
  }

  /// What was seen so far; a value that is recorded at the same time may be in the counts or the sum alone.
  public var snapshot: Snapshot {
    Snapshot(counts: (0...bounds.count).map { buckets[$0].load(ordering: .relaxed) }, sum: sum.load(ordering: .relaxed))
  }

  public struct Snapshot: Sendable, Hashable {
    /// How many values each bucket has, one more than there are bounds.
    public let counts: [Int]
    public let sum: Int

    public var count: Int { counts.reduce(0, +) }
  }
}
