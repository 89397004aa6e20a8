internal import Base
internal import Predictions

extension Pen {
  /// Lays a colour over the pixels of a mask, thinly inside and firmly along the edge.
  func paint(_ mask: Mask, _ color: Palette.Color, on canvas: inout Canvas) {
    guard let inside = mask.cells() else { return }
    let (rows, columns) = (mask.size.height, mask.size.width)
    let column = (0..<size.width).map { $0 * columns / size.width * rows }
    let row = (0..<size.height).map { $0 * rows / size.height }
    for y in 0..<size.height {
      let (above, here, below) = (row[max(0, y - thickness)], row[y], row[min(size.height - 1, y + thickness)])
      for x in 0..<size.width where inside[column[x] + here] {
        let (before, after) = (column[max(0, x - thickness)], column[min(size.width - 1, x + thickness)])
        let deep =
          inside[column[x] + above] && inside[column[x] + below] && inside[before + here] && inside[after + here]
        canvas.mix(color, deep ? 100 : 230, at: (y * size.width + x) * 3)
      }
    }
  }
}

extension Mask {
  /// Grids larger than this are no answer of a network.
  private static let cellLimit = 1 << 26

  /// One entry a cell, column by column; `nil` for runs and sizes that make no sense.
  func cells() -> [Bool]? {
    let (area, overflow) = size.width.multipliedReportingOverflow(by: size.height)
    guard size.width > 0, size.height > 0, !overflow, area <= Self.cellLimit else { return nil }
    var cells = [Bool](repeating: false, count: area)
    var (start, filled) = (0, false)
    for count in counts {
      guard count >= 0, count <= area - start else { return nil }
      if filled { for index in start..<start + count { cells[index] = true } }
      (start, filled) = (start + count, !filled)
    }
    return cells
  }
}
