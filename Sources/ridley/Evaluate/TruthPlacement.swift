import Base
import Evaluation
import Media

/// How boxes of the truth lie on a picture as Ridley sees it, which is upright.
enum TruthPlacement {
  /// The truth's own pixels are those of the upright picture, or of a scaled copy of it.
  case upright(Size)
  /// They are those of the picture as its file stores it: boxes have to be turned.
  case stored(Size)
  /// They are those of another picture.
  case none

  init(_ picture: Truth.Picture, _ info: MediaInfo) {
    guard let size = picture.size else {
      self = .upright(info.size)
      return
    }
    let turned = Size(width: info.size.height, height: info.size.width)
    if Self.isAlike(size, info.size) {
      self = .upright(size)
    } else if info.orientation.isQuarterTurn, Self.isAlike(size, turned) {
      self = .stored(size)
    } else {
      self = .none
    }
  }

  /// Of one shape, but for what rounding does.
  private static func isAlike(_ a: Size, _ b: Size) -> Bool {
    let (one, two) = (Double(a.width) * Double(b.height), Double(b.width) * Double(a.height))
    let slack = Double(max(a.width, a.height, b.width, b.height)) * 1.5
    return (one - two).magnitude <= slack
  }

  /// The pixels in which answers and truth are compared.
  var size: Size? {
    switch self {
    case .upright(let size): size
    case .stored(let size): Size(width: size.height, height: size.width)
    case .none: nil
    }
  }

  func box(_ box: Rect, _ orientation: Orientation) -> Rect {
    guard case .stored(let size) = self else { return box }
    let (width, height) = (Double(size.width), Double(size.height))
    let left = orientation.mirrored ? width - box.right : box.x
    return orientation.rotation == 90
      ? Rect(x: height - box.bottom, y: left, width: box.height, height: box.width)
      : Rect(x: box.y, y: width - left - box.width, width: box.height, height: box.width)
  }
}
