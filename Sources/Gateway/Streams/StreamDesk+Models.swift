public import Base
public import Catalog
internal import Execution
public import Library
public import Pipelines
public import Recordings
public import Serving
public import Streams

extension StreamDesk {
  /// Streams whose pictures are looked at by a server's own models and pipelines.
  ///
  /// With a `library`, zones that were drawn for them hold; `recorder` keeps what happens, `archive` what is seen, and `book` which streams there are.
  public convenience init(
    _ models: ModelRepository, _ options: Options = Options(), library: Library? = nil, recorder: EventRecorder? = nil,
    archive: RecordingDesk? = nil, book: StreamBook? = nil
  ) {
    self.init(
      options, recorder: recorder, archive: archive, scenes: library.map(LibraryStreams.init),
      drifts: library.map(LibraryStreams.init), rollouts: models.streamRollouts,
      admit: { (client) throws(Fault) in try library?.admit(client) },
      keep: { kept in book?.write(kept) { (client) throws(Fault) in try library?.isOpen(client) ?? true } }
    ) { (draft, stream) throws(Fault) in
      if let name = draft.pipeline { return try models.live(pipeline: name, stream: stream) }
      return try draft.model.map { (name) throws(Fault) in try models.live(model: name, stream: stream) }
    }
    models.rollouts.onChange { [weak self] model in self?.reload(model: model) }
  }
}

extension ModelRepository {
  /// What streams have to do with its roll-outs.
  fileprivate var streamRollouts: StreamRollouts {
    StreamRollouts(
      shadows: { own, draft, stream in
        self.shadows(ofLive: own, pipeline: draft.pipeline, stream: stream).map { shadow in
          let route = shadow.route
          return ShadowPipeline(
            pipeline: shadow.pipeline, steps: shadow.steps, draws: { route.draws("\(stream)/\($0)") },
            isBusy: { shadow.isBusy },
            compared: { mine, theirs, steps in route.countShadow([mine], [theirs], steps: steps) },
            lost: { route.countShadow(isDropped: $0) })
        }
      },
      note: { answered, pipeline in
        self.count(answered.predictions, of: pipeline, except: answered.passedOver)
      })
  }
}

extension StreamDesk {
  /// Ends the streams of clients that were removed from the library, or are about to be: ask for it now and then.
  public func endThose(goneFrom library: Library) throws(Fault) {
    for client in clients where !(try library.isOpen(client)) { remove(allOf: client) }
  }
}

/// What a library keeps of streams.
public struct LibraryStreams: EventKeeper, SceneSource, DriftKeeper {
  private let library: Library

  public init(_ library: Library) { self.library = library }

  public func keep(_ event: StreamEvent, picture: [UInt8]?) throws(Fault) {
    try library.keep(event, picture: picture)
  }

  public func drift(of stream: String, client: String) throws(Fault) -> [UInt8]? {
    try library.drift(of: stream, client: client)
  }

  public func keep(drift: [UInt8], of stream: String, client: String) throws(Fault) {
    try library.keep(drift: drift, of: stream, client: client)
  }

  public func forgetDrift(of stream: String, client: String) throws(Fault) {
    try library.forgetDrift(of: stream, client: client)
  }

  public func forget(_ stream: String, client: String) throws(Fault) {
    try library.forgetScenes(of: stream, client: client)
  }

  public func scene(of stream: String, client: String) throws(Fault) -> Scene? {
    guard let text = try library.scenes(of: stream, client: client, limit: 1).first?.text else { return nil }
    return try Scene.read(bytes: Array(text.utf8), name: "the zones of '\(stream)'")
  }
}
