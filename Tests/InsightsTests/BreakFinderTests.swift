import Base
import Insights
import TestKit
import Testing

/// Where a film may be interrupted, and what speaks for it.
struct BreakFinderTests {
  /// Two stories of 60 seconds with a cut every 10; within a story two places come by turns.
  private static let twoStories = StoryFilm.cuts((1..<12).map { Double($0) * 10 }, end: 120)

  private func place(_ time: Double) -> Int { (time < 60 ? 0 : 2) + Int(time / 5) % 2 }

  private func found(
    _ settings: BreakSettings = BreakSettings(), speech: [ClosedRange<Double>]? = [], looks: Bool = true
  ) -> BreakList {
    var finder = BreakFinder(settings)
    if looks { finder.look(until: 120, place) }
    return finder.finish(Self.twoStories, speech: speech)
  }

  @Test func `a break is where other pictures follow, and not where those before come back`() throws {
    let list = found()
    #expect(list.breaks.map(\.time) == [60])
    #expect(list.candidates == 11 && list.notAssessed.isEmpty && list.notes.isEmpty)
    let only = try #require(list.breaks.first)
    #expect(only.rank == 1 && only.frame == 1500)
    #expect(only.evidence.visual! > 0.8 && only.evidence.silence == 1 && only.evidence.black == 0)
    #expect(only.evidence.words.hasPrefix("other pictures follow"))
    let all = found(BreakSettings(minDistance: 0, threshold: 0))
    #expect(all.breaks.count == 11)
    #expect(all.breaks.allSatisfy { $0.time == 60 || $0.evidence.visual! < 0.2 })
  }

  @Test func `every break carries its evidence and a reason`() {
    for speech in [nil, [], [19.0...31.0]] as [[ClosedRange<Double>]?] {
      for looks in [true, false] {
        for one in found(BreakSettings(minDistance: 0, threshold: 0), speech: speech, looks: looks).breaks {
          #expect((one.evidence.visual == nil) == !looks)
          #expect((one.evidence.silence == nil) == (speech == nil))
          #expect(!one.evidence.words.isEmpty && (0...1).contains(one.score))
        }
      }
    }
  }

  @Test func `where somebody speaks is no break, however different the pictures`() {
    let list = found(speech: [40...59.5, 59.7...75])
    #expect(list.breaks.isEmpty && list.insideSpeech == 4)
    #expect(found(speech: [40...59.7, 60.2...75]).breaks.map(\.time) == [60])
  }

  @Test func `a break at the very edge of speech is none, and one in a pause between words neither`() {
    #expect(found(speech: [60...80]).breaks.isEmpty)
    #expect(found(speech: [40...60]).breaks.isEmpty)
    #expect(found(speech: [40...59.96, 60.04...80]).breaks.isEmpty)
    #expect(found(speech: [60.01...80]).breaks.map(\.time) == [60])
  }

  /// Every moment at which a break could be is tried against many random spans of speech, the shortest of 50 ms.
  @Test func `no break lies in speech, whatever is spoken`() {
    var random = SeededRandom(11)
    for _ in 0..<200 {
      var (speech, time) = ([ClosedRange<Double>](), 0.0)
      while time < 120 {
        let length = Double.random(in: 0.05...6, using: &random)
        speech.append(time...time + length)
        time += length + Double.random(in: 0.001...3, using: &random)
      }
      let settings = BreakSettings(minDistance: 0, maxDistance: Bool.random(using: &random) ? 15 : nil, threshold: 0)
      for one in found(settings, speech: speech, looks: false).breaks {
        #expect(!speech.contains { $0.contains(one.time) }, "\(one.time)")
      }
    }
  }

  @Test func `silence counts by how much of the time around it nobody speaks`() {
    let list = found(BreakSettings(minDistance: 0, threshold: 0), speech: [25...29.9])
    #expect(near(list.breaks.first { $0.time == 30 }?.evidence.silence, 0.75))
    #expect(list.breaks.first { $0.time == 20 }?.evidence.silence == 1)
  }

