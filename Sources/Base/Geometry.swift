/// Width and height in whole pixels.
public struct Size: Hashable, Sendable, CustomStringConvertible {
  public var width: Int
  public var height: Int

  public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  public var area: Int { width * height }
  /// All of it.
  public var rect: Rect { Rect(x: 0, y: 0, width: Double(width), height: Double(height)) }
  public var description: String { "\(width)x\(height)" }
}

/// An axis-aligned rectangle; the unit (pixels, or fractions of a picture) is said where it is used.
///
/// The origin is the top left corner, y grows downwards.
public struct Rect: Hashable, Sendable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// From two corners, in any order of the coordinates given left, top, right, bottom.
  public init(left: Double, top: Double, right: Double, bottom: Double) {
    self.init(x: left, y: top, width: right - left, height: bottom - top)
  }

  public var right: Double { x + width }
  public var bottom: Double { y + height }
  public var area: Double { max(0, width) * max(0, height) }

  /// The part inside `bounds`; empty (zero width or height) when they do not meet.
  public func clipped(to bounds: Rect) -> Rect {
    let left = min(max(x, bounds.x), bounds.right)
    let top = min(max(y, bounds.y), bounds.bottom)
    return Rect(
      left: left, top: top,
      right: max(left, min(right, bounds.right)), bottom: max(top, min(bottom, bounds.bottom)))
  }

  /// Intersection over union, 0 to 1; two empty rectangles give 0.
  public func iou(_ other: Rect) -> Double {
    let shared = clipped(to: other).area
    let union = area + other.area - shared
    return union > 0 ? shared / union : 0
  }

  /// The whole picture, in fractions.
  public static let unit = Rect(x: 0, y: 0, width: 1, height: 1)
}
