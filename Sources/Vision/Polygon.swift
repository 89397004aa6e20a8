public import Base

/// A point of a picture, in fractions of its width and height; origin at top left.
public struct Point: Sendable, Hashable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// Which point of a box stands for the object.
public enum Anchor: String, Sendable, Hashable, CaseIterable {
  /// The middle of the lower edge: where something stands on the ground.
  case bottom
  case center
  case top

  /// `nil` where the box is no box.
  ///
  /// Points at the right and lower edge of the picture lie inside it.
  public func point(of box: Rect) -> Point? {
    let y =
      switch self {
      case .bottom: box.bottom
      case .center: box.y + box.height / 2
      case .top: box.y
      }
    let x = box.x + box.width / 2
    guard x.isFinite, y.isFinite else { return nil }
    return Point(min(max(x, 0), Self.edge), min(max(y, 0), Self.edge))
  }

  private static let edge = 1 - 1e-9
}

/// A part of a picture inside straight sides; the last point is joined with the first.
public struct Polygon: Sendable, Hashable {
  public let points: [Point]
  private let left, top, right, bottom: Double

  /// At least three points; what else makes a polygon is told by ``flaw``.
  public init(_ points: [Point]) {
    self.points = points
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
    (top, bottom) = (ys.min() ?? 0, ys.max() ?? 0)
  }

  /// By the parity of the sides to the right of the point; of two polygons that share a side, a point on it is in one.
  public func contains(_ point: Point) -> Bool {
    guard point.x >= left, point.x <= right, point.y >= top, point.y <= bottom else { return false }
    var (isInside, before) = (false, points[points.count - 1])
    for now in points {
      if (now.y > point.y) != (before.y > point.y),
        point.x < (before.x - now.x) * (point.y - now.y) / (before.y - now.y) + now.x
      {
        isInside.toggle()
      }
      before = now
    }
    return isInside
  }

  /// As a share of the picture.
  public var area: Double {
    var twice = 0.0
    for index in points.indices {
      let (a, b) = (points[index], points[(index + 1) % points.count])
      twice += a.x * b.y - b.x * a.y
    }
    return twice.magnitude / 2
  }

  /// What makes it no plain polygon.
  public enum Flaw: Sendable, Hashable {
    /// Two points one after the other are the same; from 0.
    case repeated(Int)
    /// The sides that begin at these points meet.
    case crossing(Int, Int)
    /// All of it lies on a line.
    case flat
  }

  /// `nil` where nothing is wrong; takes the square of the number of points.
  public var flaw: Flaw? {
    let count = points.count
    for index in points.indices where points[index] == points[(index + 1) % count] { return .repeated(index) }
    guard !isLine else { return .flat }
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) where meet(first, second) { return .crossing(first, second) }
    }
    return area > 1e-9 ? nil : .flat
  }

  /// All points lie on one line.
  private var isLine: Bool {
    let first = points[0]
    func distance(_ point: Point) -> Double {
      (point.x - first.x) * (point.x - first.x) + (point.y - first.y) * (point.y - first.y)
    }
    guard let last = points.max(by: { distance($0) < distance($1) }) else { return true }
    return points.allSatisfy { point in
      let (a, b) = (last.x - first.x, last.y - first.y)
      return (a * (point.y - first.y) - b * (point.x - first.x)).magnitude <= 1e-9
    }
  }

  private func meet(_ first: Int, _ second: Int) -> Bool {
    let count = points.count
    let (a, b) = (points[first], points[(first + 1) % count])
    let (c, d) = (points[second], points[(second + 1) % count])
    // Neighbours share a point, and must not turn back on each other.
    if (first + 1) % count == second { return turnsBack(a, b, d) }
    if (second + 1) % count == first { return turnsBack(c, d, b) }
    let (abc, abd, cda, cdb) = (turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b))
    if abc * abd < 0, cda * cdb < 0 { return true }
    return abc == 0 && lies(c, a, b) || abd == 0 && lies(d, a, b) || cda == 0 && lies(a, c, d)
      || cdb == 0 && lies(b, c, d)
  }

  private func turnsBack(_ a: Point, _ b: Point, _ c: Point) -> Bool {
    turn(a, b, c) == 0 && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0
  }

  /// The sign of the turn from `a` over `b` to `c`.
  private func turn(_ a: Point, _ b: Point, _ c: Point) -> Double {
    let cross = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    return cross > 1e-12 ? 1 : cross < -1e-12 ? -1 : 0
  }

  private func lies(_ point: Point, _ a: Point, _ b: Point) -> Bool {
    point.x >= min(a.x, b.x) && point.x <= max(a.x, b.x) && point.y >= min(a.y, b.y) && point.y <= max(a.y, b.y)
  }
}
