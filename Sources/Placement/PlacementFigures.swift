public import Pipelines

/// What was measured of a pipeline over a sample of a film, here and at a centre.
public struct PlacementFigures: Sendable, Hashable {
  /// Of one network.
  public struct Network: Sendable, Hashable {
    public var name: String
    /// Inputs that it was shown in the sample.
    public var count: Int
    /// The same by ``stretch`` of the sample; empty where that is not known.
    public var counts: [Int] = []
    /// Seconds of one inference here, by the clock.
    public var edgeSeconds: Double
    /// The same of a processor, alone on this machine, and on the node that is meant; `nil` where that is not known.
    public var processorSeconds: Double?
    public var nodeSeconds: Double?
    /// Bytes of one question and of its answer, as they travel.
    public var questionBytes: Double
    public var answerBytes: Double
    /// Seconds of one inference at the centre, and how many it does at a time.
    public var centreSeconds: Double
    public var centreStreams: Int
    /// It looks at what another network found.
    public var looksAtCrops: Bool
    /// Why it cannot be had here, or at the centre; `nil` where it can.
    public var edgeObjection: String?
    public var centreObjection: String?

    public init(name: String, count: Int, looksAtCrops: Bool = false) {
      (self.name, self.count, self.looksAtCrops) = (name, count, looksAtCrops)
      (edgeSeconds, questionBytes, answerBytes, centreSeconds, centreStreams) = (0, 0, 0, 0, 1)
    }
  }

  /// The edge's own part of a cut, with answers of the centre that come at once.
  public struct Edge: Sendable, Hashable {
    /// By the clock, for the sample.
    public var seconds: Double
    /// Of processors.
    public var processorSeconds: Double
    /// By the clock, by ``stretch`` of the sample; empty where that is not known.
    public var paces: [Double] = []

    public init(seconds: Double, processorSeconds: Double) {
      (self.seconds, self.processorSeconds) = (seconds, processorSeconds)
    }
  }

  /// Seconds of a film that are taken as one: about what frames that wait for an answer are apart from those that come.
  static let stretch = 1.0

  /// Seconds of the film that were looked at, and of all of it.
  public var sampleSeconds: Double
  public var filmSeconds: Double
  /// Of the film's file.
  public var filmBytes: Int
  /// Frames that networks were shown or the gate let go, in the sample.
  public var frames: Int
  /// Bytes of what happened in the sample, as it is told.
  public var eventBytes: Int
  public var networks: [Network]
  /// By cut: for `frames`, `crops` and `events`, where they were measured.
  public var edge: [Cut: Edge] = [:]
  /// The node that is meant with the edge; `nil` where it is this machine.
  public var node: NodeScale?

  public init(
    sampleSeconds: Double, filmSeconds: Double, filmBytes: Int, frames: Int, eventBytes: Int, networks: [Network]
  ) {
    (self.sampleSeconds, self.filmSeconds, self.filmBytes) = (sampleSeconds, filmSeconds, filmBytes)
    (self.frames, self.eventBytes, self.networks) = (frames, eventBytes, networks)
  }
}

/// The way between edge and centre.
public struct PlacementLink: Sendable, Hashable {
  /// Bits a second to the centre, and back.
  public var up: Double
  public var down: Double
  /// Seconds there and back.
  public var roundTrip: Double
  /// Questions on their way at the same time, of each network.
  public var flight: Int

  public init(up: Double, down: Double, roundTrip: Double, flight: Int) {
    (self.up, self.down, self.roundTrip, self.flight) = (up, down, roundTrip, flight)
  }

  /// Bits a second, as people write them: `800kbit/s`, `5Mbit/s`, `1Gbit/s`; `nil` for anything else, and for nothing.
  public static func rate(_ text: String) -> Double? {
    let units = [("kbit/s", 1e3), ("Mbit/s", 1e6), ("Gbit/s", 1e9), ("bit/s", 1)]
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number.isFinite, number * factor >= 1, number * factor <= 1e12
    else { return nil }
    return number * factor
  }
}

/// What work and traffic cost, in one unit of money.
public struct PlacementPrices: Sendable, Hashable {
  /// For a second of a processor.
  public var edge = 0.0
  public var centre = 0.0
  /// For a question that the centre answers.
  public var question = 0.0
  /// For 10⁹ bytes over the link.
  public var gigabyte = 0.0

  public init() {}
}
