import Base
import Insights
import TestKit
import Testing

/// What users of other programs reported of ad breaks and chapters that were found by themselves, made again small.
struct BreakReportedTests {
  /// Shots of five seconds over ten minutes; another story begins every two minutes.
  private static let film = StoryFilm.cuts((1..<120).map { Double($0) * 5 }, end: 600)

  private func found(_ settings: BreakSettings, speech: [ClosedRange<Double>] = []) -> BreakList {
    var finder = BreakFinder(settings)
    finder.look(until: 600) { Int($0 / 120) * 2 + Int($0 / 2.5) % 2 }
    return finder.finish(Self.film, speech: speech)
  }

  /// shane-mason/FieldStation42 506: a break at every chapter that was found, some within seconds of each other.
  @Test func `breaks do not follow each other within seconds, even where all may be one`() {
    let times = found(BreakSettings(minDistance: 60, threshold: 0)).breaks.map(\.time)
    #expect(times.count > 4)
    for (one, next) in zip(times, times.dropFirst()) { #expect(next - one >= 60) }
  }

  /// shane-mason/FieldStation42 114: sixteen places in an episode, of which the shortest black were dropped until the number was right.
  @Test func `of many places those with the best evidence are kept, not the first or the longest`() {
    #expect(found(BreakSettings(minDistance: 0, count: 4, threshold: 0)).breaks.map(\.time) == [120, 240, 360, 480])
    #expect(found(BreakSettings(minDistance: 0, count: 2, threshold: 0), speech: [110...130]).breaks.count == 2)
  }

  /// essandess/etv-comskip 40: the advertisement comes in the midst of a scene of action, where cuts are many.
  @Test func `a scene of quick cuts is not interrupted`() {
    let times = (1..<100).map { 60 + Double($0) * 0.6 } + [180]
    var finder = BreakFinder(BreakSettings(minDistance: 0))
    finder.look(until: 240) { $0 < 180 ? Int($0 / 0.7) % 3 : 5 }
    #expect(finder.finish(StoryFilm.cuts(times, end: 240), speech: []).breaks.map(\.time) == [180])
  }

  /// scanner-research/esper-tv 35: black frames alone give false alarms; erikkaashoek/Comskip's users meet dark scenes.
  @Test func `black within a story is a weaker place than another story without black`() throws {
    var film = StoryFilm()
    film.shot(60)
    film.black(12)
    film.shot(60, .black, score: 1)
    film.shot(60)
    var finder = BreakFinder(BreakSettings(minDistance: 0, threshold: 0))
    finder.look(until: film.end) { $0 < 120.48 ? 0 : 1 }
    let breaks = finder.finish(film.list, speech: []).breaks
    #expect(breaks.map(\.rank) == [2, 1] && breaks.map(\.evidence.black) == [1, 0])
  }

  /// sageframe-no-kaji/m4bmaker 23: pauses alone find forty chapters where there are thirty-two.
  @Test func `a pause between sentences is no break where the picture goes on`() {
    let speech = (0..<150).map { Double($0) * 4 + 0.3...Double($0) * 4 + 3.7 }
    let list = found(BreakSettings(minDistance: 0), speech: speech)
    #expect(list.breaks.map(\.time) == [120, 240, 360, 480])
  }

  /// essandess/etv-comskip 40, of the end: a break a few seconds before the film is over.
  @Test func `nothing is interrupted just before its end or behind its beginning`() {
    let settings = BreakSettings(minDistance: 0, skipFirst: 130, skipLast: 130, threshold: 0)
    #expect(found(settings).breaks.allSatisfy { $0.time >= 130 && $0.time <= 470 })
    #expect(!found(settings).breaks.isEmpty)
  }
}
