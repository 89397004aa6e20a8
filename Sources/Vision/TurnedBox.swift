internal import Base
internal import Glibc

/// A box that may be turned, by less than a quarter clockwise.
struct TurnedBox {
  private var candidate: Candidate

  var width: Double { candidate.box.width }
  var height: Double { candidate.box.height }

  /// Clockwise from what is the left top corner before it is turned.
  var corners: [(x: Double, y: Double)] { candidate.corners }

  mutating func grow(by rim: Double) {
    let box = candidate.box
    candidate.box = Rect(x: box.x - rim, y: box.y - rim, width: box.width + 2 * rim, height: box.height + 2 * rim)
  }

  /// The one of the least area around points; `nil` where they lie on a line.
  ///
  /// One of its sides lies on a side of what surrounds them (Freeman and Shapira, 1975); of several it is the first.
  init?(around points: [(x: Int, y: Int)]) {
    let hull = Self.hull(points)
    guard hull.count > 2 else { return nil }
    var best: (area: Double, angle: Double, along: ClosedRange<Double>, across: ClosedRange<Double>)?
    for (from, to) in zip(hull, hull.dropFirst() + hull.prefix(1)) {
      let (x, y) = (Double(to.x - from.x), Double(to.y - from.y))
      let length = (x * x + y * y).squareRoot()
      let (cosine, sine) = (x / length, y / length)
      let along = hull.map { Double($0.x) * cosine + Double($0.y) * sine }
      let across = hull.map { Double($0.y) * cosine - Double($0.x) * sine }
      let sides = (along.min()!...along.max()!, across.min()!...across.max()!)
      let area = (sides.0.upperBound - sides.0.lowerBound) * (sides.1.upperBound - sides.1.lowerBound)
      if best.map({ area < $0.area - 1e-9 }) ?? true { best = (area, atan2(y, x), sides.0, sides.1) }
    }
    guard let best else { return nil }
    let middle = (
      (best.along.lowerBound + best.along.upperBound) / 2, (best.across.lowerBound + best.across.upperBound) / 2
    )
    let (cosine, sine) = (cos(best.angle), sin(best.angle))
    let (x, y) = (middle.0 * cosine - middle.1 * sine, middle.0 * sine + middle.1 * cosine)
    let width = best.along.upperBound - best.along.lowerBound
    let height = best.across.upperBound - best.across.lowerBound
    var found = Candidate(
      label: 0, score: 0, box: Rect(x: x - width / 2, y: y - height / 2, width: width, height: height))
    found.angle = best.angle
    candidate = found.upright
  }

  /// The corners of what surrounds points, in order (Andrew's monotone chain, 1979).
  private static func hull(_ points: [(x: Int, y: Int)]) -> [(x: Int, y: Int)] {
    let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    func half(_ points: some Sequence<(x: Int, y: Int)>) -> [(x: Int, y: Int)] {
      var chain: [(x: Int, y: Int)] = []
      for point in points {
        while chain.count > 1, let last = chain.last {
          let before = chain[chain.count - 2]
          let turn = (last.x - before.x) * (point.y - before.y) - (last.y - before.y) * (point.x - before.x)
          guard turn <= 0 else { break }
          chain.removeLast()
        }
        chain.append(point)
      }
      return Array(chain.dropLast())
    }
    return half(sorted) + half(sorted.reversed())
  }
}

extension Rect {
  /// The upright box around points, which are some.
  init(around points: some Collection<(x: Double, y: Double)>) {
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    self.init(left: xs.min()!, top: ys.min()!, right: xs.max()!, bottom: ys.max()!)
  }
}
