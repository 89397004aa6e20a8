internal import Base
internal import Media

/// What streams cost on this machine, measured while they run.
///
/// Decoding is what a source's process took. What an answer costs is the server's own processor time, shared among pipelines as the time that
/// their answers took is: with other work beside them that is more than they take, so that what fits is told too low and not too high. A value.
struct StreamMeter {
  /// What one stream showed at a moment.
  struct Look {
    /// The stream, and what looks at it.
    var stream: String
    var pipeline: String?
    var figures: StreamFigures
  }

  /// Of one stream, a second.
  struct Pace: Sendable {
    var pictures = 0.0
    var keys = 0.0
    /// Seconds of a processor for each picture that came.
    var decoding: Double?
    /// Seconds of processors that it took.
    var taken = 0.0
  }

  private var before: (at: UInt64, processor: Int, looks: [String: Look])?
  private(set) var paces: [String: Pace] = [:]
  /// Seconds of processors for an answer, by pipeline.
  private(set) var answers: [String: Double] = [:]

  /// Nanoseconds that are measured at least, and answers without which a cost is not told.
  private static let (interval, fewest) = (UInt64(4_000_000_000), 5)

  /// It is time for another look.
  func isDue(_ now: UInt64) -> Bool { before.map { now > $0.at && now - $0.at > Self.interval } ?? true }

  /// `processor` is what the server's own process took so far, in nanoseconds.
  mutating func look(_ looks: [Look], processor: Int, now: UInt64) {
    let new = Dictionary(looks.map { ($0.stream, $0) }) { first, _ in first }
    defer { before = (now, processor, new) }
    paces = paces.filter { new[$0.key] != nil }
    guard let before, now > before.at else { return }
    let seconds = Double(now - before.at) / 1e9
    let pairs = looks.compactMap { look in
      before.looks[look.stream].flatMap { $0.figures.received <= look.figures.received ? ($0.figures, look) : nil }
    }
    for (old, look) in pairs { note(look.stream, old, look.figures, seconds) }
    price(pairs, Double(processor - before.processor) / 1e9, seconds)
  }

  private mutating func note(_ stream: String, _ old: StreamFigures, _ new: StreamFigures, _ seconds: Double) {
    let came = new.received - old.received
    guard came > 0 else { return }
    var pace = paces[stream] ?? Pace()
    // No process is believed that it took more than there is.
    let processor = min(max(0, new.processorTime - old.processorTime), seconds * Double(Processor.count))
    (pace.pictures, pace.keys) = (Double(came) / seconds, Double(new.keys - old.keys) / seconds)
    pace.taken = processor / seconds
    if new.thrift != .keys || pace.decoding == nil {
      pace.decoding = Self.smooth(pace.decoding, processor / Double(came))
    }
    paces[stream] = pace
  }

  private mutating func price(_ pairs: [(StreamFigures, Look)], _ processor: Double, _ seconds: Double) {
    var sums: [String: (count: Int, time: Double)] = [:]
    for (old, look) in pairs {
      guard let pipeline = look.pipeline else { continue }
      sums[pipeline, default: (0, 0)].count += look.figures.looked - old.looked
      sums[pipeline, default: (0, 0)].time += max(0, look.figures.lookTime - old.lookTime)
    }
    let whole = sums.values.reduce(0) { $0 + $1.time }
    guard whole > 0 else { return }
    for (pipeline, sum) in sums where sum.count >= Self.fewest {
      answers[pipeline] = Self.smooth(answers[pipeline], processor * sum.time / whole / Double(sum.count))
      for (old, look) in pairs where look.pipeline == pipeline {
        paces[look.stream]?.taken += answers[pipeline]! * Double(look.figures.looked - old.looked) / seconds
      }
    }
  }

  private static func smooth(_ old: Double?, _ new: Double) -> Double { old.map { 0.6 * $0 + 0.4 * new } ?? new }
}

/// How much of this machine streams want, and what is left.
public struct StreamCapacity: Sendable {
  /// What one stream wants.
  public struct Want: Sendable {
    /// A second.
    public var pictures: Double
    public var answers: Double
    /// Seconds of a processor for each.
    public var decoding: Double
    public var answering: Double

    public var processors: Double { pictures * decoding + answers * answering }
  }

  public struct Stream: Sendable {
    public let name: String
    public let client: String
    public let want: Want
    /// Processors that it takes now, on the average of the last seconds.
    public let taken: Double
  }

  /// What of a network there is on other hosts, where it runs there alone.
  public struct Units: Sendable {
    public let model: String
    /// Inferences at the same time, and how many of them are at work, for whichever server.
    public let places: Int
    public let busy: Double
    /// Seconds of one for an answer; `nil` where none was measured yet.
    public let answering: Double?

    /// Places that streams may have beside those that are at work.
    public var free: Double { Double(places) * StreamCapacity.share - busy }
  }

  /// The share of the machine that is given to streams; the rest is for what comes beside them.
  public static let share = 0.9

  public let processors: Int
  /// Those that may be seen.
  public let streams: [Stream]
  /// Processors that all streams want, and take now.
  public let wanted: Double
  public let taken: Double
  /// A stream like the one that was asked about; `nil` where nothing like it was measured yet.
  public let like: Want?
  /// Where what is to look at it runs on other hosts alone.
  public let units: Units?

  public var usable: Double { Double(processors) * Self.share }
  /// How many more such streams fit.
  public var more: Int? {
    like.map { like in
      let here = like.processors > 0 ? (usable - wanted) / like.processors : 0
      let there = units.map { $0.free / max(1e-9, like.answers * ($0.answering ?? 0)) } ?? 1e6
      return Int(min(1e6, max(0, min(here, there))))
    }
  }
}
