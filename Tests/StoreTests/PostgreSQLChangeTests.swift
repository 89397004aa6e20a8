import Base
import Foundation
import Items
import PostgreSQL
import TestKit
import Testing

@testable import Store

/// That no change is lost or told before its time, whatever the order in which transactions end.
@Suite(.enabled(if: PostgreSQLServer.isInstalled))
struct PostgreSQLChangeTests {
  private func open(
    _ server: PostgreSQLServer, _ name: String, database: String = "postgres", patience: Duration = .seconds(5)
  ) throws -> PostgreSQLTable {
    var settings = PostgreSQLTable.Settings()
    (settings.schemaName, settings.patience) = (name, patience)
    return try PostgreSQLTable(server.address(database: database), schema: sample, settings: settings)
  }

  private func connect(_ server: PostgreSQLServer, _ name: String) throws -> PostgreSQLConnection {
    var settings = PostgreSQLSettings()
    settings.session = [("search_path", name)]
    return try PostgreSQLConnection(try PostgreSQLAddress(server.address()), settings)
  }

  @Test func `a change that ends late is told before those that began after it`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let table = try open(server, name, patience: .milliseconds(100))
    _ = try table.write([.put(ItemKey("first", "1"), json("{}"))])
    let begin = try table.lastPosition()
    // a writer that is slow to commit, by hand
    let slow = try connect(server, name)
    let lock = PostgreSQLLocks(schema: name).library
    try slow.exchange([
      PostgreSQLStatement(once: "BEGIN"),
      PostgreSQLStatement(once: "SELECT pg_advisory_xact_lock_shared($1)", [.integer(lock)]),
      PostgreSQLStatement(
        once: """
          INSERT INTO change (life, tx, number, time, partition, sort, body)
          SELECT 1, pg_current_xact_id(), nextval('number'), 0, 'slow', '1', '{}'
          """),
    ])
    _ = try table.write([.put(ItemKey("quick", "1"), json("{}"))])
    let early = try table.changes(after: begin, limit: 10)
    #expect(early.changes.isEmpty && early.hasMore && early.position == begin)
    #expect(throws: Fault.self) { try table.lastPosition() }
    // It is there, though no reader can have it.
    let written = try #require(try table.oldestTime(after: begin))
    #expect((Clock.date - 60...Clock.date).contains(written))
    // a reader that goes by numbers alone would be at the quick one's now, and never see the other
    let last = Int(server.run("SELECT max(number) FROM \(name).change").output.dropLast()) ?? 0
    try slow.exchange([PostgreSQLStatement(once: "COMMIT")])
    #expect(
      server.run("SELECT convert_from(partition, 'UTF8') FROM \(name).change WHERE number > \(last)").output == "")
    let page = try table.changes(after: begin, limit: 10)
    #expect(page.changes.map(\.key.partition) == ["slow", "quick"] && !page.hasMore)
    #expect(try table.oldestTime(after: begin) == 0 && table.oldestTime(after: page.position) == nil)
  }

  @Test func `a long transaction of another program holds no change back`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let table = try open(server, name)
    let other = try connect(server, name)
    try other.exchange([
      PostgreSQLStatement(once: "BEGIN"), PostgreSQLStatement(once: "SELECT pg_current_xact_id()::text"),
    ])
    _ = try table.write([.put(ItemKey("p", "1"), json("{}"))])
    #expect(try table.changes(after: .beginning, limit: 10).changes.count == 1)
    let last = try table.lastPosition()
    #expect(try table.changes(after: last, limit: 10).changes.isEmpty)
  }

  /// What a reader makes of changes: each must go on from the one before it.
  private struct Copy {
    var items: [ItemKey: Item] = [:]
    var position = ChangePosition.beginning
    var breaks = 0
    var count = 0

    mutating func read(_ table: any TableReader, limit: Int = 50) throws -> Bool {
      let page = try table.changes(after: position, limit: limit)
      for change in page.changes {
        if change.before != items[change.key] { breaks += 1 }
        items[change.key] = change.after
      }
      (position, count) = (page.position, count + page.changes.count)
      return page.hasMore
    }
  }

  @Test func `of many writers in two pools nothing is lost, nothing comes twice, and none waits in a ring`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let tables = [try open(server, name), try open(server, name)]
    let (failures, left) = (Monitor([String]()), Monitor(8))
    let writers = (0..<8).map { writer in
      NativeThread {
        var random = SeededRandom(UInt64(writer))
        for count in 0..<80 {
          let keys = Set(
            (0..<1 + Int(random.next() % 30)).map { _ in ItemKey("p\(random.next() % 3)", "\(random.next() % 40)") })
          let writes = keys.shuffled(using: &random).map { key -> Write in
            random.next() % 4 == 0 ? .delete(key) : .put(key, json("{\"n\":\(count)}"))
          }
          do { _ = try tables[writer % 2].write(writes) } catch { failures.update { $0.append("\(error)") } }
        }
        left.update { $0 -= 1 }
      }
    }
    var copy = Copy()
    while left.update({ $0 }) > 0 { _ = try copy.read(tables[0]) }
    for writer in writers { writer.join() }
    while try copy.read(tables[1]) {}
    #expect(failures.update { $0 } == [])
    var found: [ItemKey: Item] = [:]
    for partition in 0..<3 {
      for item in try tables[0].items(Query("p\(partition)", limit: 1000)).elements { found[item.key] = item }
    }
    #expect(copy.breaks == 0 && copy.items == found && copy.count > 1000)
  }

  @Test func `what is read at one moment and the changes behind its position make the whole, also under writers`()
    throws
  {
    let server = try PostgreSQLServer.shared.get()
    let table = try open(server, server.schemaName())
    let isOver = Monitor(false)
    let writers = (0..<4).map { writer in
      NativeThread {
        var count = 0
        while !isOver.update({ $0 }) {
          _ = try? table.write([.put(ItemKey("p", "\(writer)-\(count % 20)"), json("{\"n\":\(count)}"))])
          count += 1
        }
      }
    }
    for _ in 0..<10 {
      var copy = Copy()
      (copy.items, copy.position) = try table.atOneMoment { (reader) throws(Fault) in
        var items: [ItemKey: Item] = [:]
        try reader.forEach(Query("p", limit: 7)) { items[$0.key] = $0 }
        let position = try reader.lastPosition()
        guard try reader.changes(after: position, limit: 1).changes.isEmpty else {
          throw Fault(.bug, "more than the last")
        }
        return (items, position)
      }
      Thread.sleep(forTimeInterval: 0.02)
      _ = try copy.read(table, limit: 1000)
      #expect(copy.breaks == 0 && copy.count > 0)
    }
    isOver.update { $0 = true }
    for writer in writers { writer.join() }
  }

  @Test func `a restored backup goes on with numbers of its own, and tells readers that were further`() throws {
    let server = try PostgreSQLServer.shared.get()
    server.run("CREATE DATABASE original")
    let table = try open(server, "ridley", database: "original")
    for number in 0..<5 { _ = try table.write([.put(ItemKey("p", "\(number)"), json("{}"))]) }
    let before = try table.lastPosition()
    server.run("CREATE DATABASE restored")
    let script = "pg_dump -Fc \"$0\" | pg_restore --no-owner -d \"$1\""
    let copied = shell([
      "bash", "-c", script, server.address(database: "original"), server.address(database: "restored"),
    ])
    #expect(copied.status == 0, "\(copied.errors)")
    _ = try table.write([.put(ItemKey("p", "lost"), json("{}"))])
    let lost = try #require(try table.get(ItemKey("p", "lost"))).version
    let after = try table.lastPosition()
    let restored = try open(server, "ridley", database: "restored")
    _ = try restored.write([.put(ItemKey("p", "new"), json("{}"))])
    #expect(try #require(try restored.get(ItemKey("p", "new"))).version.number > lost.number + 1 << 20)
    #expect(try restored.changes(after: before, limit: 10).changes.map(\.key.sort) == ["new"])
    let all = try restored.changes(after: .beginning, limit: 10).changes.map(\.key.sort)
    #expect(all == ["0", "1", "2", "3", "4", "new"], "\(all)")
    #expect(throws: Fault.self) { try restored.changes(after: after, limit: 10) }
    #expect(try restored.changes(after: try restored.lastPosition(), limit: 10).changes.isEmpty)
    #expect(throws: Fault.self, "the original never had that life") {
      try table.changes(after: try restored.lastPosition(), limit: 1)
    }
    #expect(try restored.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
  }

  @Test func `a library that is restored in its own place begins a new life too`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let kept = TemporaryFolder()
    var versions: Set<Int> = []
    var after = ChangePosition.beginning
    do {
      let table = try open(server, name)
      _ = try table.write([.put(ItemKey("p", "1"), json("{}"))])
      let dump = "pg_dump -n \(name) -Fc \"$0\" > \"$1\""
      #expect(shell(["bash", "-c", dump, server.address(), kept.file("dump")]).status == 0)
      for number in 0..<50 { _ = try table.write([.put(ItemKey("p", "\(number)"), json("{}"))]) }
      for item in try table.items(Query("p")).elements { versions.insert(item.version.number) }
      after = try table.lastPosition()
    }
    server.run("DROP SCHEMA \(name) CASCADE")
    #expect(shell(["pg_restore", "-d", server.address(), kept.file("dump")]).status == 0)
    let table = try open(server, name)
    for number in 100..<200 { _ = try table.write([.put(ItemKey("q", "\(number)"), json("{}"))]) }
    let new = Set(try table.items(Query("q")).elements.map(\.version.number))
    #expect(new.count == 100 && new.isDisjoint(with: versions))
    #expect(throws: Fault.self) { try table.changes(after: after, limit: 1) }
  }

  @Test func `what was deleted, forgotten and trimmed is in no file of the tables any more`() throws {
    let server = try PostgreSQLServer(isDurable: true)
    let table = try open(server, "ridley")
    // no compression makes it another text
    let secret = (0..<40).map { "\(UInt64($0) &* 0x9e37_79b9_7f4a_7c15)" }.joined()
    _ = try table.write([
      .put(ItemKey("p", "1"), json("{\"client\":\"a\",\"name\":\"x\",\"time\":1,\"is\":\"\(secret)\"}"))
    ])
    server.run("CHECKPOINT")
    #expect(server.holds(secret), "it is looked for in the wrong place")
    _ = try table.write([.delete(ItemKey("p", "1"))])
    try table.forgetChanges { _ in .forget }
    #expect(try table.changes(after: .beginning, limit: 10).changes.isEmpty)
    try table.scrub()
    server.run("CHECKPOINT")
    #expect(!server.holds(secret))
  }
}
