internal import Base
internal import Glibc
internal import MediaProcess
internal import Objects

/// Opens what a source's process is handed, each address through the gate.
struct SourceConnector {
  let source: StreamSource
  let settings: LiveStream.Settings
  /// It was not led here from the open network, from where nothing leads to this machine or a local network, whoever added it.
  var isFirst = true

  /// What a process is started with; the descriptor is the caller's to close.
  struct Way {
    var order: LiveOrder
    var descriptor: Int32?
    var opener: (any LiveOpener)?
    /// It is connected to an address of the open network.
    var isOutside = false
  }

  /// Waits for a connection for so many seconds.
  func open(seconds: Double) throws(Fault) -> Way {
    do throws(Fault) { return try openNow(seconds) } catch {
      throw WayOut.told(error, hasLeave: settings.reachesPrivate)
    }
  }

  private var reachesPrivate: Bool { settings.reachesPrivate && isFirst }

  private func openNow(_ seconds: Double) throws(Fault) -> Way {
    switch source.kind {
    case .film(let path, let loops): return Way(order: LiveOrder(.film, loops: loops), descriptor: try film(path))
    case .packets(let address, let port, let interface):
      guard reachesPrivate else {
        throw Fault(.denied, "packets to ports of this machine, and of local networks, are not received from here")
      }
      let descriptor = try DatagramRelay.listen(address, port: port, interface: interface)
      return Way(order: LiveOrder(.packets), descriptor: descriptor)
    case .device(let path, let size, let rate):
      guard settings.opensDevices else { throw StreamSource.deviceRefusal }
      return Way(order: LiveOrder(.device), descriptor: try VideoDevice.open(path, size: size, rate: rate))
    case .web:
      let opener = try WebOpener(source, reachesPrivate: reachesPrivate)
      return Way(order: LiveOrder(.web, address: source.asked), opener: opener)
    case .rtmp(let host, let port):
      let connection = try connect(host, port, seconds)
      // The process speaks plainly: TLS is spoken here.
      let asked = source.asked
      let address = asked.hasPrefix("rtmps://") ? "rtmp://\(asked.dropFirst(8))" : asked
      return Way(order: LiveOrder(.rtmp, address: address), descriptor: connection.descriptor)
    case .rtsp(let host, let port):
      let connection = try connect(host, port, seconds)
      var order = LiveOrder(
        .rtsp, address: source.asked, user: source.account?.user, password: source.account?.password)
      order.prefersDatagrams = source.prefersDatagrams
      return Way(
        order: order, descriptor: connection.descriptor,
        opener: source.isSecure ? nil : PacketOpener(connection.descriptor), isOutside: connection.isOutside)
    }
  }

  private func connect(_ host: String, _ port: Int, _ seconds: Double) throws(Fault) -> Outgoing {
    guard source.isSecure else {
      return try OutgoingConnection.open(
        host: host, port: port, reachesPrivate: reachesPrivate, seconds: seconds)
    }
    let trust = OutgoingTunnel.Trust(authorities: WebOpener.authorities, key: source.key)
    return try OutgoingTunnel.open(
      host: host, port: port, trust: trust, reachesPrivate: reachesPrivate, seconds: Int(seconds))
  }

  private func film(_ path: String) throws(Fault) -> Int32 {
    let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Fault(.notFound, "there is no film '\(path)' that may be read") }
    do throws(Fault) {
      if let roots = settings.roots {
        try StreamSource.check(FileSystem.absolute("/proc/self/fd/\(file)"), isBelow: roots)
      }
    } catch {
      close(file)
      throw error
    }
    return file
  }
}

/// Who may, where an address is refused that belongs to this machine or to a local network.
enum WayOut {
  /// `hasLeave` is the source's own; what it is led to from the open network has none.
  static func told(_ fault: Fault, hasLeave: Bool) -> Fault {
    guard fault.kind == .denied, fault.message.hasSuffix("from here") else { return fault }
    let way =
      hasLeave
      ? "a source of the open network does not lead there, whoever added it"
      : "a key with the scope admin may watch it, and everybody's may with 'private-sources: true'"
    return Fault(.denied, "\(fault.message): \(way)", cause: fault.cause)
  }
}

/// Two ports for the packets of one camera, whose connection leads to its host.
private final class PacketOpener: LiveOpener, @unchecked Sendable {  // the thread that keeps the door has it alone
  private let connection: Int32
  private var relay: DatagramRelay?

  init(_ connection: Int32) { self.connection = fcntl(connection, F_DUPFD_CLOEXEC, 0) }

  deinit { close(connection) }

  func datagrams() throws(Fault) -> (media: Int32, control: Int32, port: Int) {
    guard relay == nil else { throw Fault(.denied, "a camera has one pair of ports") }
    let (relay, ends) = try DatagramRelay.pair(peerOf: connection)
    self.relay = relay
    return (ends.media, ends.control, ends.port)
  }

  func aim(media: Int, control: Int) { relay?.aim(media: media, control: control) }

  func fetch(
    _ address: String, at base: String, range: Range<Int>?, head: (LiveBody) throws(Fault) -> Void,
    into sink: ([UInt8]) throws(Fault) -> Void, goesOn: () -> Bool
  ) throws(Fault) { throw Fault(.denied, "a camera leads to no addresses of the web") }
}

/// Fetches for one source by http and https.
private final class WebOpener: LiveOpener, @unchecked Sendable {  // the thread that keeps the door has it alone
  private let body: OutgoingBody
  private let reachesPrivate: Bool

  static var authorities: String? { unsafe getenv("SSL_CERT_FILE").map { unsafe String(cString: $0) } }

  init(_ source: StreamSource, reachesPrivate: Bool) throws(Fault) {
    let account = source.account.map {
      OutgoingBody.Account(user: $0.user, password: $0.password, address: source.asked)
    }
    body = try OutgoingBody(account: account, reachesPrivate: reachesPrivate, authorities: Self.authorities)
    self.reachesPrivate = reachesPrivate
  }

  func datagrams() throws(Fault) -> (media: Int32, control: Int32, port: Int) {
    throw Fault(.denied, "what is fetched has no ports")
  }

  func aim(media: Int, control: Int) {}

  func fetch(
    _ address: String, at base: String, range: Range<Int>?, head: (LiveBody) throws(Fault) -> Void,
    into sink: ([UInt8]) throws(Fault) -> Void, goesOn: () -> Bool
  ) throws(Fault) {
    do throws(Fault) {
      try body.fetch(
        address, at: base, range: range,
        head: { (told) throws(Fault) in
          try head(LiveBody(address: told.address, byteCount: told.byteCount, isPart: told.isPart))
        }, into: sink, goesOn: goesOn)
    } catch {
      throw WayOut.told(error, hasLeave: reachesPrivate)
    }
  }
}
