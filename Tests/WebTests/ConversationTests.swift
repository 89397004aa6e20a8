import Base
import Foundation
import TestKit
import Testing
import Web

@Suite("Answers while the body still comes")
struct ConversationTests {
  /// Answers every part at once; can be told to hold what comes, and to give back so many bytes then.
  ///
  /// Its trailers are of characters that HPACK does not make shorter, so that they can be read.
  private final class Echo: BodySink {
    struct Heard: Sendable {
      var calls: [String] = []
      var bytes: [UInt8] = []
      var exchange: Exchange?
      var answers: ResponseStream?
      /// Part that is held, counted from 1.
      var holdsAt = Int.max
      var givesBack = 0
      /// What it is given waits inside of it.
      var isBlocked = false
      var parts = 0
      var waiting = 0
      var isGone = false
    }

    let heard: Monitor<Heard>

    init(holdsAt: Int = .max, givesBack: Int = 0) {
      var heard = Heard()
      (heard.holdsAt, heard.givesBack) = (holdsAt, givesBack)
      self.heard = Monitor(heard)
    }

    func begin(_ exchange: Exchange) {
      var head = Response(200)
      head.trailers = [("x-end", "^^^^^^^^")]
      let answers = exchange.converse(head)
      exchange.onGone { [weak self] in self?.heard.update { $0.isGone = true } }
      heard.update { ($0.exchange, $0.answers) = (exchange, answers) }
      heard.update { $0.calls.append("begin") }
    }

    func append(_ bytes: [UInt8]) {
      let (exchange, back) = heard.update { heard in
        heard.parts += 1
        if heard.calls.last != "append" { heard.calls.append("append") }
        let back = heard.parts == heard.holdsAt ? min(heard.givesBack, bytes.count) : 0
        heard.bytes += bytes.dropLast(back)
        heard.waiting += 1
        return (heard.parts == heard.holdsAt ? heard.exchange : nil, back)
      }
      _ = try? heard.wait(for: "the sink to be let go") { $0.isBlocked ? nil : () }
      exchange?.holdBody(back: bytes.suffix(back))
      let answers = heard.update { $0.answers }
      guard answers?.reserve(bytes.count - back) ?? false else { return }
      answers?.send([Array(bytes.dropLast(back))]) { [heard] _ in heard.update { $0.waiting -= 1 } }
    }

    func end() {
      let answers = heard.update { heard in
        heard.calls.append("end")
        return heard.answers.take()
      }
      answers?.end(trailers: [("x-end", "||||||||")])
    }

    func broken() {
      let (answers, refusal) = heard.update { heard in
        heard.calls.append("broken")
        return (heard.answers.take(), heard.exchange?.refusal)
      }
      answers?.end(
        trailers: [("x-end", refusal?.message.hasPrefix("the server ends") ?? false ? "<<<<<<<<" : "~~~~~~~~")])
    }
  }

  private static func handler(_ sink: Echo, owner: String? = nil) -> ClosureHandler {
    ClosureHandler { request in
      request.path == "/" ? .answer(Response(200)) : .stream(owner: owner, to: sink)
    }
  }

  @Test("what is sent comes back while the request is open, and trailers say how it ended")
  func echoes() throws {
    let sink = Echo()
    try serving(Self.handler(sink)) { server, handler in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/talk", isLast: false))
      #expect(try client.next().type == 1)
      for number in 0..<5 {
        client.send(FrameClient.data(1, [UInt8](repeating: UInt8(number), count: 100), isLast: false))
        var received: [UInt8] = []
        while received.count < 100 { received += try client.next().data }
        #expect(received == [UInt8](repeating: UInt8(number), count: 100))
      }
      client.send(FrameClient.data(1, []))
      let last = try client.until { $0.isLast }.last!
      #expect(String(decoding: last.payload, as: UTF8.self).contains("||||||||"))
      let record = try handler.ended(1)[0]
      #expect(record.bytesIn == 500 && record.bytesOut == 500 && !record.clientLeft)
      #expect(sink.heard.update { $0.calls } == ["begin", "append", "end"])
      #expect(!sink.heard.update { $0.isGone })
      try waitUntil("nothing to be held") {
        server.counts.bodyBytesInFlight == 0 && server.counts.answerBytesWaiting == 0
      }
    }
  }

