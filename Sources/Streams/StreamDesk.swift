public import Base
public import Catalog
public import Execution
internal import Synchronization

/// The streams of a server, as use cases; any thread that may wait for a moment.
public final class StreamDesk: Sendable {
  /// Gives a pipeline or a model as the server has it by now; the stream's client and name say which version, where there is a choice.
  public typealias Find = @Sendable (Draft, _ stream: String?) throws(Fault) -> LoadedPipeline?

  struct Place: Hashable {
    let client: String
    let name: String
    var text: String { "\(client)/\(name)" }
  }

  struct Entry {
    let draft: Draft
    let stream: LiveStream
    /// `nil` where it stands in the configuration.
    let isOwner: Bool?
    /// `nil` where that is not watched.
    let drift: StreamDrift?
    var listeners: [Int: Listener] = [:]
    /// When those that are gone were looked for last.
    var swept = Clock.now
  }

  struct State {
    var meter = StreamMeter()
    var entries: [Place: Entry] = [:]
    /// Those that could not be taken up when the server was started.
    var stranded: [Place: Stranded] = [:]
    var lastListener = 0
    var isEnded = false
  }

  let options: Options
  let find: Find
  private let admit: @Sendable (String) throws(Fault) -> Void
  private let recorder: EventRecorder?
  /// Where streams are recorded.
  public let archive: (any StreamArchive)?
  private let keep: @Sendable ([Kept]) -> Void
  let scenes: (any SceneSource)?
  let drifts: (any DriftKeeper)?
  let rollouts: StreamRollouts
  private let networks = SharedNetworks()
  let state = Mutex(State())
  private let writing = Mutex(())

  /// `keep` is given all that were added, whenever that changes; `admit` hears of each client that gets a stream, and may refuse it; `recorder` keeps events, `archive` recordings, `scenes` has what was drawn for streams, and `drifts` what was learnt of them, where there is a library.
  public init(
    _ options: Options, recorder: EventRecorder? = nil, archive: (any StreamArchive)? = nil,
    scenes: (any SceneSource)? = nil, drifts: (any DriftKeeper)? = nil, rollouts: StreamRollouts = StreamRollouts(),
    admit: @escaping @Sendable (String) throws(Fault) -> Void = { _ in },
    keep: @escaping @Sendable ([Kept]) -> Void = { _ in }, find: @escaping Find
  ) {
    (self.keep, self.admit, self.archive, self.rollouts) = (keep, admit, archive, rollouts)
    (self.options, self.recorder, self.scenes, self.find) = (options, recorder, scenes, find)
    self.drifts = drifts
  }

  /// Adds a stream, or puts another one into its place; whether it is new.
  ///
  /// The same one again changes nothing.
  /// With `mustBeServed` the pipeline or model must be there by now. `isOwner` may watch what is on this machine and on local networks. Faults are `badInput`, `notFound` (the pipeline), `denied`, `exhausted`.
  public func put(
    _ name: String, _ draft: Draft, client: String, isOwner: Bool, mustBeServed: Bool = true, keeping: Keeping = .atOnce
  ) throws(Fault) -> Bool {
    try AssetGroup.check(client: client)
    try Self.check(name)
    try draft.check()
    guard draft.clips == nil && draft.record == nil || archive != nil else {
      throw Fault(
        .unsupported, "recordings are kept in a library, and this server has none: start it with --library DIR")
    }
    var settings = LiveStream.Settings(name: "\(client)/\(name)", source: try StreamSource(draft.source))
    settings.client = client
    (settings.budget, settings.weight, settings.rate) = (draft.budget, draft.weight, draft.rate)
    settings.reachesPrivate = isOwner || options.reachesPrivate
    (settings.roots, settings.isShown) = (options.films, true)
    settings.isRecorded = draft.clips != nil || draft.record != nil
    settings.view = try draft.view.map { (text) throws(Fault) in try StreamSource(text) }
    (settings.opensDevices, settings.telemetry) = (isOwner, options.telemetry)
    for kind in [settings.source.kind, settings.view?.kind] {
      if case .film(let path, _)? = kind { try StreamSource.check(FileSystem.absolute(path), isBelow: options.films) }
      if case .device? = kind, !isOwner { throw StreamSource.deviceRefusal }
    }
    if mustBeServed { _ = try find(draft, "\(client)/\(name)") }
    try admit(client)
    let isNew = try begin(
      Place(client: client, name: name), draft, settings, isOwner: keeping == .never ? nil : isOwner)
    if keeping == .atOnce { writeDown() }
    return isNew
  }

