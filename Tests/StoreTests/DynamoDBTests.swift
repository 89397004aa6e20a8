import Base
import DynamoDB
import Foundation
import Items
import Objects
import Store
import TestKit
import Testing

/// What only an engine must do that stands on DynamoDB; on an emulator, with the troubles of the service put in between.
@Suite(.enabled(if: DynamoDBServer.isThere))
struct DynamoDBTests {
  func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  func open(
    _ address: String, _ schema: TableSchema = sample, _ change: (inout DynamoDBTable.Settings) -> Void = { _ in }
  ) throws -> DynamoDBTable {
    var settings = DynamoDBTable.Settings()
    change(&settings)
    return try DynamoDBTable(address, schema: schema, environment: DynamoDBServer.environment, settings: settings)
  }

  /// An empty table.
  func make() throws -> String {
    let address = try DynamoDBServer.shared.get().address()
    try DynamoDBTable.makeTable(address, environment: DynamoDBServer.environment)
    return address
  }

  func client(_ address: String) throws -> DynamoDBClient {
    let environment = DynamoDBServer.environment
    return try DynamoDBClient(DynamoDBAddress(address), S3Credentials(environment: environment))
  }

  func body(_ number: Int, _ client: String = "a") -> [UInt8] {
    json("{\"client\":\"\(client)\",\"time\":\(number)}")
  }

