internal import Base

/// HTTP/1.1 on one connection: a head, its body, the answer, and again.
final class HTTP1: Dialogue {
  private enum Phase {
    /// A head is expected.
    case head
    case body
    /// A body that nobody wants, behind an answer that was given.
    case discarding
    /// Somebody is at work on the answer.
    case working
    /// The answer is on its way.
    case answering
    /// A last answer was given, and nothing more is read.
    case ended
  }

  unowned let connection: Connection
  private let parser: HeadParser
  private var phase = Phase.head
  private var keepsAlive = true
  private var intake: Intake?
  private var call: Call?
  private var request: Request?
  private var then: (@Sendable (Body, Exchange) -> Void)?
  private var bytesIn = 0
  /// Of the answer on its way.
  private var sent: (status: Int, bytes: Int) = (0, 0)
  private var uploadMark = 0
  private var hasServed = false

  init(_ connection: Connection) {
    self.connection = connection
    parser = HeadParser(connection.loop.limits)
  }

  private var loop: Loop { connection.loop }

  var appetite: Int { phase == .head ? 16 << 10 : 64 << 10 }
  var isWaiting: Bool { phase == .working || phase == .body }

  // MARK: reading

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    var place = 0
    while place < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[place...])
      switch phase {
      case .head: place += unsafe readHead(rest)
      case .body, .discarding: place += unsafe readBody(rest)
      case .working, .answering: return place
      case .ended: return bytes.count
      }
    }
    return place
  }

  private func readHead(_ bytes: UnsafeRawBufferPointer) -> Int {
    let hadBegun = parser.hasBegun
    let (taken, step) = unsafe parser.read(bytes)
    switch step {
    case .more:
      if !hadBegun, hasServed { connection.arm(loop.limits.headSeconds) }
    case .head(let head, let framing): begin(head, framing, isAlone: taken == bytes.count)
    case .refused(let fault): refuse(fault.refusal)
    }
    return taken
  }

  private func begin(_ head: Head, _ framing: Head.Framing, isAlone: Bool) {
    keepsAlive = head.keepsAlive && !loop.isDraining
    (bytesIn, intake) = (0, nil)
    let expectsContinue: Bool
    do throws(HeadFault) {
      expectsContinue = try head.expectsContinue()
      request = Request(
        method: head.method, target: try head.path(), version: head.version, fields: head.fields,
        peer: connection.peer.address, isSecure: connection.isSecure, receivedAt: Clock.nanoseconds)
    } catch { return refuse(error.refusal) }
    guard let request else { return }
    switch loop.site.route(request) {
    case .answer(let response):
      discard(framing, expectsContinue)
      write(response)
    case .body(let limit, let lead, let then):
      guard let intake = Intake(framing, limit: limit, lead: lead, pool: loop.pool) else {
        return refuse(framing, limit, request)
      }
      self.then = then
      if intake.isComplete { return start(intake.finish()) }
      self.intake = intake
      phase = .body
      if expectsContinue, isAlone { connection.send(Self.goOn) }
      watchUpload()
    }
  }

  /// What follows an answer that was given from the head alone.
  private func discard(_ framing: Head.Framing, _ expectsContinue: Bool) {
    if framing == .length(0) { return }
    guard !expectsContinue, let intake = Intake(discarding: framing, limit: loop.limits.discardedBytes) else {
      keepsAlive = false
      return
    }
    self.intake = intake
  }

  private func refuse(_ framing: Head.Framing, _ limit: Int, _ request: Request) {
    if case .length(let length) = framing, length > limit { return refuse(.tooLong(limit, request)) }
    refuse(.noMemory(request))
  }

  private func readBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let intake else { return bytes.count }
    let taken: Int
    do throws(Intake.Fault) { taken = try unsafe intake.read(bytes) } catch { return failBody(error, bytes.count) }
    bytesIn = intake.count
    if intake.isComplete { endBody() }
    return taken
  }

  private func failBody(_ fault: Intake.Fault, _ count: Int) -> Int {
    if phase == .discarding {
      end()
    } else if let request {
      refuse(fault.refusal(request))
    }
    return count
  }

  var room: UnsafeMutableRawBufferPointer? {
    guard phase == .body else { return nil }
    return unsafe intake?.room
  }

  func filled(_ count: Int) {
    guard let intake else { return }
    intake.filled(count)
    bytesIn = intake.count
    if intake.isComplete { endBody() }
  }

  private func endBody() {
    guard let intake else { return }
    self.intake = nil
    if phase == .discarding { next() } else { start(intake.finish()) }
  }

  private func start(_ body: Body) {
    guard let request, let then else { return }
    self.then = nil
    phase = .working
    connection.arm(nil)
    let call = Call(request, connection)
    self.call = call
    then(body, Exchange(call))
  }

  // MARK: answering

  func answer(_ call: Call, _ response: Response) {
    guard call === self.call else { return }
    self.call = nil
    write(response)
    if phase != .answering { connection.wake() }
  }

  private func write(_ response: Response) {
    guard let request else { return }
    let bare = request.method == "HEAD" || response.status == 204 || response.status == 304
    let size = response.body.count + response.tail.count
    sent = (response.status, bare ? 0 : size)
    phase = .answering
    keepsAlive = keepsAlive && !loop.isDraining
    loop.scratch.removeAll(keepingCapacity: true)
    ResponseHead.write(
      response, size: size, version: request.version, keepsAlive: keepsAlive, date: loop.date.line(), to: &loop.scratch)
    if bare {
      connection.send(loop.scratch)
    } else if size <= 16 << 10 {
      loop.scratch.append(contentsOf: response.body)
      loop.scratch.append(contentsOf: response.tail)
      connection.send(loop.scratch)
    } else {
      connection.send(loop.scratch, response.body, response.tail)
    }
    if !connection.hasUnsent { flushed() }
  }

  func flushed() {
    switch phase {
    case .answering:
      record(left: false)
      if !keepsAlive { end() } else if intake != nil { phase = .discarding; watchUpload() } else { next() }
    case .ended: connection.finish()
    default: break
    }
  }

  /// Ready for another request.
  private func next() {
    (phase, request, intake, hasServed) = (.head, nil, nil, true)
    if loop.isDraining { return end() }
    connection.arm(loop.limits.idleSeconds)
  }

  private func end() {
    (phase, intake, call) = (.ended, nil, nil)
    connection.finish()
  }

  /// A last answer, of the server's own.
  private func refuse(_ refusal: Refusal) {
    (keepsAlive, intake, then) = (false, nil, nil)
    loop.tally.refused()
    let response = loop.site.answer(to: refusal)
    if request != nil { return write(response) }
    loop.scratch.removeAll(keepingCapacity: true)
    ResponseHead.write(
      response, size: response.body.count, version: .http1_1, keepsAlive: false, date: loop.date.line(),
      to: &loop.scratch)
    loop.scratch.append(contentsOf: response.body)
    phase = .ended
    connection.send(loop.scratch)
    connection.finish()
  }

  private func record(left: Bool) {
    guard let request else { return }
    self.request = nil
    loop.ended(
      Record(
        request: request, status: sent.status == 0 ? 499 : sent.status, bytesIn: bytesIn, bytesOut: sent.bytes,
        duration: Clock.nanoseconds - request.receivedAt, clientLeft: left))
    sent = (0, 0)
  }

  // MARK: deadlines and ends

  private func watchUpload() {
    uploadMark = bytesIn
    connection.arm(loop.limits.uploadSeconds)
  }

  func expired() {
    switch phase {
    case .head:
      if !parser.hasBegun { return connection.close() }
      refuse(Refusal(408, .exhausted, "the request's head did not come in time"))
    case .body, .discarding:
      let least = Int(Double(loop.limits.uploadBytesPerSecond) * loop.limits.uploadSeconds)
      let count = intake?.count ?? 0
      if count - uploadMark >= least {
        uploadMark = count
        return connection.arm(loop.limits.uploadSeconds)
      }
      if phase == .discarding { return end() }
      guard let request else { return }
      refuse(Refusal(408, .exhausted, "the body came too slowly", request: request))
    default: break
    }
  }

  func left() {
    let call = self.call
    self.call = nil
    if request != nil { record(left: true) }
    call?.leave()
  }

  func drain() {
    keepsAlive = false
    guard phase == .head, !parser.hasBegun else { return }
    // A connection that was only just made may have a request on its way; others were told all they asked for.
    if hasServed { connection.close() } else { connection.arm(1) }
  }

  private static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}
