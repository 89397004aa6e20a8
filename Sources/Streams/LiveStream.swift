public import Base
public import Execution
internal import Isolation
internal import Media
public import MediaProcess
public import Predictions
internal import Synchronization
public import Telemetry

/// One live stream: its source is kept connected, and its newest picture looked at whenever it is this stream's turn.
///
/// A thread of its own does all of it; what hangs or crashes is a process of the source's, and costs a new connection.
public final class LiveStream: Sendable {
  public struct Settings: Sendable {
    public var name: String
    public var source: StreamSource
    /// Milliseconds that predictions may be old when they are told; older ones are not.
    public var budget = 250.0
    /// Answers a second that are enough; `nil` for as many as the pipeline wants.
    public var rate: Double?
    /// Its share of the networks beside others of its client; clients share evenly.
    public var weight = 1.0
    public var client = ""
    /// The source may be an address of this machine or of a local network.
    public var reachesPrivate = true
    /// The source may be a camera at this machine.
    public var opensDevices = true
    /// Folders below which films may lie; `nil` for anywhere.
    public var roots: [String]?
    /// Seconds without a picture after which the source is given up and connected to anew.
    public var patience = 5.0
    /// Its picture is kept for those that look on.
    public var isShown = false
    /// It is recorded, also what browsers do not play.
    public var isRecorded = false
    /// A second address of the camera, whose picture is shown in place of the source's.
    public var view: StreamSource?
    /// Where traces of some of its pictures go; `nil` for nowhere.
    public var telemetry: Telemetry?

    public init(name: String, source: StreamSource) { (self.name, self.source) = (name, source) }
  }

  /// What was found in one picture.
  public struct Result: Sendable {
    /// Position in the order of decoding, since the source was connected to.
    public let index: Int
    /// In the source's time base; `nil` where it tells none.
    public let pts: Int?
    /// Seconds since the source's first picture.
    public let time: Double
    /// When the picture was taken, in seconds since 1970 by this machine's clock.
    public let captured: Double
    /// When the picture is shown in the film of ``LiveStream/view``, in seconds since 1970.
    public let shown: Double
    /// Milliseconds from then to now.
    public let age: Double
    public let size: Size
    public let predictions: [Prediction]
  }

  /// Told on the stream's thread, which waits for it: it hands on and does nothing long.
  public typealias Told = @Sendable (Result, LoadedPipeline) -> Void
  /// Gives the pipeline as it is by now, `nil` where the stream is only shown: asked with each connection, where a network took no more, and
  /// each second where it cannot be had.
  public typealias Load = @Sendable () throws(Fault) -> LoadedPipeline?

  /// Given every piece of the film that people are shown, and `nil` where it is interrupted; hands it on and does nothing long.
  public typealias Record = @Sendable (ViewPiece?) -> Void

  private struct State {
    var figures = StreamFigures()
    var isStopped = false
    var mustLoad = false
  }

  public let settings: Settings
  /// The picture, for those that look on; nothing in it where the settings do not want that.
  public let view: StreamView
  /// What of its events was not kept.
  let tally = EventTally()
  /// Watches whether it drifts; `nil` where nobody does.
  let drift: StreamDrift?
  let bell: Bell
  let pulse: @Sendable () -> Void
  let happen: Happen
  let record: Record
  let beside: Beside
  let note: Note
  private let state = Mutex(State())
  private let threads = Mutex<[NativeThread]>([])

  /// Gives other versions that are to be asked about some pictures as well, as they are by now.
  typealias Beside = @Sendable (_ own: LoadedPipeline) -> [ShadowPipeline]
  /// Hears of what the networks said to each picture, on the stream's thread.
  typealias Note = @Sendable (FrameInference.Answered, LoadedPipeline) -> Void

  /// Begins at once; `tell` hears of every picture that was looked at in time, and `pulse` is called some times a second whatever happens.
  public convenience init(
    _ settings: Settings, on networks: SharedNetworks, load: @escaping Load, tell: @escaping Told,
    happen: @escaping Happen = { _ in }, record: @escaping Record = { _ in },
    pulse: @escaping @Sendable () -> Void = {}
  ) throws(Fault) {
    try self.init(
      settings, on: networks, drift: nil, load: load, beside: { _ in [] }, note: { _, _ in }, tell: tell,
      happen: happen, record: record, pulse: pulse)
  }

  init(
    _ settings: Settings, on networks: SharedNetworks, drift: StreamDrift?, load: @escaping Load,
    beside: @escaping Beside, note: @escaping Note, tell: @escaping Told, happen: @escaping Happen,
    record: @escaping Record, view: StreamView.Limits = StreamView.Limits(), pulse: @escaping @Sendable () -> Void
  ) throws(Fault) {
    (self.settings, self.pulse, self.happen, self.record, self.drift) = (settings, pulse, happen, record, drift)
    (self.beside, self.note, self.view) = (beside, note, StreamView(view))
    bell = try Bell()
    state.withLock { $0.figures.since = Clock.seconds }
    threads.withLock { threads in
      threads = [NativeThread { [self] in StreamRunner(self, load, networks, tell).run() }]
      if let view = settings.view { threads.append(NativeThread { [self] in ViewRunner(self, view).run() }) }
    }
  }

  /// Where it stands now.
  public var figures: StreamFigures {
    var figures = state.withLock(\.figures)
    figures.events = tally.losses
    return figures
  }

  /// A film was played to its end, and nobody stopped it.
  var isOver: Bool { state.withLock { $0.figures.state == .ended && !$0.isStopped } }

  /// Asks it to end, and does not wait for that.
  public func ask() {
    state.withLock { $0.isStopped = true }
    bell.ring()
  }

  /// Ends it, and waits for that where nobody else does.
  public func stop() {
    ask()
    let threads = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in threads { thread.join() }
  }

  /// Takes up its pipeline anew before the next picture.
  public func reload() { state.withLock { $0.mustLoad = true } }

  /// Whether that was asked for, once.
  func takesReload() -> Bool {
    state.withLock { state in
      defer { state.mustLoad = false }
      return state.mustLoad
    }
  }

  var isStopped: Bool { state.withLock(\.isStopped) }

  func update(_ body: (inout StreamFigures) -> Void) { state.withLock { body(&$0.figures) } }

  func enter(_ new: StreamState, _ reason: String? = nil) { update { $0.enter(new, reason, now: Clock.seconds) } }
}

/// The networks of this process, which streams take turns at.
public final class SharedNetworks: Sendable {
  let desk = TurnDesk(limit: 2)

  public init() {}

  /// Pictures at a time that keep a pipeline's networks busy: one in each request of the busiest, and one that is being made ready.
  static func turns(of pipeline: LoadedPipeline) -> Int { 1 + (pipeline.models.map(\.parallelRequests).max() ?? 1) }
}
