import Base
import Foundation
import TestKit
import Testing
import Web

@Suite("Streamed bodies that do not come whole")
struct BrokenSinkTests {
  private static func head(_ count: Int) -> String {
    "PATCH /film HTTP/1.1\r\nHost: here\r\nContent-Length: \(count)\r\n\r\n"
  }

  @Test("A client that leaves half way: the sink gets what came, then is told, once", arguments: [1, 2])
  func leaves(version: Int) throws {
    for isReset in [false, true] {
      let sink = RecordingSink()
      try serving(.streaming(sink)) { server, handler in
        do {
          let client = try Client(server.port)
          if version == 1 {
            client.send(Self.head(1 << 30) + String(repeating: "x", count: 50_000))
          } else {
            client.send(
              FrameClient.preface + FrameClient.settings.bytes
                + FrameClient.request(1, "PATCH", "/film", isLast: false).bytes
                + FrameClient.data(1, [UInt8](repeating: 120, count: 16_000), isLast: false).bytes)
          }
          try sink.heard.wait(for: "what came") { $0.count >= (version == 1 ? 50_000 : 16_000) ? () : nil }
          if isReset { client.reset() }
        }
        #expect(try sink.ending() == ["begin", "append", "broken"])
        #expect(try handler.ended(1)[0].clientLeft)
      }
    }
  }

  @Test("One that sends too slowly is refused, over HTTP/1.1 with 408", arguments: [1, 2])
  func stalls(version: Int) throws {
    let sink = RecordingSink()
    try serving(.streaming(sink), limits: { ($0.uploadSeconds, $0.uploadBytesPerSecond) = (0.3, 10_000) }) {
      server, _ in
      if version == 1 {
        let client = try Client(server.port)
        client.send(Self.head(1 << 30) + "abc")
        #expect(try client.answer().status == 408)
        #expect(client.rest() == [])
      } else {
        let client = try FrameClient(server.port)
        client.send(
          FrameClient.request(1, "PATCH", "/film", isLast: false), FrameClient.data(1, [1, 2, 3], isLast: false))
        #expect(try client.until { $0.type == 7 }.last?.code == 11)
      }
      #expect(try sink.ending() == ["begin", "append", "broken"])
      #expect(sink.count == 3)
    }
  }

  @Test("An early answer ends the reading: a small rest is read away, and behind a larger one the connection ends")
  func early() throws {
    for rest in [20_000, 50_000_000] {
      let sink = RecordingSink(answersAt: 1)
      try serving(.streaming(sink)) { server, _ in
        let client = try Client(server.port)
        client.send(Self.head(100_000 + rest) + String(repeating: "x", count: 100_000))
        let answer = try client.answer()
        #expect(answer.status == 409 && answer.text == "no more")
        #expect(try sink.ending() == ["begin", "append", "broken"])
        if rest == 20_000 {
          client.send(String(repeating: "x", count: rest) + "GET / HTTP/1.1\r\nHost: here\r\n\r\n")
          #expect(try client.answer().status == 200)
        } else {
          #expect(answer.headers["connection"] == "close")
          #expect(client.rest() == [])
        }
      }
    }
  }

  @Test("An early answer over HTTP/2 leaves the connection alone")
  func earlyNewer() throws {
    let sink = RecordingSink(answersAt: 1)
    try serving(.streaming(sink), limits: { $0.uploadSeconds = 0.2 }) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "PATCH", "/film", isLast: false))
      client.send(FrameClient.data(1, [UInt8](repeating: 1, count: 16_000), isLast: false))
      #expect(try client.until { $0.stream == 1 && $0.isLast }.flatMap(\.data) == Array("no more".utf8))
      client.send(FrameClient.data(1, [UInt8](repeating: 1, count: 16_000), isLast: true), FrameClient.request(3))
      #expect(try client.until { $0.stream == 3 && $0.isLast }.last?.type == 1)
      #expect(try sink.ending() == ["begin", "append", "broken"])
    }
  }

  @Test("A sink that forgets its exchange is answered for")
  func forgets() throws {
    final class Forgetful: BodySink {
      func begin(_ exchange: Exchange) {}
      func append(_ bytes: [UInt8]) {}
      func end() {}
      func broken() {}
    }
    let handler = ClosureHandler { _ in .stream(to: Forgetful()) }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      client.send(Self.head(3) + "abc")
      #expect(try client.answer().status == 500)
    }
  }

  @Test("Where no more may be held, a body is refused with 503, and what came was the sink's")
  func budget() throws {
    let sink = RecordingSink(stopsAt: 1)
    try serving(.streaming(owner: "acme", sink), limits: { $0.bodyBytesInFlight = 512 << 10 }) { server, _ in
      let client = try Client(server.port)
      client.send(Array(Self.head(1 << 20).utf8) + randomBytes(1 << 20))
      #expect(try client.answer().status == 503)
      sink.letGo()
      #expect(try sink.ending() == ["begin", "append", "broken"])
      #expect(sink.count > 300_000 && sink.count <= 512 << 10)
      try waitUntil("nothing to be held") { server.counts.bodyBytesInFlight == 0 }
    }
  }

  @Test("Draining ends a running upload within its time: the sink keeps what came", arguments: [1, 2])
  func drains(version: Int) throws {
    let sink = RecordingSink()
    try serving(.streaming(sink)) { server, _ in
      let client = try Client(server.port)
      if version == 1 {
        client.send(Self.head(1 << 30) + "abc")
      } else {
        client.send(
          FrameClient.preface + FrameClient.settings.bytes
            + FrameClient.request(1, "PATCH", "/film", isLast: false).bytes
            + FrameClient.data(1, Array("abc".utf8), isLast: false).bytes)
      }
      try sink.heard.wait(for: "what came") { $0.count == 3 ? () : nil }
      let began = Clock.now
      server.drain(within: 1)
      #expect(Clock.now - began < 3_000_000_000)
      #expect(sink.heard.update { $0.calls } == ["begin", "append", "broken"])
      if version == 1 { #expect(try client.answer().status == 503) }
    }
  }

  @Test("An upload that ends while the server drains is answered")
  func endsInTime() throws {
    let sink = RecordingSink()
    try serving(.streaming(sink)) { server, _ in
      let client = try Client(server.port)
      client.send(Self.head(6) + "abc")
      try sink.heard.wait(for: "what came") { $0.count == 3 ? () : nil }
      let drainer = NativeThread { server.drain(within: 10) }
      usleep(100_000)
      client.send("def")
      let answer = try client.answer()
      #expect(answer.text == RecordingSink.answer(to: Array("abcdef".utf8)) && answer.headers["connection"] == "close")
      drainer.join()
    }
  }
}
