import Base
import Bus
import Foundation
import Glibc
import Items
import Store
import TestKit
import Testing

@testable import bus_worker

/// What dies or stops at any instant, and what finds no room.
struct KillTests {
  private let folder = TemporaryFolder()
  private var file: String { folder.file("library.db") }
  private static let worker = Program.path.replacing(/ridley$/, with: "bus-worker")

  /// 4, or as many as `RIDLEY_BUS_KILLS` says (`make soak-bus`: 50).
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_BUS_KILLS"].flatMap { Int($0) } ?? 4

  /// Three workers, all killed after a while; what they told.
  private func killed(after seconds: Double) -> String {
    let script = """
      for n in 1 2 3; do "$0" work "$DB" "worker $n" 400 >>"$OUT.$n" 2>>"$OUT.e" & p="$p $!"; done
      sleep "$FOR"; kill -9 $p || echo "ended too early"; wait; cat "$OUT".[123]; cat "$OUT.e"; rm "$OUT".*
      """
    let environment = ["DB": file, "OUT": folder.file("out"), "FOR": String(format: "%.3f", seconds)]
    return shell(["bash", "-c", script, Self.worker], environment: environment).output
  }

  @Test func `every task is done and published once, whenever workers are killed`() throws {
    var random = SeededRandom(37)
    let (bus, table) = (try SQLiteBus(file), try SQLiteTable(file, schema: Shift.schema))
    var told: [Substring] = []
    for round in 0..<Self.kills {
      #expect(try bus.add(Rounds.tasks(round)).allSatisfy { $0 })
      told += killed(after: Double.random(in: 0.03...0.2, using: &random)).split(separator: "\n")
    }
    let end = shell([Self.worker, "end", file, "worker 4", "400"])
    #expect(end.status == 0, "\(end.errors)")
    told += end.output.split(separator: "\n")
    let ends = ["held", "again", "setAside", "lost"]
    // the last of a file may be cut off
    #expect(told.allSatisfy { line in ends.contains { line.hasSuffix($0) || line.count < 24 } }, "\(told)")
    let (published, interrupted) = try Rounds.expectEnd(of: Self.kills, bus, table)
    // On a busy machine few kills may all come before the work begins.
    #expect(interrupted > 0 || Self.kills < 20, "no worker was killed at work")
    _ = try table.verify()
    print(
      "\(Self.kills) kills of three workers, \(published) tasks, \(told.count) ends told, \(interrupted) done by the second or later"
    )
  }

  @Test func `a worker that was stopped past its lease is refused`() throws {
    let (bus, table) = (try SQLiteBus(file), try SQLiteTable(file, schema: Shift.schema))
    _ = try bus.add([task("a", most: 9)])
    let script = #""$0" stop "$DB" slow 200 >"$OUT" 2>&1 & echo $! >"$PID"; wait"#
    let environment = ["DB": file, "OUT": folder.file("out"), "PID": folder.file("pid")]
    let told = Monitor<String?>(nil)
    let running = NativeThread { [out = folder.file("out")] in
      _ = shell(["bash", "-c", script, Self.worker], environment: environment)
      told.update { $0 = (try? String(contentsOfFile: out, encoding: .utf8)) ?? "" }
    }
    defer { running.join() }
    let out = { (try? String(contentsOfFile: folder.file("out"), encoding: .utf8)) ?? "" }
    try waitUntil("the worker to have the task") { out().contains("has a") }
    var claimed: ClaimedTask?
    try waitUntil("its lease to end") {
      claimed = try bus.claim(for: "quick", lease: .seconds(60))
      return claimed != nil
    }
    _ = try table.write([.put(Shift.result("a"), Array("{}".utf8), if: .absent)])
    #expect(try bus.acknowledge(#require(claimed).claim) == .held)
    let pid = try String(contentsOfFile: folder.file("pid"), encoding: .utf8)
    kill(try #require(pid_t(pid.filter(\.isNumber))), SIGCONT)
    let lines = try told.wait(for: "the worker to end") { $0 }
    #expect(lines == "has a\npublished false\nextended lost\nfailed lost\nacknowledged lost\n")
    #expect(try bus.counts(group: "job").done == 1)
  }

  @Test func `what must outlive the loss of power waits for the disk once a call, and nothing else does`() throws {
    guard shell(["strace", "-e", "trace=none", "true"]).status == 0 else {
      print("skipped: no strace here, or it may not look at processes")
      return
    }
    let trace = folder.file("trace")
    let calls = "trace=fdatasync,fsync,write"
    let result = shell(["strace", "-f", "-o", trace, "-e", calls, Self.worker, "trace", file])
    try #require(result.status == 0, "\(result.errors)")
    var (counts, mark): ([String: [Int]], String?) = ([:], nil)
    for line in try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n") {
      if let found = line.firstMatch(of: /"mark (\w+)/) {
        mark = String(found.1)
        counts[mark!, default: []].append(0)
      } else if let mark, line.contains("fdatasync(") || line.contains("fsync(") {
        counts[mark]![counts[mark]!.count - 1] += 1
      }
    }
    for synced in ["add", "fail", "retry", "hold", "release", "remove"] {
      #expect(counts[synced]?.allSatisfy { $0 == 1 } == true, "\(synced): \(counts[synced] ?? [])")
    }
    for unsynced in ["claim", "extend", "acknowledge", "giveBack", "read"] {
      #expect(counts[unsynced] == [0], "\(unsynced): \(counts[unsynced] ?? [])")
    }
  }

  @Test(arguments: [200_000, 1_000_000])
  func `files that cannot grow refuse tasks by name, and go on later with all that was added`(byteCount: Int) throws {
    let result = shell([Self.worker, "fill", file, "\(byteCount)"])
    let lines = result.output.split(separator: "\n")
    try #require(lines.count == 3, "\(result.output) \(result.errors)")
    #expect(lines[0].hasPrefix("refused ") && lines[0].contains("full"))
    #expect(lines[1] == "there 0" && lines[2] == "had 10")
  }
}
