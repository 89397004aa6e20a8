internal import Base

/// How the elements of an output map lie in memory: class, row, column.
struct Grid: Sendable {
  let size: Size
  let classes: Int
  private let classStep: Int
  private let cellStep: Int

  /// From `[H,W]`, `[C,H,W]` or `[H,W,C]` behind leading ones; `nil` for anything else.
  ///
  /// The class dimension is the one that is smaller than the other two; in `[H,W]` elements are the classes themselves.
  init?(_ shape: [Int?]) {
    var sides = shape.map { $0 ?? 1 }
    while sides.count > 3 {
      guard sides[0] == 1 else { return nil }
      sides.removeFirst()
    }
    switch sides.count {
    case 3 where sides[0] <= min(sides[1], sides[2]):
      (size, classes) = (Size(width: sides[2], height: sides[1]), sides[0])
      (classStep, cellStep) = (sides[1] * sides[2], 1)
    case 3:
      (size, classes) = (Size(width: sides[1], height: sides[0]), sides[2])
      (classStep, cellStep) = (1, sides[2])
    case 2:
      (size, classes) = (Size(width: sides[1], height: sides[0]), 1)
      (classStep, cellStep) = (0, 1)
    default: return nil
    }
  }

  func index(_ label: Int, x: Int, y: Int) -> Int { label * classStep + (y * size.width + x) * cellStep }
}

/// The cells of an output map that lie under the whole upright picture, at the map's own resolution.
struct PictureGrid {
  let size: Size
  private let origin: (x: Double, y: Double)
  private let map: Size

  init(map: Size, at placement: Placement) {
    self.map = map
    let network = placement.network
    let scale = (x: Double(map.width) / Double(network.width), y: Double(map.height) / Double(network.height))
    let whole = placement.wholePicture
    size = Size(
      width: max(1, Int((whole.width * scale.x).rounded())), height: max(1, Int((whole.height * scale.y).rounded())))
    origin = (whole.x * scale.x, whole.y * scale.y)
  }

  /// The cell of the map under a cell of this grid, or `nil` where the network did not look.
  func cell(x: Int, y: Int) -> (x: Int, y: Int)? {
    let (column, row) = (x + Int(origin.x.rounded()), y + Int(origin.y.rounded()))
    guard (0..<map.width).contains(column), (0..<map.height).contains(row) else { return nil }
    return (column, row)
  }
}
