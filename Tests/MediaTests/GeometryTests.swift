import Base
import Testing

@testable import Media

struct GeometryTests {
  private static let all = [0, 90, 180, 270].flatMap { turn in
    [false, true].map { Orientation(rotation: turn, mirrored: $0) }
  }

  @Test(arguments: 1...8) func `a display matrix says the same as the EXIF tag`(_ tag: Int) throws {
    // x' = a·x + c·y, y' = b·x + d·y, for the eight tags in order.
    let matrices = [
      (1, 0, 0, 1), (-1, 0, 0, 1), (-1, 0, 0, -1), (1, 0, 0, -1), (0, 1, 1, 0), (0, 1, -1, 0), (0, -1, -1, 0),
      (0, -1, 1, 0),
    ]
    let (a, b, c, d) = matrices[tag - 1]
    #expect(Orientation(a: a << 16, b: b << 16, c: c << 16, d: d << 16) == Orientation(exif: tag))
  }

  @Test func `nonsense says nothing about orientation`() {
    #expect(Orientation(a: 0, b: 0, c: 0, d: 0) == nil)
    #expect(Orientation(exif: 0) == nil && Orientation(exif: 9) == nil)
  }

  @Test(arguments: all) func `the whole upright picture is the whole coded picture`(_ orientation: Orientation) {
    let geometry = Geometry(
      coded: Size(width: 640, height: 480), sampleAspect: Ratio(4, 3), orientation: orientation)
    let upright = geometry.upright
    #expect(upright == (orientation.isQuarterTurn ? Size(width: 480, height: 853) : Size(width: 853, height: 480)))
    let whole = geometry.coded(
      under: Rect(x: 0, y: 0, width: Double(upright.width), height: Double(upright.height)))
    #expect(whole == (0, 0, 640, 480))
  }

  @Test(arguments: all) func `a small part is never empty and stays inside`(_ orientation: Orientation) {
    let geometry = Geometry(
      coded: Size(width: 7, height: 5), sampleAspect: Ratio(0, 1), orientation: orientation)
    for x in stride(from: -2.0, to: 9, by: 0.3) {
      for y in stride(from: -2.0, to: 9, by: 0.3) {
        let part = geometry.coded(under: Rect(x: x, y: y, width: 0.2, height: 0.2))
        #expect(part.width >= 1 && part.height >= 1 && part.x >= 0 && part.y >= 0)
        #expect(part.x + part.width <= 7 && part.y + part.height <= 5)
      }
    }
  }

  @Test func `frames without a time follow the frame before`() {
    var clock = FrameClock(timeBase: Ratio(1, 1000), frameRate: Ratio(25, 1))
    #expect(clock.next(pts: nil, duration: 0).time == 0)
    #expect(clock.next(pts: nil, duration: 100).time == 0.04)
    #expect(abs(clock.next(pts: nil, duration: 0).time - 0.14) < 1e-9)
    let known = clock.next(pts: 5000, duration: 0)
    #expect(known.time == 5 && known.index == 3 && known.pts == 5000)
  }
}
