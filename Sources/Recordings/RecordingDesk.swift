public import Base
public import Catalog
internal import Glibc
public import MediaProcess
internal import Synchronization

/// The recordings of all streams of a server, as use cases; any thread, which never waits for the disk.
///
/// One thread writes and another finishes files; what they do not keep up with is lost after some seconds, counted, and told.
public final class RecordingDesk: Sendable {
  struct Place: Hashable {
    let client: String
    let stream: String
    var text: String { "\(client)/\(stream)" }
  }

  struct Track {
    var clips: ClipPolicy?
    var record: RecordPolicy?
    var line = PacketLine()
    var takes: [Int: Take] = [:]
    /// The take of each event that has one.
    var ofEvents: [ULID: Int] = [:]
    /// The take of all that comes.
    var continuous: Int?
    var figures = RecordingFigures()
    /// Files that are being written or finished, in their order.
    var files: [(path: String, kind: Recording.Kind)] = []
    /// Nothing more comes of it.
    var isEnded = false
  }

  struct State {
    var tracks: [Place: Track] = [:]
    var limits = Limits()
    var lastTake = 0
    var isOver = false
    /// Clips that came to nothing, before somebody asks for them.
    var discarded: [DiscardedClip] = []
  }

  /// Bytes of packets in memory, of one stream and of all, at most.
  struct Limits {
    var (bytes, bytesOfAll) = (64 << 20, 512 << 20)
  }

  /// Seconds after its beginning at which an event may be told.
  static let lateness = 10.0

  let folder: String
  let state = Mutex(State())
  /// Makes room, and says where there is none.
  let room: RoomKeeper
  private let complain: @Sendable (Fault) -> Void
  private let finisher = Mutex<FilmFinisher?>(nil)
  private let writer = Mutex<NativeThread?>(nil)

  /// Records into files of a folder, which is made where it is missing; what dead processes left there is finished first.
  ///
  /// `packetBytes` bounds what of each stream is in memory, where there is less than usual; `complain` hears of what fails, once for each reason in a row of a
  /// stream.
  public init(
    _ folder: String, _ keeper: any RecordingKeeper, _ rules: RetentionRules = RetentionRules(),
    packetBytes: Int? = nil, complain: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    (self.folder, self.complain) = (folder, complain)
    if let packetBytes { state.withLock { $0.limits.bytes = min($0.limits.bytes, packetBytes) } }
    try FileSystem.makeFolder(folder)
    room = RoomKeeper(folder, keeper, rules, complain: complain)
    let finisher = FilmFinisher(keeper) { [weak self] order, outcome in self?.settle(order, outcome) }
    for name in try FileSystem.list(folder) where name.hasSuffix(Self.suffix) {
      finisher.add(FilmFinisher.Order(path: "\(folder)/\(name)"))
    }
    self.finisher.withLock { $0 = finisher }
    writer.withLock { $0 = NativeThread { [self] in RecordingWriter(self, finisher).run() } }
  }

  static let suffix = ".part.mp4"

  /// Records a stream from now on as is said, or in another way than before.
  public func begin(_ stream: String, client: String, clips: ClipPolicy?, record: RecordPolicy?) {
    let place = Place(client: client, stream: stream)
    if let clips {
      let limit = Retention.Limit(keep: clips.keep, space: clips.space)
      room.limit(Retention.Stream(client: client, stream: stream, kind: .clip), limit)
    }
    if let record {
      let limit = Retention.Limit(keep: record.keep, space: record.space)
      room.limit(Retention.Stream(client: client, stream: stream, kind: .continuous), limit)
    }
    state.withLock { state in
      if clips == nil, record == nil, state.tracks[place] == nil { return }
      var track = state.tracks[place] ?? Track()
      if track.record != record, let old = track.continuous {
        track.takes[old]?.stop()
        track.continuous = nil
      }
      (track.clips, track.record, track.isEnded) = (clips, record, false)
      track.figures.isContinuous = record != nil
      if let record, track.continuous == nil {
        let label = RecordingLabel(client: client, stream: stream, kind: .continuous)
        track.continuous = state.add(
          Take(label, from: track.line.end, segment: Self.ticks(record.segment)), to: &track)
      }
      state.tracks[place] = track
    }
  }

  /// A piece of the film of a stream.
  public func take(_ piece: ViewPiece, of stream: String, client: String) {
    let place = Place(client: client, stream: stream)
    state.withLock { state in
      guard state.tracks[place]?.isEnded == false else { return }
      switch piece {
      case .head(_, _, let bytes): state.tracks[place]!.line.begin(bytes)
      case .fragment(let fragment): state.tracks[place]!.add(fragment)
      case .still: return
      }
      // Whatever the disk does.
      state.bound(place)
    }
  }

  /// The source of a stream is gone, and may return.
  public func interrupt(_ stream: String, client: String) { update(stream, client) { $0.line.interrupt() } }

  /// A stream ends, or is removed: what is open of it is finished.
  public func end(_ stream: String, client: String) {
    update(stream, client) { track in
      track.isEnded = true
      for id in track.takes.keys { track.takes[id]?.stop() }
      track.continuous = nil
    }
    state.withLock { $0.forget(Place(client: client, stream: stream)) }
  }

  private func update(_ stream: String, _ client: String, _ body: (inout Track) -> Void) {
    let place = Place(client: client, stream: stream)
    state.withLock { state in
      guard state.tracks[place] != nil else { return }
      body(&state.tracks[place]!)
    }
  }

