import Base
import Bus
import Foundation
import Glibc
import Items
import Store
import TestKit
import Testing

@testable import bus_worker

/// Redis and its workers, each killed or stopped at any instant, with results in a file beside it.
@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct RedisKillTests {
  private let folder = TemporaryFolder()
  private var file: String { folder.file("library.db") }
  private static let program = Program.path.replacing(/ridley$/, with: "bus-worker")

  /// 2, or as many as `RIDLEY_BUS_KILLS` says (`make soak-bus`: 50).
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_BUS_KILLS"].flatMap { Int($0) } ?? 2

  private func worker(_ server: RedisServer, _ what: String, _ name: String, lease: Int = 400) throws -> Process {
    let (process, out) = (Process(), folder.file("out \(name)"))
    if !FileSystem.isThere(out) { try FileSystem.write([], to: out) }
    process.executableURL = URL(filePath: Self.program)
    process.arguments = [what, file, name, "\(lease)"]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["BUS_ADDRESS": server.address(for: folder)]) { $1 }
    let output = try #require(FileHandle(forWritingAtPath: out))
    _ = try output.seekToEnd()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  private func told(_ name: String) throws -> String {
    String(decoding: try FileSystem.read(folder.file("out \(name)")), as: UTF8.self)
  }

  /// What a caller does who is told that Redis is away.
  private func insisting<Result>(_ body: () throws -> Result) throws -> Result {
    let end = Clock.now + 30_000_000_000
    while true {
      do { return try body() } catch {
        guard (error as? Fault)?.kind == .unavailable, Clock.now < end else { throw error }
        usleep(5000)
      }
    }
  }

  @Test func `every task is done and published once, whenever Redis and workers are killed`() throws {
    var random = SeededRandom(43)
    let server = try RedisServer()
    let (bus, table) = (try RedisBus(server.address(for: folder)), try SQLiteTable(file, schema: Shift.schema))
    var workers = try (0..<3).map { try worker(server, "work", "\($0)") }
    defer { for worker in workers { kill(worker.processIdentifier, SIGKILL) } }
    var most = 0
    for round in 0..<Self.kills {
      let adding = NativeThread { [tasks = Rounds.tasks(round)] in _ = try? insisting { try bus.add(tasks) } }
      usleep(UInt32.random(in: 0...150_000, using: &random))
      server.end()
      if round % 3 == 1 {
        let victim = Int(random.next() % 3)
        kill(workers[victim].processIdentifier, SIGKILL)
        workers[victim].waitUntilExit()
        workers[victim] = try worker(server, "work", "\(victim)")
      }
      usleep(UInt32.random(in: 0...50_000, using: &random))
      try server.start()
      adding.join()
      most = max(most, try backlog(bus, table, round))
    }
    try waitUntil("the end of all work", seconds: 120) {
      try Shift.queues.allSatisfy { name in
        let counts = try bus.counts(queue: name)
        return counts.waiting + counts.leased + counts.delayed == 0
      }
    }
    let (published, interrupted) = try Rounds.expectEnd(of: Self.kills, bus, table)
    let added = Self.kills * Rounds.tasks(0).count
    print("\(Self.kills) kills of Redis, \((Self.kills + 1) / 3) of workers, \(added) tasks, at most \(most) at once")
    print("\(published) results, each once, \(interrupted) of them by a second or later attempt")
  }

  /// Not 0 as long as something is neither published nor delayed.
  private func backlog(_ bus: RedisBus, _ table: SQLiteTable, _ round: Int) throws -> Int {
    func isLeft() throws -> Bool {
      try Rounds.tasks(round).contains { try !$0.key.hasPrefix("poison") && table.get(Shift.result($0.key)) == nil }
    }
    func delayed() throws -> Int { try Shift.queues.reduce(0) { try $0 + bus.counts(queue: $1).delayed } }
    let before = try delayed()
    let backlog = try bus.backlog()
    // looked at behind it: what is left then was left, and what is delayed may have been lent only between
    #expect(try backlog > 0 || !isLeft() || before + delayed() > 0, "the backlog is 0 with work in hand")
    return backlog
  }

  @Test func `a worker that was stopped past its lease is refused`() throws {
    let server = try RedisServer.shared.get()
    let (bus, table) = (try RedisBus(server.address(for: folder)), try SQLiteTable(file, schema: Shift.schema))
    _ = try bus.add([task("a", most: 9)])
    let slow = try worker(server, "stop", "slow", lease: 200)
    try waitUntil("the worker to have the task") { try told("slow").contains("has a") }
    var claimed: ClaimedTask?
    try waitUntil("its lease to end") {
      claimed = try bus.claim(for: "quick", lease: .seconds(60))
      return claimed != nil
    }
    _ = try table.write([.put(Shift.result("a"), Array("{}".utf8), if: .absent)])
    #expect(try bus.acknowledge(#require(claimed).claim) == .held)
    kill(slow.processIdentifier, SIGCONT)
    slow.waitUntilExit()
    #expect(try told("slow") == "has a\npublished false\nextended lost\nfailed lost\nacknowledged lost\n")
    #expect(try bus.counts(group: "job").done == 1)
  }
}