  @Test("what is held is given nothing, and gets every byte once it goes on", arguments: [0, 1, 50, 100])
  func holds(back: Int) throws {
    let sink = Echo(holdsAt: 1, givesBack: back)
    try serving(Self.handler(sink), limits: { ($0.uploadSeconds, $0.uploadBytesPerSecond) = (0.1, 1 << 20) }) {
      server, _ in
      let client = try FrameClient(server.port)
      let body = randomBytes(60_000)
      client.send(
        FrameClient.request(1, "POST", "/talk", isLast: false), FrameClient.data(1, Array(body[..<100]), isLast: false))
      try sink.heard.wait(for: "the first part") { $0.parts == 1 ? () : nil }
      for start in stride(from: 100, to: body.count, by: 10_000) {
        let end = min(start + 10_000, body.count)
        client.send(FrameClient.data(1, Array(body[start..<end]), isLast: end == body.count))
      }
      usleep(300_000)
      #expect(sink.heard.update { $0.parts } == 1)
      sink.heard.update { $0.exchange }?.letBodyGoOn()
      let received = try client.until { $0.isLast }.flatMap(\.data)
      #expect(received == body)
      #expect(sink.heard.update { $0.bytes } == body)
    }
  }

  @Test("a client that is held is stopped after some two MiB, and one that leaves then is noticed")
  func stopsHeld() throws {
    let sink = Echo(holdsAt: 1)
    try serving(Self.handler(sink)) { server, _ in
      let client = try FrameClient(server.port)
      try client.acknowledge()
      client.send(FrameClient.request(1, "POST", "/talk", isLast: false))
      // As much as the stream's window has room for, and then what the server opens it by.
      var (sent, room) = (0, 1 << 20)
      while sent < 3 << 20, room > 0 {
        let count = min(room, 16_000)
        client.send(FrameClient.data(1, [UInt8](repeating: 1, count: count), isLast: false))
        (sent, room) = (sent + count, room - count)
        if sent < 1_000_000 + (1 << 20), room < 16_000 { room += try client.opened(1) }
      }
      #expect(sent > 1 << 20)
      #expect(server.counts.bodyBytesInFlight <= (2 << 20) + (64 << 10))
      client.client.reset()
      try sink.heard.wait(for: "the sink to be told") { $0.calls.last == "broken" && $0.isGone ? () : nil }
      #expect(sink.heard.update { $0.parts } == 1)
      try waitUntil("nothing to be held") { server.counts.bodyBytesInFlight == 0 }
    }
  }

