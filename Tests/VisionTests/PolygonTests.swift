import Base
import Testing

@testable import Vision

struct PolygonTests {
  private let square = Polygon([Point(0.2, 0.2), Point(0.6, 0.2), Point(0.6, 0.6), Point(0.2, 0.6)])

  @Test("A polygon holds what is inside its sides, also where it is not convex")
  func inside() {
    #expect(square.contains(Point(0.4, 0.4)))
    #expect(!square.contains(Point(0.7, 0.4)) && !square.contains(Point(0.4, 0.1)))
    let hook = Polygon([
      Point(0, 0), Point(1, 0), Point(1, 1), Point(0.8, 1), Point(0.8, 0.2), Point(0, 0.2),
    ])
    #expect(hook.contains(Point(0.9, 0.9)) && hook.contains(Point(0.1, 0.1)))
    #expect(!hook.contains(Point(0.4, 0.5)))
  }

  @Test("Polygons that share a side share no point, and what stands on the picture's edge is inside")
  func edges() {
    let left = Polygon([Point(0, 0), Point(0.5, 0), Point(0.5, 1), Point(0, 1)])
    let right = Polygon([Point(0.5, 0), Point(1, 0), Point(1, 1), Point(0.5, 1)])
    for step in 0...100 {
      let box = Rect(x: Double(step) / 100 - 0.05, y: 0.8, width: 0.1, height: 0.3)
      for anchor in Anchor.allCases {
        let point = anchor.point(of: box)!
        #expect(left.contains(point) != right.contains(point), "\(point)")
      }
    }
    #expect(Anchor.bottom.point(of: Rect(x: .nan, y: 0, width: 1, height: 1)) == nil)
    #expect(Anchor.center.point(of: Rect(x: 0.1, y: 0.1, width: 0.2, height: .infinity)) == nil)
  }

  @Test("What is wrong with a polygon is named")
  func flaws() {
    #expect(square.flaw == nil)
    #expect(Polygon([Point(0, 0), Point(1, 1), Point(1, 0), Point(0, 1)]).flaw == .crossing(0, 2), "an hourglass")
    #expect(
      Polygon([Point(0, 0), Point(1, 1), Point(0.8, 0), Point(0, 0.7)]).flaw == .crossing(0, 2), "sides that cross")
    #expect(Polygon([Point(0, 0), Point(0.5, 0.5), Point(1, 1)]).flaw == .flat)
    #expect(Polygon([Point(0, 0), Point(0, 0), Point(1, 1), Point(1, 0)]).flaw == .repeated(0))
    #expect(Polygon([Point(0, 0), Point(1, 1), Point(1, 0), Point(0, 0)]).flaw == .repeated(3))
    #expect(
      Polygon([Point(0, 0), Point(1, 0), Point(0.5, 0), Point(0.5, 1)]).flaw == .crossing(0, 1), "a side turns back")
    #expect(
      Polygon([Point(0, 0), Point(1, 0), Point(1, 1), Point(0.5, 0), Point(0, 1)]).flaw != nil, "a corner on a side")
  }
}

struct LineCrossingTests {
  private let line = Segment(Point(0.2, 0.5), Point(0.8, 0.5))

  private func walk(_ points: [Point], margin: Double = 0.02) -> [Int] {
    var crossing = LineCrossing()
    return points.map { crossing.move(to: $0, line, margin: margin, aspect: 16 / 9) }.filter { $0 != 0 }
  }

  @Test("Down over a line that was drawn from left to right is to its right hand, up is to its left")
  func directions() {
    let down = (0...10).map { Point(0.5, 0.3 + Double($0) * 0.04) }
    #expect(walk(down) == [1])
    #expect(walk(down.reversed()) == [-1])
    #expect(walk(down + down.reversed() + down) == [1, -1, 1])
    #expect(walk([Point(0.5, 0.1), Point(0.5, 0.9)]) == [1], "in one step")
  }

  @Test("What trembles about the line counts once at most, whatever it does within the margin")
  func jitter() {
    let noise = (0..<1000).map { Point(0.5, $0 % 2 == 0 ? 0.511 : 0.489) }
    #expect(walk(noise).isEmpty)
    #expect(walk([Point(0.5, 0.3)] + noise + [Point(0.5, 0.7)]) == [1])
    #expect(walk([Point(0.5, 0.3)] + noise + [Point(0.5, 0.3)]).isEmpty)
  }

  @Test("Who goes round an end of the line has not crossed it")
  func around() {
    #expect(walk([Point(0.5, 0.4), Point(0.9, 0.4), Point(0.9, 0.6), Point(0.5, 0.6)]).isEmpty)
    #expect(walk([Point(0.5, 0.4), Point(0.9, 0.4), Point(0.9, 0.6), Point(0.5, 0.6), Point(0.5, 0.4)]) == [-1])
  }
}
