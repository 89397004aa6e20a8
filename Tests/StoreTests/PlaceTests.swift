import Base
import Items
import SQLite
import TestKit
import Testing

@testable import Store

/// Entries of a file say in which row their item is; what they say decides nothing.
struct PlaceTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("library.db") }
  private let all = Query("CLIENT#a", limit: 1000)

  private func body(_ number: Int) -> [UInt8] { json("{\"client\":\"a\",\"time\":\(number),\"name\":\"n \(number)\"}") }

  private func key(_ number: Int) -> ItemKey { ItemKey("ASSET#\(number % 7)", "\(number)") }

  private func open() throws -> SQLiteTable {
    var settings = SQLiteTable.Settings()
    settings.isDurable = false
    return try SQLiteTable(path, schema: sample, settings: settings)
  }

  private func write(_ numbers: Range<Int>, to table: SQLiteTable) throws {
    for number in numbers { _ = try table.write([.put(key(number), body(number))]) }
  }

  private func run(_ sql: String) throws { try Connection(path, makes: false, patience: .seconds(1)).run(sql) }

  /// As the program before wrote it.
  private func makeOld() throws { try run("\(Format.current.steps[1].back); PRAGMA user_version = 1") }

  private func found(_ table: SQLiteTable) throws -> [[UInt8]?] {
    try table.items(of: try table.entries(of: byClient, all).elements).map { $0?.body }
  }

  @Test func `an index leads to rows, which are found by their numbers alone`() throws {
    let table = try open()
    try write(0..<60, to: table)
    #expect(try table.entries(of: byClient, all).elements.allSatisfy { $0.row != nil })
    #expect(try found(table) == (0..<60).map(body))
    try write(10..<20, to: table)
    _ = try table.write([.delete(key(0))])
    #expect(try found(table) == (1..<60).map(body))
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
    var plan: [String] = []
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    try connection.rows(keeping: "EXPLAIN QUERY PLAN \(SQL.itemAt.text)", [.integer(1), .text("a"), .text("b")]) {
      row in
      plan.append(row.text(3))
      return true
    }
    #expect(plan == ["SEARCH item USING INTEGER PRIMARY KEY (rowid=?)"])
  }

  @Test func `a file from before opens, finds everything, and learns rows as items are written`() throws {
    do { try write(0..<40, to: try open()) }
    try makeOld()
    let table = try open()
    #expect(try table.entries(of: byClient, all).elements.allSatisfy { $0.row == nil })
    #expect(try found(table) == (0..<40).map(body))
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
    try write(5..<8, to: table)
    try write(40..<42, to: table)
    let known = try table.entries(of: byClient, all).elements.filter { $0.row != nil }.map(\.key)
    #expect(known == (Array(5..<8) + Array(40..<42)).map(key))
    #expect(try found(table) == (0..<42).map(body))
    let later = try SQLiteTable(
      path, schema: TableSchema(version: 2, indexes: [byClient, byScore, byName], texts: [byText]))
    let named = try later.entries(of: byName, all).elements
    #expect(named.count == 42 && named.allSatisfy { $0.row != nil }, "a new index knows all rows")
  }

  @Test func `a file from before is opened by several at once, while a program from before goes on with it`() throws {
    do { try write(0..<40, to: try open()) }
    try makeOld()
    let old = try Connection(path, makes: false, patience: .seconds(5))
    try old.run("BEGIN; SELECT * FROM entry")
    let failures = Monitor([String]())
    let threads = (0..<4).map { number in
      NativeThread {
        do { try write(40 + number..<41 + number, to: try open()) } catch {
          failures.update { $0.append("\(error)") }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.update { $0 } == [])
    let (body, entry) = (
      String(decoding: body(44), as: UTF8.self), IndexEntry.place(sort: CompositeKey.number(44), key: key(44))
    )
    let place = entry.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    try old.run(
      """
      COMMIT; BEGIN IMMEDIATE;
      INSERT INTO item (partition, sort, version, body) VALUES ('\(key(44).partition)', '44', 1, '\(body)');
      INSERT INTO entry (declaration, partition, place, version, attributes)
      VALUES (1, 'CLIENT#a', x'\(place)', 1, '{"name":"n 44"}'); COMMIT
      """)
    let table = try open()
    #expect(try found(table) == (0..<45).map { self.body($0) })
    let index = try #require(try table.verify().first { $0.index == byClient.name })
    #expect(index.missing == 0 && index.surplus == 0)
  }

  @Test func `a row that has become another item's is not taken for the item`() throws {
    let table = try open()
    try write(0..<3, to: table)
    let read = try table.entries(of: byClient, all).elements
    _ = try table.write([.delete(key(2)), .delete(key(1))])
    try write(7..<9, to: table)
    let rows = try table.entries(of: byClient, all).elements.map(\.row)
    #expect(Set(rows) == Set(read.map(\.row)), "SQLite gives the last rows out again")
    #expect(try table.items(of: read).map { $0?.body } == [body(0), nil, nil])
    try write(1..<2, to: table)
    #expect(try table.items(of: read).map { $0?.body } == [body(0), body(1), nil])
  }

  @Test func `entries with wrong rows are told by a verification, and find the right items`() throws {
    let table = try open()
    try write(0..<20, to: table)
    try run("UPDATE entry SET item = item + 1")
    #expect(try found(table) == (0..<20).map(body))
    #expect(try table.verify().first { $0.index == byClient.name }?.missing == 20)
  }

  @Test func `a batch of entries has an end, as one of keys has`() throws {
    let table = try open()
    let entry = IndexEntry(key: key(0), version: ItemVersion(1), sort: "0", attributes: [])
    for count in [0, ItemLimits.batchCount + 1] {
      let fault = #expect(throws: Fault.self) { try table.items(of: Array(repeating: entry, count: count)) }
      #expect(fault?.kind == .badInput)
    }
  }

  private let byName = IndexDeclaration(
    "name", partition: [.text("CLIENT"), .attribute("client")], sort: [.attribute("name")], projection: [])
}