  @Test func `without a listener speech is not assessed, and no break claims silence`() throws {
    let list = found(speech: nil)
    #expect(list.notAssessed == ["silence"] && list.breaks.map(\.time) == [60])
    #expect(list.breaks[0].evidence.silence == nil)
    #expect(!list.breaks[0].evidence.words.contains("speaks"))
  }

  @Test func `without embeddings shots, silence and black decide alone, and that is said`() {
    let list = found(BreakSettings(minDistance: 30), looks: false)
    #expect(list.notAssessed == ["visual"])
    #expect(list.breaks.allSatisfy { $0.evidence.visual == nil && $0.score < 0.7 })
    #expect(!list.breaks.isEmpty)
  }

  @Test func `without either it is said of both`() {
    let list = found(speech: nil, looks: false)
    #expect(list.notAssessed == ["visual", "silence"])
  }

  @Test func `a film without shots, of one shot, or of black alone has no break`() {
    #expect(BreakFinder().finish(ShotList(), speech: []).breaks.isEmpty)
    #expect(BreakFinder(BreakSettings(maxDistance: 5)).finish(ShotList(), speech: nil).notes.isEmpty)
    #expect(BreakFinder().finish(StoryFilm.cuts([], end: 100), speech: []) == listOfNone)
    var black = StoryFilm()
    black.black(500)
    #expect(BreakFinder().finish(black.list, speech: []).breaks.isEmpty)
  }

  private var listOfNone: BreakList {
    var list = BreakList()
    list.notAssessed = ["visual"]
    return list
  }

  @Test func `embeddings that are zero, not finite or of another length are passed over`() {
    var finder = BreakFinder()
    for odd: [Float] in [[], [0, 0], [.nan, 1], [.infinity, 0], [3e38, 3e38]] { finder.add(time: 0, embedding: odd) }
    #expect(finder.finish(Self.twoStories, speech: []).notAssessed == ["visual"])
    finder.look(until: 120, place)
    var spoiled = BreakFinder()
    var random = SeededRandom(3)
    for half in 0..<240 {
      let time = Double(half) / 2
      spoiled.add(time: time, embedding: StoryFilm.embedding(place(time), &random))
      spoiled.add(time: time + 0.45, embedding: [Float](repeating: .nan, count: 16))
      spoiled.add(time: time + 0.46, embedding: [1, 2, 3])
      spoiled.add(time: .nan, embedding: [Float](repeating: 1, count: 16))
    }
    #expect(spoiled.finish(Self.twoStories, speech: []) == finder.finish(Self.twoStories, speech: []))
  }

  @Test func `how large embeddings are means nothing, and looking at every frame hardly anything`() {
    var (large, often) = (BreakFinder(), BreakFinder())
    var random = SeededRandom(3)
    for half in 0..<240 {
      let vector = StoryFilm.embedding(place(Double(half) / 2), &random)
      large.add(time: Double(half) / 2, embedding: vector.map { $0 * 1000 })
    }
    often.look(until: 120, every: 0.04, place)
    let one = large.finish(Self.twoStories, speech: []).breaks
    #expect(one.map(\.time) == [60] && near(one[0].score, found().breaks[0].score, 1e-4))
    #expect(often.finish(Self.twoStories, speech: []).breaks.map(\.time) == [60])
  }

  @Test func `pictures are compared within twelve seconds, and at the film's ends with what is there`() {
    let film = StoryFilm.cuts([1, 60, 119], end: 120)
    var finder = BreakFinder(BreakSettings(minDistance: 0, threshold: 0))
    finder.look(until: 120) { $0 < 47 || $0 > 73 ? 0 : $0 < 60 ? 1 : 2 }
    let breaks = finder.finish(film, speech: []).breaks
    #expect(breaks.map { $0.evidence.visual != nil } == [false, true, false])
    #expect(breaks[1].evidence.visual! > 0.8)
  }
}

/// Black, dissolves, and which frame is meant.
struct BreakMomentTests {
  private func only(_ film: StoryFilm) throws -> StoryBreak {
    let list = BreakFinder(BreakSettings(threshold: 0)).finish(film.list, speech: [])
    #expect(list.breaks.count == 1)
    return try #require(list.breaks.first)
  }

