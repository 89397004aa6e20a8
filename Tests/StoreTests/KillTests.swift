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

/// What must stand in a table that writers died on, worked out from what they told and from the changes.
private struct History {
  private let work = StoreWork(seed: 13)
  /// By thread: the last that was told, and all that was applied to `items`.
  private var told: [Int: Int] = [:]
  private var applied: [Int: Int] = [:]
  private var items: [ItemKey: [UInt8]] = [:]
  private var versions: Set<Int> = []
  /// What a reader of changes has made of them.
  private var position = ChangePosition.beginning
  private var copy: [ItemKey: Item] = [:]
  private var seen: Set<Int> = []

  var acknowledged: Int { told.values.reduce(0, +) }
  private(set) var changes = 0

  mutating func hear(_ output: String) throws {
    // the last of a file may be cut off
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ")
      let numbers = words.compactMap { Int($0) }
      guard words.count == 3, numbers.count >= 2, let list = words.last?.split(separator: ",").map({ Int($0) }) else {
        Issue.record("a worker told: \(line)")
        continue
      }
      told[numbers[0]] = max(told[numbers[0]] ?? 0, numbers[1])
      for version in list { #expect(versions.insert(try #require(version)).inserted, "a version was given out twice") }
    }
  }

  mutating func check(_ table: SQLiteTable) throws {
    for thread in 0..<6 { try apply(thread, table) }
    var found: [ItemKey: Item] = [:]
    for thread in 0..<6 {
      for item in try table.items(Query(StoreWork.partition(thread), limit: 1000)).elements { found[item.key] = item }
    }
    #expect(found.mapValues(\.body) == items, "what stands there is not what was written")
    try readChanges(table)
    #expect(copy == found, "the changes do not lead to what stands there")
    #expect(seen.isSuperset(of: versions), "a write left no change")
    for report in try table.verify() { #expect(report.missing == 0 && report.surplus == 0, "\(report)") }
  }

  /// All up to the thread's own counter; it may have got one further than it could tell.
  private mutating func apply(_ thread: Int, _ table: SQLiteTable) throws {
    let counter = try table.get(StoreWork.counter(thread)).map { String(decoding: $0.body, as: UTF8.self) }
    let count = Int(counter?.filter(\.isNumber) ?? "0") ?? 0
    let last = told[thread] ?? 0
    #expect(count == last || count == last + 1, "thread \(thread) told \(last), \(count) are there")
    let from = applied[thread] ?? 0
    try #require(count >= from, "transactions are gone")
    for number in from..<count {
      for write in work.transaction(number + 1, of: thread) { items[write.key] = write.body }
    }
    applied[thread] = count
    told[thread] = count
  }

  private mutating func readChanges(_ table: SQLiteTable) throws {
    while true {
      let page = try table.changes(after: position, limit: 1000)
      for change in page.changes {
        #expect(change.before == copy[change.key], "a change does not go on from the one before it")
        copy[change.key] = change.after
        if let after = change.after {
          #expect(seen.insert(after.version.number).inserted, "a version was given out twice")
        }
      }
      changes += page.changes.count
      position = page.position
      guard page.hasMore else { return }
    }
  }
}
