import Base
import Insights
import Testing

/// Times and lengths of shots, short films, and how they are written.
struct ShotTimesTests {
  private static var film: Film {
    var film = Film()
    for (scene, count) in [10, 40, 3, 40, 8].enumerated() { film.shot(scene + 1, count) }
    return film
  }

  @Test func `a film without frames has no shot, and one of a single frame has one`() {
    #expect(Film().shots().shots.isEmpty && Film().shots(end: 3).black.isEmpty)
    var film = Film()
    film.shot(1, 1)
    #expect(film.shots().shots == [Shot(0, 0, 0, 0)])
    #expect(film.shots(end: 0.04).shots == [Shot(0, 0.04, 0, 0)])
  }

  @Test func `two frames are one shot, or two`() {
    var film = Film()
    film.shot(1, 2)
    #expect(film.shots().shots == [Shot(0, 0.08, 0, 1)])
    film.frames[1] = Film.picture(2)
    #expect(film.changes() == [[0, 1]])
  }

  @Test func `a film without a cut is one shot`() {
    var film = Film()
    film.shot(1, 200)
    #expect(film.shots(end: 8).shots == [Shot(0, 8, 0, 199)])
  }

  @Test func `shots of a film of changing rate end where the next frame is shown, and never before they start`() {
    var film = Film()
    film.shot(1, 30)
    film.shot(2, 30)
    // 24 and 60 frames a second by turns, then a frame that stands for a second.
    var times: [Double] = [0]
    for place in 1..<60 { times.append(times[place - 1] + (place.isMultiple(of: 2) ? 1.0 / 60 : 1.0 / 24)) }
    times[59] = times[58] + 1
    let list = film.shots(times: times, end: 2.2)
    #expect(list.shots.map { $0.startFrame } == [0, 30])
    #expect(list.shots.map { $0.start } == [0, times[30]])
    #expect(list.shots[0].end == times[30])
    #expect(list.shots[1].end == times[59])
    #expect(film.shots(times: times).shots[1].end == times[59] + 1)
  }

  @Test func `times that step back do not end a shot before it starts`() {
    var film = Film()
    film.shot(1, 10)
    film.shot(2, 10)
    let times = (0..<20).map { $0 == 10 ? 0.1 : Double($0) / 25 }
    #expect(film.shots(times: times).shots.allSatisfy { $0.end >= $0.start })
  }

  @Test func `numbers of frames are those that were given`() {
    var film = Film()
    film.shot(1, 20)
    film.shot(2, 20)
    var detector = ShotDetector()
    for (place, frame) in film.frames.enumerated() {
      detector.add(index: 100 + 2 * place, time: 4 + Double(place) / 25, Film.descriptor(frame))
    }
    let list = detector.finish()
    #expect(list.transitions.map { [$0.from, $0.to] } == [[138, 140]])
    #expect(list.shots.map(\.start) == [4, 4.8])
  }

  @Test func `a least length holds for the first shot and the last too, and moves no cut`() {
    #expect(Self.film.changes() == [[9, 10], [49, 50], [52, 53], [92, 93]])
    let list = Self.film.shots(ShotSettings(minShot: 0.5))
    #expect(list.shots.allSatisfy { $0.end - $0.start >= 0.5 })
    #expect(list.transitions.count == 1)
    #expect([[49, 50], [52, 53]].contains([list.transitions[0].from, list.transitions[0].to]))
  }

  @Test func `a higher threshold finds less, a lower one no less`() {
    let counts = [0.1, 0.5, 0.8, 0.95, 1].map { Self.film.shots(ShotSettings(threshold: $0)).transitions.count }
    #expect(counts == counts.sorted(by: >) && counts[1] == 4 && counts[4] == 0)
  }

  @Test func `shots are written by their contract`() {
    var film = Film()
    film.shot(1, 10)
    film.hold(Film.even(0), 5)
    film.shot(2, 10)
    var json = JSONWriter(capacity: 512)
    film.shots().write(into: &json)
    #expect(
      String(decoding: json.take(), as: UTF8.self) == """
        {"shots":[{"start":0,"end":0.4,"startFrame":0,"endFrame":9,"transitionIn":null},\
        {"start":0.6,"end":1,"startFrame":15,"endFrame":24,\
        "transitionIn":{"kind":"black","from":9,"to":15,"score":1}}],\
        "black":[{"start":0.4,"end":0.6,"startFrame":10,"endFrame":14}]}
        """)
  }
}

extension Shot {
  fileprivate init(_ start: Double, _ end: Double, _ startFrame: Int, _ endFrame: Int) {
    self.init(start: start, end: end, startFrame: startFrame, endFrame: endFrame)
  }
}
