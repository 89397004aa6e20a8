import Base
import Foundation
import Items
import Store
import TestKit
import Testing

/// What every engine must do.
struct TableSuite {
  private let folder = TemporaryFolder()

  /// 10,000 operations, or as many as `RIDLEY_STORE_OPERATIONS` says (`make soak-store`: a million).
  private static let operations =
    ProcessInfo.processInfo.environment["RIDLEY_STORE_OPERATIONS"].flatMap { Int($0) } ?? 10_000

  @Test(arguments: Engine.allCases)
  func `random operations give what the oracle gives`(engine: Engine) throws {
    var trial = Trial(try engine.open(folder), seed: 13)
    if let difference = try trial.run(engine.share(of: Self.operations)) { Issue.record("\(difference)") }
    for report in try trial.table.verified() { #expect(report.missing == 0 && report.surplus == 0 && report.items > 0) }
  }

  @Test(arguments: Engine.allCases)
  func `all of a transaction is written, or nothing`(engine: Engine) throws {
    let table = try engine.open(folder)
    let (a, b) = (ItemKey("a", "1"), ItemKey("b", "1"))
    let outcome = try table.write([.put(a, json("{}")), .put(b, json("{}"), if: .present)])
    #expect(outcome == .conflict([FailedCondition(index: 1, found: nil)]))
    #expect(try table.get([a, b]) == [nil, nil])
  }

  @Test(arguments: Engine.allCases)
  func `a version never comes back, also where an item is made anew`(engine: Engine) throws {
    let (table, key) = (try engine.open(folder), ItemKey("a", "1"))
    _ = try table.write([.put(key, json("{}"))])
    let old = try #require(try table.get(key)).version
    _ = try table.write([.delete(key)])
    _ = try table.write([.put(key, json("{}"))])
    guard case .conflict = try table.write([.put(key, json("{}"), if: .version(old))]) else {
      Issue.record("a writer that saw the deleted item wrote over the new one")
      return
    }
  }

  @Test(arguments: Engine.allCases)
  func `what no engine takes is refused`(engine: Engine) throws {
    let (table, key) = (try engine.open(folder), ItemKey("a", "1"))
    let large = json("{\"a\":\"" + String(repeating: "x", count: ItemLimits.bodyByteCount) + "\"}")
    let wrong: [[Write]] = [
      [], [.put(key, json("{}")), .delete(key)], [.put(key, json("[]"))], [.put(key, large)],
      [.put(ItemKey("", "x"), [])],
      (0...ItemLimits.writeCount).map { .delete(ItemKey("a", "\($0)")) },
    ]
    for writes in wrong { #expect(throws: Fault.self) { try table.write(writes) } }
    #expect(throws: Fault.self) { try table.items(Query("a", limit: 0)) }
    #expect(throws: Fault.self) { try table.get([]) }
    let undeclared = IndexDeclaration("other", partition: [.attribute("a")], sort: [.attribute("b")], projection: [])
    #expect(throws: Fault.self) { try table.entries(of: undeclared, Query("a")) }
    let largest = json("{\"a\":\"" + String(repeating: "x", count: ItemLimits.bodyByteCount - 8) + "\"}")
    _ = try table.write([.put(key, largest)])
    #expect(try table.get(key)?.body == largest)
  }

  @Test(arguments: Engine.allCases)
  func `pages under writers neither skip nor repeat what was there all along`(engine: Engine) throws {
    let table = try engine.open(folder)
    let staying = (0..<200).map { ItemKey("p", "k\(CompositeKey.number($0 * 10))") }
    for key in staying { _ = try table.write([.put(key, json("{\"client\":\"a\",\"time\":1}"))]) }
    let isOver = Monitor(false)
    let writer = NativeThread {
      var random = SeededRandom(5)
      while !isOver.update({ $0 }) {
        let key = ItemKey("p", "k\(CompositeKey.number(Int(random.next() % 2000)))")
        guard !key.sort.hasSuffix("0") else { continue }
        _ = try? table.write([random.next() % 2 == 0 ? .put(key, json("{\"client\":\"a\",\"time\":1}")) : .delete(key)])
      }
    }
    defer {
      isOver.update { $0 = true }
      writer.join()
    }
    for order in [Query.Order.ascending, .descending, .ascending, .descending] {
      var (items, entries): ([ItemKey], [ItemKey]) = ([], [])
      var token: PageToken?
      repeat {
        let page = try table.items(Query("p", order: order, limit: 7), after: token)
        items += page.elements.map(\.key)
        token = page.next
      } while token != nil
      repeat {
        let page = try table.entries(of: byClient, Query("CLIENT#a", order: order, limit: 7), after: token)
        entries += page.elements.map(\.key)
        token = page.next
      } while token != nil
      for found in [items, entries] {
        #expect(Set(found).count == found.count && Set(found).isSuperset(of: staying))
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `readers of changes miss nothing that eight writers do, and are told what was trimmed`(engine: Engine) throws {
    let table = try engine.open(folder)
    let writers = (0..<8).map { writer in
      NativeThread {
        for count in 0..<40 { _ = try? table.write([.put(ItemKey("w\(writer)", "x"), json("{\"n\":\(count)}"))]) }
      }
    }
    var (position, bodies): (ChangePosition, [String: [String]]) = (.beginning, [:])
    let deadline = Clock.now + 60_000_000_000
    while bodies.values.map(\.count).reduce(0, +) < 320, Clock.now < deadline {
      let page = try table.changes(after: position, limit: 9)
      for change in page.changes {
        bodies[change.key.partition, default: []].append(String(decoding: change.after?.body ?? [], as: UTF8.self))
      }
      position = page.position
    }
    for writer in writers { writer.join() }
    for (_, found) in bodies { #expect(found == (0..<40).map { "{\"n\":\($0)}" }) }
    try table.trimChanges(through: position, olderThan: 0)
    #expect(try table.changes(after: .beginning, limit: 1).changes.count == 1, "none is so old")
    try table.trimChanges(through: position, olderThan: .max)
    #expect(throws: Fault.self) { try table.changes(after: .beginning, limit: 1) }
    #expect(try table.changes(after: position, limit: 1).changes.isEmpty)
    for text in ["", "x", "-1", "99999999"] {
      #expect(throws: Fault.self) { try table.changes(after: ChangePosition(text: text), limit: 1) }
    }
  }
}
