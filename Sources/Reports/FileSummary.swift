public import Base
public import Insights

/// What one file gave: the numbers behind `summary.json` and the head of a page.
public struct FileSummary: Sendable, Hashable {
  /// The file's name, without its folder, and the path it was opened by.
  public var file: String
  public var path: String
  /// The upright picture in pixels.
  public var size: Size?
  public var codec: String?
  /// Seconds; `nil` for a picture and where the file does not say.
  public var duration: Double?
  /// Seconds of the video that the run went through; `nil` means the whole duration.
  public var secondsCovered: Double?
  /// Frames of the whole video, as counted or as the file says; `nil` for a picture and where neither is known.
  public var framesInFile: Int?
  public var framesDecoded = 0
  public var framesAnalyzed = 0
  public var corrupt = CorruptFrames()
  public var predictions = 0
  /// Analysed frames with at least one prediction.
  public var framesWithPredictions = 0
  /// Most frequent first.
  public var labels: [LabelTally] = []
  /// Wall time spent on this file.
  public var secondsElapsed = 0.0
  public var stages = StageTimes()
  /// Sentences for the reader: what was assumed, skipped or limited.
  public var notes: [String] = []
  /// The run was stopped before the end of the file.
  public var interrupted = false
  /// What each step of the pipeline did; empty where it is no more than a model and a sampling.
  public var steps: [Step] = []
  /// What was concluded about the film as a whole, where the pipeline asks for it and the run came to the end.
  public var insights: InsightReport?

  /// One step of a pipeline, and what it counted.
  public struct Step: Sendable, Hashable {
    public struct Count: Sendable, Hashable {
      /// Such as `passed_over`.
      public var name: String
      public var value: Int
    }

    /// Such as `gate`.
    public var kind: String
    /// Where several steps are of one kind.
    public var name: String?
    public var counts: [Count]

    public init(_ kind: String, name: String? = nil, _ counts: [(String, Int)]) {
      (self.kind, self.name, self.counts) = (kind, name, counts.map { Count(name: $0, value: $1) })
    }
  }

  public init(file: String, path: String) { (self.file, self.path) = (file, path) }

  /// Takes over what the collector counted: analysed frames, predictions, labels.
  public mutating func fill(from collector: Collector) {
    framesAnalyzed = collector.frames
    framesWithPredictions = collector.framesWithPredictions
    predictions = collector.predictions
    labels = collector.labels
  }

  /// Analysed frames a second of wall time; `nil` before any time has passed.
  public var framesPerSecond: Double? {
    secondsElapsed > 0 ? Double(framesAnalyzed) / secondsElapsed : nil
  }

  /// Seconds of video a second of wall time; `nil` where the file has no duration.
  public var timesRealTime: Double? {
    guard let covered = secondsCovered ?? duration, covered > 0, secondsElapsed > 0 else { return nil }
    return covered / secondsElapsed
  }
}

/// Frames that could not be decoded: all are counted, the first few are kept with their reasons.
public struct CorruptFrames: Sendable, Hashable {
  public struct Example: Sendable, Hashable {
    /// Seconds, where the stream still says when.
    public var time: Double?
    public var reason: String
  }

  /// How many are kept with their reasons.
  public static let limit = 8
  public private(set) var count = 0
  public private(set) var examples: [Example] = []

  public init() {}

  public mutating func add(time: Double?, reason: String) {
    count += 1
    if examples.count < Self.limit { examples.append(Example(time: time, reason: reason)) }
  }

  /// Counts so many more, of which nothing else is known.
  public mutating func add(further more: Int) { count += max(0, more) }
}
