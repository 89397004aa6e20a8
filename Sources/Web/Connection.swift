internal import CEpoll

/// One client's connection: its socket, what waits to be sent, its deadline.
///
/// What is spoken on it is its ``ProtocolSession``'s affair. Belongs to the thread that does its loop's work; others only name it.
final class Connection: Timed, @unchecked Sendable {  // every access is under the loop's loopLock, but for constants
  let loop: Loop
  let peer: Peer
  let descriptor: Int32
  /// How the loop's table and epoll name it.
  let tag: UInt64
  let isSecure: Bool
  private var transport: Transport?
  private var out = OutQueue()
  /// Made when the first bytes tell which it is.
  private(set) var session: (any ProtocolSession)?
  /// Read, but not taken by the session yet.
  private var pending: [UInt8] = []
  var isReading = true
  var isPaused = false
  /// The client has ended its half; `isAtEnd` once all that it sent was read.
  private(set) var sawEnd = false
  private var isAtEnd = false
  /// For whom what waits to be sent counts.
  var owner: String
  private var interest = EPOLLIN.rawValue | EPOLLRDHUP.rawValue
  private var isReceiving = false
  private(set) var isBroken: Bool
  private var isLingering = false
  private var outgoing = OutgoingRate()
  private var share: BudgetShare?
  private var sessionDue = UInt64.max
  var place: TimerPlace?

  init(_ loop: Loop, _ descriptor: Int32, peer: Peer, tag: UInt64) {
    (self.loop, self.descriptor, self.peer, self.tag) = (loop, descriptor, peer, tag)
    owner = peer.originText
    isSecure = loop.tls != nil
    let tls = unsafe loop.tls?.session(on: descriptor)
    isBroken = unsafe isSecure && tls == nil
    transport = unsafe Transport(descriptor, tls)
  }

  /// See ``Transport/clientKey``; asked once a head is there, so behind the handshake.
  private(set) lazy var clientKey: [UInt8]? = loop.tls?.asksClients == true ? transport?.clientKey : nil

  var isClosed: Bool { transport == nil }
  var hasUnsent: Bool { !out.isEmpty }
  var unsent: Int { out.count }
  private var mustWriteToRead: Bool { transport?.mustWriteToRead ?? false }
  var events: UInt32 { interest }

  // MARK: what the loop tells

