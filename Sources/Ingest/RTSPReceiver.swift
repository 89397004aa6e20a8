public import Base
internal import Glibc

/// Speaks with a camera over a connection that is there already, and gives its pictures as they come.
///
/// It opens nothing itself, so it works where all but reading and writing is closed. One thread at a time.
public final class RTSPReceiver {
  /// Where a camera is asked, and how.
  public struct Settings: Sendable {
    /// `rtsp://host/path`, without user and password.
    public var address: String
    public var account: (user: String, password: String)?
    /// The connection; the caller owns it.
    public var connection: Int32
    /// Packets are asked for over UDP first, and not over the connection.
    public var prefersDatagrams = false
    /// Where packets over UDP come from; `nil` where there is no way for them.
    public var datagrams: (any DatagramSource)?
    /// It hung up earlier when it was asked by GET_PARAMETER whether it is there.
    public var avoidsParameters = false

    public init(address: String, connection: Int32) { (self.address, self.connection) = (address, connection) }
  }

  /// Two ways for packets, which do not block: one for pictures and one for reports about them, at a port and the one behind it.
  public struct Datagrams: Sendable {
    public let media: Int32
    public let control: Int32
    public let port: Int

    public init(media: Int32, control: Int32, port: Int) {
      (self.media, self.control, self.port) = (media, control, port)
    }
  }

  /// What is over.
  public enum Ending: Sendable, Hashable {
    /// The camera hung up.
    case closed
    /// Another address has its pictures.
    case movedTo(String)
  }

  /// Packets may overtake each other by so many, and be waited for so long.
  private static let usualWaits = (packets: 64, nanoseconds: UInt64(60_000_000))

  /// Packets that come before the camera says that it plays: so many are kept, of so many bytes together.
  private static let mostEarly = (packets: 2048, bytes: 4 << 20)
  /// Nanoseconds within which a camera has hung up because of what it was asked.
  private static let outrage: UInt64 = 2_000_000_000

  /// What is said in the end, and to be known the next time.
  public let parting: RTSPParting
  private let settings: Settings
  private var session: RTSPSession
  private var stream = RTSPStream()
  private var gate: PacketGate?
  private var assembler: PictureAssembler?
  private var early: [(bytes: [UInt8], isMedia: Bool)] = []
  private var earlyByteCount = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var asked = Clock.now
  private var ending: Ending?
  /// The last report of the sender's clocks.
  private var report: SenderReport?
  private var datagrams: Datagrams?
  /// Ours, in reports.
  private let number = UInt32.random(in: 1...UInt32.max)
  /// When that was last, and first.
  private var (reported, began) = (UInt64(0), UInt64(0))

  public init(_ settings: Settings) {
    self.settings = settings
    parting = RTSPParting(over: settings.connection)
    session = RTSPSession(settings.address, account: settings.account, transport: .interleaved)
    session.avoidsParameters = settings.avoidsParameters
    if settings.avoidsParameters { parting.noteHangUp() }
  }

  /// How its pictures are coded, once it has said so.
  public var format: VideoFormat? { session.format }
  /// Packets that never came.
  public var lostPackets: Int { assembler?.lost ?? 0 }

  /// When a picture was taken by the camera's own clock, in seconds since 1970; `nil` before the camera told it.
  public func date(of unit: AccessUnit) -> Double? {
    guard let report, let assembler, let format else { return nil }
    return report.date + Double(unit.time - assembler.time(of: report.timestamp)) / Double(format.clockRate)
  }

  /// Asks for the pictures, and gives each as soon as it is whole, until the camera ends that.
  ///
  /// Faults say why there are none. Waits for as long as it takes: who waits for nothing more ends the process.
  public func run(_ body: (AccessUnit) throws(Fault) -> Void) throws(Fault) -> Ending {
    defer { if ending != .closed { parting.leave() } }
    if settings.prefersDatagrams { session.begin(by: try openDatagrams()) }
    try send(session.begin())
    while true {
      try wait()
      while let part = stream.next() { try take(part) }
      while let unit = assembler?.take(now: Clock.now) { try body(unit) }
      if let fault = gate?.fault(now: Clock.now) { throw fault }
      if let ending { return ending }
    }
  }

  /// Reads what is there, or waits until something is, or something is to be said.
  private func wait() throws(Fault) {
    let interval = UInt64(session.timeout) * 500_000_000
    if assembler != nil, Clock.now > asked + interval { try send(session.keepAlive()) }
    var sources = [settings.connection]
    if assembler != nil, let datagrams { sources += [datagrams.media, datagrams.control] }
    var polls = sources.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if assembler != nil, datagrams != nil { try tell() }
    let now = Clock.now
    let next = min(
      asked + interval, assembler?.deadline ?? .max,
      assembler == nil || datagrams == nil ? .max : reported + Self.reportInterval)
    let rest = next > now ? min((next - now) / 1_000_000 + 1, 60_000) : 0
    guard unsafe poll(&polls, nfds_t(polls.count), Int32(rest)) > 0 else { return }
    for (number, poll) in polls.enumerated() where poll.revents != 0 {
      if number == 0 { try readConnection() } else { readDatagrams(poll.fd, isMedia: number == 1) }
    }
  }

