import Base
import TestKit
import Testing
import Web

@Suite("HTTP/1.1")
struct ServerTests {
  @Test("a request is answered, and the connection serves the next")
  func keepsAlive() throws {
    try serving { server, handler in
      let client = try Client(server.port)
      for _ in 0..<3 {
        client.send("GET /?a=b HTTP/1.1\r\nHost: here\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 200)
        #expect(answer.text == "hello")
        #expect(answer.headers["date"]?.hasSuffix("GMT") == true)
        #expect(answer.headers["connection"] == nil)
      }
      let records = try handler.ended(3)
      #expect(
        records.allSatisfy { $0.status == 200 && $0.bytesOut == 5 && !$0.clientLeft && $0.request.query == "a=b" })
      #expect(server.counts.accepted == 1)
    }
  }

  @Test("a body is the same however it comes", arguments: ["/body", "/slow"])
  func bodies(path: String) throws {
    try serving { server, _ in
      let client = try Client(server.port)
      var dice = SeededRandom(1)
      for count in [0, 1, 63, 4096, 20_000, 200_000, 1 << 20] {
        let body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
        let sum = "\(count) \(body.reduce(UInt64(0)) { $0 + UInt64($1) })"
        client.send("POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \(count)\r\n\r\n")
        client.send(body)
        #expect(try client.answer().text == sum)
        var chunked = Array("POST \(path) HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        var place = 0
        while place < count {
          let size = min(count - place, Int.random(in: 1...50_000, using: &dice))
          chunked += Array("\(String(size, radix: 16));x=y\r\n".utf8) + body[place..<place + size] + [13, 10]
          place += size
        }
        client.send(chunked + Array("0\r\nX-After: 1\r\n\r\n".utf8))
        #expect(try client.answer().text == sum)
      }
    }
  }

  @Test("requests that are sent ahead are answered in order", arguments: ["/body", "/slow"])
  func pipelines(path: String) throws {
    try serving { server, _ in
      let client = try Client(server.port)
      let many = 200
      let requests = (0..<many).map {
        "POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \($0)\r\n\r\n" + String(repeating: "\u{1}", count: $0)
      }
      client.send(requests.joined())
      for number in 0..<many { #expect(try client.answer().text == "\(number) \(number)") }
    }
  }

  @Test("the byte that is asked for lies at a multiple of 64", arguments: [0, 1, 63, 64, 500], [true, false])
  func aligns(lead: Int, isChunked: Bool) throws {
    let handler = ClosureHandler { _ in
      .body(limit: 1 << 20, lead: lead) { body, exchange in
        let place = body.withBytes { bytes in
          bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress! + lead) % 64 }
        }
        exchange.answer(Response(200, body: Array("\(place)".utf8)))
      }
    }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      let body = String(repeating: "x", count: 10_000)
      let head = "POST / HTTP/1.1\r\nHost: here\r\n"
      client.send(
        isChunked
          ? head + "Transfer-Encoding: chunked\r\n\r\n2710\r\n\(body)\r\n0\r\n\r\n"
          : head + "Content-Length: 10000\r\n\r\n\(body)")
      #expect(try client.answer().text == "0")
    }
  }

  @Test("a client that waits for leave to send a body gets it")
  func goesOn() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      client.send("POST /body HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
      #expect(try client.answer().status == 100)
      client.send("\u{1}\u{2}\u{3}")
      #expect(try client.answer().text == "3 6")
    }
  }

  @Test("HEAD is answered like GET, without the body")
  func head() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      client.send("HEAD / HTTP/1.1\r\nHost: here\r\n\r\n")
      let answer = try client.answer(bare: true)
      #expect(answer.headers["content-length"] == "5")
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      #expect(try client.answer().text == "hello")
    }
  }

  @Test("headers of an answer cannot end their line, nor say where the answer ends", arguments: [false, true])
  func headers(isNew: Bool) throws {
    let given = [("Content-Length", "999"), ("connection", "x"), ("X-A", "a\r\nX-B: b"), ("DATE", "never")]
    let handler = ClosureHandler { _ in .answer(Response(200, headers: given, body: [1])) }
    try serving(handler) { server, _ in
      if isNew {
        let client = try FrameClient(server.port)
        client.send(FrameClient.request(1))
        #expect(try client.until { $0.isLast }.flatMap(\.data) == [1])
        return
      }
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      let answer = try client.answer()
      #expect(answer.headers.keys.sorted() == ["content-length", "date", "x-a"])
      #expect(answer.headers["content-length"] == "1")
      #expect(answer.headers["x-a"] == "a  X-B: b")
    }
  }

  @Test("who says close, or speaks HTTP/1.0, is closed behind the answer")
  func closes() throws {
    try serving { server, _ in
      for head in ["GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
        let client = try Client(server.port)
        client.send(head)
        #expect(try client.answer().headers["connection"] == "close")
        #expect(client.rest() == [])
      }
      let client = try Client(server.port)
      client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      #expect(try client.answer().headers["connection"] == "keep-alive")
    }
  }

  @Test("a body over the limit is refused before it is sent, or where it crosses the limit")
  func tooLarge() throws {
    try serving { server, handler in
      let known = try Client(server.port)
      known.send("POST /body HTTP/1.1\r\nHost: here\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")
      let answer = try known.answer()
      #expect(answer.status == 413)
      #expect(answer.text.contains(#""code":"too-large""#))
      #expect(known.rest() == [])
      let unknown = try Client(server.port)
      unknown.send("POST /body HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
      unknown.send(Array("100001\r\n".utf8) + [UInt8](repeating: 0, count: 0x100001))
      #expect(try unknown.answer().status == 413)
      #expect(try handler.ended(2).map(\.status) == [413, 413])
    }
  }

  @Test("an answer from the head alone reads a small body away and keeps the connection")
  func discards() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      client.send("POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n")
      #expect(try client.answer().status == 404)
      client.send("12345GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      #expect(try client.answer().text == "hello")
      client.send("POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 5000000\r\n\r\n")
      #expect(try client.answer().headers["connection"] == "close")
    }
  }

  @Test("a client that leaves is noticed while its answer is made", arguments: [false, true])
  func leaves(abruptly: Bool) throws {
    let (taken, gone) = (Monitor(false), Monitor(0))
    let handler = ClosureHandler { _ in
      .body(limit: 100) { _, exchange in
        exchange.onGone { gone.update { $0 += 1 } }
        Shelf.keep(exchange)
        taken.update { $0 = true }
      }
    }
    try serving(handler) { server, handler in
      do {
        let client = try Client(server.port)
        client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        try taken.wait(for: "the request") { $0 ? () : nil }
        if abruptly { client.reset() }
      }
      try gone.wait(for: "the client to be gone") { $0 == 1 ? () : nil }
      let record = try handler.ended(1)[0]
      #expect(record.clientLeft)
      #expect(record.status == 499)
    }
  }

  @Test("an exchange that nobody answers is answered with an error")
  func dropped() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      client.send("GET /drop HTTP/1.1\r\nHost: here\r\n\r\n")
      let answer = try client.answer()
      #expect(answer.status == 500)
      #expect(answer.text.contains(#""code":"bug""#))
    }
  }

  @Test("draining finishes what is at work, closes what is idle, and takes nothing new")
  func drains() throws {
    let held = Monitor<[Exchange]>([])
    let handler = ClosureHandler { request in
      if request.path == "/" { return .answer(Response(200)) }
      return .body(limit: 100) { _, exchange in held.update { $0.append(exchange) } }
    }
    try serving(handler) { server, handler in
      let (idle, busy) = (try Client(server.port), try Client(server.port))
      idle.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      _ = try idle.answer()
      busy.send("GET /busy HTTP/1.1\r\nHost: here\r\n\r\n")
      let exchange = try held.wait(for: "a request") { $0.popLast() }
      let drainer = NativeThread { server.drain(within: 5) }
      #expect(idle.rest() == [])
      #expect(throws: Client.Trouble.self) { try Client(server.port) }
      exchange.answer(Response(200, body: Array("late".utf8)))
      let answer = try busy.answer()
      #expect(answer.text == "late")
      #expect(busy.rest() == [])
      drainer.join()
      #expect(server.counts.openConnections == 0)
    }
  }

  @Test("a port that is taken, or an address that is not ours, is a plain fault")
  func refusesToListen() throws {
    try serving { server, handler in
      var options = ServerOptions()
      options.port = server.port
      #expect(throws: Fault.self) { try Server(options, handler: handler) }
      (options.port, options.address) = (0, "192.0.2.1")
      #expect(throws: Fault.self) { try Server(options, handler: handler) }
    }
  }
}
