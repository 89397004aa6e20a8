internal import Base

/// How the elements of an output map lie in memory: class, row, column.
struct Grid: Sendable {
  let size: Size
  let classes: Int
  private let classStep: Int
  private let cellStep: Int

  /// From `[H,W]`, `[C,H,W]` or `[H,W,C]` behind leading ones, or a flat list of as many cells as `network` has pixels;
  /// `nil` for anything else.
  ///
  /// Where no layout is said, the class dimension is the one that is smaller than the other two; in `[H,W]` elements are the
  /// classes themselves.
  init?(_ shape: [Int?], _ layout: OutputRecipe.Layout? = nil, _ network: Size? = nil) {
    var sides = shape.map { $0 ?? 1 }
    while sides.count > 3 {
      guard sides[0] == 1 else { return nil }
      sides.removeFirst()
    }
    if let network, let unfolded = Self.unfold(sides, network) { sides = unfolded }
    if sides.count == 3, sides[0] <= min(sides[1], sides[2]) && layout != .nhwc || layout == .nchw && sides.count == 3 {
      (size, classes) = (Size(width: sides[2], height: sides[1]), sides[0])
      (classStep, cellStep) = (sides[1] * sides[2], 1)
    } else if sides.count == 3 {
      (size, classes) = (Size(width: sides[1], height: sides[0]), sides[2])
      (classStep, cellStep) = (1, sides[2])
    } else if sides.count == 2 {
      (size, classes) = (Size(width: sides[1], height: sides[0]), 1)
      (classStep, cellStep) = (0, 1)
    } else {
      return nil
    }
  }

  /// Sides of a map whose rows were put behind each other: `[1,W·H]`, `[1,W·H,C]`, `[1,C,W·H]`.
  private static func unfold(_ sides: [Int], _ network: Size) -> [Int]? {
    guard network.area > 1, network.height > 1, sides.first == 1, sides.count >= 2 else { return nil }
    let rest = sides.dropFirst()
    guard let place = rest.firstIndex(of: network.area) else { return nil }
    var unfolded = Array(rest)
    unfolded.replaceSubrange(place - 1...place - 1, with: [network.height, network.width])
    return unfolded
  }

  /// Its cells lie over the input evenly: each stands for as many columns as rows, nearly.
  func covers(_ network: Size) -> Bool {
    guard network.width > 1, network.height > 1 else { return true }
    // A row of numbers is no map.
    guard size.width > 1, size.height > 1 else { return size.width == size.height }
    let (x, y) = (Double(network.width) / Double(size.width), Double(network.height) / Double(size.height))
    // Networks round their sides up, so small maps may be half a cell off.
    let slack = 1 + 2 / Double(min(size.width, size.height))
    return max(x, y) / min(x, y) <= slack
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

  /// The cell of the map under the first cell of this grid; outside the map where the network did not look there.
  var offset: (x: Int, y: Int) { (Int(origin.x.rounded()), Int(origin.y.rounded())) }

  /// The cell of the map under a cell of this grid, or `nil` where the network did not look.
  func cell(x: Int, y: Int) -> (x: Int, y: Int)? {
    let (column, row) = (x + offset.x, y + offset.y)
    guard (0..<map.width).contains(column), (0..<map.height).contains(row) else { return nil }
    return (column, row)
  }
}

extension DecoderPlan {
  /// Refuses an output that is not one map over the input; open sides may turn out to be one.
  func checkIsMap(_ index: Int) throws(Fault) {
    let spec = outputs[index]
    let isMap = spec.shape.dropLast(2).allSatisfy { $0 == nil || $0 == 1 } || spec.shape.last == 1
    guard !spec.isDynamic || !isMap else { return }
    guard !spec.isDynamic, let grid = Grid(spec.shape, output.layout, network), grid.classes == 1, grid.covers(network)
    else {
      throw mismatch("output '\(spec.name)' is \(spec.shapeText), and one map of the input is expected")
    }
  }
}
