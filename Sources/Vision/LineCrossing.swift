/// A line across a picture, from one point to another; the way from the one to the other tells its two hands.
public struct Segment: Sendable, Hashable {
  public var from: Point
  public var to: Point

  public init(_ from: Point, _ to: Point) { (self.from, self.to) = (from, to) }

  /// How far a point lies from the line through both ends, positive to the right hand of the way from the first to the second, and
  /// how far along that way its foot is, 0 to 1 between the ends.
  ///
  /// In heights of the picture, whose `aspect` is width divided by height.
  func place(of point: Point, aspect: Double) -> LineCrossing.Place {
    let (dx, dy) = ((to.x - from.x) * aspect, to.y - from.y)
    let (px, py) = ((point.x - from.x) * aspect, point.y - from.y)
    let square = dx * dx + dy * dy
    guard square > 0 else { return .init(distance: 0, along: -1) }
    return .init(distance: (dx * py - dy * px) / square.squareRoot(), along: (dx * px + dy * py) / square)
  }
}

/// Where one object stands with one line: says when it has crossed it.
///
/// It has once it was seen at least the margin away on one side, went through the line between its ends, and is seen at least the margin
/// away on the other. So what trembles about a line counts once at most, and counts again only after it came back as far.
public struct LineCrossing: Sendable, Hashable {
  struct Place: Sendable, Hashable {
    let distance: Double
    let along: Double
  }

  /// The side it was last seen well away on: 1 to the right hand, -1 to the left, 0 not yet.
  private var settled = 0
  private var last: Place?
  /// Passages through the line since then, those to the right counted up.
  private var passages = 0

  public init() {}

  /// Takes the next place of the object; 1 where it has crossed to the right hand, -1 to the left, else 0.
  ///
  /// `margin` is in heights of the picture.
  public mutating func move(to point: Point, _ line: Segment, margin: Double, aspect: Double) -> Int {
    let place = line.place(of: point, aspect: aspect)
    defer { last = place }
    if let last, (last.distance >= 0) != (place.distance >= 0) {
      let share = last.distance / (last.distance - place.distance)
      let along = last.along + (place.along - last.along) * share
      if (0...1).contains(along) { passages += place.distance >= 0 ? 1 : -1 }
    }
    guard place.distance.magnitude >= margin else { return 0 }
    let side = place.distance >= 0 ? 1 : -1
    defer { (settled, passages) = (side, 0) }
    return settled == -side && passages.signum() == side ? side : 0
  }
}