  func isClean(_ table: DynamoDBTable) throws -> Bool {
    try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 }
  }

  @Test(arguments: [3, 5])
  func `transactions in steps give what the oracle gives`(most: Int) throws {
    var trial = Trial(try open(make()) { $0.mostAtOnce = most }, seed: 17)
    #expect(try trial.run(150) == nil)
    for report in try trial.table.verified() { #expect(report.missing == 0 && report.surplus == 0) }
  }

  @Test func `a hundred items with their entries, and bodies of the full size, are written whole`() throws {
    let table = try open(make())
    let keys = (0..<100).map { ItemKey("p", CompositeKey.number($0)) }
    for round in 0..<2 {
      guard case .committed(let commit) = try table.write(keys.map { .put($0, body(round)) }) else {
        Issue.record("nothing was written")
        return
      }
      #expect(try table.get(keys).map { $0?.version } == commit.versions)
    }
    #expect(try table.entries(of: byClient, Query("CLIENT#a", limit: 1000)).elements.count == 100)
    func large(_ letter: String) -> [UInt8] {
      json("{\"a\":\"" + String(repeating: letter, count: ItemLimits.bodyByteCount - 8) + "\"}")
    }
    let key = ItemKey("large", "x")
    for letter in ["x", "y", "z"] { _ = try table.write([.put(key, large(letter))]) }
    #expect(try table.items(Query("large")).elements.map(\.body) == [large("z")])
    let last = try #require(try table.changes(after: .beginning, limit: 1000).changes.last)
    #expect(last.before?.body == large("y") && last.after?.body == large("z"))
    _ = try table.write([.delete(key)])
    // what was written over leaves no parts behind, but those of its changes
    let parts = try client(table.name + "?endpoint=http://127.0.0.1:\(try DynamoDBServer.shared.get().port)").scan(
      after: nil)
    #expect(!parts.records.contains { $0.key.partition.hasPrefix("P#D#") })
    let many = (0..<10).map { Write.put(ItemKey("m", "\($0)"), large("x")) }
    #expect(kind { _ = try table.write(many) } == .tooLarge)
    #expect(try table.items(Query("m")).elements.isEmpty && isClean(table))
  }

  @Test func `whatever step a writer dies at, all of its transaction is there or nothing`() throws {
    let keys = (0..<6).map { ItemKey("p", "\($0)") }
    var outcomes: Set<Bool> = []
    for step in 0..<9 {
      let address = try make()
      let table = try open(address)
      _ = try table.write(keys.dropLast().map { .put($0, body(1)) })
      let trouble = try Trouble(after: step)
      let name = address.split(separator: "?")[0]
      let dying = try open("\(name)?endpoint=http://127.0.0.1:\(trouble.port)") {
        ($0.mostAtOnce, $0.retrySeconds) = (4, 0.1)
      }
      let writes = keys.dropFirst().map { Write.put($0, body(2, "b")) } + [.delete(keys[0])]
      let kind = kind { _ = try dying.write(writes) }
      let found = try table.get(keys).map { $0?.body }
      let old = keys.map { $0 == keys[5] ? nil : body(1) }
      let new = keys.map { $0 == keys[0] ? nil : body(2, "b") }
      #expect(found == old || found == new, "step \(step)")
      #expect(kind == .unavailable || kind == nil && found == new, "step \(step)")
      #expect(try table.changes(after: .beginning, limit: 100).changes.count == (found == new ? 11 : 5))
      #expect(try isClean(table))
      outcomes.insert(found == new)
    }
    #expect(outcomes == [true, false])
  }

  @Test func `counters and totals are exact where requests are throttled, lost and doubled, and readers read twice`()
    throws
  {
    let (direct, trouble) = (try make(), try Trouble(seed: 5))
    let troubled = "\(direct.split(separator: "?")[0])?endpoint=http://127.0.0.1:\(trouble.port)"
    let (writers, each) = (3, 12)
    _ = try open(direct)
    let failures = Monitor([String]())
    let isOver = Monitor(false)
    let threads = (0..<writers).map { writer in
      NativeThread {
        do {
          let table = try open(troubled) { $0.mostAtOnce = writer == 0 ? 3 : 100 }
          for _ in 0..<each { try Adding.add(to: [ItemKey("c", "all"), ItemKey("c", "\(writer)")], in: table) }
        } catch { failures.update { $0.append("\(error)") } }
      }
    }
    let readers = (0..<2).map { _ in
      NativeThread {
        do {
          let table = try open(troubled)
          while try Adding.fold(table) || !isOver.update({ $0 }) {}
        } catch { failures.update { $0.append("\(error)") } }
      }
    }
    for thread in threads { thread.join() }
    isOver.update { $0 = true }
    for reader in readers { reader.join() }
    #expect(failures.update { $0 } == [])
    let table = try open(direct)
    #expect(try Adding.number(table.get(ItemKey("c", "all"))) == writers * each)
    for writer in 0..<writers { #expect(try Adding.number(table.get(ItemKey("c", "\(writer)"))) == each) }
    #expect(try Adding.number(table.get(Adding.total)) == 2 * writers * each, "a change was lost, or counted twice")
    #expect(try isClean(table))
  }

  private func items(_ reader: any TableReader, _ order: Query.Order) throws -> [Item] {
    var found: [Item] = []
    try reader.forEach(Query("p", order: order, limit: 4)) { found.append($0) }
    return found
  }

  private func entries(_ reader: any TableReader, _ order: Query.Order) throws -> [IndexEntry] {
    var found: [IndexEntry] = []
    try reader.forEach(Query("CLIENT#a", order: order, limit: 4), of: byClient) { found.append($0) }
    return found
  }

  private func all(_ reader: any TableReader) throws -> [Item] {
    var found: [Item] = []
    try #require(reader as? any WholeTable).forEachItem {
      found.append($0)
      return true
    }
    return found
  }

  @Test func `a moment stays what it was, however much is written meanwhile`() throws {
    let table = try open(make())
    let keys = (0..<30).map { ItemKey("p", CompositeKey.number($0)) }
    _ = try table.write(keys.map { .put($0, body($0.sort.utf8.last.map { Int($0) % 5 } ?? 0)) })
    let written = try all(table).map(\.key)
    _ = try table.write([.put(keys[7], body(7)), .delete(keys[8])])
    _ = try table.write([.put(keys[8], body(8))])
    let after = try all(table).map(\.key)
    #expect(written == keys && after == keys.filter { $0 != keys[8] } + [keys[8]], "by their first writing")
    for order in [Query.Order.ascending, .descending] {
      let (before, shown) = (try items(table, order), try entries(table, order))
      try table.atOneMoment { (reader) throws(Fault) in
        do {
          for round in 0..<3 {
            _ = try table.write([
              .put(keys[round], body(9)), .delete(keys[10 + round]), .delete(keys[29 - round]),
              .put(ItemKey("p", "new\(round)"), body(1)), .put(keys[15 + round], body(1, "b")),
            ])
            #expect(try items(reader, order) == before)
            #expect(try entries(reader, order) == shown)
            #expect(try reader.get(keys) == keys.map { key in before.first { $0.key == key } })
            #expect(Set(try all(reader)) == Set(before))
          }
        } catch { Issue.record("\(error)") }
      }
      #expect(try items(table, order) != before)
    }
  }

  @Test func `a transaction that cannot be seen yet is waited for and not passed`() throws {
    let address = try make()
    let (table, client) = (try open(address), try client(address))
    for number in 0..<4 { _ = try table.write([.put(ItemKey("p", "\(number)"), body(number))]) }
    let all = try table.changes(after: .beginning, limit: 10)
    let hidden = DynamoDBKey("L", CompositeKey.number(3))
    let record = try #require(try client.get(hidden))
    #expect(try client.write([.delete(hidden)]))
    let page = try table.changes(after: .beginning, limit: 10)
    #expect(page.changes == Array(all.changes.prefix(2)) && page.hasMore)
    #expect(try table.changes(after: page.position, limit: 10).changes.isEmpty)
    #expect(try client.write([.put(record)]))
    #expect(try table.changes(after: page.position, limit: 10).changes == Array(all.changes.dropFirst(2)))
  }

  @Test func `new indexes are filled, others are dropped, and programs with the old ones are told`() throws {
    let address = try make()
    let one = TableSchema(version: 1, indexes: [byClient])
    let two = TableSchema(version: 2, indexes: [byScore, byClient])
    let table = try open(address, one)
    for number in 0..<30 {
      _ = try table.write([
        .put(ItemKey("p", "\(number)"), json("{\"client\":\"a\",\"brand\":\"x\",\"score\":\(number),\"time\":1}"))
      ])
    }
    let newer = try open(address, two) { $0.mostAtOnce = 7 }
    #expect(try newer.entries(of: byScore, Query("CLIENT#a#BRAND#x")).elements.count == 30)
    #expect(try isClean(newer))
    #expect(kind { _ = try table.write([.delete(ItemKey("p", "1"))]) } == .closed)
    #expect(kind { _ = try table.get(ItemKey("p", "1")) } == .closed)
    #expect(kind { _ = try open(address, one) } == .unsupported)
    #expect(kind { _ = try open(address, TableSchema(version: 2, indexes: [byClient])) } == .bug)
    let back = try open(address, one) { $0.stepsBack = true }
    #expect(try back.entries(of: byClient, Query("CLIENT#a")).elements.count == 30 && isClean(back))
    #expect(try !client(address).scan(after: nil).records.contains { $0.key.partition.hasPrefix("I#2#") })
  }

  @Test func `a table that was restored begins a new life`() throws {
    let address = try make()
    let table = try open(address)
    let key = ItemKey("p", "1")
    _ = try table.write([.put(key, body(1))])
    let backup = try client(address).scan(after: nil).records
    let position = try table.lastPosition()
    _ = try table.write([.put(key, body(2))])
    let later = try table.lastPosition()
    let old = try #require(try table.get(key)).version
    let other = try make()
    #expect(try client(other).write(backup.map { .put($0) }))
    let restored = try open(other)
    #expect(try restored.get(key)?.body == body(1))
    #expect(kind { _ = try restored.changes(after: later, limit: 1) } == .badInput)
    _ = try restored.write([.put(key, body(3))])
    #expect(try restored.get(key)?.version != old)
    let page = try restored.changes(after: position, limit: 10)
    #expect(page.changes.map { $0.after?.body } == [body(3)] && !page.hasMore)
    #expect(try restored.changes(after: .beginning, limit: 10).changes.count == 2)
    #expect(kind { _ = try restored.changes(after: later, limit: 1) } == .badInput)
    #expect(try open(other).get(key)?.body == body(3))
  }

  @Test func `what is forgotten of changes is gone, and nothing else`() throws {
    let table = try open(make())
    let key = ItemKey("p", "1")
    _ = try table.write([.put(key, body(1)), .put(ItemKey("p", "2"), body(1))])
    _ = try table.write([.put(key, body(2))])
    _ = try table.write([.put(key, body(3))])
    try table.forgetChanges { change in
      if change.key != key { return .forget }
      return change.after?.body == body(2) ? .forgetAfter : change.after?.body == body(3) ? .forgetBefore : .keep
    }
    let changes = try table.changes(after: .beginning, limit: 10).changes
    #expect(changes.map { $0.before?.body } == [nil, body(1), nil])
    #expect(changes.map { $0.after?.body } == [body(1), nil, body(3)])
    #expect(try table.get([key, ItemKey("p", "2")]).map { $0?.body } == [body(3), body(1)])
  }

  @Test func `what is no table of a library is refused, and what the service cannot do is named`() throws {
    let server = try DynamoDBServer.shared.get()
    #expect(kind { _ = try open(server.address()) } == .notFound)
    let others = try make()
    #expect(try client(others).write([.put(DynamoDBRecord(DynamoDBKey("USER#1", "PROFILE"), ["n": .number(1)]))]))
    #expect(kind { _ = try open(others) } == .badInput)
    let table = try open(make())
    do {
      _ = try table.matches(of: byText, TextQuery("CLIENT#a", text: "x"))
      Issue.record("it searched")
    } catch { #expect(error.kind == .unsupported && error.message.contains("no search by words")) }
    let long = String(repeating: "k", count: 600)
    #expect(
      kind { _ = try table.write([.put(ItemKey(long, "x"), json("{\"client\":\"a\",\"time\":\"\(long)\"}"))]) }
        == .badInput)
    _ = try table.write([.put(ItemKey(long, long), json("{\"client\":\"a\"}"))])
    #expect(try table.get(ItemKey(long, long)) != nil && isClean(table))
  }
}
