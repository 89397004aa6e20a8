import Insights
import TestKit

/// A film of shots that are told and not drawn, at 25 frames a second.
struct StoryFilm {
  var list = ShotList()
  private var frame = 0

  /// The end of what is there, in seconds.
  var end: Double { Double(frame) / 25 }

  /// The next shot, of so many seconds.
  mutating func shot(_ seconds: Double, _ kind: ShotTransition.Kind = .cut, score: Double = 0.9) {
    let count = Int((seconds * 25).rounded())
    let last = list.shots.last?.endFrame
    var shot = Shot(start: end, end: end + Double(count) / 25, startFrame: frame, endFrame: frame + count - 1)
    if let last { shot.transitionIn = ShotTransition(kind: kind, from: last, to: frame, score: score) }
    list.shots.append(shot)
    frame += count
  }

  /// Black for so many frames; the next shot is told to be `black`.
  mutating func black(_ count: Int) {
    list.black.append(
      BlackSpan(start: end, end: end + Double(count) / 25, startFrame: frame, endFrame: frame + count - 1))
    frame += count
  }

  /// What is neither shot nor black: the midst of a dissolve.
  mutating func between(_ count: Int) { frame += count }

  /// Shots that begin at these seconds, the first at 0.
  static func cuts(_ times: [Double], end: Double) -> ShotList {
    var film = StoryFilm()
    for (start, next) in zip([0] + times, times + [end]) { film.shot(next - start) }
    return film.list
  }

  /// An embedding of what is at a place, a bit different every time.
  static func embedding(_ place: Int, _ random: inout SeededRandom, noise: Float = 0.1) -> [Float] {
    (0..<16).map { ($0 == place ? 1 : 0) + Float.random(in: -noise...noise, using: &random) }
  }
}

extension BreakFinder {
  /// Looks twice a second at films whose places are told by their seconds.
  mutating func look(until end: Double, every step: Double = 0.5, _ place: (Double) -> Int) {
    var random = SeededRandom(3)
    for time in stride(from: 0, to: end, by: step) {
      add(time: time, embedding: StoryFilm.embedding(place(time), &random))
    }
  }
}
