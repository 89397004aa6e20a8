import Base
import Foundation
import TestKit
import Testing

@testable import Web

@Suite("Budgets of memory, and their owners")
struct BudgetTests {
  private static func head(_ count: Int, _ owner: String = "") -> String {
    "POST /body HTTP/1.1\r\nHost: here\r\nX-Owner: \(owner)\r\nContent-Length: \(count)\r\n\r\n"
  }

  /// Keeps bodies, each for the owner that its head names, until they are let go.
  private static func keeping(_ held: Monitor<[(Body, Exchange)]>) -> ClosureHandler {
    ClosureHandler { request in
      .body(limit: 1 << 20, owner: request.header("x-owner")) { body, exchange in
        held.update { $0.append((body, exchange)) }
      }
    }
  }

  @Test(
    "Bodies count as they come: those that are announced and do not come take nothing from others", arguments: [1, 2])
  func announced(version: Int) throws {
    try serving(limits: { $0.bodyBytesInFlight = 2 << 20 }) { server, _ in
      let slow = try (0..<16).map { _ in try Client(server.port) }
      for client in slow { client.send(Self.head(1 << 20) + String(repeating: "x", count: 10_000)) }
      if version == 1 {
        let other = try Client(server.port)
        other.send(Array(Self.head(500_000).utf8) + [UInt8](repeating: 1, count: 500_000))
        #expect(try other.answer().text == "500000 500000")
      } else {
        let other = try FrameClient(server.port)
        other.send(
          FrameClient.request(1, "POST", "/body", isLast: false), FrameClient.data(1, [1, 2]))
        #expect(try other.until { $0.isLast }.filter { $0.type == 0 }.flatMap(\.payload) == Array("2 3".utf8))
      }
      // What was answered is let go of a moment later.
      try waitUntil("bodies to be let go", seconds: 5) { server.counts.bodyBytesInFlight <= 16 * 10_000 }
    }
  }

  @Test("A client that fills its share is refused, and there is room for the next one")
  func shares() throws {
    let held = Monitor<[(Body, Exchange)]>([])
    try serving(Self.keeping(held), limits: { $0.bodyBytesInFlight = 4 << 20 }) { server, handler in
      func send(_ owner: String) throws -> Client {
        let client = try Client(server.port)
        client.send(Array(Self.head(1 << 20, owner).utf8) + [UInt8](repeating: 9, count: 1 << 20))
        return client
      }
      // Two fill the share; six at a time could each have a part of it, and all be refused.
      var greedy = [try send("greedy"), try send("greedy")]
      try held.wait(for: "two bodies") { $0.count == 2 ? () : nil }
      for _ in 0..<4 { greedy.append(try send("greedy")) }
      let refused = try handler.ended(4)
      #expect(refused.map(\.status) == [503, 503, 503, 503])
      #expect(server.counts.bodyBytesInFlight <= 2 << 20, "one owner alone has half")
      let modest = try send("modest")
      try held.wait(for: "the third body") { $0.count == 3 ? () : nil }
      #expect(server.counts.bodyBytesInFlight == 3 << 20)
      held.update { $0.removeAll() }
      #expect(try modest.answer().status == 500, "nobody answered it, but it was taken")
      withExtendedLifetime(greedy) {}
    }
  }

  @Test("What is made from a body counts as its own while it lives")
  func made() throws {
    let held = Monitor<[(Body, Exchange)]>([])
    try serving(Self.keeping(held), limits: { $0.bodyBytesInFlight = 1 << 20 }) { server, _ in
      let client = try Client(server.port)
      client.send(Self.head(3, "a") + "abc")
      let body = try held.wait(for: "a body") { $0.first?.0 }
      #expect(body.hold(1000) && server.counts.bodyBytesInFlight == 1003)
      #expect(!body.hold(1 << 20) && server.counts.bodyBytesInFlight == 1003)
      held.update { $0.removeAll() }
      _ = try client.answer()
      #expect(server.counts.bodyBytesInFlight == 1003)
    }
  }

  @Test("Answers that lie unread are bounded: the client that leaves too much lying is cut off, others are answered")
  func answers() throws {
    let size = 24 << 20
    let handler = ClosureHandler { request in
      .body(limit: 100, owner: request.header("x-owner")) { _, exchange in
        let count = exchange.request.path == "/big" ? size : 3
        exchange.answer(Response(200, body: [UInt8](repeating: 1, count: count)))
      }
    }
    try serving(handler, limits: { $0.answerBytes = 32 << 20 }) { server, handler in
      let greedy = try (0..<4).map { _ in
        let client = try Client(server.port)
        client.send("GET /big HTTP/1.1\r\nHost: here\r\nX-Owner: greedy\r\n\r\n")
        return client
      }
      // Not even two fit beside each other.
      #expect(try handler.ended(3).allSatisfy { $0.clientLeft })
      #expect(server.counts.answerBytesWaiting <= 32 << 20)
      let modest = try Client(server.port)
      modest.send("GET / HTTP/1.1\r\nHost: here\r\nX-Owner: modest\r\n\r\n")
      #expect(try modest.answer().body.count == 3)
      withExtendedLifetime(greedy) {}
      try waitUntil("two connections to be left") { server.counts.openConnections <= 2 }
    }
  }

  @Test("A client that takes its answer too slowly is cut off, though it takes a little all the time")
  func slowReader() throws {
    let handler = ClosureHandler { _ in .answer(Response(200, body: [UInt8](repeating: 1, count: 20 << 20))) }
    try serving(handler, limits: { ($0.stallSeconds, $0.downloadBytesPerSecond) = (0.5, 16 << 20) }) {
      server, handler in
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      var block = [UInt8](repeating: 0, count: 4096)
      let end = Clock.now + 10_000_000_000
      while handler.records.update({ $0.isEmpty }), Clock.now < end {
        recv(client.descriptor, &block, block.count, Int32(MSG_DONTWAIT))
        usleep(20_000)
      }
      #expect(try handler.ended(1)[0].clientLeft)
      #expect(server.counts.answerBytesWaiting == 0)
    }
  }

  @Test("A stream whose client takes nothing of it is cut off, and its connection where all is too slow")
  func slowStream() throws {
    let handler = ClosureHandler { _ in .answer(Response(200, body: [UInt8](repeating: 1, count: 1 << 20))) }
    try serving(
      handler, limits: { ($0.stallSeconds, $0.uploadSeconds, $0.downloadBytesPerSecond) = (0.5, 0.2, 100_000) }
    ) { server, handler in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1))
      #expect(try handler.ended(1)[0].clientLeft)
      withExtendedLifetime(client) {}
    }
  }

  @Test("The rate of what goes out is judged over whole stretches, and only while something waits")
  func rate() {
    var limits = Limits()
    (limits.stallSeconds, limits.downloadBytesPerSecond) = (2, 100)
    var rate = OutgoingRate()
    let judged = { (now: UInt64) in rate.isFastEnough(now, limits) }
    #expect(rate.due(limits) == .max && judged(9_000_000_000))
    rate.begin(1_000_000_000)
    rate.begin(2_000_000_000)
    #expect(rate.due(limits) == 3_000_000_000)
    rate.sent(150, isAll: false)
    #expect(judged(2_999_999_999))
    rate.sent(50, isAll: false)
    #expect(judged(3_000_000_000) && rate.due(limits) == 5_000_000_000)
    rate.sent(199, isAll: false)
    #expect(!judged(5_000_000_000))
    rate.sent(1, isAll: true)
    #expect(rate.due(limits) == .max)
  }
}
