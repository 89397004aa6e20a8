/// Finds natural breaks: changes of shots behind which another story begins, never where somebody speaks.
///
/// Give it embeddings of frames in the order of time, as many a second as are there (two are enough), and then the shots and the speech of the
/// whole film. It keeps four bytes for each number of an embedding.
public struct BreakFinder: Sendable {
  /// Seconds on either side in which pictures are compared, and speech is listened for.
  private static let neighbourhood = 12.0
  private static let around = 0.2
  private static let atIt = 0.1
  /// Embeddings on each side without which nothing is compared.
  private static let least = 3

  private let settings: BreakSettings
  private var times: [Double] = []
  /// Of length 1, one behind the other.
  private var vectors: [Float] = []
  private var length = 0

  public init(_ settings: BreakSettings = BreakSettings()) { self.settings = settings }

  /// Takes the embedding of a frame, of any length that is the same for all; one that is zero or not finite is passed over.
  public mutating func add(time: Double, embedding: [Float]) {
    let norm = embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0, norm.isFinite, length == 0 || embedding.count == length else { return }
    length = embedding.count
    times.append(time)
    vectors += embedding.map { $0 / norm }
  }

  /// The breaks of a film of these shots; `speech` are spans in which somebody speaks, in seconds and in order, and `nil` where
  /// nothing listened.
  public func finish(_ shots: ShotList, speech: [ClosedRange<Double>]?) -> BreakList {
    var list = BreakList()
    if times.isEmpty { list.notAssessed.append("visual") }
    if speech == nil { list.notAssessed.append("silence") }
    var candidates: [StoryBreak] = []
    for (before, shot) in zip(shots.shots, shots.shots.dropFirst()) {
      guard let transition = shot.transitionIn else { continue }
      list.candidates += 1
      let isBlack = transition.kind == .black
      let time = isBlack ? middle(between: before, shot, shots.black) : shot.start
      if let speech, Self.share(of: speech, in: time - Self.atIt...time + Self.atIt) > 0.5 {
        list.insideSpeech += 1
        continue
      }
      let evidence = BreakEvidence(
        visual: unlikeness(before: before.end, after: shot.start),
        silence: speech.map { 1 - Self.share(of: $0, in: time - Self.around...time + Self.around) },
        black: isBlack ? 1 : 0, shot: transition.score)
      candidates.append(
        StoryBreak(time: time, frame: shot.startFrame, score: evidence.score, rank: 0, evidence: evidence))
    }
    let (start, end) = (shots.shots.first?.start ?? 0, shots.shots.last?.end ?? 0)
    var choice = BreakChoice(settings, film: start...max(start, end))
    list.breaks = choice.choose(candidates)
    list.notes = choice.notes
    return list
  }

  /// The middle of what is black between two shots.
  private func middle(between before: Shot, _ after: Shot, _ black: [BlackSpan]) -> Double {
    let spans = black.filter { $0.start >= before.start && $0.end <= after.end }
    guard let first = spans.first, let last = spans.last else { return after.start }
    return (first.start + last.end) / 2
  }

  /// 1 less how like the third of the pictures before is that comes back most truly: footage that returns is the same story.
  private func unlikeness(before end: Double, after start: Double) -> Double? {
    let left = indices(from: end - Self.neighbourhood, to: end - 1e-3)
    let right = indices(from: start, to: start + Self.neighbourhood)
    guard left.count >= Self.least, right.count >= Self.least else { return nil }
    let likeness = left.map { one in right.map { dot(one, $0) }.max() ?? 0 }.sorted(by: >)
    let best = likeness.prefix(max(1, likeness.count / 3))
    return Double(min(1, max(0, 1 - best.reduce(0, +) / Float(best.count))))
  }

  private func indices(from: Double, to: Double) -> Range<Int> {
    let first = times.partitioningIndex { $0 >= from }
    return first..<max(first, times.partitioningIndex { $0 > to })
  }

  private func dot(_ one: Int, _ other: Int) -> Float {
    var sum: Float = 0
    for place in 0..<length { sum += vectors[one * length + place] * vectors[other * length + place] }
    return sum
  }

  /// How much of a stretch is in spans, 0 to 1.
  static func share(of spans: [ClosedRange<Double>], in range: ClosedRange<Double>) -> Double {
    let first = spans.partitioningIndex { $0.upperBound > range.lowerBound }
    var sum = 0.0
    for span in spans[first...] {
      guard span.lowerBound < range.upperBound else { break }
      sum += min(span.upperBound, range.upperBound) - max(span.lowerBound, range.lowerBound)
    }
    return min(1, sum / (range.upperBound - range.lowerBound))
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element fulfils what no element before one does that does not.
  func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
