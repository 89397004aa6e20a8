internal import Base

/// Coded pixels and upright pixels of one picture, and the way between them.
struct Geometry: Hashable {
  /// The decoder's picture.
  let coded: Size
  let orientation: Orientation
  /// Coded width stretched to square pixels, before turning.
  private let square: Size

  /// Sample aspects outside 1:8 to 8:1 are taken for mistakes and ignored.
  init(coded: Size, sampleAspect: Ratio, orientation: Orientation) {
    (self.coded, self.orientation) = (coded, orientation)
    let believed = sampleAspect.isKnown && (0.125...8).contains(sampleAspect.value)
    let width = believed ? (Double(coded.width) * sampleAspect.value).rounded() : Double(coded.width)
    square = Size(width: max(1, Int(width)), height: coded.height)
  }

  /// The picture as people see it.
  var upright: Size {
    orientation.isQuarterTurn ? Size(width: square.height, height: square.width) : square
  }

  /// Whole coded pixels under a rectangle of upright pixels: edges rounded, clipped, never empty.
  func coded(under rect: Rect) -> (x: Int, y: Int, width: Int, height: Int) {
    let (a, b) = (squarePoint(rect.x, rect.y), squarePoint(rect.right, rect.bottom))
    let stretch = Double(coded.width) / Double(square.width)
    let (left, width) = Geometry.span(a.x * stretch, b.x * stretch, coded.width)
    let (top, height) = Geometry.span(a.y, b.y, coded.height)
    return (left, top, width, height)
  }

  /// The same in fractions of a coded pixel; clipped, and one pixel where nothing would be left.
  func codedPart(under rect: Rect) -> Rect {
    let (a, b) = (squarePoint(rect.x, rect.y), squarePoint(rect.right, rect.bottom))
    let stretch = Double(coded.width) / Double(square.width)
    let (left, width) = Geometry.stretch(a.x * stretch, b.x * stretch, coded.width)
    let (top, height) = Geometry.stretch(a.y, b.y, coded.height)
    return Rect(x: left, y: top, width: width, height: height)
  }

  /// Undoes rotation, then mirroring.
  private func squarePoint(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let (w, h) = (Double(square.width), Double(square.height))
    let turned =
      switch orientation.rotation {
      case 90: (x: y, y: h - x)
      case 180: (x: w - x, y: h - y)
      case 270: (x: w - y, y: x)
      default: (x: x, y: y)
      }
    return orientation.mirrored ? (w - turned.x, turned.y) : turned
  }

  private static func stretch(_ a: Double, _ b: Double, _ limit: Int) -> (start: Double, length: Double) {
    let top = Double(limit)
    let (start, end) = (max(0, min(a, b)), min(top, max(a, b)))
    return end > start ? (start, end - start) : (min(start, top - 1), 1)
  }

  private static func span(_ a: Double, _ b: Double, _ limit: Int) -> (start: Int, count: Int) {
    let top = Double(limit)
    let start = Int(min(max(min(a, b), 0), top - 1).rounded())
    let end = Int(min(max(max(a, b), 0), top).rounded())
    let first = min(start, limit - 1)
    return (first, max(1, end - first))
  }
}
