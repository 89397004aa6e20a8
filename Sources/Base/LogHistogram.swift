/// Counts durations in buckets that grow with them: 16 buckets for each doubling, so a percentile is right within 3 %.
///
/// A value of one thread, for one run; counters that threads share and scrapers read are `Histogram` of Base.
///
/// Durations are given in nanoseconds and told in microseconds. Count, mean and maximum are exact.
public struct LogHistogram: Sendable, Hashable {
  private static let step = 16
  private static let stepBits = 4
  /// Longest duration told apart: 2^44 ns, nearly five hours; longer ones fall into the last bucket.
  private static let longest = 1 << 44 - 1
  private static let bucketCount = index(of: longest) + 1

  private var buckets = [Int](repeating: 0, count: Self.bucketCount)
  public private(set) var count = 0
  private var sum = 0.0
  private var shortestNanoseconds = Int.max
  private var longestNanoseconds = 0

  public init() {}

  /// Counts one duration; negative ones count as zero.
  public mutating func add(_ nanoseconds: Int) {
    let value = Swift.min(Swift.max(0, nanoseconds), Self.longest)
    buckets[Self.index(of: value)] += 1
    count += 1
    sum += Double(value)
    shortestNanoseconds = Swift.min(shortestNanoseconds, value)
    longestNanoseconds = Swift.max(longestNanoseconds, value)
  }

  public mutating func merge(_ other: LogHistogram) {
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
    sum += other.sum
    shortestNanoseconds = Swift.min(shortestNanoseconds, other.shortestNanoseconds)
    longestNanoseconds = Swift.max(longestNanoseconds, other.longestNanoseconds)
  }

  public var mean: Double { count > 0 ? sum / Double(count) / 1000 : 0 }
  public var max: Double { Double(longestNanoseconds) / 1000 }
  public var p50: Double { percentile(0.50) }
  public var p95: Double { percentile(0.95) }
  public var p99: Double { percentile(0.99) }

  /// The duration that `share` (0 to 1) of all stayed at or below, in microseconds; 0 when nothing was counted.
  public func percentile(_ share: Double) -> Double {
    let wanted = Swift.max(1, (Double(count) * share).rounded(.up))
    var passed = 0
    for (index, bucket) in buckets.enumerated() where bucket > 0 {
      passed += bucket
      guard Double(passed) >= wanted else { continue }
      let inside = Swift.max(Self.middle(of: index), Double(shortestNanoseconds))
      return Swift.min(max, inside / 1000)
    }
    return 0
  }

  /// Filled buckets, shortest first: where each begins and ends, in microseconds, and how many fell into it.
  public var filled: [(lower: Double, upper: Double, count: Int)] {
    buckets.indices.filter { buckets[$0] > 0 }.map {
      (Double(Self.lowerEnd(of: $0)) / 1000, Double(Self.lowerEnd(of: $0 + 1)) / 1000, buckets[$0])
    }
  }

  /// All of it as numbers, to be made again of them: the sum, the shortest and the longest in nanoseconds, and each filled bucket with its count.
  public var numbers: [Int] {
    guard count > 0 else { return [0, 0, 0] }
    let filled = buckets.indices.filter { buckets[$0] > 0 }
    return [Int(Swift.min(sum, Self.mostSum)), shortestNanoseconds, longestNanoseconds]
      + filled.flatMap { [$0, buckets[$0]] }
  }

  /// 73 years.
  private static let mostSum = 0x1p61

  /// `nil` where the numbers are not those of a histogram.
  public init?(numbers: some Collection<Int>) {
    let numbers = Array(numbers)
    guard numbers.count >= 3, numbers.count % 2 == 1 else { return nil }
    // Programs before this one wrote the bits of the sum: of one nanosecond and more they are a larger number than any sum.
    sum = numbers[0] > Int(Self.mostSum) ? Double(bitPattern: UInt64(numbers[0])) : Double(numbers[0])
    (shortestNanoseconds, longestNanoseconds) = (numbers[1], numbers[2])
    guard sum.isFinite, sum >= 0, longestNanoseconds >= 0 else { return nil }
    for place in stride(from: 3, to: numbers.count, by: 2) {
      let (bucket, filling) = (numbers[place], numbers[place + 1])
      guard buckets.indices.contains(bucket), buckets[bucket] == 0, (1...1 << 48).contains(filling) else { return nil }
      buckets[bucket] = filling
      count += filling
    }
    if count == 0 { shortestNanoseconds = .max }
  }

  private static func index(of value: Int) -> Int {
    guard value >= step else { return value }
    let octave = Int.bitWidth - 1 - value.leadingZeroBitCount - stepBits
    return octave * step + value >> octave
  }

  private static func lowerEnd(of index: Int) -> Int {
    guard index >= 2 * step else { return index }
    let octave = index / step - 1
    return (index - octave * step) << octave
  }

  private static func middle(of index: Int) -> Double {
    Double(lowerEnd(of: index) + lowerEnd(of: index + 1) - 1) / 2
  }
}
