internal import Base

/// What is said to a camera until its pictures come, and while they do (RFC 2326): decisions alone, no connection.
struct RTSPSession: Sendable {
  /// How packets come.
  enum Transport: Sendable, Hashable {
    /// Over the connection itself.
    case interleaved
    /// To two ports of ours.
    case datagrams(port: Int)
  }

  /// What is to be done now.
  enum Next: Sendable, Hashable {
    case send([UInt8])
    /// Its packets come from now on; what it does not say about itself is `nil`.
    case playing
    /// Another address has them.
    case goTo(String)
    /// It does not send by this transport: ``change(to:)`` asks for the other one.
    case changeTransport
    /// Nothing.
    case wait
  }

  private enum Step { case options, describe, setUp, play, playing }

  private let address: String
  private let account: (user: String, password: String)?
  private(set) var transport: Transport
  private var hasChanged = false
  private var step = Step.options
  private var sequence = 0
  private var login: RTSPLogin?
  /// Logins that were refused in a row, and whether one was taken.
  private var (refusals, hasWorked) = (0, false)
  private static let mostRefusals = 3
  private var lastRequest = (method: "", address: "")
  /// What relative addresses are relative to.
  private var base: String
  private var session: String?
  private var description: SessionDescription?
  /// Of the track that is watched.
  private var control: String?
  private(set) var format: VideoFormat?
  /// Channels of packets and of reports about them.
  private(set) var channels: (media: UInt8, control: UInt8) = (0, 1)
  /// Ports of the camera, for datagrams.
  private(set) var serverPorts: (media: Int, control: Int)?
  /// Seconds after which the camera ends what says nothing.
  private(set) var timeout = 60
  private var keepsAliveByParameter = false
  /// GET_PARAMETER is not asked, whatever the camera says of it.
  var avoidsParameters = false
  /// It was, and there was no answer to it.
  private(set) var awaitsParameter = false

  /// `address` shows no user and no password.
  init(_ address: String, account: (user: String, password: String)? = nil, transport: Transport) {
    (self.address, self.account, self.transport, base) = (address, account, transport, address)
  }

  /// What is asked for first.
  mutating func begin(by transport: Transport) { self.transport = transport }

  /// The first request.
  mutating func begin() -> [UInt8] { request("OPTIONS", address) }

  /// What keeps the camera from ending the session.
  mutating func keepAlive() -> [UInt8] {
    refusals = 0
    awaitsParameter = keepsAliveByParameter && !avoidsParameters
    return request(awaitsParameter ? "GET_PARAMETER" : "OPTIONS", base)
  }

  /// Its channels are known: packets may come, also before it says so.
  var isSetUp: Bool { step == .play || step == .playing }

  /// Asks for the same pictures by another transport.
  mutating func change(to transport: Transport) -> [UInt8] {
    (self.transport, hasChanged) = (transport, true)
    return setUp()
  }

  mutating func end() -> [UInt8] { request("TEARDOWN", base) }

  /// Takes the camera's next message.
  mutating func take(_ message: RTSPMessage) throws(Fault) -> Next {
    guard case .answer(let status, let phrase) = message.start else { return refuse(message) }
    if status == 401 { return try authenticate(message) }
    (refusals, hasWorked) = (0, hasWorked || login != nil)
    guard step != .playing else { return noteSign(status) }
    if (301...305).contains(status), let place = message.header("location") { return .goTo(place) }
    guard (200...299).contains(status) else {
      // Those that know no OPTIONS may know the rest.
      if step == .options, status != 403, status != 404 { return .send(describe()) }
      if status == 461, step == .setUp, !hasChanged { return .changeTransport }
      throw Self.refusal(status, phrase, lastRequest.method)
    }
    switch step {
    case .options:
      keepsAliveByParameter = message.header("public")?.contains("GET_PARAMETER") ?? false
      return .send(describe())
    case .describe: return .send(try setUp(message))
    case .setUp: return .send(try play(message))
    case .play:
      step = .playing
      return .playing
    case .playing: return .wait
    }
  }

  /// What it answers to the sign that somebody is here.
  private mutating func noteSign(_ status: Int) -> Next {
    if awaitsParameter, [400, 405, 501, 551].contains(status) { avoidsParameters = true }
    awaitsParameter = false
    return .wait
  }

  private mutating func describe() -> [UInt8] {
    step = .describe
    return request("DESCRIBE", address, [("Accept", "application/sdp")])
  }

  private mutating func setUp(_ answer: RTSPMessage) throws(Fault) -> [UInt8] {
    if let told = answer.header("content-base") ?? answer.header("content-location"), told.hasPrefix("rtsp") {
      base = told
    }
    let description = SessionDescription(String(decoding: answer.body, as: UTF8.self))
    let (track, format) = try description.video()
    (self.description, self.format, control) = (description, format, track.control)
    return setUp()
  }

  private mutating func setUp() -> [UInt8] {
    step = .setUp
    let how =
      switch transport {
      case .interleaved: "RTP/AVP/TCP;unicast;interleaved=0-1"
      case .datagrams(let port): "RTP/AVP;unicast;client_port=\(port)-\(port + 1)"
      }
    return request("SETUP", resolve(control), [("Transport", how)])
  }

