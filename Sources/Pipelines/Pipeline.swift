public import Base
public import Predictions
public import Vision

/// What is done to the frames of a video, in the order of the properties.
///
/// A pipeline that was read is normal: defaults are filled in, names are resolved to positions, and lists whose order means
/// nothing are sorted, so two pipelines that do the same are equal.
public struct Pipeline: Sendable, Hashable {
  /// The rendition that is looked at in the film's place, where the film has more lines or frames.
  public var proxy: RenditionSettings?
  public var sample = Sampling.all
  public var gate: Gate?
  /// At least one; those that look at crops stand after the one they look at.
  public var infer: [Infer]
  /// By their labels; what is too small or too large is not there at all.
  public var sizes: [SizeLimit] = []
  public var scene = Scene()
  public var track: Track?
  public var smooth: [Smooth] = []
  /// By name.
  public var rules: [Rule] = []
  public var emit = Emit()
  public var insights = InsightSteps()
  /// Where it is cut between an edge and a centre, where somebody has both; no part of the identity.
  public var cut: Cut?

  public init(infer: [Infer]) { self.infer = infer }

  /// Passes over frames in which nothing moves.
  public struct Gate: Sendable, Hashable {
    public var settings = MotionGate.Settings()
    /// Seconds before the first movement that pass too.
    public var lead = 0.5

    public init() {}
  }

  /// One network, shown whole frames or what another one found.
  public struct Infer: Sendable, Hashable {
    /// How other steps call it; for people, and no part of the identity.
    public var name: String
    /// A model by name, or the path of a file or folder; what it is, tells its digest.
    public var model: String
    /// What is put over the model's own recipe, and so is part of its digest.
    public var threshold: Float?
    public var iou: Float?
    public var top: Int?
    public var precision: Precision?
    public var engine: EngineChoice?
    /// Answers with other labels are dropped; empty keeps all.
    public var labels: [String] = []
    /// It is shown the first frame in each span of so many seconds, of those that are sampled; `nil` for all of them.
    public var every: Double?
    /// The detector whose boxes it is shown, by position; `nil` for whole frames.
    public var on: Int?
    /// Labels of the detections it is shown; empty for all.
    public var of: [String] = []
    /// Least score of the detections it is shown; settled when a pipeline is read.
    public var score: Float?
    /// How far a crop reaches beyond the box, on each side, as a share of the box's width and height.
    public var margin = 0.0

    public init(name: String, model: String) { (self.name, self.model) = (name, model) }
  }

  /// Follows what a detector finds.
  public struct Track: Sendable, Hashable {
    /// The detector, by position.
    public var on: Int
    public var settings = Tracker.Settings()

    public init(on: Int) { self.on = on }
  }

  /// Takes the flicker out of one network's answers.
  public struct Smooth: Sendable, Hashable {
    public enum Subject: String, Sendable, Hashable, CaseIterable {
      /// Whether a label is in the picture.
      case label
      /// Which label a tracked object has.
      case track
    }

    /// The network, by position.
    public var of: Int
    public var by: Subject
    public var votes = Votes()
    /// Seconds after which a score of an anomaly counts a third of what it did (a running mean that forgets); 0 is none.
    ///
    /// With it, `votes.on` and `votes.off` are where the mean becomes an anomaly and where it is none again.
    public var over = 0.0

    public init(of: Int, by: Subject) { (self.of, self.by) = (of, by) }
  }

  /// Which answers become predictions.
  public struct Emit: Sendable, Hashable {
    public enum Moment: String, Sendable, Hashable, CaseIterable {
      /// Every answer of every frame.
      case frame
      /// What came and what went.
      case change
      /// One for each track, when it is over.
      case end
    }

    public var when = Moment.frame
    /// Empty for all.
    public var labels: [String] = []
    public var score: Float = 0

    public init() {}
  }
}

extension Pipeline {
  /// Whether what a network finds follows tracks: the tracked detector, and networks shown what it finds.
  public func isTracked(_ step: Int) -> Bool {
    guard let track else { return false }
    var at: Int? = step
    while let step = at {
      if step == track.on { return true }
      at = infer[step].on
    }
    return false
  }

  /// The network that is shown whole frames, on whose detections, or on what was found on them, `step` looks.
  public func root(of step: Int) -> Int {
    var at = step
    while let on = infer[at].on { at = on }
    return at
  }

  /// Some networks are shown fewer frames than are sampled.
  public var thinsOut: Bool { infer.contains { $0.every != nil } }

  /// The networks that are shown what `step` finds.
  public func crops(of step: Int) -> [Int] { infer.indices.filter { infer[$0].on == step } }
}

extension Pipeline.Infer {
  /// Whether an answer goes on at all.
  public func keeps(_ prediction: Prediction) -> Bool {
    labels.isEmpty || prediction.label.map(labels.contains) ?? false
  }
}