  @Test("an answer that ends before the body refuses the rest, and other streams go on")
  func endsFirst() throws {
    let sink = Echo()
    try serving(Self.handler(sink), limits: { $0.uploadSeconds = 0.3 }) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/talk", isLast: false))
      _ = try client.next()
      sink.heard.update { $0.answers.take() }?.end(trailers: [("x-end", "{{{{{{{{")])
      let last = try client.until { $0.isLast }.last!
      #expect(String(decoding: last.payload, as: UTF8.self).contains("{{{{{{{{"))
      client.send(FrameClient.data(1, [1, 2, 3], isLast: false))
      client.send(FrameClient.request(3))
      #expect(try client.until { $0.stream == 3 && $0.isLast }.isEmpty == false)
      try sink.heard.wait(for: "the sink to be told") { $0.calls.last == "broken" ? () : nil }
      // One that goes on sending all the same is reset in the end, orderly.
      #expect(try client.until { $0.type == 3 }.last?.code == 0)
    }
  }

  @Test("answers that the client does not read are bounded by its share, and others have theirs")
  func unread() throws {
    let sink = Echo()
    try serving(Self.handler(sink, owner: "greedy"), limits: { $0.answerBytes = 4 << 20 }) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/talk", isLast: false))
      _ = try client.next()
      let answers = try #require(sink.heard.update { $0.answers })
      var taken = 0
      while answers.reserve(64 << 10), taken < 1000 {
        taken += 1
        answers.send([[UInt8](repeating: 7, count: 64 << 10)]) { _ in }
      }
      #expect((24...40).contains(taken))
      #expect(server.counts.answerBytesWaiting <= 4 << 20)
      let other = try FrameClient(server.port)
      other.send(FrameClient.request(1))
      _ = try other.until { $0.isLast }
      client.client.reset()
      try waitUntil("nothing to wait") { server.counts.answerBytesWaiting == 0 }
    }
  }

  @Test("a server that ends tells the sink, and what it says last still goes out")
  func drains() throws {
    let sink = Echo()
    try serving(Self.handler(sink)) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/talk", isLast: false), FrameClient.data(1, [1, 2], isLast: false))
      try sink.heard.wait(for: "the first part") { $0.parts == 1 ? () : nil }
      let drainer = NativeThread { server.drain(within: 5) }
      let frames = try client.until { $0.isLast }
      #expect(frames.flatMap(\.data) == [1, 2])
      #expect(String(decoding: frames.last!.payload, as: UTF8.self).contains("<<<<<<<<"))
      drainer.join()
      #expect(sink.heard.update { $0.calls } == ["begin", "append", "broken"])
    }
  }

  @Test("a sink that is refused while it holds a part is given nothing from behind it", arguments: [0, 50])
  func refusedInside(back: Int) throws {
    let sink = Echo(holdsAt: 1, givesBack: back)
    sink.heard.update { $0.isBlocked = true }
    try serving(Self.handler(sink)) { server, _ in
      let client = try FrameClient(server.port)
      client.send(
        FrameClient.request(1, "POST", "/talk", isLast: false),
        FrameClient.data(1, [UInt8](repeating: 1, count: 100), isLast: false))
      try sink.heard.wait(for: "the first part") { $0.parts == 1 ? () : nil }
      client.send(FrameClient.data(1, [UInt8](repeating: 2, count: 100), isLast: false))
      try waitUntil("the second part to wait") { server.counts.bodyBytesInFlight == 200 }
      let drainer = NativeThread { server.drain(within: 5) }
      try waitUntil("the refusal") { sink.heard.update { $0.exchange }?.refusal != nil }
      usleep(100_000)
      sink.heard.update { $0.isBlocked = false }
      let frames = try client.until { $0.isLast }
      #expect(frames.flatMap(\.data) == [UInt8](repeating: 1, count: 100 - back))
      #expect(String(decoding: frames.last!.payload, as: UTF8.self).contains("<<<<<<<<"))
      drainer.join()
      #expect(sink.heard.update { $0.calls } == ["begin", "append", "broken"])
      #expect(sink.heard.update { $0.parts } == 1)
      try waitUntil("nothing to be held") { server.counts.bodyBytesInFlight == 0 }
    }
  }

  @Test("pauses are no slowness, but a piece that was begun has to go on")
  func owes() throws {
    let sink = Echo()
    try serving(Self.handler(sink), limits: { ($0.uploadSeconds, $0.uploadBytesPerSecond) = (0.3, 1000) }) {
      server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "POST", "/talk", isLast: false), FrameClient.data(1, [1], isLast: false))
      try sink.heard.wait(for: "the first part") { $0.parts == 1 ? () : nil }
      usleep(1_000_000)
      client.send(FrameClient.data(1, [2], isLast: false))
      try sink.heard.wait(for: "the second part") { $0.parts == 2 ? () : nil }
      sink.heard.update { $0.exchange }?.owesBody(true)
      #expect(try client.until { $0.type == 7 }.last?.code == 11)
    }
  }

  @Test("a body that only just began is not blamed for what others did not send")
  func justBegun() throws {
    try serving(limits: { ($0.uploadSeconds, $0.uploadBytesPerSecond) = (0.5, 1000) }) { server, _ in
      let client = try FrameClient(server.port)
      client.send(FrameClient.request(1, "GET", "/never"))
      // Shortly before each look.
      for round in 0..<3 {
        usleep(round == 0 ? 420_000 : 250_000)
        let stream = UInt32(3 + 2 * round)
        client.send(
          FrameClient.request(stream, "POST", "/body", isLast: false), FrameClient.data(stream, [1], isLast: false))
        usleep(250_000)
        client.send(FrameClient.data(stream, [2]))
        let frames = try client.until { $0.stream == stream && $0.isLast || $0.type == 7 }
        #expect(frames.last?.type != 7)
      }
    }
  }

  @Test("over HTTP/1 the answer cuts the body short, as any answer does")
  func oldProtocol() throws {
    let sink = Echo()
    try serving(Self.handler(sink)) { server, _ in
      let client = try Client(server.port)
      client.send("POST /talk HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n")
      _ = try client.answer(bare: true)
      try sink.heard.wait(for: "the sink to be told") { $0.calls.last == "broken" ? () : nil }
    }
  }
}
