import Base
import DynamoDB
import Items
import Store
import TestKit
import Testing

/// What is kept of transactions, and for how long.
extension DynamoDBTests {
  private func records(_ address: String) throws -> [DynamoDBRecord] {
    let client = try client(address)
    var (all, start) = ([DynamoDBRecord](), DynamoDBKey?.none)
    repeat {
      let (records, next) = try client.scan(after: start)
      all += records
      start = next
    } while start != nil
    return all
  }

  private func isSaid(_ text: String, _ address: String) throws -> Bool {
    try records(address).contains { record in
      record.attributes.values.contains {
        if case .bytes(let bytes) = $0 { bytes.contains(Array(text.utf8)) } else { false }
      }
    }
  }

  @Test func `readers of changes pass nothing of what leaves none, and it is gone after an hour`() throws {
    let (address, time) = (try make(), Monitor(1_000_000))
    let table = try open(address) { $0.clock = { time.update { $0 } } }
    _ = try table.write([.put(ItemKey("p", "1"), body(1))])
    let position = try table.changes(after: .beginning, limit: 10).position
    for number in 0..<20 { _ = try table.write([.put(ItemKey("READER#x", "1"), body(number))]) }
    #expect(try records(address).filter { $0.key.partition == "L" }.count == 1)
    let page = try table.changes(after: position, limit: 10)
    #expect(page.changes.isEmpty && !page.hasMore)
    try table.trimChanges(through: position, olderThan: 0)
    #expect(try records(address).filter { $0.key.partition == "U" }.count == 20)
    time.update { $0 += 3601 }
    _ = try table.write([.put(ItemKey("READER#x", "1"), body(9))])
    try table.trimChanges(through: position, olderThan: 0)
    let left = try records(address)
    #expect(left.filter { $0.key.partition == "U" }.count == 1)
    #expect(try table.changes(after: .beginning, limit: 10).changes.count == 1)
    _ = try table.write([.put(ItemKey("p", "2"), body(1))])
    #expect(try table.changes(after: position, limit: 10).changes.map(\.key.sort) == ["2"])
  }

  @Test func `nothing of what left no changes is in the table after it was scrubbed, and moments that need it end`()
    throws
  {
    let address = try make()
    let table = try open(address)
    let (told, untold) = (ItemKey("p", "1"), ItemKey("READER#x", "1"))
    let secret = json("{\"client\":\"a\",\"secret\":\"hush\"}")
    _ = try table.write([.put(told, body(1)), .put(untold, secret)])
    _ = try table.write([.put(untold, secret)])
    let isEnded = try table.atOneMoment { (reader) throws(Fault) -> Bool in
      _ = try table.write([.delete(untold), .put(told, body(2))])
      let seen = try reader.get([told, untold]).map { $0?.body }
      guard seen == [body(1), secret] else { return false }
      _ = try table.write([.put(told, body(3))])
      try table.scrub()
      do throws(Fault) { _ = try reader.get([told]) } catch { return error.kind == .unavailable }
      return false
    }
    #expect(try isEnded && !isSaid("hush", address))
    #expect(try table.changes(after: .beginning, limit: 10).changes.map { $0.after?.body } == (1...3).map { body($0) })
    try table.atOneMoment { (reader) throws(Fault) in
      _ = try table.write([.put(told, body(4))])
      let seen = try reader.get(told)?.body
      #expect(seen == body(3))
    }
  }

  @Test func `a table that was restored twice in a row is read on`() throws {
    var address = try make()
    let first = try open(address)
    _ = try first.write([.put(ItemKey("p", "1"), body(1))])
    let position = try first.changes(after: .beginning, limit: 10).position
    for _ in 0..<2 {
      let backup = try records(address)
      address = try make()
      #expect(try client(address).write(backup.map { .put($0) }))
      let restored = try open(address)
      let page = try restored.changes(after: position, limit: 10)
      #expect(page.changes.isEmpty && !page.hasMore)
    }
    let table = try open(address)
    _ = try table.write([.put(ItemKey("p", "2"), body(2))])
    for (start, count) in [(position, 1), (.beginning, 2)] {
      let page = try table.changes(after: start, limit: 10)
      #expect(page.changes.count == count && !page.hasMore)
    }
  }

  @Test func `what one who died at it left of trimmed changes goes with the next`() throws {
    let address = try make()
    let table = try open(address) { $0.clock = { 1000 } }
    let large = json("{\"a\":\"hush" + String(repeating: "x", count: 380_000) + "\"}")
    for _ in 0..<2 { _ = try table.write([.put(ItemKey("p", "1"), large)]) }
    _ = try table.write([.delete(ItemKey("p", "1"))])
    let trouble = try Trouble(after: 1)
    let dying = try open("\(address.split(separator: "?")[0])?endpoint=http://127.0.0.1:\(trouble.port)") {
      $0.retrySeconds = 0.1
    }
    let position = try table.lastPosition()
    #expect(kind { try dying.trimChanges(through: position, olderThan: 2000) } != nil)
    #expect(try isSaid("hush", address))
    try table.forgetChanges { _ in .keep }
    #expect(try !isSaid("hush", address))
    #expect(try !records(address).contains { $0.key.partition.hasPrefix("P#") })
  }

  @Test func `indexes are compared while others write, and what is wrong is told`() throws {
    let address = try make()
    let table = try open(address)
    for number in 0..<40 { _ = try table.write([.put(ItemKey("p", "\(number)"), body(number))]) }
    let (isOver, failures) = (Monitor(false), Monitor([String]()))
    let writer = NativeThread {
      var number = 0
      while !isOver.update({ $0 }) {
        number += 1
        do {
          _ = try table.write([.put(ItemKey("p", "\(number % 40)"), body(number, number % 2 == 0 ? "a" : "b"))])
        } catch { failures.update { $0.append("\(error)") } }
      }
    }
    for _ in 0..<10 { #expect(try isClean(table)) }
    isOver.update { $0 = true }
    writer.join()
    #expect(failures.update { $0 } == [])
    let entries = try records(address).filter { $0.key.partition.hasPrefix("I#") }
    let (lost, moved) = (try #require(entries.first), try #require(entries.last))
    var odd = DynamoDBRecord(DynamoDBKey(moved.key.partition + "x", moved.key.sort), moved.attributes)
    odd.attributes["v"] = .number(1)
    #expect(try client(address).write([.delete(lost.key), .put(odd)]))
    let report = try #require(try table.verify().first { $0.missing > 0 })
    #expect(report.missing == 1 && report.surplus == 1)
  }
}
