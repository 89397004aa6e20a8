internal import Base

/// The points of an input from which a network tells its boxes: level by level, row by row, cell by cell, several at one place.
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

    var count: Int { cells.area * repeats }
  }

  let levels: [Level]
  /// Of each level.
  let anchors: [[Anchor]]

  var all: [Anchor] { anchors.flatMap { $0 } }

  /// `repeats` is how many anchors a cell has, for each stride; `origin` where in it they are, 0 at the corner and 0.5 in the middle.
  ///
  /// With `isSpread` cells share the input evenly, also where its side is no multiple of the stride; else each measures its stride.
  init(strides: [Int], repeats: [Int], origin: Float, isSpread: Bool, on network: Size) {
    levels = zip(strides, repeats).map { Level(stride: $0, cells: network.cells(stride: $0), repeats: $1) }
    anchors = levels.map { level in
      let step =
        isSpread
        ? (x: Float(network.width) / Float(level.cells.width), y: Float(network.height) / Float(level.cells.height))
        : (x: Float(level.stride), y: Float(level.stride))
      return (0..<level.count).map { number in
        let cell = number / level.repeats
        return Anchor(
          x: (Float(cell % level.cells.width) + origin) * step.x,
          y: (Float(cell / level.cells.width) + origin) * step.y, stride: Float(level.stride))
      }
    }
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
    Size(width: (width + stride - 1) / stride, height: (height + stride - 1) / stride)
  }
}
