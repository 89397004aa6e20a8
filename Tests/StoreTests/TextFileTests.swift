import Base
import Foundation
import Items
import SQLite
import TestKit
import Testing

@testable import Store

/// What only an engine that keeps a file must do with its text indexes.
struct TextFileTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("library.db") }
  private let one = TableSchema(version: 1, indexes: [byClient])
  private let two = TableSchema(version: 2, indexes: [byClient], texts: [byText])

  private func put(_ table: SQLiteTable, _ name: String) throws {
    _ = try table.write([.put(ItemKey("p", name), json("{\"client\":\"a\",\"name\":\"\(name)\"}"))])
  }

  @Test func `a text index of items that are there is built, changed and dropped with the schema`() throws {
    try put(SQLiteTable(path, schema: one), "Early bird")
    do {
      let table = try SQLiteTable(path, schema: two)
      try put(table, "late")
      for text in ["bir", "lat"] {
        #expect(try table.matches(of: byText, TextQuery("CLIENT#a", text: text)).elements.count == 1)
      }
      #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 && $0.items == 2 })
    }
    let byName = TextIndexDeclaration(
      "text", partition: [.text("CLIENT"), .attribute("client")], filters: [], words: ["name"])
    let other = TableSchema(version: 3, indexes: [byClient], texts: [byName])
    #expect(
      try SQLiteTable(path, schema: other).matches(of: byName, TextQuery("CLIENT#a", text: "e")).elements.count == 1)
    var settings = SQLiteTable.Settings()
    settings.stepsBack = true
    let back = try SQLiteTable(path, schema: two, settings: settings)
    #expect(try back.matches(of: byText, TextQuery("CLIENT#a")).elements.count == 2)
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    #expect(
      try connection.number("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'text%' AND sql LIKE '%fts5%'") == 1)
  }

  @Test func `verify finds what a text index lacks, and what it has too much`() throws {
    let table = try SQLiteTable(path, schema: two)
    for name in ["one", "two", "three"] { try put(table, name) }
    let (text, connection) = (table.declared.texts[0], try Connection(path, makes: false, patience: .seconds(1)))
    try connection.run(text, .insert, [.integer(TextTable.row(2)), .text("wsurplus")])
    #expect(try table.verify().last == IndexReport(index: "text", items: 3, missing: 1, surplus: 1))
    try connection.run(text, .delete, [.integer(TextTable.row(2)), .text("wsurplus")])
    #expect(try table.verify().last == IndexReport(index: "text", items: 3, missing: 0, surplus: 0))
    try connection.run(text, .insert, [.integer(TextTable.row(9)), .text("x")])
    try connection.run("DELETE FROM item WHERE id = 1")
    #expect(try table.verify().last == IndexReport(index: "text", items: 2, missing: 0, surplus: 2))
  }

  @Test func `the words of an item whose body cannot be read go with it, and are not those of the next one`() throws {
    let table = try SQLiteTable(path, schema: two)
    for name in ["one", "two", "three"] { try put(table, name) }
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    for _ in 0..<2 {
      try connection.run("UPDATE item SET body = '{' WHERE sort <> 'two'")
      let body = json("{\"client\":\"a\",\"name\":\"new\"}")
      _ = try table.write([.put(ItemKey("p", "one"), body), .delete(ItemKey("p", "three"))])
      #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 && $0.items == 2 })
      // It gets the number of the row that went.
      try put(table, "three")
      for (text, count) in [("one", 0), ("new", 1), ("two", 1), ("three", 1)] {
        #expect(try table.matches(of: byText, TextQuery("CLIENT#a", text: text)).elements.count == count, "\(text)")
      }
      #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 && $0.items == 3 })
    }
  }

  @Test func `a search is an intersection in the order of rows, which nothing sorts`() throws {
    let table = try SQLiteTable(path, schema: two)
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    var plan: [String] = []
    try connection.rows(once: "EXPLAIN QUERY PLAN " + table.declared.texts[0].text(of: .matches)) { row in
      plan.append(row.text(3))
      return true
    }
    #expect(
      plan.count == 2 && plan[0].contains("VIRTUAL TABLE INDEX") && plan[1].contains("INTEGER PRIMARY KEY"), "\(plan)")
    #expect(!plan.contains { $0.contains("B-TREE") })
  }

  @Test func `nothing that was deleted, replaced or trimmed is left in the files after scrubbing`() throws {
    let table = try SQLiteTable(path, schema: two)
    let long = String(repeating: "MARKED", count: 5000)
    for number in 0..<300 {
      let body = "{\"client\":\"a\",\"name\":\"MARKED \(number)\",\"more\":\"\(number % 50 == 0 ? long : "MARKED")\"}"
      _ = try table.write([.put(ItemKey("p", "\(number)"), json(body))])
    }
    for number in 0..<300 {
      let key = ItemKey("p", "\(number)")
      _ = try table.write([number % 3 == 0 ? .put(key, json("{\"client\":\"a\",\"name\":\"stays\"}")) : .delete(key)])
    }
    try table.trimChanges(through: table.lastPosition(), olderThan: .max)
    try table.scrub()
    for end in ["", "-wal"] {
      let text = String(decoding: try FileSystem.read(path + end), as: UTF8.self)
      #expect(!text.contains("MARKED"), "library.db\(end)")
    }
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    #expect(try connection.number("SELECT count(*) FROM \(table.declared.texts[0].name)_data WHERE id > 10") == 1)
    #expect(try table.matches(of: byText, TextQuery("CLIENT#a", text: "stays", limit: 200)).elements.count == 100)
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
    try table.scrub()
  }

  /// Where a file or what stands beside it holds a text.
  private func places(of mark: String, at path: String) throws -> [String] {
    try ["", "-wal", "-shm"].filter { end in
      guard FileSystem.isThere(path + end) else { return false }
      return Data(try FileSystem.read(path + end)).range(of: Data(mark.utf8)) != nil
    }
  }

  /// Writes rows of two clients in any order and deletes those of one; gives what is kept.
  private func fillAndEmpty(_ one: SQLiteTable, _ other: SQLiteTable, seed: UInt64) throws -> [ItemKey] {
    var random = SeededRandom(seed)
    func key(_ client: String) -> ItemKey {
      ItemKey("\(client)#\(UInt32.random(in: 0 ... .max, using: &random))", "\(random.next())")
    }
    var (gone, kept) = ([ItemKey](), [ItemKey]())
    for _ in 0..<60 {
      var writes: [Write] = []
      for _ in 0..<60 {
        let isMarked = Int.random(in: 0..<10, using: &random) < 4
        let client = isMarked ? "MARKED" : "other"
        let filling = String(repeating: "x", count: Int.random(in: 0...200, using: &random))
        let key = key(client)
        if isMarked { gone.append(key) } else { kept.append(key) }
        let time = "\(UInt32.random(in: 0 ... .max, using: &random))"
        writes.append(.put(key, json("{\"client\":\"all\",\"time\":\"\(time)\",\"more\":\"\(client)\(filling)\"}")))
      }
      _ = try one.write(writes)
    }
    while !gone.isEmpty {
      _ = try other.write(gone.prefix(50).map { .delete($0) })
      gone.removeFirst(min(50, gone.count))
    }
    try one.trimChanges(through: one.lastPosition(), olderThan: .max)
    return kept
  }

  /// Which seeds leave something is chance of where rows stand: some of thirty do.
  @Test func `nothing is left of rows that went from page to page before they were deleted, whoever writes on`() throws
  {
    var found = 0
    for seed in 1...30 as ClosedRange<UInt64> where found < 2 {
      let path = "\(path)-\(seed)"
      let (one, other) = (try SQLiteTable(path, schema: two), try SQLiteTable(path, schema: two))
      let kept = try fillAndEmpty(one, other, seed: seed)
      let connection = try Connection(path, makes: false, patience: .seconds(1))
      #expect(try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
      // What secure_delete leaves is what this is about.
      guard try places(of: "MARKED", at: path) == [""] else { continue }
      found += 1
      try scrub(one, other, kept, connection, at: path)
    }
    #expect(found == 2)
  }

  private func scrub(
    _ one: SQLiteTable, _ other: SQLiteTable, _ kept: [ItemKey], _ connection: borrowing Connection, at path: String
  ) throws {
    try one.scrub()
    #expect(try places(of: "MARKED", at: path) == [])
    // Pages that were remembered before do not bring back what was on them.
    for (number, key) in kept.enumerated() {
      let table = number % 2 == 0 ? one : other
      _ = try table.write([number % 3 == 0 ? .delete(key) : .put(key, json("{\"client\":\"all\",\"time\":\"1\"}"))])
    }
    #expect(try places(of: "MARKED", at: path) == [])
    #expect(try one.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
    try connection.checkWhole()
  }

  @Test func `scrubbing is refused while older pages are read, and goes on behind that`() throws {
    var settings = SQLiteTable.Settings()
    (settings.patience, settings.answer) = (.milliseconds(50), .milliseconds(200))
    let table = try SQLiteTable(path, schema: two, settings: settings)
    try put(table, "one")
    let fault = #expect(throws: Fault.self) {
      try table.atOneMoment { (reader) throws(Fault) in
        _ = try reader.items(Query("p"))
        _ = try table.write([.delete(ItemKey("p", "one"))])
        try table.scrub()
      }
    }
    #expect(fault?.kind == .unavailable)
    try table.scrub()
  }

  @Test func `two values of one hash are told apart by the item itself`() throws {
    let table = try SQLiteTable(path, schema: two)
    try put(table, "mine")
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    let query = TextQuery("CLIENT#b", text: "mine")
    let forged = TextTokens.expression(query).replacing("\"", with: "")
    try connection.run(table.declared.texts[0], .insert, [.integer(TextTable.row(1)), .text(forged)])
    #expect(try table.matches(of: byText, query).elements.isEmpty)
  }
}
