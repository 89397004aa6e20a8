internal import Base
internal import Glibc
internal import Isolation
internal import MediaProcess

/// The thread that keeps a camera's second address connected: what people look at, where networks look at a smaller picture.
///
/// It fails, waits and returns by itself, whatever becomes of the first.
final class ViewRunner {
  private let stream: LiveStream
  private let source: StreamSource
  /// A picture came, over any connection.
  private var isUnderstood = false

  /// Nanoseconds between two looks at how it does, and at whether it is to end while there is no connection.
  private static let (interval, glance) = (UInt64(250_000_000), UInt64(100_000_000))
  private static let firstPatience = 10.0

  init(_ stream: LiveStream, _ source: StreamSource) { (self.stream, self.source) = (stream, source) }

  func run() {
    var supervisor = Supervisor(
      goesOn: { [stream] in !stream.isStopped }, enter: { [self] in tell($0, $1) },
      isUnderstood: { [self] in isUnderstood }, wait: { Clock.sleep(until: min($0, Clock.now + Self.glance)) })
    supervisor.run { () throws(Fault) in try watch() }
  }

  private func tell(_ state: StreamState, _ reason: String?) {
    stream.update { $0.view = StreamFigures.View(state: state, reason: reason) }
  }

  /// From the connection to its end; `true` where nothing more is to come.
  private func watch() throws(Fault) -> Bool {
    var way = try SourceConnector(source: source, settings: stream.settings).open(seconds: 5)
    defer { if let descriptor = way.descriptor { close(descriptor) } }
    way.order.isRecorded = stream.settings.isRecorded
    let reader = try LiveReader(
      way.order, descriptor: way.descriptor, bell: try Bell(), opener: way.opener, givesView: true)
    let showing = stream.show(reader)
    defer {
      reader.close()
      showing?.join()
    }
    // Stills are made of what stands alone; nothing else looks at it.
    try reader.save(.keysOnly)
    let (began, clock) = (Clock.now, WallClockWatch())
    var makesStills = false
    while !stream.isStopped {
      Clock.sleep(until: Clock.now + Self.interval)
      if stream.view.wantsStills != makesStills {
        makesStills.toggle()
        try reader.makeStills(makesStills)
      }
      let progress = try reader.progress()
      if progress.received > 0 {
        isUnderstood = true
        tell(.live, nil)
      }
      if let ending = progress.ending { return try end(ending) }
      let silence = (Double(Clock.now) - Double(max(UInt64(progress.lastArrival), began))) / 1e9
      let patience = progress.received > 0 ? stream.settings.patience : Self.firstPatience
      guard silence <= patience else {
        throw Fault(.unavailable, "no picture came for \(NumberFormat.fixed(patience, 0)) s")
      }
      if clock.isSet(for: source) { return false }
    }
    return true
  }

  private func end(_ ending: LiveProgress.Ending) throws(Fault) -> Bool {
    switch ending {
    case .closed:
      if case .film(_, loops: false) = source.kind { return true }
      throw Fault(.unavailable, "the source hung up")
    case .movedTo: throw Fault(.unsupported, "the camera sends what is to be seen to another address: give that one")
    case .failed(let fault): throw fault
    }
  }
}

extension LiveStream {
  /// What there is to look at goes on for as long as the source's process lives, whatever becomes of predictions.
  func show(_ reader: LiveReader) -> NativeThread? {
    reader.view.map { pieces in
      NativeThread { [self] in
        while let piece = pieces.next() {
          if case .head(_, let size, _) = piece, settings.view == nil { update { $0.size = size } }
          view.take(piece)
          record(piece)
        }
        view.close()
        record(nil)
      }
    }
  }
}