  @Test(arguments: [1, 2, 3, 12, 25])
  func `in black the break is in the middle, at a frame that is black`(count: Int) throws {
    var film = StoryFilm()
    film.shot(20)
    film.black(count)
    film.shot(20, .black, score: 1)
    let one = try only(film)
    #expect(one.frame == 500 + count / 2 && near(one.time, Double(one.frame) / 25))
    #expect(one.evidence.black == 1 && one.evidence.words.hasPrefix("the picture is black"))
  }

  @Test func `of several stretches of black it is the longest, with fades around them`() throws {
    var film = StoryFilm()
    film.shot(20)
    film.between(10)
    film.black(5)
    film.between(2)
    film.black(20)
    film.between(10)
    film.shot(20, .black, score: 1)
    #expect(try only(film).frame == 500 + 10 + 5 + 2 + 10)
  }

  @Test func `black at the ends of the film is no break, and another story's black is not taken`() {
    var film = StoryFilm()
    film.black(50)
    film.shot(20)
    film.shot(20)
    film.black(50)
    film.shot(20, .black)
    film.black(50)
    let list = BreakFinder(BreakSettings(minDistance: 0, threshold: 0)).finish(film.list, speech: [])
    #expect(list.breaks.map(\.time) == [22, 43])
    #expect(list.breaks.map(\.evidence.black) == [0, 1])
  }

  @Test func `a dissolve is broken in its middle, or where nobody speaks in it`() throws {
    var film = StoryFilm()
    film.shot(20)
    film.between(25)
    film.shot(20, .gradual)
    #expect(try only(film).frame == 512)
    let frames = { (speech: [ClosedRange<Double>]) in
      BreakFinder(BreakSettings(threshold: 0)).finish(film.list, speech: speech).breaks.map(\.frame)
    }
    #expect(frames([10...20.3]) == [513])
    #expect(frames([10...20.5, 20.95...30]) == [518])
    #expect(frames([20.2...30]) == [500])
    #expect(frames([10...30]) == [])
    #expect(frames([19.9...21.1]) == [])
  }

  @Test func `in black the break is where nobody speaks`() {
    var film = StoryFilm()
    film.shot(20)
    film.black(50)
    film.shot(20, .black, score: 1)
    let found = BreakFinder(BreakSettings(threshold: 0)).finish(film.list, speech: [19...21.2])
    #expect(found.breaks.map(\.frame) == [535] && near(found.breaks.first?.evidence.silence, 1))
    #expect(near(found.breaks.first?.time, 21.4))
  }

  @Test func `what is skipped at the ends counts from the film's first frame, black or not`() {
    var film = StoryFilm()
    film.black(250)
    film.shot(10)
    film.shot(10)
    film.shot(10)
    film.black(250)
    let list = BreakFinder(BreakSettings(minDistance: 0, skipFirst: 20, skipLast: 20, threshold: 0))
      .finish(film.list, speech: [])
    #expect(list.breaks.map(\.time) == [20, 30])
  }

  @Test func `breaks are written by their contract`() throws {
    var film = StoryFilm()
    film.shot(20)
    film.black(10)
    film.shot(20, .black, score: 1)
    var json = JSONWriter()
    BreakFinder().finish(film.list, speech: []).write(into: &json)
    #expect(
      String(decoding: json.take(), as: UTF8.self) == """
        {"breaks":[{"time":20.2,"frame":505,"score":0.697,"rank":1,\
        "evidence":{"visual":null,"silence":1,"black":1,"shot":1},\
        "because":"the picture is black, nobody speaks, the shot changes","insideSpeech":false}],\
        "candidates":1,"insideSpeech":0,"notAssessed":["visual"],"notes":[]}
        """)
    BreakFinder().finish(film.list, speech: nil).write(into: &json)
    let text = String(decoding: json.take(), as: UTF8.self)
    #expect(text.contains("\"insideSpeech\":null") && text.contains("\"silence\":null"))
  }
}
