package import Base
internal import CEpoll
internal import Glibc

/// A connection without a network, for tests: bytes go in as they are cut, and what came of them is told.
///
/// The loop runs on the caller's thread, so nothing depends on time.
package final class Rig {
  /// What a client's bytes came to.
  package struct Outcome: Hashable, Sendable {
    /// Each request, as ``Rig/told(_:_:)`` writes it, and each refusal, in order.
    package var events: [String] = []
    /// What the server sent.
    package var sent: [UInt8] = []
    package var isClosed = false
  }

  private let site = Witness()
  private let loop: Loop

  package init(limits: Limits = Limits()) throws(Fault) {
    loop = try Loop(
      site: site, limits: limits, pool: BodyPool(budget: limits.bodyBytesInFlight), tally: Tally(limits))
    loop.settleHere()
  }

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
    site.events.update { $0 = [] }
    var outcome = Outcome()
    loop.post(.adopt(ends.0, Peer.nobody))
    loop.turn(wait: 0)
    for piece in pieces { put(piece, on: ends.1, &outcome) }
    while loop.turn(wait: 0), !outcome.isClosed { take(from: ends.1, &outcome) }
    take(from: ends.1, &outcome)
    outcome.events = site.events.update { $0 }
    shutdown(ends.1, Int32(SHUT_RDWR))
    while loop.turn(wait: 0) {}
    return outcome
  }

  private func put(_ piece: ArraySlice<UInt8>, on end: Int32, _ outcome: inout Outcome) {
    var rest = piece
    while !rest.isEmpty, !outcome.isClosed {
      let count = unsafe rest.withUnsafeBytes { unsafe send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno != EAGAIN { break }
      rest = rest.dropFirst(max(0, count))
      while loop.turn(wait: 0), !outcome.isClosed { take(from: end, &outcome) }
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

extension Peer {
  fileprivate static var nobody: Peer { Peer(sockaddr_storage()) }
}

/// Answers everything at once and writes down what it saw.
private final class Witness: Site {
  let events = Monitor<[String]>([])

  func route(_ request: Request) -> Route {
    let head = "\(request.version) \(request.method) \(request.path) \(request.query ?? "-") \(request.headerCount)"
    guard request.path != "/head" else {
      events.update { $0.append(head) }
      return .answer(Response(200))
    }
    return .body(limit: 1 << 20, lead: 7) { [events] body, exchange in
      let sum = unsafe body.bytes.reduce(UInt64(body.count)) { ($0 &* 31) &+ UInt64($1) }
      events.update { $0.append("\(head) body \(body.count) \(sum)") }
      exchange.answer(Response(200, body: Array("\(sum)".utf8)))
    }
  }

  func ended(_ record: Record) {}

  func answer(to refusal: Refusal) -> Response {
    events.update { $0.append("refused") }
    return refusal.envelope
  }
}
