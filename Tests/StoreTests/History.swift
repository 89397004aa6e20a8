import Base
import Items
import Store
import TestKit
import Testing

@testable import store_worker

/// What must stand in a table that writers died on, worked out from what they told and from the changes.
struct History {
  private let work = StoreWork(seed: 13)
  /// How much further a thread may have got than it could tell: one for each death between writing and telling, its own or the server's.
  private let untold: Int

  init(untold: Int = 1) { self.untold = untold }

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

  mutating func check(_ table: any Table) throws {
    for thread in 0..<6 { try apply(thread, table) }
    var found: [ItemKey: Item] = [:]
    for thread in 0..<6 {
      for item in try table.items(Query(StoreWork.partition(thread), limit: 1000)).elements { found[item.key] = item }
    }
    #expect(found.mapValues(\.body) == items, "what stands there is not what was written")
    try readChanges(table)
    #expect(copy == found, "the changes do not lead to what stands there")
    #expect(seen.isSuperset(of: versions), "a write left no change")
    for report in try table.verified() { #expect(report.missing == 0 && report.surplus == 0, "\(report)") }
  }

  /// All up to the thread's own counter.
  private mutating func apply(_ thread: Int, _ table: any Table) throws {
    let counter = try table.get(StoreWork.counter(thread)).map { String(decoding: $0.body, as: UTF8.self) }
    let count = Int(counter?.filter(\.isNumber) ?? "0") ?? 0
    let last = told[thread] ?? 0
    #expect((last...last + untold).contains(count), "thread \(thread) told \(last), \(count) are there")
    let from = applied[thread] ?? 0
    try #require(count >= from, "transactions are gone")
    for number in from..<count {
      for write in work.transaction(number + 1, of: thread) { items[write.key] = write.body }
    }
    applied[thread] = count
    told[thread] = count
  }

  private mutating func readChanges(_ table: any Table) throws {
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
