internal import Base
internal import Predictions

/// A mask in the pixels of its picture.
struct PixelMask: Sendable, Hashable {
  /// Runs down the columns, outside and inside by turns, the first outside: COCO's uncompressed run-length encoding.
  var counts: [Int] = []
  /// Pixels inside.
  var area = 0
  /// The smallest box, in whole pixels, around all that is inside; empty where nothing is.
  var extent: Rect {
    area == 0 ? Rect(x: 0, y: 0, width: 0, height: 0) : Rect(left: left, top: top, right: right, bottom: bottom)
  }

  private var left = Double.infinity
  private var top = Double.infinity
  private var right = -Double.infinity
  private var bottom = -Double.infinity
  private var isInside = false

  /// Every pixel is what the cell of the grid is that its centre lies in; `nil` where the runs do not fill the grid exactly.
  init?(_ mask: Mask, size: Size) {
    guard let columns = GridColumns(mask), size.width > 0, size.height > 0 else { return nil }
    // The first row whose centre lies below the upper edge of a row of cells.
    let edges = (0...mask.size.height).map { row in
      max(0, (2 * row * size.height - mask.size.height + 2 * mask.size.height - 1) / (2 * mask.size.height))
    }
    counts = [0]
    for x in 0..<size.width {
      var y = 0
      for cells in columns[(2 * x + 1) * mask.size.width / (2 * size.width)] {
        let (from, to) = (edges[cells.lowerBound], edges[cells.upperBound])
        guard from < to else { continue }
        append(from - y, isInside: false)
        append(to - from, isInside: true)
        (left, right) = (min(left, Double(x)), Double(x + 1))
        (top, bottom) = (min(top, Double(from)), max(bottom, Double(to)))
        y = to
      }
      append(size.height - y, isInside: false)
    }
  }

  private mutating func append(_ length: Int, isInside: Bool) {
    guard length > 0 else { return }
    if isInside { area += length }
    if isInside == self.isInside { counts[counts.count - 1] += length } else { counts.append(length) }
    self.isInside = isInside
  }
}

/// A mask's runs, cut at the ends of its columns.
private struct GridColumns {
  /// Where the ranges of each column begin; one more at the end.
  private var starts: [Int] = [0]
  private var ranges: [Range<Int>] = []

  init?(_ mask: Mask) {
    let (height, width) = (mask.size.height, mask.size.width)
    guard height > 0, width > 0, height <= 1 << 20, width <= 1 << 20 else { return nil }
    var (place, isInside) = (0, false)
    for count in mask.counts {
      guard count >= 0, count <= height * width - place else { return nil }
      if isInside { add(place..<place + count, height) }
      (place, isInside) = (place + count, !isInside)
    }
    guard place == height * width else { return nil }
    starts += Array(repeating: ranges.count, count: width + 1 - starts.count)
  }

  subscript(column: Int) -> ArraySlice<Range<Int>> { ranges[starts[column]..<starts[column + 1]] }

  private mutating func add(_ cells: Range<Int>, _ height: Int) {
    var first = cells.lowerBound
    while first < cells.upperBound {
      let column = first / height
      let end = min(cells.upperBound, (column + 1) * height)
      starts += Array(repeating: ranges.count, count: column + 1 - starts.count)
      ranges.append(first - column * height..<end - column * height)
      first = end
    }
  }
}
