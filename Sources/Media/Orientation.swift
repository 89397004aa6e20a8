/// How a coded picture is turned to stand upright: first mirrored left to right, then rotated clockwise.
public struct Orientation: Sendable, Hashable {
  /// Clockwise degrees: 0, 90, 180 or 270.
  public let rotation: Int
  public let mirrored: Bool

  public init(rotation: Int = 0, mirrored: Bool = false) {
    precondition([0, 90, 180, 270].contains(rotation), "a picture is turned by whole quarters of a circle")
    (self.rotation, self.mirrored) = (rotation, mirrored)
  }

  public static let upright = Orientation()

  /// Width and height change places.
  public var isQuarterTurn: Bool { rotation == 90 || rotation == 270 }

  /// The values of the EXIF tag `Orientation` (CIPA DC-008, 4.6.5): 1 to 8; others mean nothing.
  public init?(exif: Int) {
    switch exif {
    case 1: self.init()
    case 2: self.init(mirrored: true)
    case 3: self.init(rotation: 180)
    case 4: self.init(rotation: 180, mirrored: true)
    case 5: self.init(rotation: 270, mirrored: true)
    case 6: self.init(rotation: 90)
    case 7: self.init(rotation: 90, mirrored: true)
    case 8: self.init(rotation: 270)
    default: return nil
    }
  }

  /// From the upper left of a display matrix, where x' = a·x + c·y and y' = b·x + d·y (libavutil/display.h).
  ///
  /// Angles between quarters go to the nearer one; a matrix of zeros says nothing.
  init?(a: Int, b: Int, c: Int, d: Int) {
    let (straight, crossed) = (abs(a) + abs(d), abs(b) + abs(c))
    guard straight + crossed > 0 else { return nil }
    if straight >= crossed {
      self.init(rotation: d < 0 ? 180 : 0, mirrored: (a < 0) != (d < 0))
    } else {
      self.init(rotation: c > 0 ? 270 : 90, mirrored: (b < 0) == (c < 0))
    }
  }
}

extension Orientation: CustomStringConvertible {
  /// `upright`, or what is done to the coded picture: `mirrored, rotated by 90`.
  public var description: String {
    let steps = [mirrored ? "mirrored" : nil, rotation == 0 ? nil : "rotated by \(rotation)"].compactMap { $0 }
    return steps.isEmpty ? "upright" : steps.joined(separator: ", ")
  }
}
