import Base
import Glibc

/// What many runs of one access cost.
struct Cost {
  private var batches: [[Double]] = []
  private var processor: [Double] = []
  private var pages: [Int] = []

  mutating func beginBatch() { batches.append([]) }

  mutating func add(_ span: Moment.Span, pages: Int) {
    batches[batches.count - 1].append(span.micros)
    processor.append(span.processorMicros)
    self.pages.append(pages)
  }

  private static func at<Number: Comparable>(_ share: Double, _ numbers: [Number]) -> Number? {
    numbers.isEmpty ? nil : numbers.sorted()[min(numbers.count - 1, Int(Double(numbers.count) * share))]
  }

  /// Microseconds.
  var median: Double { Self.at(0.5, batches.flatMap(\.self)) ?? 0 }

  /// Of the batch whose hundredth is the fastest: what others do on the machine only adds.
  var slowestHundredth: Double { batches.compactMap { Self.at(0.99, $0) }.min() ?? 0 }

  /// Of the processor's time, all threads of the process together.
  var slowestOfProcessor: Double { Self.at(0.99, processor) ?? 0 }

  var medianPages: Double { Double(Self.at(0.5, pages) ?? 0) }

  var meanPages: Double { pages.isEmpty ? 0 : Double(pages.reduce(0, +)) / Double(pages.count) }
}

/// By the clock on the wall, and by what the process has used of the processors.
struct Moment {
  struct Span {
    let micros: Double
    let processorMicros: Double
  }

  private let wall = Clock.now
  private let processor = Moment.processorTime

  private static var processorTime: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  func until(_ end: Moment) -> Span {
    Span(micros: Double(end.wall - wall) / 1000, processorMicros: Double(end.processor - processor) / 1000)
  }
}

/// One access at one size, by the library and by hand.
struct Finding {
  var access = ""
  var count = 0
  /// Elements found, and trees that were walked down for them, on average.
  var found = 0.0
  var walks = 0.0
  /// Microseconds.
  var median = 0.0
  var slowest = 0.0
  var slowestOfProcessor = 0.0
  var pages = 0.0
  var medianPages = 0.0
  /// Zeros where nothing was written by hand.
  var handMedian = 0.0
  var handSlowest = 0.0
  var handPages = 0.0

  var line: String {
    let numbers = [
      found, walks, median, slowest, slowestOfProcessor, pages, medianPages, handMedian, handSlowest, handPages,
    ]
    return ([access, String(count)] + numbers.map { String($0) }).joined(separator: "\t")
  }

  init(_ access: String, _ count: Int, found: Double, walks: Double, _ cost: Cost, byHand: Cost?) {
    (self.access, self.count, self.found, self.walks) = (access, count, found, walks)
    (median, slowest, slowestOfProcessor) = (cost.median, cost.slowestHundredth, cost.slowestOfProcessor)
    (pages, medianPages) = (cost.meanPages, cost.medianPages)
    guard let byHand else { return }
    (handMedian, handSlowest, handPages) = (byHand.median, byHand.slowestHundredth, byHand.meanPages)
  }

  init?(_ line: Substring) {
    let parts = line.split(separator: "\t")
    guard parts.count == 12, let count = Int(parts[1]) else { return nil }
    let numbers = parts.dropFirst(2).compactMap { Double($0) }
    guard numbers.count == 10 else { return nil }
    (access, self.count, found, walks) = (String(parts[0]), count, numbers[0], numbers[1])
    (median, slowest, slowestOfProcessor) = (numbers[2], numbers[3], numbers[4])
    (pages, medianPages) = (numbers[5], numbers[6])
    (handMedian, handSlowest, handPages) = (numbers[7], numbers[8], numbers[9])
  }

  static let heading = """
    | Access | assets | found | p50 / p99, p99 of the processor, pages (mean) | by hand: p50 / p99, pages (mean) |
    |---|---|---|---|---|
    """

  var row: String {
    let hand =
      handPages == 0 && handMedian == 0
      ? "" : "\(short(handMedian)) / \(short(handSlowest)) us, \(short(handPages))"
    let own =
      pages == 0
      ? ""
      : "\(short(median)) / \(short(slowest)) us, \(short(slowestOfProcessor)) us, \(short(medianPages)) (\(short(pages)))"
    return "| \(access) | \(count) | \(short(found)) | \(own) | \(hand) |"
  }

  /// What it cost here against a smaller library: the pages may be one more for each tree that is walked down, the slowest half as much again.
  ///
  /// Where more was found, the smaller library's cost is taken as many times.
  func verdict(against small: Finding) -> String {
    let share = small.found == found || small.walks == 0 ? 1 : walks / small.walks
    let (more, moreOfMedian) = (pages - small.pages * share, medianPages - small.medianPages * share)
    let ratios = [
      slowest / (small.slowest * share), slowestOfProcessor / (small.slowestOfProcessor * share),
    ].map { short($0) + ($0 <= 1.5 ? "" : "!") }
    let isFlat = [more, moreOfMedian].map { $0 <= max(walks, 1) }
    let word = isFlat[0] ? "flat" : isFlat[1] ? "flat in the median alone" : "NOT FLAT"
    return
      "| \(access) | \(word): \(short(moreOfMedian)) (\(short(more))) more, \(short(walks)) trees | \(ratios[0]) | \(ratios[1]) |"
  }
}

func short(_ number: Double) -> String {
  if abs(number) >= 100 { return String(Int(number.rounded())) }
  let tenths = (number * 10).rounded() / 10
  return tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
}

/// Written at once: what was measured stays where the rest takes too long.
func say(_ text: String) {
  let line = text + "\n"
  _ = write(1, line, line.utf8.count)
}