  private func writeDown() {
    // One after the other, so that what is written last is what is there.
    writing.withLock { _ in write() }
  }

  private func write() {
    let kept = state.withLock { state in
      state.isEnded
        ? nil
        : state.stranded.values.map(\.kept)
          + state.entries.compactMap { place, entry in
            entry.isOwner.map { Kept(client: place.client, name: place.name, draft: entry.draft, isOwner: $0) }
          }
    }
    if let kept { keep(kept.sorted { ($0.client, $0.name) < ($1.client, $1.name) }) }
  }

  private func pulse(_ place: Place) {
    sweep(place)
    measure()
  }

  private func begin(
    _ place: Place, _ draft: Draft, _ settings: LiveStream.Settings, isOwner: Bool?
  ) throws(Fault) -> Bool {
    let known = state.withLock { $0.entries[place] }
    if let known, known.draft.asks(for: draft), known.isOwner == nil || known.isOwner == isOwner || isOwner != true {
      return false
    }
    if known == nil { try checkPlaces(for: place.client) }
    if known?.draft.looker != draft.looker || known?.draft.rate != draft.rate { try checkRoom(for: draft, at: place) }
    known?.stream.stop()
    archive?.begin(place.name, client: place.client, clips: draft.clips, record: draft.record)
    let drift = drift(for: draft, settings, after: known)
    let stream = try LiveStream(
      settings, on: networks, drift: drift,
      load: { [find, weak self] () throws(Fault) in
        guard let loaded = try find(draft, place.text) else { return nil }
        return try self?.drawn(loaded, place.name, place.client) ?? loaded
      },
      beside: { [rollouts] own in rollouts.shadows(own, draft, place.text) }, note: rollouts.note,
      tell: { [weak self] result, pipeline in self?.tell(place, result, pipeline) },
      happen: { [recorder] in recorder?.take($0, client: place.client, stream: place.name) },
      record: { [archive] piece in
        guard let piece else { return archive?.interrupt(place.name, client: place.client) ?? () }
        archive?.take(piece, of: place.name, client: place.client)
      },
      view: options.view,
      pulse: { [weak self] in self?.pulse(place) })
    let other = state.withLock { state in
      let other =
        state.isEnded ? stream : state.entries[place].flatMap { $0.stream === known?.stream ? nil : $0.stream }
      if !state.isEnded {
        state.entries[place] = Entry(
          draft: draft, stream: stream, isOwner: isOwner, drift: drift,
          listeners: state.entries[place]?.listeners ?? [:])
        state.stranded[place] = nil
      }
      return other
    }
    // Another one was quicker, or all has ended meanwhile.
    other?.stop()
    return known == nil
  }

  /// Ends a stream; what happened in it stays, and what was drawn for it goes.
  public func remove(_ name: String, scope: ClientScope, client: String) throws(Fault) {
    let place = Place(client: client, name: name)
    let isConfigured = state.withLock { state in
      state.entries[place].map { $0.isOwner == nil } ?? state.stranded[place].map { _ in false }
    }
    guard scope.covers(client), let isConfigured else { throw Self.noStream(name) }
    // One of the configuration is there again with the next start, and its zones with it.
    if !isConfigured { try scenes?.forget(name, client: client) }
    _ = drop { $0 == place }
    if !isConfigured { try drifts?.forgetDrift(of: name, client: client) }
  }

  /// The clients that have streams here.
  public var clients: Set<String> {
    state.withLock { state in Set((state.entries.keys.map(\.client)) + state.stranded.keys.map(\.client)) }
  }

  /// Ends all streams of a client, those of the configuration too.
  public func remove(allOf client: String) { _ = drop { $0.client == client } }

