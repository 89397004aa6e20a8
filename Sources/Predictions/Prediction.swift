public import Base

/// One answer of a network about one frame.
///
/// Coordinates are fractions of the upright picture, origin at top left; scores are as the network gave them.
public struct Prediction: Sendable, Hashable {
  public var kind: ModelTask
  public var label: String?
  public var score: Float?
  public var box: Rect?
  /// Named points: keypoints of a pose, landmarks of a face, corners of a box that is turned, the centre of attention.
  public var points: [Keypoint] = []
  public var mask: Mask?
  public var text: String?
  /// An embedding, the values of a small raw tensor, or the cells of a map of attention (``attention``) or of an anomaly (``anomaly``).
  public var vector: [Float] = []
  /// Shape, type and range of a raw tensor; of attention and of an anomaly, the grid, and the range of the network's own map.
  public var tensor: TensorSummary?
  /// Which of a pipeline's networks answered, from 0.
  public var step = 0
  /// The detection it was found on: its position among the predictions of the same frame.
  public var parent: Int?
  /// The object it shows; the same number in every frame of a video.
  public var track: Int?
  /// What this frame changed, where only changes are told.
  public var state: State?
  /// Seconds of the first and the last frame in which an ended track was seen.
  public var span: ClosedRange<Double>?

  /// Whether something came or went.
  public enum State: String, Sendable, Hashable, CaseIterable { case on, off }

  public init(kind: ModelTask, label: String? = nil, score: Float? = nil, box: Rect? = nil) {
    (self.kind, self.label, self.score, self.box) = (kind, label, score, box)
  }
}

extension Prediction {
  /// The sides of a map that is told number by number, row by row, in ``vector``, and lies in ``box``; `nil` for any other answer.
  public var mapSize: Size? {
    guard kind == .tensor, box != nil, let sides = tensor?.spec.shape, sides.count == 2, let height = sides[0],
      let width = sides[1], width > 1, height > 1, width <= vector.count, vector.count / width == height,
      vector.count % width == 0
    else { return nil }
    return Size(width: width, height: height)
  }

  /// Names of the points of a box that is turned: clockwise, from its left top corner before that, by less than a quarter.
  public static let cornerNames = ["corner-1", "corner-2", "corner-3", "corner-4"]

  /// The corners of a box that is turned, in their order; `nil` for any other answer, whose ``box`` is upright.
  public var corners: [Keypoint]? { kind == .detection && points.map(\.name) == Self.cornerNames ? points : nil }
}

/// One named point of a picture.
public struct Keypoint: Sendable, Hashable {
  public var name: String
  public var x: Double
  public var y: Double
  public var score: Float?

  public init(name: String, x: Double, y: Double, score: Float? = nil) {
    (self.name, self.x, self.y, self.score) = (name, x, y, score)
  }
}

/// Which pixels of a picture belong to one label, run by run.
///
/// The grid covers the whole upright picture, at the resolution the network answered in. Runs go down the columns, first
/// those outside, then those inside, by turns: COCO's uncompressed run-length encoding.
public struct Mask: Sendable, Hashable {
  public var size: Size
  public var counts: [Int]
  /// Share of the picture inside the mask, 0 to 1.
  public var share: Double

  public init(size: Size, counts: [Int], share: Double) {
    (self.size, self.counts, self.share) = (size, counts, share)
  }
}

/// What can be said of any tensor.
public struct TensorSummary: Sendable, Hashable {
  public var spec: TensorSpec
  public var minimum: Float
  public var maximum: Float
  public var mean: Float

  public init(spec: TensorSpec, minimum: Float, maximum: Float, mean: Float) {
    (self.spec, self.minimum, self.maximum, self.mean) = (spec, minimum, maximum, mean)
  }
}
