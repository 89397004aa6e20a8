import Base
import Bus
import Foundation
import Glibc
import Items
import Store
import TestKit
import Testing

@testable import bus_worker

/// A server that keeps a bus, and its workers, each killed at any instant, with results in a file beside it.
struct ServerKills {
  let folder: TemporaryFolder
  /// By which workers find the bus.
  let environment: [String: String]
  let server: String
  let bus: any Bus
  let end: () -> Void
  let start: () throws -> Void
  private var file: String { folder.file("library.db") }
  private static let program = Program.path.replacing(/ridley$/, with: "bus-worker")

  init(
    _ folder: TemporaryFolder, _ server: String, _ bus: any Bus, _ environment: [String: String],
    end: @escaping () -> Void, start: @escaping () throws -> Void
  ) {
    (self.folder, self.server, self.bus, self.environment) = (folder, server, bus, environment)
    (self.end, self.start) = (end, start)
  }

  /// 2, or as many as `RIDLEY_BUS_KILLS` says (`make soak-bus`: 50).
  static let kills = ProcessInfo.processInfo.environment["RIDLEY_BUS_KILLS"].flatMap { Int($0) } ?? 2

  private func worker(_ what: String, _ name: String, lease: Int = 400) throws -> Process {
    let (process, out) = (Process(), folder.file("out \(name)"))
    if !FileSystem.isThere(out) { try FileSystem.write([], to: out) }
    process.executableURL = URL(filePath: Self.program)
    process.arguments = [what, file, name, "\(lease)"]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
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

  /// What a caller does who is told that the server is away.
  private static func insisting<Result>(_ body: () throws -> Result) throws -> Result {
    let end = Clock.now + 30_000_000_000
    while true {
      do { return try body() } catch {
        guard (error as? Fault)?.kind == .unavailable, Clock.now < end else { throw error }
        usleep(5000)
      }
    }
  }

  /// Tasks are added and done while the server and workers die; then each was published once, and acknowledged once at most.
  func run(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let table = try SQLiteTable(file, schema: Shift.schema)
    var workers = try (0..<3).map { try worker("work", "\($0)") }
    defer { for worker in workers { kill(worker.processIdentifier, SIGKILL) } }
    var most = 0
    for round in 0..<Self.kills {
      let adding = NativeThread { [bus, tasks = Rounds.tasks(round)] in
        _ = try? Self.insisting { try bus.add(tasks) }
      }
      usleep(UInt32.random(in: 0...150_000, using: &random))
      end()
      if round % 3 == 1 {
        let victim = Int(random.next() % 3)
        kill(workers[victim].processIdentifier, SIGKILL)
        workers[victim].waitUntilExit()
        workers[victim] = try worker("work", "\(victim)")
      }
      usleep(UInt32.random(in: 0...50_000, using: &random))
      try start()
      adding.join()
      most = max(most, try Self.insisting { try backlog(table, round) })
    }
    try waitUntil("the end of all work", seconds: 240) {
      try Self.insisting {
        try Shift.queues.allSatisfy { name in
          let counts = try bus.counts(queue: name)
          return counts.waiting + counts.leased + counts.delayed == 0
        }
      }
    }
    let (published, interrupted) = try Rounds.expectEnd(of: Self.kills, bus, table)
    let held = try (0..<3).flatMap { try told("\($0)").split(separator: "\n").filter { $0.hasSuffix(" held") } }
    #expect(Set(held).count == held.count, "a task was done twice, and both were told that it was theirs")
    let added = Self.kills * Rounds.tasks(0).count
    print(
      "\(Self.kills) kills of \(server), \((Self.kills + 1) / 3) of workers, \(added) tasks, at most \(most) at once")
    print("\(published) results, each once, \(interrupted) of them by a second or later attempt")
  }

  /// Not 0 as long as something is neither published nor delayed.
  private func backlog(_ table: SQLiteTable, _ round: Int) throws -> Int {
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

  /// A worker stops itself past its lease, and goes on when another has done its task.
  func stopWorker() throws {
    let table = try SQLiteTable(file, schema: Shift.schema)
    _ = try bus.add([task("a", most: 9)])
    let slow = try worker("stop", "slow", lease: 200)
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
