internal import Base
public import Predictions
public import Vision

/// What is drawn on the picture of a camera: where nothing counts, and the places that are watched.
public struct Scene: Sendable, Hashable {
  /// An object whose lower middle lies in one is not there at all, and movement in one opens no gate.
  public var masks: [Polygon] = []
  /// By name.
  public var zones: [Zone] = []
  public var lines: [Line] = []

  public init() {}

  public struct Zone: Sendable, Hashable {
    public var name: String
    public var polygon: Polygon
    public var anchor = Anchor.bottom
    /// Of the objects that count; empty for all.
    public var labels: [String] = []
    /// Seconds for which an object that is out of it may come back without having left.
    public var hold = 1.0

    public init(name: String, polygon: Polygon) { (self.name, self.polygon) = (name, polygon) }
  }

  public struct Line: Sendable, Hashable {
    public var name: String
    public var segment: Segment
    public var anchor = Anchor.bottom
    public var labels: [String] = []
    /// How far away an object must be seen on both sides, in heights of the picture.
    public var margin = 0.01

    public init(name: String, segment: Segment) { (self.name, self.segment) = (name, segment) }
  }

  /// Of each kind, at most.
  public static let most = 256
  /// Points of a polygon, at most.
  public static let mostPoints = 128
}

extension Pipeline {
  /// Least and most size of objects, as shares of the picture's area.
  public struct SizeLimit: Sendable, Hashable {
    public var least = 0.0
    public var most = 1.0
    /// Of the objects that are meant; empty for all.
    public var labels: [String] = []

    public init() {}
  }

  /// When something is an event.
  public struct Rule: Sendable, Hashable {
    public var name: String
    /// The network whose answers are meant, by position.
    public var of: Int
    /// Empty for all.
    public var labels: [String] = []
    /// Where; `nil` for the whole picture.
    public var zone: String?
    /// Crossings of this line are the event, in this direction or in both.
    public var line: String?
    public var direction: Direction?
    /// Seconds that an object must have been in the zone; 0 for none.
    public var dwell = 0.0
    /// Objects at a time, at least.
    public var count = 1
    public var votes = Votes()
    /// Seconds for which it must be so before it is an event.
    public var lasting = 0.0
    /// Seconds for which it may be otherwise, and is the same event.
    public var hold = 2.0
    /// Seconds after an event in which there is no other.
    public var coolDown = 0.0

    public init(name: String, of: Int) { (self.name, self.of) = (name, of) }
  }

  /// Whether there is anything to happen.
  public var watches: Bool { !scene.zones.isEmpty || !scene.lines.isEmpty || !rules.isEmpty }

  /// The network whose objects zones and lines count: the one that is tracked, else the first.
  public var watched: Int { track?.on ?? 0 }

  /// Whether an answer of a network goes on at all.
  public func keeps(_ prediction: Prediction, of step: Int) -> Bool {
    guard infer[step].keeps(prediction) else { return false }
    guard let box = prediction.box, !scene.masks.isEmpty || !sizes.isEmpty else { return true }
    if infer[step].on == nil {
      for limit in sizes where limit.labels.isEmpty || prediction.label.map(limit.labels.contains) ?? false {
        guard (limit.least...limit.most).contains(box.area) else { return false }
      }
    }
    guard !scene.masks.isEmpty, let point = Anchor.bottom.point(of: box) else { return true }
    return !scene.masks.contains { $0.contains(point) }
  }

  /// The same pipeline, watching another scene.
  ///
  /// `nil` where a rule is about a zone or a line that is not there: its name is in `missing` then.
  public func watching(_ scene: Scene, missing: inout String?) -> Pipeline? {
    for rule in rules {
      let zone = rule.zone.flatMap { name in scene.zones.contains { $0.name == name } ? nil : name }
      let line = rule.line.flatMap { name in scene.lines.contains { $0.name == name } ? nil : name }
      if let name = zone ?? line {
        missing = name
        return nil
      }
    }
    var pipeline = self
    pipeline.scene = scene
    return pipeline
  }
}