  func handle(_ events: UInt32) {
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return close() }
    if events & EPOLLRDHUP.rawValue != 0, !reads { noteEnd() }
    if events & EPOLLOUT.rawValue != 0 { flush() }
    if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 || mustWriteToRead { readSome() }
    settle()
  }

  /// Goes on with what was read before, once the session can take it.
  func proceed() {
    if isBroken { return close() }
    takePending()
    settle()
  }

  /// The earliest of its deadlines.
  var due: UInt64 { min(sessionDue, outgoing.due(loop.limits)) }

  func expire(_ now: UInt64) {
    guard outgoing.isFastEnough(now, loop.limits) else { return cutOff() }
    if sessionDue <= now {
      if isLingering { return close() }
      sessionDue = .max
      if let session { session.expired() } else { close() }
      settle()
    }
    if !isClosed { loop.timerWheel.set(self) }
  }

  func drain() {
    readSome()
    // A connection that was only just made may have a request on its way.
    if let session { session.drain() } else if !isClosed { arm(1) }
    settle()
  }

  // MARK: what the session asks

  /// Seconds from now after which `expired` is called; `nil` for never.
  func arm(_ seconds: Double?) {
    sessionDue = seconds.map { loop.now + UInt64($0 * 1e9) } ?? .max
    if !isClosed { loop.timerWheel.set(self) }
  }

  /// Sends at once what the socket takes, and the rest when it takes more.
  ///
  /// Never calls the session, and never closes.
  func send(_ first: [UInt8], _ second: [UInt8] = [], _ third: [UInt8] = []) {
    guard !isBroken, transport != nil else { return }
    var sent = 0
    if out.isEmpty {
      let result =
        second.isEmpty && third.isEmpty
        ? unsafe first.withUnsafeBytes { unsafe transport!.write($0) } : transport!.write(first, second, third)
      switch result {
      case .bytes(let count): sent = count
      case .later: break
      case .end, .broken: return breakOff()
      }
    }
    for part in [first, second, third] {
      out.append(part, sent: min(sent, part.count))
      sent -= min(sent, part.count)
    }
    guard hasUnsent else { return }
    outgoing.begin(loop.now)
    countUnsent()
    loop.timerWheel.set(self)
    updateInterest()
  }

  /// What waits counts for its owner; one who leaves too much lying is cut off.
  private func countUnsent() {
    guard !out.isEmpty else { return share = nil }
    share = share ?? BudgetShare(loop.answers, owner: owner)
    if !share!.set(out.count) { cutOff() }
  }

  /// Lets the loop call `proceed` soon: the session can take more.
  func wake() { if !isReceiving { loop.ready(self) } }

  /// Closes once everything is sent and the client had time to read it.
  func finish() {
    guard !isClosed, !isLingering, !hasUnsent else { return }
    transport!.endWriting()
    isLingering = true
    (isReading, isPaused) = (true, false)
    pending = []
    arm(loop.limits.lingerSeconds)
    updateInterest()
  }

  func close() {
    guard transport != nil else { return }
    loop.forget(self)
    transport = nil
    share = nil
    let last = session
    session = nil
    last?.left()
    pending = []
  }

  // MARK: reading and writing

  private func readSome() {
    // TLS gives at most 16 KiB at once.
    for _ in 0..<(isSecure ? 64 : 8) where !isClosed && reads {
      guard readOnce() else { return }
    }
    // Others have their turn first; what TLS has read ahead would not make the socket readable again.
    if isSecure, !isClosed, reads { loop.readAgain(self) }
  }

  /// Whether there may be more.
  private func readOnce() -> Bool {
    if let room = unsafe session?.room {
      let asked = min(room.count, 1 << 20)
      let result = unsafe transport!.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<asked]))
      guard case .bytes(let count) = result else { return ended(result) }
      received { session in
        session.filled(count)
        return 0
      }
      // What fills the room is all that is there, unless there is more room.
      return isSecure || count == asked && wantsMore
    }
    // Little is asked for where a head is expected, so that most of a body behind it goes straight to its place.
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: loop.block[..<(session?.appetite ?? 16 << 10)])
    let result = unsafe transport!.read(into: room)
    guard case .bytes(let count) = result else { return ended(result) }
    if isLingering { return isSecure || count == room.count }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<count])
    if session == nil {
      unsafe open(bytes)
    } else if pending.isEmpty {
      guard let taken = received({ unsafe $0.receive(bytes) }) else { return false }
      unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[taken...]))
    } else {
      unsafe keep(bytes)
    }
    return isSecure || count == room.count
  }

  /// There is room for more of a body.
  private var wantsMore: Bool { unsafe session?.room != nil }

  /// Looks at a connection's first bytes: those of HTTP/2 are always the same.
  private func open(_ bytes: UnsafeRawBufferPointer) {
    unsafe pending.append(contentsOf: bytes)
    let preface = HTTP2.preface.prefix(pending.count)
    if pending.starts(with: preface) {
      guard preface.count == HTTP2.preface.count else { return }
      session = HTTP2(self)
    } else {
      session = HTTP1(self)
    }
    takePending()
  }

  private func ended(_ result: Transport.Result) -> Bool {
    if result == .later { return false }
    if result == .end, !isLingering {
      (isReading, isAtEnd) = (false, true)
      noteEnd()
    } else {
      close()
    }
    return false
  }

  /// The client will send nothing more than what is on its way: it may have left, or wait for its answers.
  private func noteEnd() {
    guard !sawEnd, !isClosed else { return }
    sawEnd = true
    session?.halfClosed()
  }

  /// Whether a client that has ended its half has got all it asked for, and what it began it will not end.
  private var isOver: Bool { isAtEnd && !hasUnsent && session.map { pending.isEmpty && !$0.isOwing } ?? true }

  @discardableResult private func received(_ body: (any ProtocolSession) -> Int) -> Int? {
    guard let session else { return nil }
    isReceiving = true
    defer { isReceiving = false }
    return body(session)
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    guard unsafe !isClosed && !bytes.isEmpty else { return }
    unsafe pending.append(contentsOf: bytes)
    if pending.count > loop.limits.pipelinedBytes { isReading = false }
  }

  private func takePending() {
    guard !isClosed, !pending.isEmpty else { return }
    var bytes: [UInt8] = []
    swap(&bytes, &pending)
    let taken = unsafe bytes.withUnsafeBytes { bytes in received { unsafe $0.receive(bytes) } } ?? bytes.count
    if taken < bytes.count, !isClosed { pending = Array(bytes[taken...]) + pending }
    if pending.count <= loop.limits.pipelinedBytes / 2, !isAtEnd { isReading = true }
  }

  private func flush() {
    guard transport != nil, hasUnsent else { return }
    switch out.flush(to: &transport!) {
    case .bytes(let count):
      outgoing.sent(count, isAll: out.isEmpty)
      countUnsent()
    case .later: return
    case .end, .broken: return close()
    }
    if out.isEmpty {
      received {
        $0.flushed()
        return 0
      }
      takePending()
    }
  }

  /// Closes without a proper end, so that a client that is there does not take what it has for whole; later, because the session may
  /// be in the middle of something.
  func breakOff() {
    isBroken = true
    loop.ready(self)
  }

  /// The client takes too little: what the system still holds for it goes too.
  private func cutOff() {
    transport?.dropUnsent()
    breakOff()
  }

  private func settle() {
    if isBroken || isOver { close() }
    updateInterest()
  }

  func updateInterest() {
    guard !isClosed else { return }
    var wanted = sawEnd ? 0 : EPOLLRDHUP.rawValue
    if reads { wanted |= EPOLLIN.rawValue }
    if hasUnsent || reads && mustWriteToRead { wanted |= EPOLLOUT.rawValue }
    guard wanted != interest else { return }
    interest = wanted
    loop.watch(self)
  }
}