  /// Whether there were any.
  private func drop(_ isMeant: (Place) -> Bool) -> Bool {
    let (places, entries, stranded) = state.withLock { state in
      let places = state.entries.keys.filter(isMeant)
      let entries = places.compactMap { state.entries.removeValue(forKey: $0) }
      return (
        places, entries, state.stranded.keys.filter(isMeant).compactMap { state.stranded.removeValue(forKey: $0) }
      )
    }
    if !stranded.isEmpty || entries.contains(where: { $0.isOwner != nil }) { writeDown() }
    for (place, entry) in zip(places, entries) {
      for listener in entry.listeners.values { listener.end(false) }
      entry.stream.ask()
      archive?.end(place.name, client: place.client)
      // A name that nobody looks up for it may hold it for long, which is no reason to wait.
      NativeThread { entry.stream.stop() }.leave()
    }
    return !entries.isEmpty || !stranded.isEmpty
  }

  /// Has a stream take up its pipeline anew, as after its zones were changed.
  public func reload(_ name: String, client: String) {
    state.withLock { $0.entries[Place(client: client, name: name)]?.stream }?.reload()
  }

  /// Has the streams of a model, and all of pipelines, take up the version that is theirs by now, where it is another one.
  public func reload(model: String) {
    let streams = state.withLock { state in
      state.entries.values.filter { $0.draft.model == model || $0.draft.pipeline != nil }.map(\.stream)
    }
    for stream in streams { stream.reload() }
  }

  /// Has the streams of a pipeline take up its file as it is by now.
  public func reload(pipeline: String) {
    let streams = state.withLock { state in
      state.entries.values.filter { $0.draft.pipeline == pipeline }.map(\.stream)
    }
    for stream in streams { stream.reload() }
  }

  /// The pipeline of a stream as the server has it, without what was drawn for it.
  public func pipeline(of name: String, scope: ClientScope, client: String) throws(Fault) -> LoadedPipeline {
    let draft = try view(name, scope: scope, client: client).draft
    guard let pipeline = try find(draft, Place(client: client, name: name).text) else {
      throw Fault(.badInput, "the stream '\(name)' is only shown: give it a pipeline first")
    }
    return pipeline
  }

  /// By client and name.
  public func list(scope: ClientScope) -> [View] {
    let (entries, stranded) = state.withLock { state in
      (state.entries.filter { scope.covers($0.key.client) }, state.stranded.filter { scope.covers($0.key.client) })
    }
    return
      (entries.map { View($0.key.name, $0.key.client, $0.value.draft, $0.value.stream, archive) }
      + stranded.values.map(View.init))
      .sorted { ($0.client, $0.name) < ($1.client, $1.name) }
  }

  public func view(_ name: String, scope: ClientScope, client: String) throws(Fault) -> View {
    if scope.covers(client), let one = state.withLock({ $0.stranded[Place(client: client, name: name)] }) {
      return View(one)
    }
    let entry = try entry(name, scope, client)
    return View(name, client, entry.draft, entry.stream, archive)
  }

  /// The picture of a stream.
  public func picture(_ name: String, scope: ClientScope, client: String) throws(Fault) -> StreamView {
    try entry(name, scope, client).stream.view
  }

  private func entry(_ name: String, _ scope: ClientScope, _ client: String) throws(Fault) -> Entry {
    guard scope.covers(client), let entry = state.withLock({ $0.entries[Place(client: client, name: name)] }) else {
      throw Self.noStream(name)
    }
    return entry
  }

  /// A film was played to its end, and all that happened in it is written down.
  public func isOver(_ name: String, client: String) -> Bool {
    let stream = state.withLock { $0.entries[Place(client: client, name: name)]?.stream }
    return stream?.isOver ?? false && recorder?.isIdle(client: client, stream: name) ?? true
  }

  /// Ends all streams.
  public func end() {
    let entries = state.withLock { state in
      defer { (state.entries, state.isEnded) = ([:], true) }
      return Array(state.entries.values)
    }
    for entry in entries { entry.stream.ask() }
    for entry in entries {
      entry.stream.stop()
      for listener in entry.listeners.values { listener.end(false) }
    }
  }

  static func check(_ name: String) throws(Fault) {
    guard PlainName.isValid(name) else {
      throw Fault(
        .badInput, "a stream's name has 1 to 64 letters, digits, '-', '_' and '.', and does not begin with '.'")
    }
  }

  static func noStream(_ name: String) -> Fault {
    Fault(.notFound, "there is no stream '\(name.prefix(64))'")
  }
}