  private mutating func play(_ answer: RTSPMessage) throws(Fault) -> [UInt8] {
    let parts = (answer.header("session") ?? "").split(separator: ";")
    session = parts.first.map { String($0.trimmed.prefix(256)) }
    for part in parts.dropFirst() {
      if let told = Self.number(part.filter { $0 != " " }, behind: "timeout="), told > 0 { timeout = min(told, 3600) }
    }
    let told = (answer.header("transport") ?? "").split(separator: ";").map(\.trimmed)
    for part in told {
      if let pair = Self.pair(part, behind: "interleaved="), pair.0 < 256, pair.1 < 256 {
        channels = (UInt8(pair.0), UInt8(pair.1))
      }
      if let pair = Self.pair(part, behind: "server_port="), pair.0 < 65536, pair.1 < 65536 { serverPorts = pair }
    }
    // One that names no channels takes those that were asked for; one that names ports sends there.
    let isElsewhere = told.contains { $0.lowercased().contains("_port=") || $0.lowercased() == "multicast" }
    if transport == .interleaved, isElsewhere, !told.contains(where: { $0.lowercased().hasPrefix("interleaved") }) {
      throw Fault(
        .unsupported, "the camera does not send over its connection: ask it by 'rtspu://', for packets over UDP")
    }
    step = .play
    return request("PLAY", resolve(description?.control), [("Range", "npt=0.000-")])
  }

  /// Logs in anew where the camera says that the number is too old, or has another one though the last one worked; a few times in a row.
  ///
  /// While pictures come, a login that is refused is no reason to end.
  private mutating func authenticate(_ answer: RTSPMessage) throws(Fault) -> Next {
    guard let account else {
      if step == .playing { return .wait }
      throw Fault(.denied, "the camera asks for a user and a password")
    }
    guard
      let next = RTSPLogin(answer.headers("www-authenticate"), user: account.user, password: account.password)
    else {
      if step == .playing { return .wait }
      throw Fault(.unsupported, "the camera asks for a kind of login that is not known here")
    }
    let isAnother = login.map { next.isStale || hasWorked && next.nonce != $0.nonce } ?? true
    (login, refusals) = (next, refusals + 1)
    if isAnother, refusals <= Self.mostRefusals { return .send(again()) }
    if step == .playing { return .wait }
    guard !isAnother else {
      throw Fault(.unavailable, "the camera calls every login too old, \(refusals) times in a row")
    }
    throw Fault(.denied, "the camera does not take this user and password")
  }

  /// The camera's own requests are refused, but for the question whether we are there.
  private func refuse(_ message: RTSPMessage) -> Next {
    guard case .request(let method, _) = message.start else { return .wait }
    if method == "REDIRECT", let place = message.header("location") { return .goTo(place) }
    let knows = method == "OPTIONS" || method == "GET_PARAMETER" || method == "SET_PARAMETER"
    let answer = RTSPMessage(
      .answer(status: knows ? 200 : 501, phrase: knows ? "OK" : "Not Implemented"),
      headers: [("CSeq", message.header("cseq") ?? "0")])
    return .send(answer.bytes)
  }

  private var lastHeaders: [(name: String, value: String)] = []

  private mutating func again() -> [UInt8] { request(lastRequest.method, lastRequest.address, lastHeaders) }

  private mutating func request(
    _ method: String, _ address: String, _ more: [(name: String, value: String)] = []
  ) -> [UInt8] {
    sequence += 1
    (lastRequest, lastHeaders) = ((method, address), more)
    var headers = [("CSeq", "\(sequence)"), ("User-Agent", "Ridley")] + more
    if let session { headers.append(("Session", session)) }
    if login != nil {
      let random = UInt64.random(in: 1...UInt64.max)
      headers.append(("Authorization", login!.header(method: method, address: address, random: random)))
    }
    return RTSPMessage(.request(method: method, address: address), headers: headers).bytes
  }

  /// Where a track or the whole is set up and played.
  private func resolve(_ control: String?) -> String {
    guard let control, !control.isEmpty, control != "*" else { return base }
    if control.hasPrefix("rtsp://") || control.hasPrefix("rtsps://") { return control }
    return base.hasSuffix("/") || control.hasPrefix("/") ? base + control : "\(base)/\(control)"
  }

  private static func number(_ text: String, behind name: String) -> Int? {
    text.lowercased().hasPrefix(name) ? Int(text.dropFirst(name.count)) : nil
  }

  /// `0-1`; a single number has the next one behind it.
  private static func pair(_ text: Substring, behind name: String) -> (Int, Int)? {
    guard text.lowercased().hasPrefix(name) else { return nil }
    let numbers = text.dropFirst(name.count).split(separator: "-").compactMap { Int($0) }
    guard let first = numbers.first, first >= 0, first < 65536 else { return nil }
    return (first, numbers.count > 1 ? numbers[1] : first + 1)
  }

  private static func refusal(_ status: Int, _ phrase: String, _ method: String) -> Fault {
    let told = "\(status) \(phrase.prefix(60))"
    switch status {
    case 403: return Fault(.denied, "the camera lets nobody see this address (\(told))")
    case 404: return Fault(.notFound, "the camera has nothing at this address (\(told))")
    case 461: return Fault(.unsupported, "the camera sends neither over its connection nor over UDP (\(told))")
    case 453, 503: return Fault(.unavailable, "the camera serves no more viewers (\(told))")
    default: return Fault(.unavailable, "the camera refused \(method) (\(told))")
    }
  }
}
