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
  private var backoff = Backoff()

  /// Nanoseconds between two looks at how it does.
  private static let interval: UInt64 = 250_000_000
  private static let firstPatience = 10.0

  init(_ stream: LiveStream, _ source: StreamSource) { (self.stream, self.source) = (stream, source) }

  func run() {
    while !stream.isStopped {
      tell(.connecting, stream.figures.view?.reason)
      let began = Clock.now
      do throws(Fault) {
        try watch()
        return tell(.ended, nil)
      } catch {
        if stream.isStopped { return }
        if Double(Clock.now - began) / 1e9 > Backoff.recovery { backoff.reset() }
        let isLasting = [.denied, .badInput, .unsupported].contains(error.kind)
        tell(isLasting ? .failed : .waiting, error.message)
        let end = Clock.now + UInt64((isLasting ? 30 : backoff.next(chance: .random(in: 0...1))) * 1e9)
        while !stream.isStopped, Clock.now < end { usleep(100_000) }
      }
    }
  }

  private func tell(_ state: StreamState, _ reason: String?) {
    stream.update { $0.view = StreamFigures.View(state: state, reason: reason) }
  }

  /// From the connection to its end; returns where nothing more is to come.
  private func watch() throws(Fault) {
    let way = try SourceConnector(source: source, settings: stream.settings).open(seconds: 5)
    defer { if let descriptor = way.descriptor { close(descriptor) } }
    let reader = try LiveReader(
      way.order, descriptor: way.descriptor, bell: try Bell(), opener: way.opener, givesView: true)
    let showing = stream.show(reader)
    defer {
      reader.close()
      showing?.join()
    }
    // Stills are made of what stands alone; nothing else looks at it.
    try reader.save(.keysOnly)
    let began = Clock.now
    var makesStills = false
    while !stream.isStopped {
      usleep(UInt32(Self.interval / 1000))
      if stream.view.wantsStills != makesStills {
        makesStills.toggle()
        try reader.makeStills(makesStills)
      }
      let progress = try reader.progress()
      if progress.received > 0 { tell(.live, nil) }
      if let ending = progress.ending { return try end(ending) }
      let silence = (Double(Clock.now) - Double(max(UInt64(progress.lastArrival), began))) / 1e9
      let patience = progress.received > 0 ? stream.settings.patience : Self.firstPatience
      guard silence <= patience else {
        throw Fault(.unavailable, "no picture came for \(NumberFormat.fixed(patience, 0)) s")
      }
    }
  }

  private func end(_ ending: LiveProgress.Ending) throws(Fault) {
    switch ending {
    case .closed:
      if case .film(_, loops: false) = source.kind { return }
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
        }
        view.close()
      }
    }
  }
}
