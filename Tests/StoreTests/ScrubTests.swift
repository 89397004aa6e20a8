import Base
import Foundation
import Items
import TestKit
import Testing

@testable import SQLite
@testable import Store

/// What is overwritten piece by piece, while others write.
struct ScrubTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("library.db") }
  private let schema = TableSchema(version: 1, indexes: [byClient])

  /// Rows of all sizes in any order, of which those that are marked are deleted again; gives the others.
  private func fill(_ table: SQLiteTable, _ random: inout SeededRandom) throws -> [ItemKey] {
    var (gone, kept) = ([ItemKey](), [ItemKey]())
    for number in 0..<3000 {
      let client = Int.random(in: 0..<10, using: &random) < 4 ? "MARKED" : "other"
      let filling = String(repeating: "x", count: Int.random(in: 0...200, using: &random))
      let key = ItemKey("\(client)#\(UInt32.random(in: 0 ... .max, using: &random))", "\(number)")
      if client == "MARKED" { gone.append(key) } else { kept.append(key) }
      let time = UInt32.random(in: 0 ... .max, using: &random)
      let body = "{\"client\":\"all\",\"time\":\"\(time)\",\"more\":\"\(client)\(filling)\"}"
      _ = try table.write([.put(key, json(body))])
    }
    for start in stride(from: 0, to: gone.count, by: 50) {
      _ = try table.write(gone[start..<min(start + 50, gone.count)].map { .delete($0) })
    }
    try table.trimChanges(through: table.lastPosition(), olderThan: .max)
    return kept
  }

  private func isMarked(_ path: String) throws -> Bool {
    Data(try FileSystem.read(path)).range(of: Data("MARKED".utf8)) != nil
  }

  /// A table in which SQLite left copies of what was deleted, which it does in most; `path` is emptied for another one before.
  private func marked(_ settings: SQLiteTable.Settings) throws -> (SQLiteTable, [ItemKey]) {
    for seed in 11..<31 {
      for end in ["", "-wal", "-shm"] { try FileSystem.remove(path + end) }
      let table = try SQLiteTable(path, schema: schema, settings: settings)
      var random = SeededRandom(UInt64(seed))
      let kept = try fill(table, &random)
      let connection = try Connection(path, makes: false, patience: .seconds(1))
      #expect(try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
      if try isMarked(path) { return (table, kept) }
    }
    throw Fault(.bug, "SQLite left nothing of what was deleted in twenty tables: this test is about that")
  }

  @Test func `others write between the pieces, lose nothing, and what was deleted before is gone`() throws {
    var settings = SQLiteTable.Settings()
    (settings.isDurable, settings.patience) = (false, .milliseconds(200))
    let (table, kept) = try marked(settings)
    let (written, failed) = (Monitor([ItemKey: [UInt8]]()), Monitor([String]()))
    // Sixteen pages each; a writer that had to wait for the whole would wait for itself here.
    try GapClearing(path, settings, piece: 16 * 8192) {
      let number = written.update { $0.count }
      guard number < kept.count else { return }
      let body = json("{\"client\":\"all\",\"time\":\"\(number)\",\"more\":\"\(String(repeating: "y", count: 300))\"}")
      do {
        _ = try table.write([.put(kept[number], body)])
        written.update { $0[kept[number]] = body }
      } catch { failed.update { $0.append("\(error)") } }
    }.run()
    #expect(failed.update { $0 } == [])
    #expect(written.update { $0.count } > 5, "there were pieces")
    for (key, body) in written.update({ $0 }) { #expect(try table.get(key)?.body == body) }
    #expect(try !isMarked(path) && FileSystem.byteCount(of: path + "-wal") == 0)
    #expect(try table.verify() == [IndexReport(index: "client", items: kept.count, missing: 0, surplus: 0)])
    try Connection(path, makes: false, patience: .seconds(1)).checkWhole()
  }

  @Test func `what is there between any two pieces is a whole library`() throws {
    var settings = SQLiteTable.Settings()
    settings.isDurable = false
    let table = try SQLiteTable(path, schema: schema, settings: settings)
    var random = SeededRandom(12)
    let count = try fill(table, &random).count
    let seen = Monitor([[IndexReport]]())
    try GapClearing(path, settings, piece: 32 * 8192) {
      // As one that is killed here leaves it.
      let copy = folder.file("copy-\(seen.update { $0.count }).db")
      do {
        for end in ["", "-wal"] { try FileSystem.write(FileSystem.read(path + end), to: copy + end) }
        let reports = try SQLiteTable(copy, schema: schema).verify()
        seen.update { $0.append(reports) }
      } catch { seen.update { $0.append([]) } }
    }.run()
    let reports = seen.update { $0 }
    #expect(reports.count > 2)
    #expect(reports.allSatisfy { $0 == [IndexReport(index: "client", items: count, missing: 0, surplus: 0)] })
  }

  @Test func `no page is taken for one of a tree because of the number of a page that it begins with`() {
    for number in [TreePage.mostPages, TreePage.mostPages / 2, 1 << 24] {
      var page = [UInt8](repeating: 0, count: 512)
      for place in 0..<4 { page[place] = UInt8(number >> (24 - 8 * place) & 0xff) }
      let isTree = TreePage(page, number: 3, usable: 512) != nil
      #expect(!isTree, "page \(number)")
    }
  }
}
