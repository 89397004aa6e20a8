import Base
import Foundation
import TestKit
import Testing
import Web

/// A whole process grows when anything in it does, so these run by themselves: `RIDLEY_FLAT_MEMORY=1024` for 1 GiB.
@Suite(
  "Memory stays flat", .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["RIDLEY_FLAT_MEMORY"] != nil,
    "set RIDLEY_FLAT_MEMORY to so many MiB to run it"))
struct FlatMemoryTests {
  private static let size =
    (ProcessInfo.processInfo.environment["RIDLEY_FLAT_MEMORY"].flatMap { Int($0) } ?? 1024) << 20

  private final class Counter: BodySink {
    private let state = Monitor((count: 0, exchange: Exchange?.none))

    func begin(_ exchange: Exchange) { state.update { $0.exchange = exchange } }
    func append(_ bytes: [UInt8]) { state.update { $0.count += bytes.count } }
    func broken() { state.update { $0.exchange = nil } }

    func end() {
      let (count, exchange) = state.update { ($0.count, $0.exchange.take()) }
      exchange?.answer(Response(200, body: Array("\(count)".utf8)))
    }
  }

  private struct Zeros: BodySource {
    let byteCount: Int
    func read(_ range: Range<Int>) throws(Fault) -> [UInt8] { [UInt8](repeating: 0, count: range.count) }
  }

  private static func handler(_ size: Int) -> ClosureHandler {
    ClosureHandler { request in
      request.method == "GET"
        ? .answer(Response(200, source: Zeros(byteCount: size), range: 0..<size)) : .stream(to: Counter())
    }
  }

  /// Bytes of this process that are in memory.
  private static func resident() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
  }

  /// Runs as many clients at once as there are, with `curl`, which has memory of its own; says by how much this process grew.
  private func growth(_ arguments: [String], clients: Int, bytes: Int) throws -> Int {
    try serving(Self.handler(bytes)) { server, handler in
      let address = "http://127.0.0.1:\(server.port)/"
      // What is kept between requests is made before.
      _ = shell(["curl", "-sS", "--max-time", "60", "-o", "/dev/null"] + arguments + [address])
      let before = Self.resident()
      let peak = Monitor(before)
      let results = Monitor<[ShellResult]>([])
      let threads = (0..<clients).map { _ in
        NativeThread {
          let result = shell(
            ["curl", "-sS", "--max-time", "200", "-o", "/dev/null", "-w", "%{http_code}"] + arguments + [address])
          results.update { $0.append(result) }
        }
      }
      while results.update({ $0.count }) < clients {
        let now = Self.resident()
        peak.update { $0 = max($0, now) }
        usleep(5_000)
      }
      for thread in threads { thread.join() }
      #expect(results.update { $0.allSatisfy { $0.output == "200" } })
      let moved = try handler.ended(clients + 1).map { max($0.bytesIn, $0.bytesOut) }
      #expect(moved.allSatisfy { $0 == bytes })
      return peak.update { $0 } - before
    }
  }

  @Test("Films down, by one client and by ten", arguments: ["--http1.1", "--http2-prior-knowledge"])
  func down(version: String) throws {
    for clients in [1, 10] {
      let grown = try growth([version], clients: clients, bytes: Self.size)
      print("down \(version), \(clients) at a time: \(grown >> 10) KiB")
      #expect(grown < 16 << 20)
    }
  }

  @Test("Films up, by one client and by ten", arguments: ["--http1.1", "--http2-prior-knowledge"])
  func up(version: String) throws {
    let folder = TemporaryFolder()
    // A file without blocks: it takes no disk.
    let made = shell(["truncate", "-s", "\(Self.size)", folder.file("film")])
    #expect(made.status == 0, "\(made.errors)")
    for clients in [1, 10] {
      let grown = try growth([version, "-T", folder.file("film")], clients: clients, bytes: Self.size)
      print("up \(version), \(clients) at a time: \(grown >> 10) KiB")
      #expect(grown < 16 << 20)
    }
  }
}
