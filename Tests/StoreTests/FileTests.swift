import Base
import Foundation
import Glibc
import Items
import SQLite
import TestKit
import Testing

@testable import Store

/// What only an engine that keeps a file must do.
struct FileTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("library.db") }

  private func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  @Test func `a file that is no table is refused, and not touched`() throws {
    try FileSystem.write(json(String(repeating: "no database ", count: 1000)), to: path)
    #expect(kind { _ = try SQLiteTable(path, schema: sample) } == .badInput)
    #expect(try FileSystem.read(path).count == 12_000)
    let other = folder.file("other.db")
    try Connection(other, makes: true, patience: .seconds(1)).run("CREATE TABLE theirs (a); PRAGMA user_version = 1")
    #expect(kind { _ = try SQLiteTable(other, schema: sample) } == .badInput)
    #expect(kind { _ = try SQLiteTable(folder.path, schema: sample) } == .badInput)
    #expect(kind { _ = try SQLiteTable(folder.file("no/library.db"), schema: sample) } == .notFound)
  }

  @Test func `opening waits for those who read a file that was just made, and has no WAL yet`() throws {
    do { _ = try SQLiteTable(path, schema: sample) }
    let other = try Connection(path, makes: false, patience: .seconds(1))
    try other.run("PRAGMA journal_mode = DELETE; BEGIN; SELECT * FROM state")
    var settings = SQLiteTable.Settings()
    settings.patience = .milliseconds(50)
    #expect(kind { _ = try SQLiteTable(path, schema: sample, settings: settings) } == .unavailable)
    let reader = NativeThread {
      usleep(200_000)
      try? other.run("COMMIT")
    }
    defer { reader.join() }
    let table = try SQLiteTable(path, schema: sample)
    guard case .committed = try table.write([.put(ItemKey("p", "1"), json("{}"))]) else {
      Issue.record("a put met a conflict")
      return
    }
  }

  @Test func `a new file that several make at once opens for all of them`() throws {
    for round in 0..<40 {
      let path = folder.file("\(round).db")
      let failures = Monitor([String]())
      let threads = (0..<4).map { number in
        NativeThread {
          do {
            let table = try SQLiteTable(path, schema: sample)
            _ = try table.write([.put(ItemKey("p", "\(number)"), json("{}"))])
          } catch { failures.update { $0.append("\(error)") } }
        }
      }
      for thread in threads { thread.join() }
      #expect(failures.update { $0 } == [])
      #expect(try SQLiteTable(path, schema: sample).items(Query("p")).elements.count == 4)
    }
  }

  @Test func `a damaged page is told as such`() throws {
    do {
      let table = try SQLiteTable(path, schema: sample)
      for number in 0..<300 { _ = try table.write([.put(ItemKey("p", "\(number)"), json("{\"name\":\"\(number)\"}"))]) }
    }
    var bytes = try FileSystem.read(path)
    for place in 8192..<bytes.count { bytes[place] = 0x5a }
    try FileSystem.write(bytes, to: path)
    #expect(kind { _ = try SQLiteTable(path, schema: sample).items(Query("p")) } == .badInput)
  }

  @Test func `an item whose body cannot be read is replaced and deleted, with all its entries`() throws {
    let table = try SQLiteTable(path, schema: TableSchema(version: 1, indexes: [byClient, byScore]))
    let keys = ["1", "2", "12"].map { ItemKey("p", $0) }
    func body(_ time: String) -> [UInt8] {
      json("{\"client\":\"a\",\"time\":\"\(time)\",\"brand\":\"b\",\"score\":3}")
    }
    _ = try table.write(keys.map { .put($0, body($0.sort)) })
    let connection = try Connection(path, makes: false, patience: .seconds(1))
    try connection.run("UPDATE item SET body = '{\"client' WHERE sort <> '12'")
    _ = try table.write([.put(keys[0], body("new")), .delete(keys[1])])
    #expect(try table.entries(of: byClient, Query("CLIENT#a")).elements.map(\.sort) == ["12", "new"])
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 && $0.items == 2 })
  }

  @Test func `new indexes are filled, one step back drops them, two are refused`() throws {
    let one = TableSchema(version: 1, indexes: [byClient])
    let key = ItemKey("p", "1")
    do {
      let table = try SQLiteTable(path, schema: one)
      _ = try table.write([.put(key, json("{\"client\":\"a\",\"brand\":\"x\",\"score\":5,\"time\":1}"))])
      let newer = try SQLiteTable(path, schema: TableSchema(version: 2, indexes: [byScore, byClient]))
      #expect(try newer.entries(of: byScore, Query("CLIENT#a#BRAND#x")).elements.map(\.key) == [key])
      #expect(try newer.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
      #expect(kind { _ = try table.write([.delete(key)]) } == .closed, "the old one must not write past new indexes")
      #expect(kind { _ = try table.get(key) } == .closed)
    }
    #expect(kind { _ = try SQLiteTable(path, schema: one) } == .unsupported)
    var settings = SQLiteTable.Settings()
    settings.stepsBack = true
    let back = try SQLiteTable(path, schema: one, settings: settings)
    #expect(try back.entries(of: byClient, Query("CLIENT#a")).elements.map(\.key) == [key])
    let others = TableSchema(version: 1, indexes: [byScore])
    #expect(kind { _ = try SQLiteTable(path, schema: others) } == .bug)
    #expect(kind { _ = try SQLiteTable(path, schema: TableSchema(version: 3, indexes: []), settings: settings) } == nil)
    #expect(kind { _ = try SQLiteTable(path, schema: one, settings: settings) } == .unsupported)
  }

  @Test func `a full disk refuses writes, goes on reading, and recovers`() throws {
    var settings = SQLiteTable.Settings()
    settings.isDurable = false
    let mount = folder.file("small")
    try FileSystem.makeFolder(mount)
    guard shell(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mount]).status == 0 else {
      print("skipped: no small disk without the right to mount one")
      return
    }
    defer { _ = shell(["umount", "-l", mount]) }
    do {
      let table = try SQLiteTable(mount + "/library.db", schema: sample, settings: settings)
      let body = json("{\"a\":\"" + String(repeating: "x", count: 50_000) + "\"}")
      var (written, refused): (Int, Fault.Kind?) = (0, nil)
      while refused == nil, written < 200 {
        refused = kind { _ = try table.write([.put(ItemKey("p", "\(written)"), body)]) }
        if refused == nil { written += 1 }
      }
      #expect(refused == .exhausted && written > 3)
      #expect(try table.items(Query("p", limit: 1000)).elements.count == written)
      #expect(kind { try table.backup(to: mount + "/copy.db") } == .exhausted)
      #expect(try FileSystem.list(mount).allSatisfy { $0.hasPrefix("library.db") })
    }
    #expect(shell(["mount", "-o", "remount,size=30m", mount]).status == 0)
    let again = try SQLiteTable(mount + "/library.db", schema: sample, settings: settings)
    _ = try again.write([.put(ItemKey("p", "new"), json("{}"))])
    #expect(try again.get(ItemKey("p", "new")) != nil)
  }

  @Test func `a backup beside writers is one moment, and a restored one goes on with numbers of its own`() throws {
    let table = try SQLiteTable(path, schema: sample)
    let isOver = Monitor(false)
    let writer = NativeThread {
      var count = 0
      while !isOver.update({ $0 }) {
        let body = json("{\"client\":\"a\",\"time\":\(count)}")
        _ = try? table.write([
          .put(ItemKey("left", "\(count % 50)"), body), .put(ItemKey("right", "\(count % 50)"), body),
        ])
        count += 1
      }
    }
    usleep(200_000)
    let copy = folder.file("copy.db")
    do { defer { isOver.update { $0 = true } }; try table.backup(to: copy) }
    writer.join()
    _ = try table.write([.put(ItemKey("later", "1"), json("{}"))])
    let lost = try table.lastPosition()
    #expect(kind { try table.backup(to: copy) } == .badInput, "a file that is there stays")
    #expect(kind { try SQLiteTable.restore(copy, to: path) } == .badInput)
    #expect(kind { try SQLiteTable.restore(path, to: folder.file("x.db")) } == .badInput, "that is no backup")
    try SQLiteTable.restore(copy, to: folder.file("restored.db"))
    let restored = try SQLiteTable(folder.file("restored.db"), schema: sample)
    let sides = try ["left", "right"].map { try restored.items(Query($0)).elements.map(\.body) }
    #expect(sides[0] == sides[1] && !sides[0].isEmpty)
    #expect(try restored.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
    #expect(try restored.get(ItemKey("later", "1")) == nil)
    let change = try restored.changes(after: .beginning, limit: 1)
    #expect(change.changes.count == 1, "what was read before the backup goes on")
    #expect(kind { _ = try restored.changes(after: lost, limit: 1) } == .badInput, "what was read after it is gone")
    _ = try restored.write([.put(ItemKey("left", "0"), json("{}"))])
    #expect(try #require(try restored.get(ItemKey("left", "0"))).version.number > 1 << 32)
  }
}
