import Base
import Foundation
import Items
import PostgreSQL
import Store
import TestKit
import Testing

/// What only an engine must do that stands on a server.
@Suite(.enabled(if: PostgreSQLServer.isInstalled))
struct PostgreSQLTests {
  private func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  private func open(
    _ server: PostgreSQLServer, _ name: String, _ schema: TableSchema = sample, user: String = "owner",
    database: String = "postgres", _ change: (inout PostgreSQLTable.Settings) -> Void = { _ in }
  ) throws -> PostgreSQLTable {
    var settings = PostgreSQLTable.Settings()
    settings.schemaName = name
    change(&settings)
    return try PostgreSQLTable(server.address(user: user, database: database), schema: schema, settings: settings)
  }

  @Test func `an item whose body cannot be read is replaced and deleted, with all its entries`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let table = try open(server, name)
    let keys = ["1", "2", "12"].map { ItemKey("p", $0) }
    func body(_ time: String) -> [UInt8] { json("{\"client\":\"a\",\"time\":\"\(time)\",\"name\":\"one\"}") }
    _ = try table.write(keys.map { .put($0, body($0.sort)) })
    server.run("UPDATE \(name).item SET body = '{' WHERE sort <> '12'")
    _ = try table.write([.put(keys[0], body("new")), .delete(keys[1])])
    #expect(try table.entries(of: byClient, Query("CLIENT#a")).elements.map(\.sort) == ["12", "new"])
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 && $0.items == 2 })
  }

  @Test func `a server that is away, or halted, is told at once, and all goes on when it is back`() throws {
    let server = try PostgreSQLServer(isDurable: true)
    let table = try open(server, "library") { $0.answer = .seconds(1) }
    let key = ItemKey("p", "1")
    _ = try table.write([.put(key, json("{}"))])
    server.stopFast()
    let start = Clock.now
    #expect(kind { _ = try table.get(key) } == .unavailable)
    #expect(kind { _ = try table.write([.put(key, json("{\"n\":1}"))]) } == .unavailable)
    #expect(kind { _ = try open(server, "library") } == .unavailable)
    #expect(Clock.now - start < 2_000_000_000)
    try server.start()
    #expect(try table.get(key)?.body == json("{}"))
    server.signal("STOP")
    let halted = Clock.now
    #expect(kind { _ = try table.get(key) } == .unavailable)
    #expect(Clock.now - halted < 10_000_000_000)
    server.signal("CONT")
    _ = try table.write([.put(key, json("{\"n\":2}"))])
    // all connections that were kept are dead, and the first call finds one that is not
    server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ridley'")
    _ = try table.write([.put(key, json("{\"n\":3}"))])
    #expect(try table.get(key)?.body == json("{\"n\":3}"))
  }

  @Test func `no fault tells a password, and each says what is wrong`() throws {
    let server = try PostgreSQLServer.shared.get()
    let addresses = [
      "postgres://owner:s3cret@127.0.0.1:1/x", "postgres://owner:s3cret@127.0.0.1:port/x",
      "postgres://owner:s3cret@[::1/x", "postgres://owner:pass@s3cret@h/x", "postgres://owner:s3cret/a@h/x",
      "postgres://o:s3cret@127.0.0.1:\(server.port)/nothing?sslmode=s3cret",
      "postgres://nobody:s3cret@127.0.0.1:\(server.port)/postgres", "http://o:s3cret@h/",
      "postgres://owner:s3cret@127.0.0.1:\(server.port)/nothing",
    ]
    var kinds: [Fault.Kind] = []
    for address in addresses {
      do { _ = try PostgreSQLTable(address, schema: sample) } catch {
        kinds.append(error.kind)
        #expect(!"\(error.message) \(error.cause ?? "")".contains("s3cret"), "\(error)")
      }
    }
    #expect(
      kinds == [.unavailable, .badInput, .badInput, .badInput, .badInput, .unavailable, .denied, .badInput, .notFound])
    #expect(kind { _ = try open(server, "No") } == .badInput)
  }

  @Test func `who gives the right password is let in, and nobody else`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    server.run("CREATE ROLE guarded LOGIN PASSWORD 'r1ght'; CREATE SCHEMA \(name) AUTHORIZATION guarded")
    var settings = PostgreSQLTable.Settings()
    settings.schemaName = name
    let table = try PostgreSQLTable(server.address(user: "guarded:r1ght"), schema: sample, settings: settings)
    _ = try table.write([.put(ItemKey("p", "1"), json("{}"))])
    #expect(!table.name.contains("r1ght"))
    for user in ["guarded:wr0ng", "guarded"] {
      do {
        _ = try PostgreSQLTable(server.address(user: user), schema: sample, settings: settings)
        Issue.record("\(user) was let in")
      } catch {
        #expect(error.kind == .denied && !"\(error.message) \(error.cause ?? "")".contains("wr0ng"), "\(error)")
      }
    }
  }

  @Test func `a schema of another program, and more connections than are let in, are refused`() throws {
    let server = try PostgreSQLServer.shared.get()
    server.run("CREATE SCHEMA theirs; CREATE TABLE theirs.things (a integer)")
    #expect(kind { _ = try open(server, "theirs") } == .badInput)
    let name = server.schemaName()
    server.run("CREATE ROLE narrow LOGIN CONNECTION LIMIT 0; GRANT CREATE ON DATABASE postgres TO narrow")
    #expect(kind { _ = try open(server, name, user: "narrow") } == .unavailable)
  }

  @Test func `a role that may only read and write rows works with a library, and changes no table`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    server.run(
      """
      CREATE ROLE migrating LOGIN; CREATE ROLE working LOGIN; CREATE SCHEMA \(name) AUTHORIZATION migrating;
      GRANT USAGE ON SCHEMA \(name) TO working;
      ALTER DEFAULT PRIVILEGES FOR ROLE migrating IN SCHEMA \(name) GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO working;
      ALTER DEFAULT PRIVILEGES FOR ROLE migrating IN SCHEMA \(name) GRANT USAGE, UPDATE ON SEQUENCES TO working;
      """)
    #expect(kind { _ = try open(server, name, user: "working") } == .denied)
    _ = try open(server, name, user: "migrating")
    let table = try open(server, name, user: "working")
    var trial = Trial(table, seed: 3)
    #expect(try trial.run(300) == nil)
    try table.trimChanges(through: try table.lastPosition(), olderThan: .max)
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
    let newer = TableSchema(version: 2, indexes: [byClient])
    #expect(kind { _ = try open(server, name, newer, user: "working") } == .denied)
    #expect(kind { try table.scrub() } == .denied)
    try open(server, name, user: "migrating").scrub()
  }

  @Test func `new indexes are filled, one step back drops them, two are refused, and writers beside it are told`()
    throws
  {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let one = TableSchema(version: 1, indexes: [byClient])
    let table = try open(server, name, one)
    let bodies = (0..<2500).map {
      "{\"client\":\"a\",\"brand\":\"x\",\"score\":\($0),\"time\":\($0),\"name\":\"clip \($0)\"}"
    }
    try table.fill(bodies.enumerated().map { (ItemKey("p", "\($0.offset)"), json($0.element)) })
    #expect(kind { try table.fill([(ItemKey("p", "7"), json("{}"))]) } == .conflict)
    let kinds = Monitor(Set<Fault.Kind>())
    let writers = (0..<4).map { writer in
      NativeThread {
        for count in 0..<1_000_000 {
          do throws(Fault) {
            _ = try table.write([
              .put(ItemKey("w\(writer)", "\(count % 9)"), json("{\"client\":\"a\",\"time\":\(count)}"))
            ])
          } catch {
            kinds.update { _ = $0.insert(error.kind) }
            if error.kind != .unavailable { return }
          }
        }
      }
    }
    let newer = try open(server, name, TableSchema(version: 2, indexes: [byScore, byClient], texts: [byText]))
    for writer in writers { writer.join() }
    #expect(kinds.update { $0 }.subtracting([.unavailable]) == [.closed], "the old one must not write past new indexes")
    #expect(try newer.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 && $0.items > 2500 })
    #expect(
      try newer.matches(of: byText, TextQuery("CLIENT#a", text: "clip 77")).elements.map(\.key.sort).sorted() == ["77"]
        + (770...779).map { "\($0)" })
    #expect(kind { _ = try table.get(ItemKey("p", "1")) } == .closed)
    #expect(kind { _ = try open(server, name, one) } == .unsupported)
    let back = try open(server, name, one) { $0.stepsBack = true }
    #expect(try back.entries(of: byClient, Query("CLIENT#a", limit: 3)).elements.count == 3)
    #expect(kind { _ = try open(server, name, TableSchema(version: 1, indexes: [byScore])) } == .bug)
    #expect(kind { _ = try open(server, name, TableSchema(version: 3, indexes: [])) } == nil)
    #expect(kind { _ = try open(server, name, one) { $0.stepsBack = true } } == .unsupported)
  }

  @Test func `no call reads more beside many items than beside few, also by a plan that was made when there were none`()
    throws
  {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let table = try open(server, name) { $0.connections = 1 }
    let body = { (number: Int) in json("{\"client\":\"a\",\"time\":\(number),\"name\":\"clip \(number)\"}") }
    func pages() throws -> [Int] {
      let key = ItemKey("p", CompositeKey.number(7))
      return [
        try table.cost(of: .items(Query("p", limit: 10))).pages,
        try table.cost(of: .entries(byClient, Query("CLIENT#a", order: .descending, limit: 10))).pages,
        try table.cost(of: .matches(byText, TextQuery("CLIENT#a", text: "clip", limit: 10))).pages,
        try table.cost(of: .matches(byText, TextQuery("CLIENT#a", text: "clip 7", limit: 10))).pages,
        try server.rowsRead(name) {
          for count in 0..<10 { _ = try table.write([.put(key, body(count)), .delete(ItemKey("q", "none"))]) }
          _ = try table.get([key, ItemKey("q", "none")])
        },
      ]
    }
    // so that statements are prepared beside a few rows
    for number in 0..<200 { _ = try table.write([.put(ItemKey("p", CompositeKey.number(number)), body(number))]) }
    let few = try pages()
    try table.fill((200..<6000).map { (ItemKey("p", CompositeKey.number($0)), body($0)) })
    let many = try pages()
    for (few, many) in zip(few, many) { #expect(many <= 2 * few + 40, "\(few) and \(many)") }
  }

  @Test func `words that are common, rare, or seldom together are found on all pages`() throws {
    let server = try PostgreSQLServer.shared.get()
    let table = try open(server, server.schemaName())
    let count = 1500
    func divides(_ number: Int) -> [Int] { [1, 2, 3, 7, 400].filter { number % $0 == 0 } + (number < 30 ? [30] : []) }
    try table.fill(
      (0..<count).map { number in
        let name = divides(number).map { "w\($0)x" }.joined(separator: " ")
        return (ItemKey("p", "\(number)"), json("{\"client\":\"a\",\"name\":\"\(name)\"}"))
      })
    for asked in [[1], [2, 3], [2, 3, 7], [400], [1, 400], [7, 400, 2], [30, 400], [2, 30], [30, 7, 3, 2]] {
      for limit in [1, 50, 1000] where limit > 1 || asked.contains(400) {
        let query = TextQuery("CLIENT#a", text: asked.map { "w\($0)x" }.joined(separator: " "), limit: limit)
        var (found, token): ([Int], PageToken?) = ([], nil)
        repeat {
          let page = try table.matches(of: byText, query, after: token)
          found += page.elements.map { Int($0.key.sort)! }
          token = page.next
        } while token != nil
        let expected = (0..<count).reversed().filter { number in asked.allSatisfy(divides(number).contains) }
        #expect(found == expected, "\(asked), \(limit)")
      }
    }
  }

  @Test func `several that make one library at once all open it`() throws {
    let server = try PostgreSQLServer.shared.get()
    for _ in 0..<5 {
      let (name, failures) = (server.schemaName(), Monitor([String]()))
      let threads = (0..<4).map { number in
        NativeThread {
          do { _ = try open(server, name).write([.put(ItemKey("p", "\(number)"), json("{}"))]) } catch {
            failures.update { $0.append("\(error)") }
          }
        }
      }
      for thread in threads { thread.join() }
      #expect(failures.update { $0 } == [])
      #expect(try open(server, name).items(Query("p")).elements.count == 4)
    }
  }

  @Test func `entries with the longest keys stand in their order, both ways`() throws {
    let server = try PostgreSQLServer.shared.get()
    let table = try open(server, server.schemaName())
    let long = String(repeating: "k", count: 1020)
    let client = String(repeating: "c", count: 1000)
    let index = byClient
    for number in [3, 0, 2, 4, 1] {
      let body = json("{\"client\":\"\(client)\",\"time\":\"\(long)\",\"name\":\"\(number)\"}")
      _ = try table.write([.put(ItemKey(long, long + "\(number)"), body)])
    }
    for order in [Query.Order.ascending, .descending] {
      let query = Query(CompositeKey.joined("CLIENT", client), order: order, limit: 2)
      var (found, token): ([String], PageToken?) = ([], nil)
      repeat {
        let page = try table.entries(of: index, query, after: token)
        found += page.elements.map { String($0.key.sort.suffix(1)) }
        token = page.next
      } while token != nil
      #expect(found == (order == .ascending ? ["0", "1", "2", "3", "4"] : ["4", "3", "2", "1", "0"]))
    }
    #expect(try table.verify().allSatisfy { $0.missing == 0 && $0.surplus == 0 })
  }

  @Test func `entries and words that are not as they should be are found`() throws {
    let server = try PostgreSQLServer.shared.get()
    let name = server.schemaName()
    let table = try open(server, name)
    for number in 0..<3 {
      _ = try table.write([.put(ItemKey("p", "\(number)"), json("{\"client\":\"a\",\"time\":1,\"name\":\"clip\"}"))])
    }
    server.run("DELETE FROM \(name).entry WHERE item = (SELECT min(item) FROM \(name).entry)")
    server.run("UPDATE \(name).entry SET version = 99 WHERE item = (SELECT max(item) FROM \(name).entry)")
    server.run("DELETE FROM \(name).text_3 WHERE ctid = (SELECT min(ctid) FROM \(name).text_3)")
    server.run("INSERT INTO \(name).text_3 VALUES (1, 1), (2, 2)")
    let reports = try table.verify()
    #expect(reports[0] == IndexReport(index: "client", items: 3, missing: 2, surplus: 1))
    #expect(reports[2] == IndexReport(index: "text", items: 3, missing: 1, surplus: 2))
  }
}
