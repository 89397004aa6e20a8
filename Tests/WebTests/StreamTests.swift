import Base
import Foundation
import TestKit
import Testing
import Web

@Suite("Answers bit by bit")
struct StreamTests {
  /// Streams what `make` gives, one after the other.
  private static func handler(_ make: @escaping @Sendable (ResponseStream) async -> Void) -> ClosureHandler {
    ClosureHandler { _ in
      .body(limit: 10) { _, exchange in
        let stream = exchange.stream(Response(200, headers: [("Content-Type", "text/event-stream")]))
        Task(executorPreference: Aside()) { await make(stream) }
      }
    }
  }

  @Test("each bit comes when it is written, and the connection lives on")
  func streams() throws {
    let go = Monitor(0)
    let handler = Self.handler { stream in
      for number in 1...3 {
        while go.update({ $0 }) < number { try? await Task.sleep(for: .milliseconds(1)) }
        await stream.write(Array("event \(number)".utf8))
      }
      stream.end()
    }
    try serving(handler) { server, handler in
      let client = try Client(server.port)
      for _ in 0..<2 {
        go.update { $0 = 0 }
        client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        #expect(try client.answer().headers["transfer-encoding"] == "chunked")
        for number in 1...3 {
          go.update { $0 = number }
          #expect(try client.chunk() == Array("event \(number)".utf8))
        }
        #expect(try client.chunk() == [])
      }
      #expect(try handler.ended(2).allSatisfy { $0.bytesOut == 21 && !$0.clientLeft })
      go.update { $0 = 3 }
      let http2 = try FrameClient(server.port)
      http2.send(FrameClient.request(1))
      #expect(try http2.until { $0.isLast }.flatMap(\.data) == Array("event 1event 2event 3".utf8))
      let old = try Client(server.port)
      old.send("GET / HTTP/1.0\r\n\r\n")
      #expect(try old.answer(bare: true).headers["connection"] == "close")
      #expect(old.rest() == Array("event 1event 2event 3".utf8))
    }
  }

  @Test(
    "a writer waits for a client that does not take what it has, and is let go when that leaves", arguments: [1, 2])
  func waits(version: Int) throws {
    let written = Monitor((blocks: 0, isGone: false))
    let handler = Self.handler { stream in
      while await stream.write([UInt8](repeating: 5, count: 64 << 10)) { written.update { $0.blocks += 1 } }
      written.update { $0.isGone = true }
    }
    try serving(handler) { server, handler in
      let client = try Client(server.port)
      if version == 1 {
        client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      } else {
        client.send(FrameClient.preface + FrameClient.settings.bytes + FrameClient.request(1).bytes)
      }
      try written.wait(for: "the first block") { $0.blocks > 0 ? () : nil }
      // What the system keeps on both sides, and what may wait, is far less than a second of writing without bounds.
      usleep(300_000)
      let blocks = written.update { $0.blocks }
      usleep(200_000)
      #expect(written.update { $0.blocks } == blocks)
      #expect(blocks < 320)
      if version == 2 {
        // Room on the stream lets the writer go on: by half a megabyte that the system takes unsent, and what the client's takes.
        let more = FrameClient.window(0, 1 << 20).bytes + FrameClient.window(1, 1 << 20).bytes
        client.send(more)
        try written.wait(for: "four more blocks") { $0.blocks >= blocks + 4 ? () : nil }
      }
      client.reset()
      try written.wait(for: "the writer to be let go") { $0.isGone ? () : nil }
      #expect(try handler.ended(1)[0].clientLeft)
    }
  }

  @Test("late pictures are dropped, not kept")
  func drops() throws {
    let counts = Monitor((taken: 0, dropped: 0))
    let handler = Self.handler { stream in
      while !stream.isGone {
        let isTaken = stream.offer([UInt8](repeating: 5, count: 1 << 20))
        counts.update { if isTaken { $0.taken += 1 } else { $0.dropped += 1 } }
        try? await Task.sleep(for: .milliseconds(2))
      }
    }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      _ = try client.answer(bare: true)
      try counts.wait(for: "20 dropped pictures") { $0.dropped >= 20 ? () : nil }
      #expect(try client.chunk().count == 1 << 20)
      #expect(counts.update { $0.taken } < 20)
    }
  }

  @Test("an answer that is dropped half way is cut off, so that it is not taken for whole")
  func breaksOff() throws {
    let handler = Self.handler { stream in await stream.write([1]) }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      _ = try client.answer()
      #expect(try client.chunk() == [1])
      #expect(client.rest() == [])
      let http2 = try FrameClient(server.port)
      http2.send(FrameClient.request(1))
      #expect(try http2.until { $0.type == 3 }.last?.code != 0)
    }
  }

  @Test("draining ends streams in an orderly way")
  func drains() throws {
    let isGone = Monitor(false)
    let handler = Self.handler { stream in
      while await stream.write([1]) { try? await Task.sleep(for: .milliseconds(5)) }
      isGone.update { $0 = true }
    }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      _ = try client.answer()
      let drainer = NativeThread { server.drain(within: 5) }
      while try !client.chunk().isEmpty {}
      #expect(client.rest() == [])
      drainer.join()
      try isGone.wait(for: "the writer to be let go") { $0 ? () : nil }
    }
  }
}

/// Runs tasks beside the shared pool, all of whose threads may be blocked by tests.
private final class Aside: TaskExecutor {
  private let queue = DispatchQueue(label: "aside")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
