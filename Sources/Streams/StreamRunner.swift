internal import Base
internal import Execution
internal import Glibc
internal import Isolation
internal import MediaProcess

/// The thread of one stream: connects, watches, waits, and begins anew.
final class StreamRunner {
  private let stream: LiveStream
  private let load: LiveStream.Load
  private let networks: SharedNetworks
  private let tell: LiveStream.Told
  private let happenings: HappeningTeller
  private var backoff = Backoff()
  /// Where the source has moved to, and how often it has.
  private var detour: StreamSource?
  private var detours = 0
  /// What connections left for those after them.
  private var memory = LiveMemory()

  /// Seconds that a connection, and the first picture over it, may take.
  private static let (connectPatience, firstPatience) = (5.0, 10.0)
  /// Seconds until a source is tried again that somebody has to do something about.
  private static let longRest = 30.0

  init(
    _ stream: LiveStream, _ load: @escaping LiveStream.Load, _ networks: SharedNetworks,
    _ tell: @escaping LiveStream.Told
  ) {
    (self.stream, self.load, self.networks, self.tell) = (stream, load, networks, tell)
    happenings = HappeningTeller(stream.happen)
  }

  func run() {
    defer { happenings.end() }
    while !stream.isStopped {
      stream.enter(.connecting, stream.figures.reason)
      let began = Clock.now
      do throws(Fault) {
        if try watch() { return stream.enter(.ended) }
      } catch {
        if stream.isStopped { return }
        (detour, detours) = (nil, 0)
        // What was once understood is not wrong for good: nonsense is a fault of the line, or of a camera that begins anew.
        let isLasting =
          [.denied, .unsupported].contains(error.kind) || error.kind == .badInput && stream.figures.received == 0
        if Double(Clock.now - began) / 1e9 > Backoff.recovery { backoff.reset() }
        stream.enter(isLasting ? .failed : .waiting, error.message)
        rest(isLasting ? Self.longRest : backoff.next(chance: .random(in: 0...1)))
      }
    }
  }

  private func rest(_ seconds: Double) {
    let end = Clock.now + UInt64(seconds * 1e9)
    while !stream.isStopped, Clock.now < end {
      stream.bell.wait(until: min(end, Clock.now + 500_000_000))
      happenings.expire(by: Clock.seconds)
      stream.pulse()
    }
  }

  /// From the connection to its end; `true` where nothing more is to come.
  private func watch() throws(Fault) -> Bool {
    let reader = try connect()
    let showing = stream.show(reader)
    defer {
      reader.close()
      showing?.join()
    }
    let desk = networks.desk
    let id = desk.join(weight: stream.settings.weight, stream.bell)
    defer { desk.leave(id) }
    stream.update { $0.connections += 1 }
    let look = StreamLook(stream, networks, load, reader, tell, happenings)
    defer {
      look.end()
      memory = look.told.memory ?? memory
    }
    let isOver = try look.run(id, firstPatience: max(Self.firstPatience, stream.settings.patience))
    if let address = look.moved { try follow(address) }
    return isOver
  }

  private func connect() throws(Fault) -> LiveReader {
    let connector = SourceConnector(source: detour ?? stream.settings.source, settings: stream.settings)
    var way = try connector.open(seconds: Self.connectPatience)
    way.order.memory = memory
    defer { if let descriptor = way.descriptor { close(descriptor) } }
    return try LiveReader(
      way.order, descriptor: way.descriptor, bell: stream.bell, opener: way.opener,
      givesView: stream.settings.isShown && stream.settings.view == nil)
  }

  /// Goes to where the source says that it has moved, at once.
  private func follow(_ address: String) throws(Fault) {
    detours += 1
    guard detours <= 5 else { throw Fault(.badInput, "the source redirects more than 5 times") }
    detour = try (detour ?? stream.settings.source).moved(to: address)
  }
}
