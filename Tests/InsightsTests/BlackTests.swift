import Insights
import Testing

/// Black is no shot, and a fade through it is one transition.
struct BlackTests {
  private static func faded(_ length: Int, black: Int, color: Float = 0) -> Film {
    var film = Film()
    film.shot(1, 50)
    film.mix(to: Film.even(color), length)
    film.hold(Film.even(color), black)
    film.mix(to: Film.picture(2), length)
    film.shot(2, 50)
    return film
  }

  @Test(arguments: [5, 10, 25, 40], [4, 30, 200])
  func `a fade out and in is one transition, and the black between is a span`(length: Int, black: Int) throws {
    let list = Self.faded(length, black: black).shots()
    #expect(list.shots.count == 2)
    let one = try #require(list.transitions.first)
    #expect(one.kind == .black && one.score == 1)
    #expect(abs(one.from - 49) <= 2 && abs(one.to - (50 + 2 * length + black)) <= 2)
    let span = try #require(list.black.first)
    #expect(list.black.count == 1)
    #expect(span.startFrame >= 50 && span.startFrame <= 50 + length)
    #expect(span.endFrame >= 49 + length + black && span.endFrame < 50 + 2 * length + black)
  }

  @Test(arguments: [5, 10, 25, 40]) func `a fade through white is one gradual transition`(length: Int) throws {
    let list = Self.faded(length, black: 6, color: 255).shots()
    let one = try #require(list.transitions.first)
    #expect(list.transitions.count == 1 && one.kind == .gradual && list.black.isEmpty)
    #expect(one.from < 50 + length && one.to > 50 + length + 6)
  }

  @Test func `black between cuts is a span, and no shot`() {
    var film = Film()
    film.shot(1, 30)
    film.hold(Film.even(0), 40)
    film.shot(2, 30)
    let list = film.shots()
    #expect(list.shots.map { [$0.startFrame, $0.endFrame] } == [[0, 29], [70, 99]])
    #expect(list.shots.last?.transitionIn == ShotTransition(kind: .black, from: 29, to: 70, score: 1))
    #expect(list.black.map { [$0.startFrame, $0.endFrame] } == [[30, 69]])
  }

  @Test func `black at the ends of a film is a span, and parts nothing`() {
    var film = Film()
    film.hold(Film.even(2), 20)
    film.mix(to: Film.picture(1), 10)
    film.shot(1, 40)
    film.mix(to: Film.even(0), 10)
    film.hold(Film.even(0), 20)
    let list = film.shots()
    #expect(list.shots.count == 1 && list.transitions.isEmpty && list.black.count == 2)
    #expect(list.shots.first?.transitionIn?.kind == .black)
    #expect(list.shots.first?.transitionIn?.from == 0)
    #expect(list.shots.first?.startFrame == 30)
    #expect(abs((list.shots.first?.endFrame ?? 0) - 69) <= 1)
  }

  @Test func `a film that is black throughout has a span and no shot`() {
    var film = Film()
    film.hold(Film.even(0), 25)
    let list = film.shots(end: 1)
    #expect(list.shots.isEmpty)
    #expect(list.black == [BlackSpan(start: 0, end: 1, startFrame: 0, endFrame: 24)])
  }

  @Test(arguments: [1, 2]) func `a dark frame or two inside a shot part nothing`(length: Int) {
    var film = Film()
    film.shot(1, 60)
    for place in 30..<30 + length { film.frames[place] = Film.even(0) }
    #expect(film.shots(ShotSettings(minBlack: 0.2)).transitions == [])
  }

  @Test func `a single black frame between two shots is no shot`() {
    var film = Film()
    film.shot(1, 30)
    film.hold(Film.even(0), 1)
    film.shot(2, 30)
    #expect(film.changes() == [[29, 31]])
  }

  @Test func `a title on black is a shot`() {
    var film = Film()
    film.shot(1, 40)
    var title = Film.even(0)
    for y in 10..<17 { for x in 12..<36 { for channel in 0..<3 { title[(y * 48 + x) * 3 + channel] = 230 } } }
    film.hold(title, 40)
    film.shot(2, 40)
    let list = film.shots()
    #expect(list.transitions.map { [$0.from, $0.to] } == [[39, 40], [79, 80]])
    #expect(list.black.isEmpty)
  }

  @Test func `shorter black than asked for is not reported`() {
    let film = Self.faded(10, black: 5)
    #expect(film.shots(ShotSettings(minBlack: 2)).black.isEmpty)
    #expect(film.shots(ShotSettings(minBlack: 2)).transitions.count == 1)
  }
}
