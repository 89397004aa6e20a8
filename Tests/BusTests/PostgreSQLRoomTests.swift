import Base
import Foundation
import Items
import Store
import TestKit
import Testing

@testable import Bus

/// How a bus finds a database, who may do what in it, and what it shares it with.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, "no PostgreSQL here"))
struct PostgreSQLRoomTests {
  private let folder = TemporaryFolder()
  private var schema: String { PostgreSQLServer.schema(of: folder) }
  private static let library = TableSchema(version: 1, indexes: [])

  private func table(_ server: PostgreSQLServer) throws -> PostgreSQLTable {
    var settings = PostgreSQLTable.Settings()
    settings.schemaName = schema
    return try PostgreSQLTable(server.address(), schema: Self.library, settings: settings)
  }

  @Test(arguments: [true, false])
  func `a bus and a library share a schema, whichever is first, and are scrubbed together`(isBusFirst: Bool) throws {
    let server = try PostgreSQLServer.shared.get()
    let first = isBusFirst ? try server.bus(for: folder) : nil
    let table = try table(server)
    let bus = try first ?? server.bus(for: folder)
    let mark = "mark-\(UInt64.random(in: 0 ... .max))"
    _ = try bus.add([task(mark, queue: "umbrella", group: mark), task("b", queue: "other", group: "other")])
    _ = try table.write([.put(ItemKey("p", "1"), Array("{}".utf8))])
    #expect(try self.table(server).get(ItemKey("p", "1")) != nil && server.bus(for: folder).backlog() == 2)
    #expect(try bus.remove(queue: "umbrella") == 1 && bus.backlog() == 1)
    try table.scrub()
    server.run("CHECKPOINT")
    #expect(!server.holds(mark), "what was removed is in no file of a table")
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "b")
  }

  @Test func `a schema of another program, a newer bus and damage are refused by name`() throws {
    let server = try PostgreSQLServer.shared.get()
    server.run("CREATE SCHEMA theirs_\(schema); CREATE TABLE theirs_\(schema).things (a integer)")
    #expect(kind { _ = try server.bus(for: folder) { $0.schemaName = "theirs_\(schema)" } } == .badInput)
    for name in ["", "No", "1a", "pg_x", "a-b", String(repeating: "a", count: 64)] {
      #expect(kind { _ = try server.bus(for: folder) { $0.schemaName = name } } == .badInput)
    }
    _ = try server.bus(for: folder)
    server.run("UPDATE \(schema).bus_state SET format = 2")
    #expect(kind { _ = try server.bus(for: folder) } == .unsupported)
    server.run("DELETE FROM \(schema).bus_state")
    #expect(kind { _ = try server.bus(for: folder) } == .badInput)
  }

  @Test func `many that open a new bus and a new library at once find one`() throws {
    let server = try PostgreSQLServer.shared.get()
    let failures = Monitor([String]())
    let threads = (0..<8).map { number in
      NativeThread {
        do {
          if number % 4 == 0 { _ = try table(server) }
          _ = try server.bus(for: folder).add([task("\(number)")])
        } catch { failures.update { $0.append("\(error) \((error as? Fault)?.cause ?? "")") } }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.update { $0 } == [])
    #expect(try server.bus(for: folder).counts(group: "job").waiting == 8)
  }

  @Test func `a role that may only read and write rows works with a bus that is there`() throws {
    let server = try PostgreSQLServer.shared.get()
    let (owner, worker) = ("owner_\(schema.suffix(12))", "worker_\(schema.suffix(12))")
    server.run(
      """
      CREATE ROLE \(owner) LOGIN; CREATE ROLE \(worker) LOGIN; CREATE SCHEMA \(schema) AUTHORIZATION \(owner);
      GRANT USAGE ON SCHEMA \(schema) TO \(worker);
      ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) IN SCHEMA \(schema) GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(worker);
      ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) IN SCHEMA \(schema) GRANT USAGE, UPDATE ON SEQUENCES TO \(worker);
      """)
    var settings = PostgreSQLBus.Settings()
    settings.schemaName = schema
    func open(_ user: String, _ clock: ToldClock) throws -> PostgreSQLBus {
      try PostgreSQLBus(server.address(user: user), settings: settings, clock: clock.clock)
    }
    let clock = ToldClock(isOfServer: true)
    #expect(kind { _ = try open(worker, clock) } == .denied)
    try PostgreSQLBus.makeTables(server.address(user: owner), settings: settings)
    var trial = try Trial(seed: 7, clock) { try open(worker, $0) }
    #expect(try trial.run(600) == nil)
  }

  @Test func `no fault tells a password, and each says what is wrong`() throws {
    let server = try PostgreSQLServer.shared.get()
    let addresses = [
      "postgres://owner:s3cret@127.0.0.1:1/x", "postgres://owner:s3cret@127.0.0.1:port/x",
      "postgres://owner:pass@s3cret@h/x", "postgres://nobody:s3cret@127.0.0.1:\(server.port)/postgres",
      "postgres://owner:s3cret@127.0.0.1:\(server.port)/nothing", "redis://s3cret@h",
    ]
    var faults: [Fault] = []
    for address in addresses { do throws(Fault) { _ = try PostgreSQLBus(address) } catch { faults.append(error) } }
    #expect(faults.map(\.kind) == [.unavailable, .badInput, .badInput, .denied, .notFound, .badInput])
    for fault in faults { #expect(!"\(fault.message) \(fault.cause ?? "")".contains("s3cret")) }
  }

  @Test func `a removal that was cut short is finished when the bus is opened`() throws {
    let server = try PostgreSQLServer.shared.get()
    let bus = try server.bus(for: folder)
    _ = try bus.add((0..<900).map { task("\($0)", group: "job \($0 % 3)") })
    // as far as a call comes that ends there
    server.run(
      "UPDATE \(schema).bus_queue SET name = NULL, open = false; UPDATE \(schema).bus_group SET name = NULL WHERE id = 1"
    )
    #expect(try bus.backlog() == 0 && !bus.knows(queue: "acme") && bus.counts(group: "job 2") == BusCounts())
    #expect(try bus.add([task("0", group: "job 2")]) == [true], "its name is free at once")
    _ = try server.bus(for: folder)
    #expect(server.run("SELECT count(*) FROM \(schema).bus_task").output == "1\n")
    #expect(server.run("SELECT count(*) FROM \(schema).bus_group").output == "1\n")
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "0")
  }

  @Test func `no call reads more rows beside many tasks than beside few`() throws {
    let server = try PostgreSQLServer.shared.get()
    let bus = try server.bus(for: folder)
    func add(_ numbers: Range<Int>) throws {
      for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1000) {
        _ = try bus.add(
          (start..<min(start + 1000, numbers.upperBound)).map {
            task("\($0)", queue: "q\($0 % 3)", group: "g\($0 % 9)", priority: $0 % 3)
          })
      }
    }
    func rows() throws -> Int {
      try server.rowsRead(schema) {
        // its connections end with it, and tell then what they read
        let bus = try server.bus(for: folder)
        for _ in 0..<10 {
          let claim = try #require(try bus.claim(for: "w", lease: .seconds(60))).claim
          _ = try bus.extend(claim, lease: .seconds(60))
          _ = try bus.acknowledge(claim)
          let other = try #require(try bus.claim(for: "w", lease: .seconds(60))).claim
          _ = try bus.fail(other, Failure("x", isRetryable: false))
          _ = try (bus.backlog(), bus.counts(group: "g1"), bus.counts(queue: "q1"), bus.waitForTask(atMost: .zero))
          try bus.hold("g1")
          try bus.release("g1")
          _ = try bus.retry(other.key, in: other.group)
        }
      }
    }
    try add(0..<200)
    let few = try rows()
    try add(1000..<11_000)
    let many = try rows()
    print("rows read by 10 rounds of calls: \(few) beside 200 tasks, \(many) beside 10,200")
    #expect(few > 100 && many < few * 3 / 2)
  }
}
