import Base
import Foundation
import TestKit
import Testing
import Web

/// The end of one half of a connection is not the end of a client.
@Suite("Clients that end their half, and clients that leave")
struct LeavingTests {
  /// The next answer that is not an interim one, which comes to those that wait long.
  private func last(of client: Client) throws -> Answer {
    while true {
      let answer = try client.answer()
      if answer.status != 100 { return answer }
    }
  }

  private static func get(_ path: String, _ version: String = "HTTP/1.1") -> String {
    "GET \(path) \(version)\r\nHost: here\r\n\r\n"
  }

  @Test(
    "A client that ends its half behind its requests gets every answer", arguments: ["/", "/body", "/slow", "/later"])
  func halfClosed(path: String) throws {
    try serving { server, handler in
      for count in 1...3 {
        let client = try Client(server.port)
        client.send(String(repeating: Self.get(path), count: count))
        shutdown(client.descriptor, Int32(SHUT_WR))
        for _ in 0..<count { #expect(try last(of: client).status == 200) }
        #expect(client.rest() == [])
      }
      #expect(try handler.ended(6).allSatisfy { $0.status == 200 && !$0.clientLeft })
      try waitUntil("connections to be closed") { server.counts.openConnections == 0 }
    }
  }

  /// Answers when it is told to.
  private func holding(_ held: Monitor<[Exchange]>, _ gone: Monitor<Int>) -> ClosureHandler {
    ClosureHandler { _ in
      .body(limit: 100) { _, exchange in
        exchange.onGone { gone.update { $0 += 1 } }
        held.update { $0.append(exchange) }
      }
    }
  }

  @Test("One that waits long is asked whether it is there, in words that it may read over; of HTTP/1.0 it is not")
  func probed() throws {
    let (held, gone) = (Monitor<[Exchange]>([]), Monitor(0))
    try serving(holding(held, gone)) { server, _ in
      let clients = try ["HTTP/1.1", "HTTP/1.0"].map { version in
        let client = try Client(server.port)
        client.send(Self.get("/", version))
        shutdown(client.descriptor, Int32(SHUT_WR))
        return client
      }
      try held.wait(for: "two requests") { $0.count == 2 ? () : nil }
      #expect(try clients[0].answer().status == 100)
      #expect(gone.update { $0 } == 0)
      for exchange in held.update({ $0 }) { exchange.answer(Response(200)) }
      for client in clients { #expect(try last(of: client).status == 200) }
      held.update { $0.removeAll() }
    }
  }

  @Test("One that has left altogether is noticed, though it looked like one that waits")
  func left() throws {
    let (held, gone) = (Monitor<[Exchange]>([]), Monitor(0))
    try serving(holding(held, gone)) { server, handler in
      do {
        let client = try Client(server.port)
        client.send(Self.get("/"))
        try held.wait(for: "a request") { $0.isEmpty ? nil : () }
      }
      try gone.wait(for: "the client to be gone", seconds: 3) { $0 == 1 ? () : nil }
      #expect(try handler.ended(1)[0].clientLeft)
      held.update { $0.removeAll() }
    }
  }

  @Test("A request that was not sent whole is not waited for")
  func cutShort() throws {
    try serving { server, handler in
      for text in ["GET / HT", "POST /body HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc"] {
        let client = try Client(server.port)
        client.send(text)
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(client.rest() == [])
      }
      #expect(try handler.ended(1)[0].clientLeft)
    }
  }

  @Test("Over HTTP/2 too: the answer comes, and one that has left is noticed")
  func newer() throws {
    let (held, gone) = (Monitor<[Exchange]>([]), Monitor(0))
    try serving(holding(held, gone)) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1))
      let exchange = try held.wait(for: "a request") { $0.popLast() }
      shutdown(client.client.descriptor, Int32(SHUT_WR))
      usleep(400_000)
      #expect(gone.update { $0 } == 0)
      exchange.answer(Response(200, body: [7]))
      #expect(try client.until { $0.isLast }.flatMap(\.data) == [7])
      do {
        let other = try FrameClient(server.port)
        other.send(FrameClient.request(1))
        try held.wait(for: "a request") { $0.isEmpty ? nil : () }
      }
      try gone.wait(for: "the client to be gone", seconds: 4) { $0 == 1 ? () : nil }
      held.update { $0.removeAll() }
    }
  }
}
