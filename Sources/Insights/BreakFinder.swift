/// Finds natural breaks: changes of shots behind which another story begins, never where somebody speaks.
///
/// Give it embeddings of frames in the order of time (two a second are enough, of more some are passed over), and then the shots and the speech
/// of the whole film. It keeps four bytes for each number of an embedding, at most 2.5 embeddings a second.
public struct BreakFinder: Sendable {
  /// Seconds on either side of a moment in which speech speaks against it, and in which half of it forbids it.
  private static let around = 0.2
  private static let atIt = 0.1

  private let settings: BreakSettings
  private var pictures = StoryPictures()

  public init(_ settings: BreakSettings = BreakSettings()) { self.settings = settings }

  /// Takes the embedding of a frame, of any length that is the same for all; one that is zero or not finite is passed over.
  public mutating func add(time: Double, embedding: [Float]) { pictures.add(time: time, embedding: embedding) }

  /// The breaks of a film of these shots; `speech` are spans in which somebody speaks, in seconds and in order, and `nil` where
  /// nothing listened: a film without sound has none, `[]`.
  public func finish(_ shots: ShotList, speech: [ClosedRange<Double>]?) -> BreakList {
    var list = BreakList()
    if pictures.isEmpty { list.notAssessed.append("visual") }
    if speech == nil { list.notAssessed.append("silence") }
    var candidates: [StoryBreak] = []
    for (before, shot) in zip(shots.shots, shots.shots.dropFirst()) {
      guard let transition = shot.transitionIn else { continue }
      list.candidates += 1
      let (time, frame) = Self.moment(shot, transition, shots.black)
      if let speech, Self.isInside(speech, time) {
        list.insideSpeech += 1
        continue
      }
      let evidence = BreakEvidence(
        visual: pictures.unlikeness(before: before.end, after: shot.start),
        silence: speech.map { 1 - Self.share(of: $0, in: time - Self.around...time + Self.around) },
        black: transition.kind == .black ? 1 : 0, shot: transition.score)
      candidates.append(StoryBreak(time: time, frame: frame, score: evidence.score, rank: 0, evidence: evidence))
    }
    (list.breaks, list.notes) = BreakChoice(settings, film: Self.film(shots)).choose(candidates)
    return list
  }

  /// From the first frame to the last one, black or not.
  private static func film(_ shots: ShotList) -> ClosedRange<Double> {
    let starts = [shots.shots.first?.start, shots.black.first?.start].compactMap { $0 }
    let ends = [shots.shots.last?.end, shots.black.last?.end].compactMap { $0 }
    let start = starts.min() ?? 0
    return start...max(start, ends.max() ?? start)
  }

  /// Where the new shot begins, or the middle of the longest black before it: a time, and the frame that is shown from then on.
  private static func moment(_ shot: Shot, _ transition: ShotTransition, _ black: [BlackSpan]) -> (Double, Int) {
    let first = black.partitioningIndex { $0.startFrame >= transition.from }
    let between = black[first...].prefix { $0.endFrame <= transition.to }
    let longest = between.max { $0.end - $0.start < $1.end - $1.start }
    guard transition.kind == .black, let longest else { return (shot.start, shot.startFrame) }
    let count = longest.endFrame - longest.startFrame + 1
    let share = Double(count / 2) / Double(count)
    return (longest.start + (longest.end - longest.start) * share, longest.startFrame + count / 2)
  }

  private static func isInside(_ speech: [ClosedRange<Double>], _ time: Double) -> Bool {
    let next = speech.partitioningIndex { $0.upperBound >= time }
    return next < speech.count && speech[next].contains(time)
      || share(of: speech, in: time - atIt...time + atIt) > 0.5
  }

  /// How much of a stretch is in spans, 0 to 1.
  private static func share(of spans: [ClosedRange<Double>], in range: ClosedRange<Double>) -> Double {
    let first = spans.partitioningIndex { $0.upperBound > range.lowerBound }
    let sum = spans[first...].prefix { $0.lowerBound < range.upperBound }.reduce(0) {
      $0 + min($1.upperBound, range.upperBound) - max($1.lowerBound, range.lowerBound)
    }
    return min(1, sum / (range.upperBound - range.lowerBound))
  }
}
