public import Base

/// Where a picture, or a part of it, differs from good ones: a coarse grid, a byte a cell, 255 where nothing could differ more.
///
/// A cell's number is its byte over 255, on the scale of the answer's score, so that maps of different frames mean the same. There are at
/// most ``AttentionMap/cellLimit`` cells; each has the most that its part of the network's own map had: a small defect must not vanish.
public struct AnomalyMap: Sendable, Hashable {
  public let size: Size
  /// Row by row, from the left top corner.
  public let cells: [UInt8]

  /// `nil` where the number of cells is another.
  public init?(size: Size, cells: [UInt8]) {
    guard size.width > 0, size.height > 0, cells.count == size.area else { return nil }
    (self.size, self.cells) = (size, cells)
  }

  /// From a map of any resolution, of numbers of 0 to 1, row by row; what is no number counts as 0.
  ///
  /// `shown` is the size of what it lies over, in pixels, so that cells are squares of it however the network was shown it.
  public init?(_ numbers: [Float], _ size: Size, of shown: Size) {
    guard size.width > 0, size.height > 0, numbers.count == size.area else { return nil }
    let small = AttentionMap.grid(of: shown, in: size)
    var most = [Float](repeating: 0, count: small.area)
    for y in 0..<size.height {
      let rows = Self.cells(y, size.height, small.height)
      for x in 0..<size.width {
        let number = numbers[y * size.width + x]
        guard number > 0 else { continue }
        for row in rows {
          for column in Self.cells(x, size.width, small.width) {
            most[row * small.width + column] = max(most[row * small.width + column], number)
          }
        }
      }
    }
    self.init(size: small, cells: most.map { UInt8((min($0, 1) * 255).rounded()) })
  }

  /// What one cell has, 0 to 1.
  public func value(at place: Int) -> Float { Float(cells[place]) / 255 }

  /// Cells of the coarser grid that one of the finer lies in: one, or two.
  private static func cells(_ place: Int, _ count: Int, _ cells: Int) -> ClosedRange<Int> {
    place * cells / count...max(place * cells / count, ((place + 1) * cells - 1) / count)
  }
}

extension Prediction {
  /// What an answer about an anomaly is called: a picture as good ones are, and one that is not.
  public static let anomalyLabels = (good: "good", anomaly: "anomaly")

  /// The map of an answer about an anomaly that has one; it lies over ``box``, or where there is none over the whole picture.
  public var anomaly: AnomalyMap? {
    get {
      guard kind == .anomaly, let cells else { return nil }
      return AnomalyMap(size: cells.size, cells: cells.bytes)
    }
  }

  /// Puts a map in; `range` and `mean` are those of the network's own map, as scores.
  public mutating func setAnomaly(_ map: AnomalyMap, named name: String, range: ClosedRange<Float>, mean: Float) {
    vector = map.cells.map { Float($0) }
    tensor = TensorSummary(
      spec: TensorSpec(name: name, shape: [map.size.height, map.size.width], element: .u8),
      minimum: range.lowerBound, maximum: range.upperBound, mean: mean)
  }
}
