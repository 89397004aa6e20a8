import Base
import Foundation
import Items
import Store
import TestKit
import Testing

@testable import store_worker

/// What dies at any instant, and what finds no room.
struct KillTests {
  private let folder = TemporaryFolder()
  private static let worker = Program.path.replacing(/ridley$/, with: "store-worker")

  /// 4, or as many as `RIDLEY_STORE_KILLS` says (`make soak-store`: 50).
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_STORE_KILLS"].flatMap { Int($0) } ?? 4

  /// What the workers told until they were killed; every second round two processes write to the table.
  private func killed(_ file: String, _ round: Int, after seconds: Double) -> String {
    let script = """
      "$0" write "$DB" 13 0 3 >"$OUT.a" 2>"$OUT.e" & a=$!; b=
      if [ "$TWO" = 1 ]; then "$0" write "$DB" 13 3 3 >"$OUT.b" 2>>"$OUT.e" & b=$!; else : >"$OUT.b"; fi
      sleep "$FOR"; kill -9 $a $b || echo "ended too early"; wait; cat "$OUT.a" "$OUT.e"; echo; cat "$OUT.b"
      """
    let environment = [
      "DB": file, "OUT": folder.file("out"), "TWO": "\(round % 2)", "FOR": String(format: "%.3f", seconds),
    ]
    return shell(["bash", "-c", script, Self.worker], environment: environment).output
  }

  @Test func `what was acknowledged outlives kill -9 at any instant, and nothing half is there`() throws {
    var (random, history) = (SeededRandom(29), History())
    let file = folder.file("library.db")
    for round in 0..<Self.kills {
      try history.hear(killed(file, round, after: Double.random(in: 0.01...0.7, using: &random)))
      try history.check(try SQLiteTable(file, schema: StoreWork.schema))
    }
    #expect(history.acknowledged > Self.kills * 10, "so few were written that little was tried")
    print("\(Self.kills) kills, \(history.acknowledged) transactions acknowledged, \(history.changes) changes read")
  }

  @Test func `a file whose making was cut short opens at once`() throws {
    var random = SeededRandom(31)
    for round in 0..<Self.kills {
      let file = folder.file("new\(round).db")
      var history = History()
      try history.hear(killed(file, round, after: Double.random(in: 0...0.06, using: &random)))
      try history.check(try SQLiteTable(file, schema: StoreWork.schema))
    }
  }

  @Test(arguments: [300_000, 1_500_000, 6_000_000])
  func `files that cannot grow refuse writes, are read, and go on later`(byteCount: Int) throws {
    let result = shell([Self.worker, "fill", folder.file("library.db"), "\(byteCount)"])
    let lines = result.output.split(separator: "\n")
    try #require(lines.count == 7, "\(result.output)")
    #expect(lines[0].hasPrefix("refused ") && lines[1].hasPrefix("read "))
    // one that is smaller may fit
    #expect(
      lines[2...4].allSatisfy { $0 == "exhausted again" || $0 == "written again" } && lines[2].hasPrefix("ex"),
      "\(lines)")
    #expect(lines[5].hasPrefix("read ") && lines[6] == "sound")
  }
}
