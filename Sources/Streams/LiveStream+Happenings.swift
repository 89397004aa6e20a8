internal import Base
public import Execution
internal import Media
internal import MediaProcess
internal import Pipelines
public import Predictions

extension LiveStream {
  /// What happened with a picture, or with the end of a connection; told however old it is, since an event is not worth less for that.
  public struct Happened {
    public let happenings: [Happening]
    /// Seconds since 1970 at which the source's times are 0.
    public let origin: Double
    /// Ids of the events whose best moment so far is this picture.
    public let peaks: [String]
    public let pipeline: LoadedPipeline
    /// Counts what is not kept of it.
    let tally: EventTally
    /// The picture; `nil` where a connection ended.
    let frame: SourceFrame?

    /// The picture as JPEG, at most 640 pixels wide; asks the source's process.
    ///
    /// `nil` where there is none any more.
    public func picture() -> [UInt8]? {
      guard case .remote(let frame)? = frame, frame.size.area > 0 else { return nil }
      let width = min(Self.width, frame.size.width)
      let size = Size(width: width, height: max(1, frame.size.height * width / frame.size.width))
      guard size.height <= 4 * Self.width, let rgb = try? frame.rgb(size: size) else { return nil }
      return try? JPEG.encode(rgb: rgb, size: size, quality: 80)
    }

    private static let width = 640
  }

  /// Told on the stream's thread, which waits for it.
  public typealias Happen = @Sendable (Happened) -> Void
}

/// Tells what happens over the connections of a stream; used by its thread alone.
final class HappeningTeller {
  private let happen: LiveStream.Happen
  private let tally: EventTally
  private var bridge = IncidentBridge(holds: [:])
  private var pipeline: LoadedPipeline?
  /// What was counted over connections that are over.
  private var counted = SceneCounts()
  var clock = WallClockWatch()

  init(_ happen: @escaping LiveStream.Happen, _ tally: EventTally) { (self.happen, self.tally) = (happen, tally) }

  /// The pipeline of the next pictures, which may be another one than before.
  func begin(_ pipeline: LoadedPipeline) {
    guard self.pipeline?.digest != pipeline.digest else { return }
    tell(bridge.close())
    (self.pipeline, counted) = (pipeline, SceneCounts())
    bridge = IncidentBridge(
      holds: Dictionary(pipeline.pipeline.rules.map { ($0.name, $0.hold) }) { first, _ in first })
  }

  func tell(_ happenings: [Happening], origin: Double, peaks: [String] = [], frame: SourceFrame? = nil) {
    expire()
    guard let pipeline, !happenings.isEmpty || !peaks.isEmpty else { return }
    let passed = bridge.pass(happenings, origin: origin)
    guard !passed.isEmpty || !peaks.isEmpty else { return }
    happen(
      LiveStream.Happened(
        happenings: passed, origin: origin, peaks: bridge.names(of: peaks), pipeline: pipeline, tally: tally,
        frame: frame))
  }

  /// What was counted over all connections, with those of the one at hand.
  func counts(_ now: SceneCounts) -> SceneCounts { now.after(counted) }

  /// A connection is over, over which so much was counted.
  func add(_ counts: SceneCounts) { counted = counts.after(counted) }

  /// Ends what was cut off and did not go on; by another clock nothing goes on.
  func expire() {
    if clock.isSet() {
      clock = WallClockWatch()
      end()
    }
    tell(bridge.expire(by: Clock.seconds))
  }

  func end() { tell(bridge.close()) }

  private func tell(_ over: [(event: Event, origin: Double)]) {
    guard let pipeline else { return }
    for (event, origin) in over {
      happen(
        LiveStream.Happened(
          happenings: [.event(event)], origin: origin, peaks: [], pipeline: pipeline, tally: tally, frame: nil))
    }
  }
}
