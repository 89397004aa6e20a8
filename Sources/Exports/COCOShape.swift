internal import Base
internal import Predictions

/// Where something is on its picture, in pixels.
struct COCOShape {
  /// Inside the picture, with an area.
  let box: Rect
  let area: Double
  let mask: PixelMask?
  /// As COCO has it: 2 is a point that was found, 0 one that has no place; x and y are 0 then.
  let points: [(x: Double, y: Double, visibility: Int)]
  /// Of a box that is turned, x and y by turns; empty for any other.
  let outline: [Double]

  /// The box of a prediction, else the smallest around its mask, else around its points; `nil` where none of them has an area.
  init?(_ prediction: Prediction, _ mask: PixelMask?, _ size: Size) {
    let (width, height) = (Double(size.width), Double(size.height))
    let picture = Rect(x: 0, y: 0, width: width, height: height)
    let corners = prediction.corners ?? []
    let isWhole = corners.allSatisfy { $0.x.isFinite && $0.y.isFinite }
    outline = isWhole ? corners.flatMap { [$0.x * width, $0.y * height] } : []
    points = (prediction.corners == nil ? prediction.points : []).map { point in
      let isPlaced = point.x.isFinite && point.y.isFinite
      return isPlaced ? (point.x * width, point.y * height, 2) : (0, 0, 0)
    }
    var found = prediction.box.map {
      Rect(x: $0.x * width, y: $0.y * height, width: $0.width * width, height: $0.height * height)
    }
    if found == nil, let mask { found = mask.extent }
    if found == nil { found = Self.extent(points.filter { $0.visibility > 0 }.map { ($0.x, $0.y) }) }
    guard let sides = found, [sides.x, sides.y, sides.width, sides.height].allSatisfy(\.isFinite) else { return nil }
    let inside = sides.width > 0 && sides.height > 0 ? sides.clipped(to: picture) : sides
    guard inside.area >= 0.001 else { return nil }
    self.mask = mask
    box = inside
    area = mask.map { Double($0.area) } ?? (outline.isEmpty ? inside.area : Self.area(outline))
  }

  /// Of a polygon: the shoelace formula.
  private static func area(_ outline: [Double]) -> Double {
    let places = stride(from: 0, to: outline.count, by: 2).map { (x: outline[$0], y: outline[$0 + 1]) }
    let sums = places.indices.map { index in
      let (here, next) = (places[index], places[(index + 1) % places.count])
      return here.x * next.y - next.x * here.y
    }
    return abs(sums.reduce(0, +)) / 2
  }

  private static func extent(_ places: [(x: Double, y: Double)]) -> Rect? {
    guard let first = places.first else { return nil }
    let start = Rect(x: first.x, y: first.y, width: 0, height: 0)
    return places.reduce(start) { box, place in
      Rect(
        left: min(box.x, place.x), top: min(box.y, place.y), right: max(box.right, place.x),
        bottom: max(box.bottom, place.y))
    }
  }
}
