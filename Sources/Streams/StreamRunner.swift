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
  /// Where the source has moved to, and how often it has.
  private var detour: StreamSource?
  private var detours = 0
  /// It was on the open network on its way there.
  private var wasOutside = false
  /// What connections left for those after them.
  private var memory = LiveMemory()

  /// Seconds that a connection, and the first picture over it, may take.
  private static let (connectPatience, firstPatience) = (5.0, 10.0)
  /// Nanoseconds between two looks at what goes on while there is no connection.
  private static let glance: UInt64 = 500_000_000

  init(
    _ stream: LiveStream, _ load: @escaping LiveStream.Load, _ networks: SharedNetworks,
    _ tell: @escaping LiveStream.Told
  ) {
    (self.stream, self.load, self.networks, self.tell) = (stream, load, networks, tell)
    happenings = HappeningTeller(stream.happen, stream.tally)
  }

  func run() {
    var supervisor = Supervisor(
      goesOn: { [stream] in !stream.isStopped }, enter: { [stream] in stream.enter($0, $1) },
      isUnderstood: { [stream] in stream.figures.received > 0 },
      wait: { [stream, happenings] end in
        stream.bell.wait(until: min(end, Clock.now + Self.glance))
        happenings.expire()
        stream.pulse()
      })
    supervisor.run { () throws(Fault) in
      do throws(Fault) {
        guard try watch() else { return false }
        // What happened is told before it is said that nothing more comes.
        happenings.end()
        return true
      } catch {
        (detour, detours) = (nil, 0)
        throw error
      }
    }
    happenings.end()
    // Whoever follows a film hears that it has ended.
    stream.pulse()
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
    let id = desk.join(weight: stream.settings.weight, client: stream.settings.client, stream.bell)
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
    wasOutside = wasOutside && detour != nil
    let connector = SourceConnector(
      source: detour ?? stream.settings.source, settings: stream.settings, isFirst: !wasOutside)
    var way = try connector.open(seconds: Self.connectPatience)
    wasOutside = wasOutside || way.isOutside
    (way.order.memory, way.order.isRecorded) = (memory, stream.settings.isRecorded)
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
