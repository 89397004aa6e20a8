internal import Predictions

/// How often, when and how surely one label was found in one file.
public struct LabelTally: Sendable, Hashable {
  public var label: String
  /// Predictions with this label.
  public var count = 0
  /// Different tracks that had it in most of their frames; 0 where nothing was tracked.
  public var objects = 0
  /// Analysed frames with at least one of them.
  public var frames = 0
  /// Seconds, of the first and the last frame that has it.
  public var firstTime = 0.0
  public var lastTime = 0.0
  /// `nil` where predictions carry no scores.
  public var bestScore: Float?
  public var bestTime: Double?
  /// Frame it was last seen in, so that two predictions of one frame count as one frame.
  private var lastFrame: Int?

  public init(label: String) { self.label = label }

  /// Counts one prediction; frames come in order.
  mutating func add(score: Float?, at stamp: FrameStamp) {
    if count == 0 { firstTime = stamp.time }
    lastTime = stamp.time
    count += 1
    if lastFrame != stamp.index { frames += 1 }
    lastFrame = stamp.index
    if let score, !score.isNaN, score > bestScore ?? -.infinity { (bestScore, bestTime) = (score, stamp.time) }
  }
}

extension Prediction {
  /// The label, or what kind of answer it is where a model has none (a text, a score, an embedding).
  var heading: String { label ?? kind.rawValue }

  /// What ranks one finding of a label above another: its score, else the share of the picture it covers.
  var strength: Float {
    let strength = score ?? mask.map { Float($0.share) } ?? 0
    return strength.isNaN ? 0 : strength
  }
}
