public import Base

/// What happens in a video or a stream, as zones, lines and rules see it.
public enum Happening: Sendable, Hashable {
  case crossing(Crossing)
  case visit(Visit)
  case event(Event)

  /// Nothing more will be said of it.
  public var isOver: Bool { if case .event(let event) = self { event.phase == .end } else { true } }
}

/// A frame and its time.
public struct FrameMoment: Sendable, Hashable {
  /// Seconds, as of the frame.
  public var time: Double
  public var frame: Int
  /// In ticks of the source's time base.
  public var pts: Int?

  public init(time: Double, frame: Int = 0, pts: Int? = nil) { (self.time, self.frame, self.pts) = (time, frame, pts) }
}

/// Which way over a line: seen from its first point towards its second, from the left hand to the right is in.
public enum Direction: String, Sendable, Hashable, CaseIterable {
  case into = "in"
  case out
}

/// An object has crossed a line.
public struct Crossing: Sendable, Hashable {
  public var line: String
  public var direction: Direction
  public var track: Int
  public var label: String?
  public var score: Float?
  public var box: Rect?
  public var moment: FrameMoment

  public init(
    line: String, direction: Direction, track: Int, label: String?, score: Float?, box: Rect?, moment: FrameMoment
  ) {
    (self.line, self.direction, self.track, self.label) = (line, direction, track, label)
    (self.score, self.box, self.moment) = (score, box, moment)
  }
}

/// An object was in a zone, and has left it.
public struct Visit: Sendable, Hashable {
  public var zone: String
  public var track: Int
  public var label: String?
  /// Seconds of the first and of the last frame in which it was in it.
  public var from: Double
  public var to: Double

  public init(zone: String, track: Int, label: String?, from: Double, to: Double) {
    (self.zone, self.track, self.label, self.from, self.to) = (zone, track, label, from, to)
  }
}

/// One incident: something with a beginning and an end that somebody may want to hear about.
public struct Event: Sendable, Hashable {
  public enum Phase: String, Sendable, Hashable, CaseIterable { case start, update, end }

  /// Why it ended.
  public enum Ending: String, Sendable, Hashable, CaseIterable {
    /// What the rule asks for is not there any more.
    case over
    /// The video ended, or the stream was removed, or the node whose it is.
    case end
    /// The stream was interrupted for longer than the rule bridges.
    case gap
    /// Zones or the pipeline were changed.
    case change
    /// The server died, and was started again.
    case restart
  }

  /// The same for the same incident of the same frames, however they are looked at; 16 hexadecimal digits.
  public var id: String
  public var rule: String
  public var phase = Phase.start
  public var zone: String?
  public var line: String?
  public var direction: Direction?
  /// Seconds: when it began, and the last frame in which it was so.
  public var from: Double
  public var to: Double
  /// Most objects at a time; crossings, where the rule is about a line.
  public var count = 0
  /// The first objects that took part, at most ``mostTracks``.
  public var tracks: [Int] = []
  /// Of the surest answer, which is the best moment.
  public var label: String?
  public var score: Float?
  public var best: FrameMoment
  public var box: Rect?
  public var ending: Ending?

  public static let mostTracks = 16

  public init(id: String, rule: String, at moment: FrameMoment) {
    (self.id, self.rule, from, to, best) = (id, rule, moment.time, moment.time, moment)
  }
}
