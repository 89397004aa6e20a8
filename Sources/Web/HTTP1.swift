internal import Base

/// HTTP/1.1 on one connection: a head, its body, the answer, and again.
final class HTTP1: ProtocolSession {
  enum Phase {
    /// A head is expected.
    case head
    case body
    /// A body that is not wanted, behind an answer that was given.
    case discarding
    /// A handler is at work on the answer.
    case working
    /// The answer is made bit by bit.
    case streaming
    /// The answer is on its way.
    case answering
    /// A last answer was given, and nothing more is read.
    case ended
  }

  unowned let connection: Connection
  let parser: HeadParser
  var phase = Phase.head
  var keepsAlive = true
  var bodyReader: BodyReader?
  /// Where a body goes that is not kept.
  var feed: BodyFeed?
  /// The client sends its body once it is told to.
  var awaitsContinue = false
  var call: Call?
  var flow: Flow?
  var request: Request?
  var then: (@Sendable (Body, Exchange) -> Void)?
  var bytesIn = 0
  /// Of the answer on its way; no status before there is one.
  var sent: (status: Int, bytes: Int) = (0, 0)
  /// Why the answer was cut off.
  var fault: Fault?
  var uploadMark = 0
  var hasServed = false

  init(_ connection: Connection) {
    self.connection = connection
    parser = HeadParser(connection.loop.limits)
  }

  var loop: Loop { connection.loop }

  /// Little where a head is expected, so that most of a body behind it goes straight to its place.
  var appetite: Int { phase == .head ? 16 << 10 : 64 << 10 }
  var isOwing: Bool { phase == .working || phase == .streaming || phase == .answering }

  // MARK: reading

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    var place = 0
    while place < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[place...])
      switch phase {
      case .head: place += unsafe readHead(rest)
      case .body, .discarding: place += unsafe readBody(rest)
      case .working, .streaming, .answering: return place
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
    bytesIn = 0
    let expectsContinue: Bool
    do throws(HeadFault) {
      expectsContinue = try head.expectsContinue()
      request = try head.request(on: connection)
    } catch { return refuse(error.refusal) }
    guard let request else { return }
    switch loop.handler.handle(request) {
    case .answer(let response):
      connection.owner = request.origin
      discard(framing, expectsContinue)
      write(response)
    case .body(let limit, let lead, let owner, _, let then):
      connection.owner = owner ?? request.origin
      guard
        let bodyReader = BodyReader(framing, limit: limit, lead: lead, owner: connection.owner, pool: loop.pool)
      else {
        if case .length(let length) = framing, length > limit { return refuse(.tooLong(limit, request)) }
        return refuse(.noMemory(request))
      }
      self.then = then
      if bodyReader.isComplete { return start(bodyReader.finish()) }
      self.bodyReader = bodyReader
      phase = .body
      if expectsContinue, isAlone { connection.send(Self.goOn) }
      watchUpload()
    case .stream(let limit, let owner, let sink):
      connection.owner = owner ?? request.origin
      take(framing, limit: limit ?? .max, to: sink, request, awaitsContinue: expectsContinue && isAlone)
    }
  }

  /// What follows an answer that was given from the head alone.
  private func discard(_ framing: Head.Framing, _ expectsContinue: Bool) {
    if framing == .length(0) { return }
    bodyReader = expectsContinue ? nil : BodyReader(discarding: framing, limit: loop.limits.discardedBytes)
    if bodyReader == nil { keepsAlive = false }
  }

  private func readBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let bodyReader else { return bytes.count }
    do throws(BodyReader.Fault) {
      let taken = try unsafe bodyReader.read(bytes)
      grown(bodyReader)
      return taken
    } catch {
      if phase == .discarding { end() } else if let request { refuse(error.refusal(request)) }
      return bytes.count
    }
  }

  var room: UnsafeMutableRawBufferPointer? {
    guard phase == .body else { return nil }
    return unsafe bodyReader?.room
  }

  func filled(_ count: Int) {
    guard let bodyReader else { return }
    do throws(BodyReader.Fault) { try bodyReader.filled(count) } catch {
      if let request { refuse(error.refusal(request)) }
      return
    }
    grown(bodyReader)
  }

  private func grown(_ bodyReader: BodyReader) {
    bytesIn = bodyReader.count
    guard bodyReader.isComplete else { return pauseIfFull() }
    if feed != nil { return handedOn() }
    self.bodyReader = nil
    if phase == .discarding { next() } else { start(bodyReader.finish()) }
  }

  private func start(_ body: Body) {
    guard let request, let then else { return }
    self.then = nil
    phase = .working
    connection.arm(connection.sawEnd ? Self.firstProbe : nil)
    let call = Call(request, connection)
    self.call = call
    then(body, Exchange(call))
  }

  static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

  // MARK: clients that have ended their half

  /// Seconds until such a client is asked whether it is still there, and between two such questions.
  static let firstProbe = 0.5
  private static let laterProbes = 2.0

  func halfClosed() {
    if phase == .working { connection.arm(Self.firstProbe) }
  }

  /// A client that has left altogether answers any byte with a reset; one that waits for its answer reads over an interim one
  /// (RFC 9110, 15.2).
  ///
  /// Clients of HTTP/1.0 know no such answers.
  func probe() {
    guard connection.sawEnd, request?.version == .http1_1 else { return }
    if !connection.hasUnsent { connection.send(Self.goOn) }
    connection.arm(Self.laterProbes)
  }
}
