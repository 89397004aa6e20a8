public import Base
public import Predictions

/// Lays a map of attention over a picture, in colours from violet over red to yellow.
///
/// A colour stands for how much more attention a place has than its area would give it, so that it means the same in every frame: nothing
/// below that, and the brightest from sixteen times that on. A frame whose attention is spread evenly stays clear.
public enum HeatMap {
  /// Times its area's part of the attention at which the colours end.
  public static let brightest = 16.0
  private static let levels = 256

  /// Paints on upright RGB bytes, `size.area * 3` of them, row by row; `strength` is the brightest colour's opacity, 0 to 1.
  ///
  /// Between the middles of cells, numbers follow a straight line, so that no cell shows.
  public static func paint(_ map: AttentionMap, on rgb: inout [UInt8], size: Size, strength: Double = 0.7) {
    precondition(rgb.count == size.area * 3, "a picture of \(size) has \(size.area * 3) bytes, not \(rgb.count)")
    var canvas = Canvas(pixels: [], size: size)
    swap(&canvas.pixels, &rgb)
    paint(map, on: &canvas, strength: strength)
    swap(&canvas.pixels, &rgb)
  }

  static func paint(_ map: AttentionMap, on canvas: inout Canvas, strength: Double = 0.7) {
    let size = canvas.size
    guard size.area > 0 else { return }
    let heats = map.cells.indices.map { heat(map.weight(at: $0) * Double(map.size.area) / map.sum) }
    let colors = (0..<levels).map { color(Double($0) / Double(levels - 1)) }
    let opacity = min(max(strength, 0), 1) * 256
    let columns = (0..<size.width).map { between($0, size.width, map.size.width) }
    for y in 0..<size.height {
      let row = between(y, size.height, map.size.height)
      let (upper, lower) = (row.cell * map.size.width, row.next * map.size.width)
      for x in 0..<size.width {
        let column = columns[x]
        let over = heats[upper + column.cell] * (1 - column.share) + heats[upper + column.next] * column.share
        let under = heats[lower + column.cell] * (1 - column.share) + heats[lower + column.next] * column.share
        let heat = over * (1 - row.share) + under * row.share
        guard heat > 0 else { continue }
        // Faint heat is fainter than its share, so that its border does not show.
        let firmness = min(1, heat * 2)
        canvas.mix(
          colors[Int(heat * Double(levels - 1))], Int(opacity * firmness), at: (y * size.width + x) * 3)
      }
    }
  }

  /// 0 at what area alone would give and below, 1 at ``brightest`` times that; doubling is the same step everywhere.
  private static func heat(_ density: Double) -> Double {
    guard density > 1 else { return 0 }
    // A logarithm by halves, the rest straight: no difference that an eye would see.
    var (doublings, rest) = (0.0, density)
    while rest >= 2 { (doublings, rest) = (doublings + 1, rest / 2) }
    return min(1, (doublings + rest - 1) / 4)
  }

  private static func color(_ heat: Double) -> Palette.Color {
    let stops: [UInt32] = [0x3A1C8C, 0x8E1FA8, 0xDE3A4E, 0xF98E1D, 0xFFE45C]
    let place = heat * Double(stops.count - 1)
    let first = min(Int(place), stops.count - 2)
    func part(_ shift: UInt32) -> UInt32 {
      let (low, high) = (Double(stops[first] >> shift & 255), Double(stops[first + 1] >> shift & 255))
      return UInt32((low + (high - low) * (place - Double(first))).rounded()) << shift
    }
    return Palette.Color(part(16) | part(8) | part(0))
  }

  /// The two cells whose middles a pixel's middle lies between, and how far it is from the first to the second.
  private static func between(_ pixel: Int, _ pixels: Int, _ cells: Int) -> (cell: Int, next: Int, share: Double) {
    let place = (Double(pixel) + 0.5) * Double(cells) / Double(pixels) - 0.5
    guard place > 0 else { return (0, 0, 0) }
    let cell = min(Int(place), cells - 1)
    return (cell, min(cell + 1, cells - 1), place - Double(cell))
  }
}
