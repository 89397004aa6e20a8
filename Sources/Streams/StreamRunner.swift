internal import Base
internal import Execution
internal import Glibc
internal import Isolation
internal import MediaProcess
internal import Objects

/// The thread of one stream: connects, watches, waits, and begins anew.
final class StreamRunner {
  private let stream: LiveStream
  private let load: LiveStream.Load
  private let networks: SharedNetworks
  private let tell: LiveStream.Told
  private let happenings: HappeningTeller
  private var backoff = Backoff()

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
        let isLasting = [.denied, .badInput, .unsupported].contains(error.kind)
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
    let pipeline = try load()
    networks.desk.widen(to: SharedNetworks.turns(of: pipeline))
    let reader = try connect()
    defer { reader.close() }
    let desk = networks.desk
    let id = desk.join(weight: stream.settings.weight, stream.bell)
    defer { desk.leave(id) }
    stream.update { $0.connections += 1 }
    let look = StreamLook(stream, pipeline, load, reader, tell, happenings)
    defer { look.end() }
    return try look.run(
      desk, as: id, firstPatience: max(Self.firstPatience, stream.settings.patience))
  }

  private func connect() throws(Fault) -> LiveReader {
    let settings = stream.settings
    switch settings.source.kind {
    case .film(let path, let loops):
      let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { throw Fault(.notFound, "there is no film '\(path)' that may be read") }
      defer { close(file) }
      if let roots = settings.roots {
        try StreamSource.check(FileSystem.absolute("/proc/self/fd/\(file)"), isBelow: roots)
      }
      return try LiveReader(LiveOrder(.film, loops: loops), descriptor: file, bell: stream.bell)
    case .rtsp(let host, let port):
      let connection = try OutgoingConnection.open(
        host: host, port: port, reachesPrivate: settings.reachesPrivate, seconds: Self.connectPatience)
      defer { close(connection) }
      let order = LiveOrder(
        .rtsp, address: settings.source.shown, user: settings.source.account?.user,
        password: settings.source.account?.password)
      return try LiveReader(order, descriptor: connection, bell: stream.bell)
    }
  }
}
