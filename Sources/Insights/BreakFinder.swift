/// Finds natural breaks: changes of shots behind which another story begins, never where somebody speaks.
///
/// Give it embeddings of frames in the order of time (two a second are enough, of more some are passed over), and then the shots and the speech
/// of the whole film. It keeps four bytes for each number of an embedding, at most 2.5 embeddings a second.
public struct BreakFinder: Sendable {
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
      guard let (time, frame) = Passage(before, shot, transition, shots.black).moment(speech) else {
        list.insideSpeech += 1
        continue
      }
      let evidence = BreakEvidence(
        visual: pictures.unlikeness(before: before.end, after: shot.start),
        silence: speech.map { 1 - Speech.share(of: $0, around: time) },
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
}
