import Base
import Foundation
import TestKit
import Testing
import Web

@Suite("Answers that are read from a source while they are sent")
struct SourceTests {
  private static func handler(_ source: PatternSource, owner: String? = nil) -> ClosureHandler {
    ClosureHandler { request in
      switch request.path {
      case "/head": .answer(.serving(source, for: request, tag: EntityTag("a")))
      default:
        .body(limit: 10, owner: owner) { _, exchange in
          exchange.answer(.serving(source, for: exchange.request, tag: EntityTag("a")))
        }
      }
    }
  }

  private static func get(_ path: String, _ more: String = "", _ method: String = "GET") -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: here\r\n\(more)\r\n"
  }

  @Test(
    "The whole and its parts come with their exact length, and the connection lives on", arguments: ["/head", "/x"])
  func parts(path: String) throws {
    let source = PatternSource(3_000_001)
    try serving(Self.handler(source)) { server, handler in
      let client = try Client(server.port)
      client.send(Self.get(path) + Self.get(path, "Range: bytes=5-1000004\r\n") + Self.get(path, "", "HEAD"))
      let whole = try client.answer()
      #expect(whole.status == 200 && whole.headers["content-length"] == "3000001")
      #expect(whole.headers["transfer-encoding"] == nil && whole.body == PatternSource.bytes(0..<3_000_001))
      let part = try client.answer()
      #expect(part.status == 206 && part.headers["content-range"] == "bytes 5-1000004/3000001")
      #expect(part.body == PatternSource.bytes(5..<1_000_005))
      let read = source.read.update { $0.count }
      let bare = try client.answer(bare: true)
      #expect(bare.status == 200 && bare.headers["content-length"] == "3000001" && bare.headers["etag"] == "\"a\"")
      #expect(source.read.update { $0.count } == read, "nothing is read for HEAD")
      client.send(Self.get(path, "Range: bytes=9000000-\r\n") + Self.get(path, "If-None-Match: \"a\"\r\n"))
      let beyond = try client.answer()
      #expect(beyond.status == 416 && beyond.headers["content-range"] == "bytes */3000001")
      #expect(try client.answer(bare: true).status == 304)
      #expect(try handler.ended(5).map(\.bytesOut) == [3_000_001, 1_000_000, 0, 0, 0])
      #expect(source.read.update { $0.largest } <= 128 << 10)
      #expect(server.counts.answerBytesWaiting == 0)
    }
  }

  @Test("Over HTTP/2 too")
  func newer() throws {
    let source = PatternSource(300_000)
    try serving(Self.handler(source)) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.window(0, 1 << 20))
      client.send(FrameClient.request(1), FrameClient.window(1, 1 << 20))
      #expect(try client.until { $0.stream == 1 && $0.isLast }.flatMap(\.data) == PatternSource.bytes(0..<300_000))
      client.send(FrameClient.request(3, "HEAD"))
      #expect(try client.until { $0.stream == 3 && $0.isLast }.map(\.type) == [1])
      client.send(FrameClient.request(5, "GET", "/head", more: [("range", "bytes=-9")]))
      #expect(
        try client.until { $0.stream == 5 && $0.isLast }.flatMap(\.data) == PatternSource.bytes(299_991..<300_000))
    }
  }

  @Test("A source that fails or falls short half way cuts its answer off, and the record says why", arguments: [1, 2])
  func fails(version: Int) throws {
    for source in [PatternSource(1_000_000, failsAt: 500_000), PatternSource(1_000_000, shortAt: 500_000)] {
      try serving(Self.handler(source)) { server, handler in
        if version == 1 {
          let client = try Client(server.port)
          client.send(Self.get("/"))
          let all = try #require(client.rest())
          #expect(String(decoding: all.prefix(400), as: UTF8.self).contains("Content-Length: 1000000"))
          #expect(all.count < 600_000)
        } else {
          let client = try FrameClient(server.port)
          client.send(FrameClient.request(1), FrameClient.window(0, 1 << 20), FrameClient.window(1, 1 << 20))
          #expect(try client.until { $0.type == 3 || $0.isLast }.last?.type == 3)
          client.send(FrameClient.request(3, "HEAD"))
          #expect(try client.until { $0.stream == 3 }.last?.isLast == true, "other streams live on")
        }
        let record = try handler.ended(1)[0]
        #expect(record.fault != nil && !record.clientLeft && record.bytesOut < 600_000)
      }
    }
  }

  @Test("A client that stops reading holds no more than its share, and is cut off in the end", arguments: [1, 2])
  func stopsReading(version: Int) throws {
    let source = PatternSource(1 << 30)
    try serving(
      Self.handler(source), limits: { ($0.stallSeconds, $0.uploadSeconds) = (0.6, 0.2) }
    ) { server, handler in
      let client = try Client(server.port)
      if version == 1 {
        client.send(Self.get("/"))
      } else {
        client.send(FrameClient.preface + FrameClient.settings.bytes + FrameClient.request(1).bytes)
      }
      try source.read.wait(for: "the first part") { $0.count > 0 ? () : nil }
      usleep(200_000)
      #expect(server.counts.answerBytesWaiting <= 1 << 20)
      #expect(source.read.update { $0.count } < 16 << 20, "the system takes a few MiB")
      #expect(try handler.ended(1)[0].clientLeft)
      #expect(server.counts.answerBytesWaiting == 0)
    }
  }

  @Test("Draining does not pass off a part for the whole")
  func drains() throws {
    let source = PatternSource(1 << 30)
    try serving(Self.handler(source)) { server, _ in
      let client = try Client(server.port)
      client.send(Self.get("/"))
      try source.read.wait(for: "the first part") { $0.count > 0 ? () : nil }
      server.drain(within: 0.2)
      let all = try #require(client.rest())
      #expect(
        all.count < 1 << 30 && String(decoding: all.prefix(400), as: UTF8.self).contains("Content-Length: 1073741824"))
    }
  }
}
