import Base
import TestKit
import Testing
import Web

@Suite("HTTP/2")
struct HTTP2Tests {
  @Test("requests on one connection are answered, with and without bodies")
  func answers() throws {
    try serving { server, handler in
      let client = try FrameClient(server.port)
      client.send(
        FrameClient.request(1), FrameClient.request(3, "POST", "/slow", isLast: false),
        FrameClient.data(3, [1, 2], isLast: false), FrameClient.data(3, [3]))
      let frames = try client.until { $0.stream == 3 && $0.isLast }
      let data = { (stream: UInt32) in frames.filter { $0.type == 0 && $0.stream == stream }.flatMap(\.payload) }
      #expect(data(1) == Array("hello".utf8))
      #expect(data(3) == Array("3 6".utf8))
      let records = try handler.ended(2)
      #expect(records.map(\.request.version) == [.http2, .http2])
      #expect(records.map(\.bytesIn).sorted() == [0, 3])
      #expect(records.allSatisfy { $0.status == 200 && $0.request.header("HOST") == "here" })
    }
  }

  @Test("large bodies pass both ways, within the windows")
  func large() throws {
    let handler = ClosureHandler { _ in
      .body(limit: 1 << 24, lead: 5) { body, exchange in
        exchange.answer(Response(200, body: body.withBytes { $0.withUnsafeBytes { Array($0) } }))
      }
    }
    try serving(handler) { server, _ in
      let client = try FrameClient(server.port)
      var dice = SeededRandom(3)
      let body = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &dice) }
      client.send(FrameClient.request(1, "POST", isLast: false))
      for start in stride(from: 0, to: body.count, by: 16_000) {
        let end = min(start + 16_000, body.count)
        client.send(FrameClient.data(1, Array(body[start..<end]), isLast: end == body.count))
      }
      // The client's window is what HTTP/2 begins with, so the server has to wait behind that.
      var received: [UInt8] = []
      while received.count < 65_535 { received += try client.next().data }
      #expect(received.count == 65_535)
      client.send(FrameClient.window(0, 1 << 20), FrameClient.window(1, 1 << 20))
      while received.count < body.count { received += try client.next().data }
      #expect(received == body)
    }
  }

  @Test(
    "a body whose first bytes say how long it will be is whole, whether they say the truth or not",
    arguments: [0, 1, 40_000, 1 << 40])
  func announced(count: Int) throws {
    let handler = ClosureHandler { _ in
      .body(limit: 50_000, announced: { $0.byteCount > 2 ? count : nil }) { body, exchange in
        exchange.answer(Response(200, body: body.withBytes { $0.withUnsafeBytes { Array($0) } }))
      }
    }
    try serving(handler) { server, _ in
      let client = try FrameClient(server.port)
      let body = randomBytes(40_000)
      client.send(FrameClient.request(1, "POST", isLast: false))
      for (start, end) in [(0, 5), (5, 9_000), (9_000, 25_000), (25_000, 40_000)] {
        client.send(FrameClient.data(1, Array(body[start..<end]), isLast: end == body.count))
      }
      #expect(try client.until { $0.isLast }.flatMap(\.data) == body)
      client.send(FrameClient.request(3, "POST", isLast: false), FrameClient.data(3, [1, 2, 3]))
      #expect(try client.until { $0.stream == 3 && $0.isLast }.flatMap(\.data) == [1, 2, 3])
    }
  }

  @Test(
    "a stream that breaks the rules is reset, and the connection lives",
    arguments: [
      "no path", "capitals", "connection", "coding", "two methods", "late method", "wrong length", "no method",
    ])
  func refusesStreams(what: String) throws {
    try serving { server, _ in
      let client = try FrameClient(server.port)
      let plain = [(":method", "POST"), (":scheme", "http"), (":path", "/body")]
      let headers =
        switch what {
        case "no path": Array(plain[..<2])
        case "no method": Array(plain[1...])
        case "capitals": plain + [("X-Upper", "a")]
        case "connection": plain + [("connection", "close")]
        case "coding": plain + [("transfer-encoding", "chunked")]
        case "two methods": plain + [(":method", "GET")]
        case "late method": [(":scheme", "http"), (":path", "/"), ("x", "y"), (":method", "GET")]
        default: plain + [("content-length", "7")]
        }
      let payload = headers.flatMap { FrameClient.header($0.0, $0.1) }
      client.send(FrameClient.Frame(type: 1, flags: 4, stream: 1, payload: payload), FrameClient.data(1, [1, 2, 3]))
      let frame = try client.until { $0.type == 3 }.last!
      #expect(frame.code == 1)
      client.send(FrameClient.request(3))
      #expect(try client.until { $0.stream == 3 && $0.isLast }.last?.payload == Array("hello".utf8))
    }
  }

  @Test(
    "what HTTP/1.1 refuses of a head is refused here too",
    arguments: [
      ("/a b", 0), ("http://a/", 0), ("/x#y", 0), ("/" + String(repeating: "a", count: 9000), 0), ("/x", 70_000),
      ("/x", 200),
    ])
  func refusesHeads(path: String, extra: Int) throws {
    try serving { server, handler in
      let client = try FrameClient(server.port)
      let more =
        extra == 200
        ? (0..<200).map { ("x-\($0)", "y") }
        : extra > 0 ? (0..<7).map { ("x-\($0)", String(repeating: "y", count: 10_000)) } : []
      let whole = FrameClient.request(1, "GET", path, more: more)
      // In pieces that fit a frame.
      let pieces = stride(from: 0, to: whole.payload.count, by: 16_000).map {
        Array(whole.payload[$0..<min($0 + 16_000, whole.payload.count)])
      }
      for (number, piece) in pieces.enumerated() {
        let isLast = number == pieces.count - 1
        client.send(
          FrameClient.Frame(
            type: number == 0 ? 1 : 9, flags: (number == 0 ? 1 : 0) | (isLast ? 4 : 0), stream: 1, payload: piece))
      }
      let frames = try? client.until { $0.isLast || $0.type == 3 || $0.type == 7 }
      #expect(frames.map { $0.last!.type != 0 || $0.flatMap(\.data).starts(with: Array(#"{"error""#.utf8)) } ?? true)
      #expect(handler.records.update { $0.filter { $0.status < 400 } }.isEmpty)
    }
  }

  @Test("an answer from the head alone lets a small body in, and a stream with a large one is reset in the end")
  func discards() throws {
    try serving(limits: { $0.uploadSeconds = 0.2 }) { server, handler in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/", isLast: false))
      for count in [16_000, 16_000, 2] {
        client.send(FrameClient.data(1, [UInt8](repeating: 0, count: count), isLast: count == 2))
      }
      client.send(FrameClient.request(3))
      let frames = try client.until { $0.stream == 3 && $0.isLast }
      #expect(!frames.contains { $0.type == 3 })
      client.send(FrameClient.request(5, "POST", "/", isLast: false))
      for _ in 0..<6 { client.send(FrameClient.data(5, [UInt8](repeating: 0, count: 16_000), isLast: false)) }
      #expect(try client.until { $0.type == 3 }.last?.code == 0)
      #expect(try handler.ended(3).map(\.status) == [200, 200, 200])
    }
  }

  @Test("a body over the limit is refused, and the rest of it is not taken")
  func tooLarge() throws {
    try serving(limits: { $0.uploadSeconds = 0.2 }) { server, handler in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/body", more: [("content-length", "1048577")], isLast: false))
      #expect(try client.until { $0.type == 3 }.last?.code == 0)
      client.send(FrameClient.request(3, "POST", "/body", isLast: false))
      for _ in 0..<70 { client.send(FrameClient.data(3, [UInt8](repeating: 0, count: 16_000), isLast: false)) }
      #expect(try client.until { $0.type == 3 }.last?.stream == 3)
      #expect(try handler.ended(2).map(\.status) == [413, 413])
    }
  }

  @Test("more streams than are allowed are refused, and may be asked again")
  func manyStreams() throws {
    let held = Monitor<[Exchange]>([])
    let handler = ClosureHandler { _ in .body(limit: 10) { _, exchange in held.update { $0.append(exchange) } } }
    try serving(handler, limits: { $0.streams = 5 }) { server, _ in
      let client = try FrameClient(server.port)
      client.send((0..<6).map { FrameClient.request(UInt32($0) * 2 + 1) })
      let frame = try client.until { $0.type == 3 }.last!
      #expect(frame.stream == 11)
      #expect(frame.code == 7)
      for _ in 0..<5 { try held.wait(for: "a request") { $0.popLast() }.answer(Response(200)) }
      for _ in 0..<5 { _ = try client.until { $0.isLast } }
    }
  }

  @Test("a client that resets stream after stream is sent away")
  func rapidReset() throws {
    try serving(limits: { $0.resets = 20 }) { server, _ in
      let client = try FrameClient(server.port)
      for number in 0..<40 {
        let stream = UInt32(number) * 2 + 1
        client.send(FrameClient.request(stream, "GET", "/never"), FrameClient.reset(stream))
      }
      #expect(try client.until { $0.type == 7 }.last?.code == 11)
      #expect(throws: Client.Trouble.closed) { while true { _ = try client.next() } }
    }
  }

  @Test("a stream that the client gives up is noticed")
  func givesUp() throws {
    let gone = Monitor(0)
    let handler = ClosureHandler { request in
      .body(limit: 10) { _, exchange in
        exchange.onGone { gone.update { $0 += 1 } }
        Shelf.keep(exchange)
      }
    }
    try serving(handler) { server, handler in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1), FrameClient.request(3), FrameClient.reset(1))
      try gone.wait(for: "the first to be gone") { $0 == 1 ? () : nil }
      #expect(try handler.ended(1)[0].clientLeft)
      client.client.reset()
      try gone.wait(for: "both to be gone") { $0 == 2 ? () : nil }
    }
  }

  @Test("draining lets open streams end and says so")
  func drains() throws {
    let held = Monitor<[Exchange]>([])
    let handler = ClosureHandler { _ in .body(limit: 10) { _, exchange in held.update { $0.append(exchange) } } }
    try serving(handler) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1))
      let exchange = try held.wait(for: "a request") { $0.popLast() }
      let drainer = NativeThread { server.drain(within: 5) }
      #expect(try client.until { $0.type == 7 }.last?.code == 0)
      exchange.answer(Response(200, body: [7]))
      #expect(try client.until { $0.isLast }.flatMap(\.data) == [7])
      client.client.reset()
      drainer.join()
    }
  }

  @Test("a connection without a stream is closed in the end, whatever it sends meanwhile")
  func idles() throws {
    try serving(limits: { ($0.headSeconds, $0.idleSeconds) = (0.3, 0.3) }) { server, _ in
      for hasRequest in [false, true] {
        let client = try FrameClient(server.port)
        if hasRequest {
          client.send(FrameClient.request(1))
          _ = try client.until { $0.isLast }
        }
        let ping = FrameClient.Frame(type: 6, payload: [0, 1, 2, 3, 4, 5, 6, 7])
        client.send(ping)
        #expect(try client.until { $0.type == 7 }.last?.code == 0)
        #expect(throws: Client.Trouble.closed) { while true { _ = try client.next() } }
      }
    }
  }
}

extension FrameClient.Frame {
  var data: [UInt8] { type == 0 ? payload : [] }
}
