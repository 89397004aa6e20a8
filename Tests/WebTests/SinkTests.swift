import Base
import Foundation
import TestKit
import Testing
import Web

@Suite("Bodies that go to a sink while they come")
struct SinkTests {
  private static func head(_ more: String, _ method: String = "PATCH", _ path: String = "/film") -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: here\r\n\(more)\r\n\r\n"
  }

  private static func chunks(_ bytes: [UInt8], of size: Int) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: size).flatMap { start in
      let part = bytes[start..<min(start + size, bytes.count)]
      return Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10]
    } + Array("0\r\n\r\n".utf8)
  }

  @Test(
    "Parts come in order and one after the other, however the body is cut, and the connection lives on",
    arguments: ["Content-Length", "chunked"])
  func order(framing: String) throws {
    for count in [0, 1, 65_536, 3_000_001] {
      let (sink, body) = (RecordingSink(), randomBytes(count))
      try serving(.streaming(sink)) { server, handler in
        let client = try Client(server.port)
        if framing == "chunked" {
          client.send(Array(Self.head("Transfer-Encoding: chunked").utf8) + Self.chunks(body, of: 40_000))
        } else {
          client.send(Array(Self.head("Content-Length: \(count)").utf8) + body)
        }
        client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        #expect(try client.answer().text == RecordingSink.answer(to: body))
        #expect(try client.answer().status == 200)
        #expect(try sink.ending() == (count == 0 ? ["begin", "end"] : ["begin", "append", "end"]))
        #expect(sink.overlaps == 0)
        #expect(try handler.ended(2)[0].bytesIn == count)
        try waitUntil("nothing to be held") { server.counts.bodyBytesInFlight == 0 }
      }
    }
  }

  @Test("While the sink is held up no more than about 1 MiB is taken from its client, which is not blamed for it")
  func backPressure() throws {
    let sink = RecordingSink(stopsAt: 1)
    try serving(.streaming(sink), limits: { ($0.uploadSeconds, $0.uploadBytesPerSecond) = (0.2, 1 << 20) }) {
      server, handler in
      let body = randomBytes(24 << 20)
      let client = try Client(server.port)
      client.send(Self.head("Content-Length: \(body.count)"))
      let sent = Monitor(false)
      let sender = NativeThread {
        client.send(body)
        sent.update { $0 = true }
      }
      try sink.heard.wait(for: "the first part") { $0.count > 0 ? () : nil }
      usleep(700_000)
      #expect(!sent.update { $0 }, "the system takes a few MiB, and all is more")
      #expect((1 << 20...(1 << 20) + (128 << 10)).contains(server.counts.bodyBytesInFlight))
      sink.letGo()
      #expect(try client.answer().text == RecordingSink.answer(to: body))
      sender.join()
      #expect(try sink.ending() == ["begin", "append", "end"])
    }
  }

  @Test("100 Continue is sent once the sink has begun, and not where it refuses", arguments: [false, true])
  func continues(refuses: Bool) throws {
    let (go, begun) = (Monitor(false), Monitor(false))
    let sink = RecordingSink { exchange in
      begun.update { $0 = true }
      _ = try? go.wait(for: "leave to go on") { $0 ? () : nil }
      if refuses { exchange.answer(Response(403)) }
    }
    try serving(.streaming(sink), limits: { $0.uploadSeconds = 0.1 }) { server, _ in
      let client = try Client(server.port)
      client.send(Self.head("Content-Length: 5\r\nExpect: 100-continue"))
      try begun.wait(for: "the sink to begin") { $0 ? () : nil }
      usleep(300_000)
      go.update { $0 = true }
      let first = try client.answer()
      if refuses {
        #expect(first.status == 403 && first.headers["connection"] == "close")
        #expect(client.rest() == [])
        #expect(try sink.ending() == ["begin", "broken"])
      } else {
        #expect(first.status == 100)
        client.send("hello")
        #expect(try client.answer().text == RecordingSink.answer(to: Array("hello".utf8)))
      }
      let newer = try FrameClient(server.port)
      newer.send(FrameClient.request(1, "PATCH", "/film", more: [("expect", "100-continue")], isLast: false))
      _ = try newer.until { $0.type == 1 && ($0.isLast || !refuses) }
    }
  }

  @Test("A body over the limit is refused, before it is sent where that is known; the sink is told once")
  func limit() throws {
    let (silent, sink) = (RecordingSink(), RecordingSink())
    try serving(.streaming(limit: 100_000, silent)) { server, _ in
      let client = try Client(server.port)
      client.send(Self.head("Content-Length: 100001\r\nExpect: 100-continue"))
      #expect(try client.answer().status == 413)
      #expect(silent.heard.update { $0.calls } == [])
    }
    try serving(.streaming(limit: 100_000, sink)) { server, _ in
      let client = try Client(server.port)
      client.send(Array(Self.head("Transfer-Encoding: chunked").utf8) + Self.chunks(randomBytes(200_000), of: 10_000))
      #expect(try client.answer().status == 413)
      #expect(try sink.ending() == ["begin", "append", "broken"])
      #expect(sink.count <= 100_000)
    }
    let newer = RecordingSink()
    try serving(.streaming(limit: 20_000, newer), limits: { $0.uploadSeconds = 0.2 }) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "PATCH", "/film", isLast: false))
      for _ in 0..<3 { client.send(FrameClient.data(1, [UInt8](repeating: 1, count: 10_000), isLast: false)) }
      #expect(try client.until { $0.isLast }.first?.type == 1)
      #expect(try newer.ending() == ["begin", "append", "broken"])
      #expect(newer.count == 20_000)
    }
  }
}
