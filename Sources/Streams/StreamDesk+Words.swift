internal import Base
public import Catalog
public import Drift
public import Execution
public import Telemetry

/// What is asked of the desk, and what it tells.
extension StreamDesk {
  public struct Options: Sendable {
    /// Folders below which films may lie that are played as cameras.
    public var films: [String] = []
    /// Addresses of this machine and of local networks may be watched by everybody who may add streams, and not by administrators alone.
    public var reachesPrivate = false
    /// Streams at a time, of all clients.
    public var most = 256
    /// One client may have all of them, and not half.
    public var mayBeOneClients = false
    /// How it is watched whether streams drift.
    public var drift = DriftSettings()
    /// Of the newest packets so much is kept of each stream, for viewers.
    public var view = StreamView.Limits()
    /// Where traces of some pictures go; `nil` for nowhere.
    public var telemetry: Telemetry?

    public init() {}
  }

  /// What is asked for when a stream is added.
  public struct Draft: Sendable, Hashable {
    public var source: String
    /// A second address of the camera, for people's eyes; networks look at the first.
    public var view: String?
    /// A pipeline of the server, by name; this, or a model, or neither: then the stream is only shown.
    public var pipeline: String?
    public var model: String?
    /// Milliseconds.
    public var budget = 250.0
    /// Answers a second that are enough; `nil` for as many as the pipeline wants.
    public var rate: Double?
    public var weight = 1.0
    /// Clips of its events are kept; and all that comes of it.
    public var clips: ClipPolicy?
    public var record: RecordPolicy?
    /// It is added though the machine is too small for it.
    public var isForced = false

    public init(source: String) { self.source = source }

    func check() throws(Fault) {
      guard pipeline == nil || model == nil else {
        throw Fault(.badInput, "a stream has a pipeline, or a model, and not both")
      }
      guard (1...60_000).contains(budget), (0.001...1000).contains(weight) else {
        throw Fault(.badInput, "a budget is from 1 to 60000 milliseconds, a weight from 0.001 to 1000")
      }
      if let rate, !(0.001...1000).contains(rate) {
        throw Fault(.badInput, "a rate is from 0.001 to 1000 answers a second")
      }
      guard clips == nil || pipeline != nil else {
        throw Fault(.badInput, "clips are of events, which come of a pipeline with rules: give the stream one")
      }
    }

    /// Whether it is the same stream that is asked for; that it was forced in makes no other.
    func asks(for other: Draft) -> Bool {
      var (mine, others) = (self, other)
      (mine.isForced, others.isForced) = (false, false)
      return mine == others
    }
  }

  /// A stream that is to be there again when the server is.
  public struct Kept: Sendable, Hashable {
    public let client: String
    public let name: String
    /// Its source with user and password.
    public let draft: Draft
    /// It was added by one who may watch addresses of this machine and of local networks.
    public let isOwner: Bool

    public init(client: String, name: String, draft: Draft, isOwner: Bool) {
      (self.client, self.name, self.draft, self.isOwner) = (client, name, draft, isOwner)
    }
  }

  /// Whether a stream is to be there again when the server is.
  public enum Keeping: Sendable { case atOnce, already, never }

  /// One stream as it stands.
  public struct View: Sendable {
    public let name: String
    public let client: String
    /// Its source shows no user and no password.
    public let draft: Draft
    public let figures: StreamFigures
    /// Those that look on now, and those that were let go because they did not keep up.
    public let viewers: (now: Int, letGo: Int)
    /// `nil` where it is not recorded.
    public var recording: RecordingFigures?
    /// `nil` where it is not watched.
    public var drift: DriftBook?
  }

  /// Whoever hears of a stream's answers; called by the stream's thread, which it must not hold up.
  public struct Listener: Sendable {
    public var hear: @Sendable (LiveStream.Result, LoadedPipeline) -> Void
    /// Called every few seconds, where there is nothing to hear too; `false` once nobody listens any more.
    public var isThere: @Sendable () -> Bool
    /// Called in the end: nothing more comes; whether that is because the film has ended.
    public var end: @Sendable (_ isOver: Bool) -> Void

    public init(
      hear: @escaping @Sendable (LiveStream.Result, LoadedPipeline) -> Void, isThere: @escaping @Sendable () -> Bool,
      end: @escaping @Sendable (_ isOver: Bool) -> Void
    ) {
      (self.hear, self.isThere, self.end) = (hear, isThere, end)
    }
  }
}

extension StreamDesk.View {
  init(
    _ name: String, _ client: String, _ draft: StreamDesk.Draft, _ stream: LiveStream, _ archive: (any StreamArchive)?
  ) {
    recording = archive?.figures(of: name, client: client)
    var draft = draft
    draft.source = stream.settings.source.shown
    draft.view = stream.settings.view?.shown
    (self.name, self.client, self.draft, figures) = (name, client, draft, stream.figures)
    viewers = stream.view.counts
    drift = stream.drift?.book(at: Clock.seconds)
  }
}
