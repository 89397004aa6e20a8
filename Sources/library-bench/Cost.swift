import Base
import Glibc

/// What many runs of one access cost.
struct Cost {
  private(set) var batches: [[Double]] = []
  private var pages: [Int] = []

  mutating func beginBatch() { batches.append([]) }

  mutating func add(nanoseconds: UInt64, pages: Int) {
    batches[batches.count - 1].append(Double(nanoseconds) / 1000)
    self.pages.append(pages)
  }

  private static func at<Number: Comparable>(_ share: Double, _ numbers: [Number]) -> Number? {
    numbers.isEmpty ? nil : numbers.sorted()[min(numbers.count - 1, Int(Double(numbers.count) * share))]
  }

  /// Microseconds.
  var median: Double { Self.at(0.5, batches.flatMap(\.self)) ?? 0 }

  /// Of the batch whose hundredth is the fastest: what others do on the machine only adds.
  var slowestHundredth: Double { batches.compactMap { Self.at(0.99, $0) }.min() ?? 0 }

  var meanPages: Double { pages.isEmpty ? 0 : Double(pages.reduce(0, +)) / Double(pages.count) }
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
  var pages = 0.0
  /// Zeros where nothing was written by hand.
  var handMedian = 0.0
  var handSlowest = 0.0
  var handPages = 0.0

  var line: String {
    let numbers = [found, walks, median, slowest, pages, handMedian, handSlowest, handPages]
    return ([access, String(count)] + numbers.map { String($0) }).joined(separator: "\t")
  }

  init() {}

  init?(_ line: Substring) {
    let parts = line.split(separator: "\t")
    guard parts.count == 10, let count = Int(parts[1]) else { return nil }
    let numbers = parts.dropFirst(2).compactMap { Double($0) }
    guard numbers.count == 8 else { return nil }
    (access, self.count, found, walks) = (String(parts[0]), count, numbers[0], numbers[1])
    (median, slowest, pages) = (numbers[2], numbers[3], numbers[4])
    (handMedian, handSlowest, handPages) = (numbers[5], numbers[6], numbers[7])
  }

  var row: String {
    let hand =
      handPages == 0 && handMedian == 0
      ? "" : "\(short(handMedian)) / \(short(handSlowest)) us, \(short(handPages))"
    return
      "| \(access) | \(count) | \(short(found)) | \(short(median)) / \(short(slowest)) us, \(short(pages)) | \(hand) |"
  }

  /// What it cost here against a smaller library: the pages may be one more for each tree that is walked down, the slowest half as much again.
  func verdict(against small: Finding) -> String {
    let share = small.walks > 0 ? walks / small.walks : 1
    let (pagesMore, ratio) = (pages - small.pages * share, slowest / (small.slowest * share))
    let isFlat = pagesMore <= max(walks, 1)
    let times = "p99 \(short(ratio)) times\(ratio <= 1.5 ? "" : " (over 1.5)")"
    return
      "| \(access) | \(isFlat ? "flat" : "NOT FLAT"): \(short(pagesMore)) pages more, \(short(walks)) trees | \(times) |"
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
