internal import Base

/// The points of an input from which a network tells its boxes: level by level, row by row, cell by cell, several at one place.
///
/// None is kept: each is computed when it is asked for, so that a grid costs nothing, whatever its recipe says.
struct AnchorGrid: Sendable {
  /// A point in input pixels, and what a cell of its level measures.
  struct Anchor: Sendable, Hashable {
    var x: Float
    var y: Float
    var stride: Float
  }

  /// What is known of one level.
  struct Level: Sendable, Hashable {
    let stride: Int
    /// Sides of its map: of the input's, rounded up.
    let cells: Size
    /// Anchors at each cell.
    let repeats: Int

    var count: Int { cells.width.times(cells.height).times(repeats) }
  }

  let levels: [Level]
  private let origin: Float
  private let isSpread: Bool
  private let network: Size

  /// `repeats` is how many anchors a cell has, for each stride; `origin` where in it they are, 0 at the corner and 0.5 in the middle.
  ///
  /// With `isSpread` cells share the input evenly, also where its side is no multiple of the stride; else each measures its stride.
  init(strides: [Int], repeats: [Int], origin: Float, isSpread: Bool, on network: Size) {
    self.init(
      zip(strides, repeats).map { Level(stride: $0, cells: network.cells(stride: $0), repeats: $1) }, origin, isSpread,
      network)
  }

  private init(_ levels: [Level], _ origin: Float, _ isSpread: Bool, _ network: Size) {
    (self.levels, self.origin, self.isSpread, self.network) = (levels, origin, isSpread, network)
  }

  /// Anchors of all levels.
  var count: Int { levels.reduce(0) { $0.plus($1.count) } }

  /// Each level as a grid by itself.
  var parts: [AnchorGrid] { levels.map { AnchorGrid([$0], origin, isSpread, network) } }

  /// The level of an anchor, and its number there.
  func place(of number: Int) -> (level: Int, number: Int) {
    var rest = number
    for (index, level) in levels.enumerated() {
      if rest < level.count { return (index, rest) }
      rest -= level.count
    }
    preconditionFailure("there is no anchor \(number)")
  }

  subscript(number: Int) -> Anchor {
    let place = place(of: number)
    let level = levels[place.level]
    let step =
      isSpread
      ? (x: Float(network.width) / Float(level.cells.width), y: Float(network.height) / Float(level.cells.height))
      : (x: Float(level.stride), y: Float(level.stride))
    let cell = place.number / level.repeats
    return Anchor(
      x: (Float(cell % level.cells.width) + origin) * step.x, y: (Float(cell / level.cells.width) + origin) * step.y,
      stride: Float(level.stride))
  }
}

extension AnchorGrid.Anchor {
  /// The box whose sides are so many pixels to its left, top, right and bottom.
  func box(left: Float, top: Float, right: Float, bottom: Float) -> Rect {
    Rect(left: Double(x - left), top: Double(y - top), right: Double(x + right), bottom: Double(y + bottom))
  }

  /// Points that lie by x and y by turns from it, in units of `step` pixels.
  func points(_ offsets: ArraySlice<Float>, step: Float) -> [Double] {
    offsets.enumerated().map { Double(($0 % 2 == 0 ? x : y) + $1 * step) }
  }
}

extension Size {
  /// Cells of the level with the stride: sides that are no multiple are padded by the network, so they round up.
  func cells(stride: Int) -> Size {
    Size(
      width: width / stride + (width % stride == 0 ? 0 : 1), height: height / stride + (height % stride == 0 ? 0 : 1))
  }
}

/// Counts that stop at the greatest number there is, which no output holds: what is too much is refused, and does not trap.
extension Int {
  func times(_ other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }

  func plus(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}
