public import Base

/// What a picture looks like around its corners and blobs: SIFT descriptors, and where they are.
public struct LocalFeatures: Sendable, Hashable {
  /// Numbers of one descriptor, each a byte.
  public static let byteCount = 128

  /// Of the picture that they were found in, in pixels.
  public let size: Size
  /// x and y of each, in pixels of it.
  public let points: [Float]
  /// ``byteCount`` of each.
  public let descriptors: [UInt8]

  public var count: Int { points.count / 2 }

  public init(size: Size, points: [Float], descriptors: [UInt8]) {
    precondition(points.count % 2 == 0 && descriptors.count == points.count / 2 * Self.byteCount, "a point each")
    (self.size, self.points, self.descriptors) = (size, points, descriptors)
  }
}

/// How one picture lies in another.
public struct Alignment: Sendable, Hashable {
  /// Pairs of features that look alike.
  public var matches: Int
  /// Those of them that one projection explains.
  public var inliers: Int
  /// From the first picture's pixels to the second's, nine numbers row by row; empty where there is none.
  public var projection: [Double]
  /// How much of the first picture they are spread over, 0 to 1: cells of its features that have an inlier, of those with features enough.
  public var coverage: Double

  public static let none = Alignment(matches: 0, inliers: 0, projection: [], coverage: 0)

  public init(matches: Int, inliers: Int, projection: [Double], coverage: Double = 1) {
    (self.matches, self.inliers, self.projection, self.coverage) = (matches, inliers, projection, coverage)
  }
}

/// Proves by geometry that a picture shows another: what has a library for it does so, see the room Features.
public protocol FeatureAligner: Sendable {
  /// - Throws: where the library failed; what does not fit is ``Alignment/none``, or one of few inliers.
  func align(_ example: LocalFeatures, in picture: LocalFeatures) throws(Fault) -> Alignment
}

/// Four corners in a picture, in fractions of it: where an example's picture lies there, from its left top corner clockwise.
public struct Quad: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
  }

  public let corners: [Point]

  public init(_ corners: [Point]) {
    precondition(corners.count == 4, "a quad has four corners")
    self.corners = corners
  }

  /// The upright box around it, cut to the picture.
  public var box: Rect {
    let (x, y) = (corners.map(\.x), corners.map(\.y))
    return Rect(left: x.min()!, top: y.min()!, right: x.max()!, bottom: y.max()!).clipped(to: .unit)
  }

  /// Part of the picture that it covers, what stands out of the picture counted too; below 0 where it is turned inside out.
  public var signedArea: Double {
    let next = corners[1...] + corners[..<1]
    return zip(corners, next).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y } / 2
  }

  /// Every corner turns the same way, as those of a flat thing seen from its front do; mirrored ones turn the other.
  var isFront: Bool {
    (0..<4).allSatisfy { place in
      let (a, b, c) = (corners[place], corners[(place + 1) % 4], corners[(place + 2) % 4])
      return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0
    }
  }

  /// Where an example's whole picture lies, by an alignment of it with features of a region of a picture.
  ///
  /// `nil` where the projection makes no possible sight of a flat thing: bent over, inside out, mirrored, a line, or without end. By chance some
  /// features always line up, and such are what they make.
  public init?(_ alignment: Alignment, of example: Size, in picture: Size, region: Rect) {
    let h = alignment.projection
    guard h.count == 9, h.allSatisfy(\.isFinite) else { return nil }
    let (width, height) = (Double(example.width), Double(example.height))
    var corners: [Point] = []
    for (x, y) in [(0, 0), (width, 0), (width, height), (0, height)] {
      let depth = h[6] * x + h[7] * y + h[8]
      // Behind the viewer.
      guard depth * h[8] > 0 else { return nil }
      let (u, v) = ((h[0] * x + h[1] * y + h[2]) / depth, (h[3] * x + h[4] * y + h[5]) / depth)
      corners.append(
        Point(
          x: region.x + u / Double(picture.width) * region.width,
          y: region.y + v / Double(picture.height) * region.height))
    }
    self.init(corners)
    let inside = signedArea / max(region.area, 1e-12)
    guard isFront, inside > 0.0005, inside < 100 else { return nil }
  }
}
