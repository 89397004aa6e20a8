public import Base
internal import Glibc

/// Where a picture draws the eye: a coarse grid over the whole upright picture, a byte a cell, 255 where there is most.
///
/// What a cell has is the cube of its byte, and its part of all attention that over ``sum``: maps reach over many powers of ten, of which a
/// byte as it stands would keep two (bench/analysers/attention says what both cost). There are at most ``cellLimit`` cells, each nearly as
/// wide as it is high.
public struct AttentionMap: Sendable, Hashable {
  /// Cells of a map: 32 by 24 of a picture of 4:3, 36 by 20 of one of 16:9.
  public static let cellLimit = 768

  public let size: Size
  /// Row by row, from the left top corner.
  public let cells: [UInt8]
  /// Of all cells' weights, never 0.
  public let sum: Double

  /// `nil` where the number of cells is another, or none of them has anything.
  public init?(size: Size, cells: [UInt8]) {
    guard size.width > 0, size.height > 0, cells.count == size.area else { return nil }
    (self.size, self.cells) = (size, cells)
    sum = cells.reduce(0) { $0 + Self.weight($1) }
    guard sum > 0 else { return nil }
  }

  /// Of what each cell has, in any unit; `nil` where none has anything, or a number is negative or none.
  public init?(size: Size, weights: [Double]) {
    guard let most = weights.max(), most > 0, most.isFinite, weights.allSatisfy({ $0 >= 0 }) else { return nil }
    self.init(size: size, cells: weights.map { UInt8((cbrt($0 / most) * 255).rounded()) })
  }

  /// From a map of any resolution over the whole picture, row by row; what is negative or no number counts as 0.
  ///
  /// `picture` is the picture's size, so that cells are squares of it however the network was shown it. `nil` where nothing is left.
  public init?(_ numbers: [Float], _ size: Size, of picture: Size) {
    guard numbers.count == size.area, let coarse = AreaMeans(from: size, to: Self.grid(of: picture, in: size)) else {
      return nil
    }
    self.init(size: coarse.small, weights: coarse.of(numbers))
  }

  /// What one cell has, in a unit of this map's own.
  public func weight(at place: Int) -> Double { Self.weight(cells[place]) }

  private static func weight(_ cell: UInt8) -> Double {
    let cell = Double(cell)
    return cell * cell * cell
  }

  /// The grid for a picture: no finer than the map that it is made from.
  static func grid(of picture: Size, in map: Size) -> Size {
    guard map.area > cellLimit, picture.width > 0, picture.height > 0 else { return map }
    let ratio = Double(picture.width) / Double(picture.height)
    let rows = min(max(1, Int((Double(cellLimit) / ratio).squareRoot())), cellLimit, map.height)
    let columns = max(1, Int((Double(rows) * ratio).rounded()))
    return Size(width: min(columns, cellLimit / rows, map.width), height: rows)
  }
}

extension Prediction {
  /// The map of an answer about attention that has one.
  public var attention: AttentionMap? {
    get {
      guard kind == .saliency, let cells else { return nil }
      return AttentionMap(size: cells.size, cells: cells.bytes)
    }
  }

  /// ``vector`` holds cells of a map, not numbers for themselves.
  public var hasCells: Bool { kind == .saliency || kind == .anomaly }

  /// A map that is kept in cells of a byte; `nil` where there is none, or it is damaged.
  var cells: (size: Size, bytes: [UInt8])? {
    guard let sides = tensor?.spec.shape, sides.count == 2, let height = sides[0], let width = sides[1],
      (1...vector.count + 1).contains(width), (1...vector.count + 1).contains(height)
    else { return nil }
    var bytes: [UInt8] = []
    for number in vector {
      guard let cell = UInt8(exactly: number) else { return nil }
      bytes.append(cell)
    }
    return (Size(width: width, height: height), bytes)
  }

  /// Puts a map in; `range` and `mean` are those of the network's own map under the picture.
  public mutating func setAttention(_ map: AttentionMap, named name: String, range: ClosedRange<Float>, mean: Float) {
    vector = map.cells.map { Float($0) }
    tensor = TensorSummary(
      spec: TensorSpec(name: name, shape: [map.size.height, map.size.width], element: .u8),
      minimum: range.lowerBound, maximum: range.upperBound, mean: mean)
  }
}

/// Means of a map over the cells of a coarser grid; a number that lies in two cells counts in both, by how much of it does.
struct AreaMeans {
  let size: Size
  let small: Size

  /// `nil` where a side of the grid is longer than the map's, or none.
  init?(from size: Size, to small: Size) {
    guard small.width > 0, small.height > 0, small.width <= size.width, small.height <= size.height else { return nil }
    (self.size, self.small) = (size, small)
  }

  /// Negative numbers and those that are none count as 0.
  func of(_ numbers: [Float]) -> [Double] {
    let columns = Self.parts(size.width, small.width)
    let rows = Self.parts(size.height, small.height)
    var sums = [Double](repeating: 0, count: small.area)
    var line = [Double](repeating: 0, count: small.width)
    for y in 0..<size.height {
      for x in line.indices { line[x] = 0 }
      for x in 0..<size.width {
        let number = numbers[y * size.width + x]
        guard number > 0 else { continue }
        let part = columns[x]
        line[part.cell] += Double(number) * part.share
        if part.share < 1 { line[part.cell + 1] += Double(number) * (1 - part.share) }
      }
      let part = rows[y]
      for x in line.indices {
        sums[part.cell * small.width + x] += line[x] * part.share
        if part.share < 1 { sums[(part.cell + 1) * small.width + x] += line[x] * (1 - part.share) }
      }
    }
    let area = Double(size.area) / Double(small.area)
    return sums.map { $0 / area }
  }

  /// Of each of `count` numbers, the first cell that it lies in, and how much of it; the rest lies in the next.
  private static func parts(_ count: Int, _ cells: Int) -> [(cell: Int, share: Double)] {
    (0..<count).map { place in
      // In parts of count times cells, so that everything is a whole number.
      let (left, right) = (place * cells, (place + 1) * cells)
      let cell = left / count
      let border = (cell + 1) * count
      return (cell, right <= border ? 1 : Double(border - left) / Double(cells))
    }
  }
}
