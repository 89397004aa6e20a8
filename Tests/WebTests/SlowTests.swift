import Base
import Foundation
import TestKit
import Testing
import Web

@Suite("Slow and greedy clients")
struct SlowTests {
  private static let head = "POST /body HTTP/1.1\r\nHost: here\r\n"

  @Test("a head that does not come to its end in time is refused, however busily it comes")
  func slowHead() throws {
    try serving(limits: { $0.headSeconds = 0.4 }) { server, _ in
      for hasServed in [false, true] {
        let client = try Client(server.port)
        if hasServed {
          client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
          _ = try client.answer()
        }
        client.send("GET / HTTP/1.1\r\nHost: here\r\nX: ")
        for _ in 0..<8 {
          client.send("a")
          usleep(100_000)
        }
        #expect(try client.answer().status == 408)
        #expect(client.rest() == [])
      }
      let silent = try Client(server.port)
      #expect(silent.rest() == [])
    }
  }

  @Test(
    "a connection without a request is closed when it was idle for long enough", arguments: ["/", "/slow", "/later"])
  func idle(path: String) throws {
    try serving(limits: { ($0.idleSeconds, $0.headSeconds) = (0.3, 60) }) { server, handler in
      let client = try Client(server.port)
      client.send("GET \(path) HTTP/1.1\r\nHost: here\r\n\r\n")
      _ = try client.answer()
      let began = Clock.now
      #expect(client.rest() == [])
      #expect(Clock.now - began < 5_000_000_000)
      #expect(try handler.ended(1).map(\.clientLeft) == [false])
    }
  }

  @Test(
    "a body that comes too slowly is refused, one that is fast enough is not",
    arguments: ["Content-Length: 6500", "Transfer-Encoding: chunked"])
  func slowBody(framing: String) throws {
    try serving(limits: { ($0.uploadSeconds, $0.uploadBytesPerSecond) = (1, 40) }) { server, handler in
      let (slow, fast) = (try Client(server.port), try Client(server.port))
      for client in [slow, fast] { client.send("\(Self.head)\(framing)\r\n\r\n") }
      let isChunked = framing.hasPrefix("T")
      for _ in 0..<13 {
        slow.send(isChunked ? "1\r\nx\r\n" : "x")
        fast.send(
          isChunked ? "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n" : String(repeating: "x", count: 500))
        usleep(100_000)
      }
      if isChunked { fast.send("0\r\n\r\n") }
      #expect(try fast.answer().status == 200)
      #expect(try slow.answer().status == 408)
      #expect(slow.rest() == [])
      #expect(try handler.ended(2).map(\.status).sorted() == [200, 408])
    }
  }

  @Test("a client that does not take its answer is given up")
  func stalls() throws {
    let handler = ClosureHandler { _ in .answer(Response(200, body: [UInt8](repeating: 1, count: 20 << 20))) }
    try serving(handler, limits: { $0.stallSeconds = 0.3 }) { server, handler in
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      #expect(try handler.ended(1)[0].clientLeft)
      try waitUntil("connections to be closed") { server.counts.openConnections == 0 }
      // One that takes it, if slowly, gets it.
      let other = try Client(server.port)
      other.send("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
      #expect(try other.answer().body.count == 20 << 20)
    }
  }

  @Test("more connections than allowed are turned away, in all and from one address")
  func tooMany() throws {
    for isPerPeer in [false, true] {
      try serving(limits: { if isPerPeer { $0.connectionsPerPeer = 2 } else { $0.connections = 2 } }) { server, _ in
        let first = try Client(server.port), second = try Client(server.port)
        for client in [first, second] {
          client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
          #expect(try client.answer().status == 200)
        }
        let third = try Client(server.port)
        third.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        let told = try third.answer()
        #expect(told.status == 503 && told.headers["retry-after"] != nil && told.headers["connection"] == "close")
        #expect(told.text.contains("too many connections"))
        #expect(third.rest() == [])
        #expect(server.counts.turnedAway == 1)
        first.reset()
        try waitUntil("one connection to be left") { server.counts.openConnections <= 1 }
        let fourth = try Client(server.port)
        fourth.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        #expect(try fourth.answer().status == 200)
      }
    }
  }

  @Test("bodies over what all may hold together are refused, and taken again when others are gone")
  func budget() throws {
    let held = Monitor<[(Body, Exchange)]>([])
    let handler = ClosureHandler { _ in
      .body(limit: 1 << 20) { body, exchange in held.update { $0.append((body, exchange)) } }
    }
    try serving(handler, limits: { $0.bodyBytesInFlight = 1 << 20 }) { server, _ in
      let body = [UInt8](repeating: 9, count: 800_000)
      let first = try Client(server.port)
      first.send(Array("\(Self.head)Content-Length: 800000\r\n\r\n".utf8) + body)
      try held.wait(for: "a body") { $0.isEmpty ? nil : () }
      for framing in ["Content-Length: 800000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nc3500\r\n"] {
        let second = try Client(server.port)
        second.send(Array("\(Self.head)\(framing)".utf8) + body)
        let answer = try second.answer()
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] != nil)
      }
      held.update { $0.removeAll() }
      #expect(try first.answer().status == 500)
      try waitUntil("bodies to be let go") { server.counts.bodyBytesInFlight == 0 }
      let third = try Client(server.port)
      third.send(Array("\(Self.head)Content-Length: 800000\r\n\r\n".utf8) + body)
      try held.wait(for: "a body") { $0.isEmpty ? nil : () }
      held.update { $0.removeAll() }
    }
  }

  @Test("a client that sends far ahead and leaves is noticed, though nothing more is read from it")
  func sendsAheadAndLeaves() throws {
    try serving(limits: { $0.pipelinedBytes = 4096 }) { server, handler in
      do {
        let client = try Client(server.port)
        client.send("GET /never HTTP/1.1\r\nHost: here\r\n\r\n" + String(repeating: "x", count: 60_000))
      }
      #expect(try handler.ended(1)[0].clientLeft)
    }
  }

  @Test("a client that sends far ahead is made to wait, and gets all its answers")
  func sendsAhead() throws {
    try serving(limits: { $0.pipelinedBytes = 4096 }) { server, _ in
      let client = try Client(server.port, seconds: 10)
      let many = 2000
      let sender = NativeThread {
        for _ in 0..<many {
          client.send("GET /slow HTTP/1.1\r\nHost: here\r\nX: \(String(repeating: "x", count: 100))\r\n\r\n")
        }
      }
      for _ in 0..<many { #expect(try client.answer().status == 200) }
      sender.join()
    }
  }
}
