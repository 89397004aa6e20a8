import Base
import Foundation
import Items
import SQLite
import Store
import TestKit
import Testing

@testable import Bus

/// What only an engine that keeps a file beside a table must do.
struct FileTests {
  private let folder = TemporaryFolder()
  private let clock = ToldClock()
  private var path: String { folder.file("library.db") }
  private static let schema = TableSchema(version: 1, indexes: [])

  private func open(_ path: String? = nil, isDurable: Bool = false) throws -> SQLiteBus {
    var settings = SQLiteBus.Settings()
    settings.isDurable = isDurable
    return try SQLiteBus(path ?? self.path, settings: settings, clock: clock.clock)
  }

  private func table(_ path: String? = nil) throws -> SQLiteTable {
    try SQLiteTable(path ?? self.path, schema: Self.schema)
  }

  @Test(arguments: [true, false])
  func `a bus and a table share a file, whichever is first`(isBusFirst: Bool) throws {
    let first: SQLiteBus? = isBusFirst ? try open() : nil
    let table = try table()
    let bus = try first ?? open()
    _ = try bus.add([task("a")])
    _ = try table.write([.put(ItemKey("p", "1"), Array("{}".utf8))])
    #expect(try self.table().get(ItemKey("p", "1")) != nil && open().backlog() == 1)
    _ = try table.verify()
  }

  @Test func `a file of another program, a newer bus and damage are refused by name`() throws {
    let other = folder.file("other.db")
    try BusConnection(other, makes: true, patience: .seconds(1)).run("CREATE TABLE theirs (a)")
    #expect(kind { _ = try open(other) } == .badInput)
    try FileSystem.write(Array("no database".utf8), to: folder.file("text.db"))
    #expect(kind { _ = try open(folder.file("text.db")) } == .badInput)
    #expect(kind { _ = try open(folder.file("no/library.db")) } == .notFound)
    let bus = try open()
    try BusConnection(path, makes: false, patience: .seconds(1)).run("UPDATE bus_state SET format = 2")
    #expect(kind { _ = try open() } == .unsupported)
    #expect(kind { _ = try bus.add([task("a")]) } == .unsupported, "what has it open must not go on with other tables")
  }

  @Test func `a backup has the tasks, and leases end where it is restored`() throws {
    let (bus, table) = (try open(), try table())
    _ = try bus.add([task("a", most: 9), task("b", most: 9)])
    let claimed = try #require(try bus.claim(for: "w", lease: .seconds(3600)))
    try table.backup(to: folder.file("copy.db"))
    try SQLiteTable.restore(folder.file("copy.db"), to: folder.file("restored.db"))
    let restored = try open(folder.file("restored.db"))
    #expect(try restored.backlog() == 2)
    #expect(try restored.acknowledge(claimed.claim) == .lost, "its result may not be in the backup")
    let again = try #require(try restored.claim(for: "w", lease: .seconds(1)))
    #expect(again.task == claimed.task && again.claim.attempt == 2)
    #expect(try bus.acknowledge(claimed.claim) == .held, "the original goes on")
  }

  @Test func `a removed queue leaves nothing in the files once they are scrubbed`() throws {
    let (bus, table) = (try open(), try table())
    func mark(_ kind: String, _ number: Int) -> String { "umbrella-\(kind)-\(number)" }
    _ = try bus.add(
      (0..<600).map {
        task(mark("key", $0), queue: "umbrella-queue", group: mark("group", $0 % 3), most: 1, mark("payload", $0))
      })
    _ = try bus.add([task("other", queue: "other", group: "other")])
    for number in 0..<40 {
      let claimed = try #require(try bus.claim(for: "w", lease: .seconds(60)))
      guard claimed.task.queue != "other" else { continue }
      if number % 2 == 0 { _ = try bus.acknowledge(claimed.claim) }
      if number % 3 == 0 { _ = try bus.fail(claimed.claim, Failure(mark("reason", number), isRetryable: true)) }
    }
    func marks() throws -> Int {
      try ["", "-wal"].reduce(0) { sum, end in
        let bytes = try Data(contentsOf: URL(filePath: path + end))
        return sum + (bytes.range(of: Data("umbrella".utf8)) == nil ? 0 : 1)
      }
    }
    #expect(try marks() > 0)
    #expect(try bus.remove(queue: "umbrella-queue") == 600)
    try table.scrub()
    #expect(try marks() == 0)
    #expect(try bus.counts(queue: "other").leased == 1)
  }

