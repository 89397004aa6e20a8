package import Base
internal import CEpoll
internal import Glibc

/// A test harness around a connection, without a network: bytes go in as they are cut, and what came of them is told.
///
/// The loop runs on the caller's thread and no deadline passes, so nothing depends on time.
package final class ConnectionHarness {
  /// What a client's bytes came to.
  package struct Outcome: Hashable, Sendable {
    /// Each request with its body's sum, and each refusal, in order.
    package var events: [String] = []
    /// What the server sent.
    package var sent: [UInt8] = []
    package var isClosed = false
  }

  private let handler = RecordingHandler()
  private let loop: Loop

  package init(limits: Limits = Limits()) throws(Fault) {
    var limits = limits
    (limits.headSeconds, limits.idleSeconds, limits.uploadSeconds) = (1e6, 1e6, 1e6)
    (limits.stallSeconds, limits.lingerSeconds) = (1e6, 1e6)
    loop = try Loop(
      handler: handler, limits: limits, pool: BodyPool(budget: limits.bodyBytesInFlight),
      answers: ByteBudget(limits.answerBytes), counters: ServerCounters(limits),
      sinkThreads: BodyThreads(1))
    loop.enter()
  }

  deinit { loop.leave() }

  /// Runs one connection over these pieces, to where it has nothing more to do.
  package func talk(_ pieces: [ArraySlice<UInt8>]) throws(Fault) -> Outcome {
    var ends: (Int32, Int32) = (-1, -1)
    let status = unsafe withUnsafeMutablePointer(to: &ends) { both in
      unsafe both.withMemoryRebound(to: Int32.self, capacity: 2) {
        unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, $0)
      }
    }
    guard status == 0 else { throw Fault(.exhausted, "there are no file descriptors left") }
    defer { close(ends.1) }
    handler.events = []
    var outcome = Outcome()
    loop.post(.adopt(ends.0, Peer(sockaddr_storage())))
    work(ends.1, &outcome)
    for piece in pieces { put(piece, on: ends.1, &outcome) }
    outcome.events = handler.events
    // The client leaves, so that nothing is left for the next talk.
    var rest = outcome
    shutdown(ends.1, Int32(SHUT_RDWR))
    work(ends.1, &rest)
    return outcome
  }

  private func put(_ piece: ArraySlice<UInt8>, on end: Int32, _ outcome: inout Outcome) {
    var rest = piece
    while !rest.isEmpty, !outcome.isClosed {
      let count = unsafe rest.withUnsafeBytes { unsafe send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno != EAGAIN { break }
      rest = rest.dropFirst(max(0, count))
      work(end, &outcome)
    }
  }

  /// Lets the server do all it can, and takes what it sends.
  private func work(_ end: Int32, _ outcome: inout Outcome) {
    var isAtWork = true
    while isAtWork {
      isAtWork = loop.turn(sleeps: false)
      isAtWork = handler.answerHeld() || isAtWork
      take(from: end, &outcome)
      if outcome.isClosed { return }
    }
  }

  private func take(from end: Int32, _ outcome: inout Outcome) {
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(end, &room, room.count, 0)
      if count == 0 { outcome.isClosed = true }
      guard count > 0 else { return }
      outcome.sent += room.prefix(count)
    }
  }
}

/// Answers as the path says, and writes down what it saw.
private final class RecordingHandler: RequestHandler, @unchecked Sendable {  // all on the harness's one thread
  var events: [String] = []
  private var held: [(Exchange, Response)] = []

  func handle(_ request: Request) -> Handling {
    let head = "\(request.version) \(request.method) \(request.path) \(request.query ?? "-") \(request.headerCount)"
    guard request.path != "/head" else {
      events.append(head)
      return .answer(Response(200))
    }
    return .body(limit: 1 << 20, lead: 7) { [self] body, exchange in
      let sum = unsafe body.bytes.reduce(UInt64(body.count)) { ($0 &* 31) &+ UInt64($1) }
      events.append("\(head) body \(body.count) \(sum)")
      answer(exchange, Response(200, headers: [("X", "y")], body: Array("\(sum)".utf8)))
    }
  }

  private func answer(_ exchange: Exchange, _ response: Response) {
    switch exchange.request.path {
    case "/drop": break
    case "/later":
      exchange.onGone { [self] in events.append("gone") }
      held.append((exchange, response))
    case "/stream", "/torn":
      let stream = exchange.stream(response)
      for _ in 0..<3 { _ = stream.offer(response.body) }
      if exchange.request.path == "/stream" { stream.end() }
    default: exchange.answer(response)
    }
  }

  /// Answers what was put off; says whether there was any.
  func answerHeld() -> Bool {
    let now = held
    held = []
    for (exchange, response) in now { exchange.answer(response) }
    return !now.isEmpty
  }

  func ended(_ record: Record) {}

  func answer(to rejected: RejectedRequest) -> Response {
    events.append("refused")
    return rejected.response
  }
}