  /// What is known of an event by now: it begins, goes on, or is over.
  public func take(_ event: StreamEvent) {
    let place = Place(client: event.client, stream: event.stream)
    state.withLock { state in
      guard var track = state.tracks[place], let clips = track.clips, !track.isEnded || event.state == .over else {
        return
      }
      if track.ofEvents[event.id] == nil, event.state == .open {
        let moment = Self.ticks(Double(event.from) / 1000 - clips.before)
        if let key = track.line.key(before: moment) {
          let label = RecordingLabel(
            client: event.client, stream: event.stream, kind: .clip, event: event.id, rule: event.rule)
          track.ofEvents[event.id] = state.add(
            Take(label, from: key, wanted: moment, most: Self.ticks(clips.most)), to: &track)
        }
      }
      if event.state == .over {
        if let id = track.ofEvents.removeValue(forKey: event.id) {
          track.takes[id]?.end = Self.ticks(Double(event.to) / 1000 + clips.after)
        } else if event.keepsClip {
          state.discard(event)
        }
      }
      state.tracks[place] = track
    }
  }

  /// `nil` where it is not recorded.
  public func figures(of stream: String, client: String) -> RecordingFigures? {
    state.withLock { state in
      state.tracks[Place(client: client, stream: stream)].flatMap { track in
        guard track.clips != nil || track.record != nil else { return nil }
        var figures = track.figures
        figures.open = track.takes.values.count(where: \.isOpen)
        return figures
      }
    }
  }

  /// Files of all that comes of a stream that no one else knows of yet: those that are written, and those that are being finished.
  public func unfinished(of stream: String, client: String) -> [String] {
    let place = Place(client: client, stream: stream)
    return state.withLock { $0.tracks[place]?.files.filter { $0.kind == .continuous }.map(\.path) ?? [] }
  }

  /// Nothing of a stream is being written or finished.
  public var isIdle: Bool {
    let isWriting = state.withLock { state in
      state.tracks.values.contains { !$0.takes.isEmpty || $0.figures.waiting > 0 }
    }
    return !isWriting && finisher.withLock { $0?.isIdle ?? true }
  }

  /// Ends all files, and finishes them; call it once, when no stream gives anything any more.
  public func finish() {
    state.withLock { state in
      state.isOver = true
      for place in state.tracks.keys {
        for id in state.tracks[place]!.takes.keys { state.tracks[place]!.takes[id]?.stop() }
      }
    }
    writer.withLock { $0.take() }?.join()
    finisher.withLock { $0.take() }?.finish()
    room.stop()
  }

  public func makeRoom(_ byteCount: Int) { room.ask(byteCount) }

  static func ticks(_ seconds: Double) -> Int { Int((seconds * Double(ViewPiece.timescale)).rounded()) }

  /// What became of a file.
  private func settle(_ order: FilmFinisher.Order, _ outcome: FilmFinisher.Outcome) {
    if case .waiting(let fault) = outcome, order.failures == 0 { complain(fault.at("recordings")) }
    if case .kept(let one) = outcome { room.add(one) }
    if case .lost(_, let fault) = outcome { complain(fault.at("a recording")) }
    state.withLock { state in
      if let (label, reason) = outcome.loss { state.discard(label, reason) }
      guard let place = order.place, state.tracks[place] != nil else { return }
      state.tracks[place]!.figures.settle(outcome)
      switch outcome {
      case .waiting, .busy: return
      case .kept, .nothing, .lost: break
      }
      state.tracks[place]!.files.removeAll { $0.path == order.path }
      state.forget(place)
    }
  }

  /// Nothing of a stream is written now, for this reason.
  func fail(_ place: Place, _ fault: Fault) {
    let isNews = state.withLock { state in
      guard state.tracks[place] != nil else { return false }
      defer {
        state.tracks[place]!.figures.note(fault.message)
        state.tracks[place]!.figures.isStopped = true
      }
      return !state.tracks[place]!.figures.isStopped
    }
    if isNews { complain(fault.at("recordings of the stream '\(place.text)'")) }
  }
}

extension RecordingDesk.State {
  /// Nothing is known of a stream that has ended, once all of it is finished.
  mutating func forget(_ place: RecordingDesk.Place) {
    guard let track = tracks[place], track.isEnded, track.takes.isEmpty, track.files.isEmpty else { return }
    tracks[place] = nil
  }

  mutating func add(_ take: Take, to track: inout RecordingDesk.Track) -> Int {
    lastTake += 1
    track.takes[lastTake] = take
    return lastTake
  }
}

extension RecordingDesk.Track {
  mutating func add(_ fragment: ViewPiece.Fragment) {
    if !line.add(fragment) {
      figures.lost += 1
      figures.note("the source's process gave what is no picture")
      line.interrupt()
    }
  }

  /// Ticks of pictures that are kept for clips of what is told later.
  var preRoll: Int { clips.map { RecordingDesk.ticks($0.before + RecordingDesk.lateness) } ?? 0 }
}

extension RecordingFigures {
  mutating func note(_ reason: String) { (self.reason, at) = (reason, Clock.seconds) }

  fileprivate mutating func settle(_ outcome: FilmFinisher.Outcome) {
    switch outcome {
    case .waiting(let fault): note(fault.message)
    case .busy: break
    case .nothing: waiting -= 1
    case .lost(_, let fault):
      waiting -= 1
      failed += 1
      note(fault.message)
    case .kept(let film):
      waiting -= 1
      if film.recording.kind == .clip { clips += 1 } else { segments += 1 }
    }
  }
}