  private func readConnection() throws(Fault) {
    let count = unsafe read(settings.connection, &buffer, buffer.count)
    if count > 0 {
      let bytes = buffer
      return stream.add(bytes.span.extracting(0..<count))
    }
    guard count == 0 || errno != EINTR && errno != EAGAIN else { return }
    if session.awaitsParameter, Clock.now < asked + Self.outrage { parting.noteHangUp() }
    ending = .closed
  }

  private func readDatagrams(_ socket: Int32, isMedia: Bool) {
    // As many as are there, so that none is lost while others are decoded.
    for _ in 0..<512 {
      let count = unsafe read(socket, &buffer, buffer.count)
      guard count > 0 else {
        if count == 0 { ending = .closed }
        return
      }
      take(Array(buffer[..<count]), isMedia: isMedia)
    }
  }

  private func openDatagrams() throws(Fault) -> RTSPSession.Transport {
    guard let source = settings.datagrams else {
      throw Fault(.unsupported, "the camera sends over UDP alone, which nobody here receives")
    }
    let made = try source.open()
    datagrams = made
    return .datagrams(port: made.port)
  }

  /// Says to the camera where its packets come from now on, and opens the way for them through what lies between.
  private func aim() throws(Fault) {
    guard let datagrams, let ports = session.serverPorts else { return }
    try settings.datagrams?.aim(media: ports.media, control: ports.control)
    // A packet of RTP without a payload, as players send it.
    let nothing = [0x80, 0, 0, 0, 0, 0, 0, 0] + BigEndian.bytes(number)
    _ = unsafe write(datagrams.media, nothing, nothing.count)
    reported = 0
  }

  /// Reports what came, every few seconds: some cameras end what reports nothing.
  private func tell() throws(Fault) {
    guard let datagrams, let assembler, Clock.now >= reported + Self.reportInterval else { return }
    guard assembler.reception.sender != nil || began == 0 else {
      let way = "where a firewall stands between, 'rtsp://' asks for them over the connection"
      throw Fault(.unavailable, "no packet of the camera came over UDP in 5 s: \(way)")
    }
    reported = Clock.now
    if began == 0 { began = reported }
    let bytes = assembler.reception.bytes(from: number)
    _ = unsafe write(datagrams.control, bytes, bytes.count)
  }

  private static let reportInterval: UInt64 = 5_000_000_000

  private func take(_ part: RTSPStream.Part) throws(Fault) {
    switch part {
    case .nonsense:
      throw Fault(.badInput, "what comes from the camera is no RTSP")
    case .packet(let channel, let bytes):
      guard channel == session.channels.media || channel == session.channels.control else { return }
      take(bytes, isMedia: channel == session.channels.media)
    case .message(let message):
      switch try session.take(message) {
      case .send(let bytes): try send(bytes)
      case .goTo(let address): ending = .movedTo(String(address.prefix(2000)))
      case .changeTransport:
        if datagrams != nil { datagrams = nil } else { _ = try openDatagrams() }
        try send(session.change(to: datagrams.map { .datagrams(port: $0.port) } ?? .interleaved))
      case .wait: return
      case .playing:
        guard let format = session.format else { throw Fault(.bug, "a camera plays without a format") }
        assembler = PictureAssembler(format, waits: datagrams == nil ? (0, 0) : Self.usualWaits)
        gate = PacketGate(format, isOrdered: datagrams == nil)
        for (bytes, isMedia) in early { take(bytes, isMedia: isMedia) }
        early = []
        noteEnd()
        try aim()
      }
      if session.isSetUp, datagrams == nil { stream.channels = [session.channels.media, session.channels.control] }
    }
  }

  /// What is said in the end if nothing more is said before.
  private func noteEnd() {
    var session = session
    parting.prepare(session.end())
  }

  private func take(_ bytes: [UInt8], isMedia: Bool) {
    guard assembler != nil else {
      earlyByteCount += bytes.count
      if early.count < Self.mostEarly.packets, earlyByteCount < Self.mostEarly.bytes { early.append((bytes, isMedia)) }
      return
    }
    if isMedia {
      let now = Clock.now
      if let passed = gate?.take(bytes, arrival: now) { assembler?.add(passed, arrival: now) }
    } else if let told = SenderReport(bytes.span) {
      report = told
    }
  }

  private func send(_ bytes: [UInt8]) throws(Fault) {
    asked = Clock.now
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBufferPointer {
        unsafe write(settings.connection, $0.baseAddress! + done, bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        ending = .closed
        return
      }
      done += count
    }
    if assembler != nil { noteEnd() }
  }
}

/// Opens ways for packets over UDP, which a receiver cannot open itself.
public protocol DatagramSource: Sendable {
  /// Once; the receiver has the descriptors from then on, until its process ends.
  func open() throws(Fault) -> RTSPReceiver.Datagrams
  /// To which ports of the camera its own packets go.
  func aim(media: Int, control: Int) throws(Fault)
}
