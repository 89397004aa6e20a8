import Base
import Catalog
import Foundation
import Items
import Objects
import Store
import TestKit
import Testing

@testable import Library
@testable import library_worker

/// What dies at any instant: eight threads of one process, or of two, are ended with `kill -9` and begun again on the same folder.
struct KillTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("lib") }
  private static let clients = ["c0", "c1", "c2"]

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  /// As many as `make soak-library` says (50), and operations (100,000).
  private static let kills = number("RIDLEY_LIBRARY_KILLS") ?? 3
  private static let operations = number("RIDLEY_LIBRARY_OPERATIONS") ?? 1000
  private static let worker =
    ProcessInfo.processInfo.environment["RIDLEY_LIBRARY_WORKER"]
    ?? Program.path.replacing(/ridley$/, with: "library-worker")

  /// What workers told until they were killed: so many lines with `!` of the first, and so many seconds later.
  private func killed(_ work: String, _ seed: Int, behind lines: Int, after seconds: Double, two: Bool) -> String {
    let script = """
      "$0" $WORK "$LIB" $SEED >"$OUT.a" 2>"$OUT.e" & a=$!; b=; : >"$OUT.b"
      if [ "$TWO" = 1 ]; then "$0" $WORK "$LIB" 9$SEED >"$OUT.b" 2>>"$OUT.e" & b=$!; fi
      for try in $(seq 15000); do
        [ "$(grep -c ! "$OUT.a")" -ge "$LINES" ] && break; kill -0 $a || break; sleep 0.02
      done
      sleep "$FOR"; kill -9 $a $b || echo "ended too early"; wait; cat "$OUT.a" "$OUT.e"; echo; cat "$OUT.b"
      """
    let environment = [
      "WORK": work, "LIB": path, "SEED": "\(seed)", "OUT": folder.file("out"), "LINES": "\(lines)",
      "TWO": two ? "1" : "0", "FOR": String(format: "%.3f", seconds),
    ]
    return shell(["bash", "-c", script, Self.worker], environment: environment).output
  }

  @Test("Totals that eight writers change at a time, killed at any instant, are those of a recount to the last digit")
  func totals() throws {
    var (random, told, slowest) = (SeededRandom(61), 0, 0.0)
    for round in 0...Self.kills {
      let isLast = round == Self.kills
      let left = max(0, Self.operations - told)
      let share = 2 * left / (Self.kills - round + 1)
      let lines = isLast ? left : round % 7 == 3 ? 0 : Int.random(in: 0...share, using: &random)
      let output = killed(
        "share", round, behind: round % 2 == 1 && !isLast ? lines / 2 : lines,
        after: Double.random(in: 0...0.08, using: &random), two: round % 2 == 1 && !isLast)
      let odd = output.split(separator: "\n").filter { $0.wholeMatch(of: /[0-7] !/) == nil }
      try #require(odd.count <= 2 && odd.allSatisfy { $0.count < 4 }, "a worker told: \(odd)")
      told += output.count { $0 == "!" }
      let begun = Clock.seconds
      let library = try Library(path)
      slowest = max(slowest, Clock.seconds - begun)
      if round % 10 == 0 || isLast { try compare(library) }
    }
    #expect(told >= Self.operations && slowest < 1, "\(told) operations; the library opened in \(slowest) s")
    let recount = try Recount(try Library(path), clients: Self.clients)
    print(
      "\(Self.kills) kills, \(told) operations acknowledged, \(recount.assets) assets, \(recount.totals.count) totals compared, opened in at most \(Int(slowest * 1000)) ms"
    )
  }

  private func compare(_ library: Library) throws {
    #expect(try library.verify().differenceCount == 0, "as it was found, with the reader behind")
    #expect(try library.settle())
    let recount = try Recount(library, clients: Self.clients)
    let answers = try Recount.answers(library, clients: Self.clients)
    for name in Set(recount.totals.keys).union(answers.keys).sorted() {
      #expect(answers[name] == recount.totals[name], "\(name)")
    }
    #expect(try library.verify().differenceCount == 0)
    for report in try #require(library.table as? SQLiteTable).verify() {
      #expect(report.missing == 0 && report.surplus == 0, "\(report)")
    }
  }

  @Test(
    "What was acknowledged outlives kill -9 at any instant, what was deleted stays away, and no object is half, missing or left"
  )
  func crash() throws {
    var (random, history, slowest) = (SeededRandom(67), LibraryHistory(), 0.0)
    for round in 0..<Self.kills {
      let lines = round % 5 == 4 ? 0 : Int.random(in: 0...1200, using: &random)
      try history.hear(
        killed("own", round, behind: lines, after: Double.random(in: 0...0.08, using: &random), two: false))
      let begun = Clock.seconds
      let library = try Library(path)
      slowest = max(slowest, Clock.seconds - begun)
      try history.check(library)
      try compare(library)
    }
    #expect(slowest < 1, "the library opened in \(slowest) s")
    print(
      "\(Self.kills) kills, \(history.acknowledged) operations acknowledged, \(history.cut) cut off, \(history.objects) objects read, opened in at most \(Int(slowest * 1000)) ms"
    )
  }

  @Test(
    "On a disk that is full each operation is refused and leaves nothing, what was there is read, and with room it goes on",
    arguments: ["add", "upload", "append", "analyse", "publish", "move", "delete"])
  func full(kind: String) throws {
    let result = shell([Self.worker, "fill", path, kind])
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("refused behind") == true, "\(result)")
    #expect(lines.dropFirst() == ["read", "nothing is left", "goes on"], "\(result)")
  }
}
