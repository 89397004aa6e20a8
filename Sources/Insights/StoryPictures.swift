internal import Base

/// What the pictures of a film look like, as embeddings in the order of time, and how much of it comes back behind a moment.
struct StoryPictures: Sendable {
  /// Seconds on either side in which pictures are compared.
  private static let neighbourhood = 12.0
  /// Seconds between two that are kept: closer ones say little more.
  private static let spacing = 0.4
  /// Pictures on each side without which nothing is compared.
  private static let least = 3

  private var times: [Double] = []
  /// Of length 1, one behind the other.
  private var vectors: [Float] = []
  private var length = 0

  var isEmpty: Bool { times.isEmpty }

  /// Passes over what is zero, not finite, of another length, or closer than ``spacing`` to the one before.
  mutating func add(time: Double, embedding: [Float]) {
    guard time.isFinite, times.last.map({ time - $0 >= Self.spacing - 1e-6 }) ?? true else { return }
    let norm = embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0, norm.isFinite, length == 0 || embedding.count == length else { return }
    length = embedding.count
    times.append(time)
    vectors += embedding.map { $0 / norm }
  }

  /// 1 less how like the third of the pictures before is that comes back most truly: footage that returns is the same story.
  ///
  /// Pictures before `end` are compared with those from `start` on; what lies between belongs to neither. `nil` where there are too few.
  func unlikeness(before end: Double, after start: Double) -> Double? {
    let left = times.partitioningIndex { $0 >= end - Self.neighbourhood }..<times.partitioningIndex { $0 >= end - 1e-3 }
    let right =
      times.partitioningIndex { $0 >= start - 1e-6 }..<times.partitioningIndex { $0 > start + Self.neighbourhood }
    guard left.count >= Self.least, right.count >= Self.least else { return nil }
    let nearest = left.map { one in right.reduce(Float(0)) { max($0, likeness(one, $1)) } }
    let best = nearest.sorted(by: >).prefix(max(1, nearest.count / 3))
    let mean = best.reduce(0, +) / Float(best.count)
    return Double(min(1, max(0, 1 - mean)))
  }

  private func likeness(_ one: Int, _ other: Int) -> Float {
    let span = vectors.span
    let (first, second) = (one * length, other * length)
    var sum: Float = 0
    for place in 0..<length { sum += span[first + place] * span[second + place] }
    return sum
  }
}
