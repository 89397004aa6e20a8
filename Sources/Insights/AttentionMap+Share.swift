public import Base
internal import Glibc
public import Predictions

extension AttentionMap {
  /// The part of all attention that lies in some of the picture, 0 to 1; inside a cell it is spread evenly.
  public func share(of rect: Rect) -> Double { weight(in: rect) / sum }

  /// Each cell's part of the greatest raised to `exponent`; `nil` where nothing is left.
  func raised(to exponent: Double) -> AttentionMap? {
    AttentionMap(size: size, weights: cells.map { pow(Double($0) / 255, 3 * exponent) })
  }

  /// Sum of the cells' weights, each by how much of it lies inside.
  func weight(in rect: Rect) -> Double {
    let inside = rect.clipped(to: .unit)
    guard inside.area > 0 else { return 0 }
    let columns = Self.cover(inside.x, inside.right, size.width)
    let rows = Self.cover(inside.y, inside.bottom, size.height)
    var total = 0.0
    for row in rows {
      var line = 0.0
      for column in columns { line += weight(at: row.cell * size.width + column.cell) * column.part }
      total += line * row.part
    }
    return total
  }

  private static func cover(_ from: Double, _ to: Double, _ count: Int) -> [(cell: Int, part: Double)] {
    let (first, last) = (from * Double(count), to * Double(count))
    return (min(Int(first), count - 1)...min(Int(last), count - 1)).map { cell in
      (cell, max(0, min(last, Double(cell + 1)) - max(first, Double(cell))))
    }
  }

  /// Centre of mass of what lies in some of the picture, and the middle of the cell with most; `nil` where nothing lies there.
  public func places(in rect: Rect) -> AttentionPlaces? {
    let inside = rect.clipped(to: .unit)
    guard inside.area > 0 else { return nil }
    let columns = Self.cover(inside.x, inside.right, size.width)
    let rows = Self.cover(inside.y, inside.bottom, size.height)
    var (sum, sumX, sumY, most) = (0.0, 0.0, 0.0, 0.0)
    var found = AttentionPlaces(center: .init(x: 0, y: 0), peak: .init(x: 0, y: 0))
    for row in rows where row.part > 0 {
      let y = middle(row.cell, size.height, inside.y, inside.bottom)
      for column in columns where column.part > 0 {
        let x = middle(column.cell, size.width, inside.x, inside.right)
        let cell = weight(at: row.cell * size.width + column.cell)
        let mass = cell * column.part * row.part
        sum += mass
        sumX += mass * x
        sumY += mass * y
        if cell > most { (most, found.peak) = (cell, .init(x: x, y: y)) }
      }
    }
    guard sum > 0 else { return nil }
    found.center = .init(x: sumX / sum, y: sumY / sum)
    return found
  }

  /// Of the part of a cell that lies between two borders.
  private func middle(_ cell: Int, _ count: Int, _ from: Double, _ to: Double) -> Double {
    (max(from, Double(cell) / Double(count)) + min(to, Double(cell + 1) / Double(count))) / 2
  }
}

/// Where attention lies in a picture, in fractions of it.
public struct AttentionPlaces: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double
  }

  /// Of mass.
  public var center: Point
  /// Where there is most.
  public var peak: Point
}

/// What is attended where nothing is known of the picture: people look at the middle first.
///
/// A normal distribution around the picture's middle, cut at its sides; the same part of each side is its standard deviation.
public struct CenterPrior: Sendable, Hashable {
  private let picture: Rect
  private let sigma: Double

  public init(sigma: Double, over picture: Rect = .unit) { (self.sigma, self.picture) = (sigma, picture) }

  /// The part of all attention that it gives to some of the picture, 0 to 1.
  public func share(of rect: Rect) -> Double {
    let inside = rect.clipped(to: picture)
    guard inside.area > 0 else { return 0 }
    return mass(inside.x, inside.right, picture.x, picture.width)
      * mass(inside.y, inside.bottom, picture.y, picture.height)
  }

  private func mass(_ from: Double, _ to: Double, _ start: Double, _ length: Double) -> Double {
    func below(_ place: Double) -> Double { erf(((place - start) / length - 0.5) / (sigma * 2.0.squareRoot())) }
    return (below(to) - below(from)) / (below(start + length) - below(start))
  }
}

/// Boxes as others that cover the same and do not overlap.
enum Apart {
  static func boxes(_ all: [Rect]) -> [Rect] {
    var apart: [Rect] = []
    for box in all where box.area > 0 {
      var rest = [box]
      for taken in apart { rest = rest.flatMap { cut($0, by: taken) } }
      apart += rest
    }
    return apart
  }

  /// What is left of a box: above, below, left and right of the other.
  private static func cut(_ box: Rect, by other: Rect) -> [Rect] {
    let common = other.clipped(to: box)
    guard common.area > 0 else { return [box] }
    return [
      Rect(left: box.x, top: box.y, right: box.right, bottom: common.y),
      Rect(left: box.x, top: common.bottom, right: box.right, bottom: box.bottom),
      Rect(left: box.x, top: common.y, right: common.x, bottom: common.bottom),
      Rect(left: common.right, top: common.y, right: box.right, bottom: common.bottom),
    ].filter { $0.area > 0 }
  }
}
