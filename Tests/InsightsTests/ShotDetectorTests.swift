import Base
import Insights
import TestKit
import Testing

/// The built-in method on drawn films; `RealShotTests` has real ones.
struct ShotDetectorTests {
  @Test(arguments: [false, true]) func `a cut is between the last frame of one shot and the first of the next`(
    isGray: Bool
  ) {
    var film = Film()
    for scene in 1...5 { film.shot(scene, 20 + scene, isGray: isGray) }
    let list = film.shots()
    #expect(list.transitions.map { [$0.from, $0.to] } == [[20, 21], [42, 43], [65, 66], [89, 90]])
    #expect(list.transitions.allSatisfy { $0.kind == .cut && $0.score > 0.5 && $0.score <= 1 })
    #expect(list.shots.map(\.startFrame) == [0, 21, 43, 66, 90])
    #expect(list.shots.map(\.endFrame) == [20, 42, 65, 89, 114])
    #expect(list.shots[0].transitionIn == nil)
  }

  @Test(arguments: [8, 12, 20, 30, 45, 60, 72])
  func `a dissolve is one gradual transition, about where it is`(length: Int) throws {
    var film = Film()
    film.shot(1, 60)
    film.dissolve(to: 2, length)
    film.shot(2, 60)
    let found = film.shots().transitions
    let one = try #require(found.first)
    #expect(found.count == 1 && one.kind == .gradual)
    #expect(abs(one.from - 59) <= 2 + length / 12 && abs(one.to - 60 - length) <= 2 + length / 12)
  }

  @Test(arguments: [2, 3, 5]) func `a very short dissolve is one transition, and no shots of one frame`(length: Int) {
    var film = Film()
    film.shot(1, 40)
    film.dissolve(to: 2, length)
    film.shot(2, 40)
    #expect(film.changes() == [[39, 40 + length]])
  }

  @Test func `a mixed frame at a cut, as converted frame rates have it, belongs to neither shot`() {
    var film = Film()
    film.shot(1, 30)
    film.dissolve(to: 2, 1)
    film.shot(2, 30)
    #expect(film.changes() == [[29, 31]])
    #expect(film.shots().transitions.first?.kind == .cut)
  }

  @Test(arguments: [1, 2, 4]) func `a flash is no shot`(length: Int) {
    var film = Film()
    film.shot(1, 60)
    film.flash(30..<30 + length)
    #expect(film.changes() == [])
  }

  @Test func `flashes, one after the other, are no shots`() {
    var film = Film()
    film.shot(1, 100)
    for start in stride(from: 20, to: 80, by: 7) { film.flash(start..<start + 2, 90) }
    #expect(film.changes() == [])
  }

  @Test func `a flash on a cut leaves the cut`() {
    var film = Film()
    film.shot(1, 40)
    film.hold(Film.even(255), 2)
    film.shot(2, 40)
    #expect(film.changes() == [[39, 42]])
  }

  @Test func `cards of one colour each are shots, at equal light too`() {
    let colors: [(Float, Float, Float)] = [(254, 0, 0), (0, 255, 1), (0, 0, 254), (254, 0, 0), (0, 130, 0)]
    var film = Film()
    for color in colors { film.hold(Film.color(color.0, color.1, color.2), 25) }
    #expect(film.changes() == [[24, 25], [49, 50], [74, 75], [99, 100]])
    // Beside pictures too.
    var mixed = Film()
    mixed.shot(1, 40)
    mixed.hold(Film.color(254, 0, 0), 25)
    mixed.hold(Film.color(0, 255, 1), 25)
    mixed.shot(2, 40)
    #expect(mixed.changes() == [[39, 40], [64, 65], [89, 90]])
  }

  @Test func `a flicker of two colours on a cut is that cut`() {
    var film = Film()
    film.shot(1, 40)
    film.hold(Film.even(255), 2)
    film.hold(Film.color(254, 0, 0), 2)
    film.shot(2, 40)
    #expect(film.changes() == [[39, 44]])
  }

  @Test(arguments: [0.3, 1, 3, 6]) func `a camera that moves makes no shot`(pixelsPerFrame: Double) {
    var film = Film()
    film.shot(3, 40, pan: 0)
    film.frames += (0..<60).map { Film.picture(3, shift: Double($0) * pixelsPerFrame) }
    film.frames += (0..<40).map { _ in Film.picture(3, shift: 60 * pixelsPerFrame) }
    #expect(film.changes() == [])
  }

  @Test func `light that changes slowly, or at once, makes no shot`() {
    var film = Film()
    film.shot(1, 40)
    film.frames += (0..<40).map { Film.picture(1, shift: 4, light: 1 - 0.015 * Float($0)) }
    film.frames += (0..<40).map { _ in Film.picture(1, shift: 4) }
    #expect(film.changes() == [])
  }

  @Test func `cuts are found under grain, and grain alone is none`() {
    var film = Film()
    film.shot(1, 30)
    film.shot(2, 30)
    film.grain(40)
    #expect(film.changes() == [[29, 30]])
  }

  @Test func `cuts and dissolves are found between black bars`() {
    var film = Film()
    film.shot(1, 40)
    film.shot(2, 40)
    film.dissolve(to: 3, 16)
    film.shot(3, 40)
    film.letterbox(6)
    let found = film.shots().transitions
    #expect(found.map(\.kind) == [.cut, .gradual])
    #expect(found.first?.to == 40)
  }

  @Test func `frames that stand twice, as films at another rate have them, change nothing but numbers`() {
    var film = Film()
    for scene in 1...4 { film.shot(scene, 20, pan: 1) }
    film.frames = film.frames.flatMap { [$0, $0] }
    #expect(film.changes() == [[39, 40], [79, 80], [119, 120]])
  }

  @Test func `slides that stand still are a shot each`() {
    var film = Film()
    for scene in 1...4 { film.hold(Film.picture(scene), 50) }
    #expect(film.changes() == [[49, 50], [99, 100], [149, 150]])
  }

  @Test func `a shot of one frame is a shot`() {
    var film = Film()
    film.shot(1, 30)
    film.shot(2, 1)
    film.shot(3, 30)
    #expect(film.changes() == [[29, 30], [30, 31]])
  }

  @Test func `a fast montage keeps its shots`() {
    var film = Film()
    for scene in 1...8 { film.shot(scene, 6) }
    #expect(film.changes().count == 7)
  }

  @Test func `the same frames give the same shots from bytes that were kept`() throws {
    var film = Film()
    film.shot(1, 30)
    film.dissolve(to: 2, 10)
    film.shot(2, 30)
    var detector = ShotDetector()
    for (place, frame) in film.frames.enumerated() {
      let bytes = Film.descriptor(frame).bytes
      #expect(bytes.count == ShotDescriptor.byteCount)
      detector.add(index: place, time: Double(place) / 25, try #require(ShotDescriptor(bytes: bytes)))
    }
    #expect(detector.finish() == film.shots())
    #expect(ShotDescriptor(bytes: []) == nil)
  }
}