  @Test func `a removal that was cut short is finished when the bus is opened`() throws {
    let bus = try open()
    _ = try bus.add((0..<900).map { task("\($0)") })
    _ = try bus.write(synced: true) { (transaction) throws(Fault) in try transaction.remove(group: "job") }
    #expect(try bus.claim(for: "w", lease: .seconds(1)) == nil && bus.backlog() == 0)
    #expect(try bus.add([task("0")]) == [true])
    _ = try open()
    let connection = try BusConnection(path, makes: false, patience: .seconds(1))
    #expect(try connection.number("SELECT count(*) FROM bus_task") == 1)
    #expect(try connection.number("SELECT count(*) FROM bus_group") == 1)
  }

  @Test func `every statement finds its rows by an index, without sorting`() throws {
    _ = try open()
    let connection = try BusConnection(path, makes: false, patience: .seconds(1))
    for statement in BusSQL.allCases {
      try connection.rows(once: "EXPLAIN QUERY PLAN " + statement.text) { row in
        let step = row.text(3)
        let isBounded = step.contains("SCAN bus_state") || step.contains("INDEX bus_queue_")
        // the first of an index, or those of a small table that are at work
        let isScan = step.contains("SCAN") && !step.contains("CONSTANT ROW") && !isBounded
        let isFirst = statement.text.hasSuffix("LIMIT 1") && step.contains("INDEX")
        #expect(!isScan || isFirst, "\(statement): \(step)")
        // SQLite calls it a search, too, where it goes through the rows from the first on
        let isSearch = !step.hasPrefix("SEARCH") || step.contains("USING")
        #expect(isSearch && !step.contains("TEMP B-TREE"), "\(statement): \(step)")
        return true
      }
    }
  }

  /// 10,000 tasks, or as many as `RIDLEY_BUS_SIZE` says (`make soak-bus`: a million).
  private static let size = ProcessInfo.processInfo.environment["RIDLEY_BUS_SIZE"].flatMap { Int($0) } ?? 10_000

  @Test func `what a call costs does not grow with the tasks`() throws {
    let bus = try open()
    _ = try bus.add((0..<60).map { task("few \($0)") })
    let few = try pages(bus)
    for batch in 0..<Self.size / 1000 {
      _ = try bus.add((0..<1000).map { task("\(batch) \($0)", group: "job \($0 % 5)", priority: $0 % 3 + 4) })
    }
    let many = try pages(bus)
    for (call, count) in many {
      print("\(call): \(few[call]!) pages beside 60 tasks, \(count) beside \(Self.size)")
      #expect(count < few[call]! + 60, "\(call): \(few[call]!) pages became \(count)")
    }
  }

  /// What calls ask of the file.
  private func pages(_ bus: SQLiteBus) throws -> [String: Int] {
    var pages: [String: Int] = [:]
    func measure(_ name: String, _ body: () throws -> Void) throws {
      let before = try bus.pagesRead()
      try body()
      pages[name] = try bus.pagesRead() - before
    }
    var claims: [Claim] = []
    try measure("claim") { claims.append(try #require(try bus.claim(for: "w", lease: .seconds(60))).claim) }
    for _ in 0..<3 { claims.append(try #require(try bus.claim(for: "w", lease: .seconds(60))).claim) }
    try measure("extend") { _ = try bus.extend(claims[0], lease: .seconds(60)) }
    try measure("acknowledge") { _ = try bus.acknowledge(claims[0]) }
    try measure("fail") { _ = try bus.fail(claims[1], Failure("x", isRetryable: false)) }
    try measure("give back") { _ = try bus.giveBack(claims[2], after: .zero) }
    try measure("add") { _ = try bus.add([task("new \(UInt64.random(in: 0 ... .max))")]) }
    try measure("hold") { try bus.hold("job 1") }
    try measure("release") { try bus.release("job 1") }
    try measure("counts") { _ = try (bus.counts(group: "job 1"), bus.counts(queue: "acme"), bus.backlog()) }
    try measure("set aside") { _ = try bus.setAside(in: "job", after: nil, limit: 1) }
    try measure("retry") { _ = try bus.retry("job") }
    return pages
  }
}
