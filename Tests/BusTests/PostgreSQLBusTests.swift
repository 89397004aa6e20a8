import Base
import Foundation
import Items
import Store
import TestKit
import Testing

@testable import Bus

/// What only an engine must do that keeps tasks in a database which others ask too.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, "no PostgreSQL here"))
struct PostgreSQLBusTests {
  private let folder = TemporaryFolder()
  private var schema: String { PostgreSQLServer.schema(of: folder) }

  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  private func number(_ server: PostgreSQLServer, _ sql: String) -> Int? {
    Int(server.run("SET search_path = \(schema); \(sql)").output.filter { $0.isNumber || $0 == "-" })
  }

  @Test func `a server that is away, or halted, is told in time, and all goes on when it is back`() throws {
    let server = try PostgreSQLServer(isDurable: true)
    let bus = try server.bus(for: folder) { $0.patience = .seconds(1) }
    _ = try bus.add([task("a", most: 9)])
    let claimed = try #require(try bus.claim(for: "w", lease: .seconds(100)))
    let waiting = Monitor<Fault.Kind?>(nil)
    let waiter = NativeThread {
      let found = kind { _ = try bus.waitForTask(atMost: .seconds(60)) }
      waiting.update { $0 = found ?? .bug }
    }
    Thread.sleep(forTimeInterval: 0.2)
    server.stopFast()
    #expect(try waiting.wait(for: "the one that waits to be told") { $0 } == .unavailable)
    waiter.join()
    let start = Clock.now
    #expect(kind { _ = try bus.backlog() } == .unavailable)
    #expect(kind { _ = try bus.add([task("b")]) } == .unavailable)
    #expect(kind { _ = try server.bus(for: folder) } == .unavailable)
    #expect(Clock.now - start < 3_000_000_000)
    try server.start()
    #expect(try bus.extend(claimed.claim, lease: .seconds(100)) == .held)
    server.signal("STOP")
    let halted = Clock.now
    #expect(kind { _ = try bus.claim(for: "w", lease: .seconds(1)) } == .unavailable)
    #expect(Clock.now - halted < 5_000_000_000)
    server.signal("CONT")
    #expect(try !bus.waitForTask(atMost: .milliseconds(20)))
    // all connections that were kept are dead, and no call is told so
    server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ridley'")
    #expect(try !bus.waitForTask(atMost: .milliseconds(20)))
    #expect(try bus.acknowledge(claimed.claim) == .held && bus.backlog() == 0)
  }

  @Test func `by the server's own clock a lease ends, and a dead worker's task comes back`() throws {
    let bus = try PostgreSQLServer.shared.get().bus(for: folder)
    _ = try bus.add([task("a", most: 9)])
    let first = try #require(try bus.claim(for: "dead", lease: .milliseconds(150)))
    #expect(try bus.claim(for: "w", lease: .seconds(9)) == nil && bus.backlog() == 1)
    let start = Clock.now
    #expect(try bus.waitForTask(atMost: .seconds(20)))
    #expect((50_000_000...5_000_000_000).contains(Clock.now - start))
    let second = try #require(try bus.claim(for: "w", lease: .seconds(9)))
    #expect(second.task == first.task && second.claim.attempt == 2)
    #expect(try bus.acknowledge(first.claim) == .lost && bus.acknowledge(second.claim) == .held)
  }

  @Test func `no transaction of another that is open keeps a worker from tasks, or time from going on`() throws {
    let server = try PostgreSQLServer.shared.get()
    let bus = try server.bus(for: folder)
    _ = try bus.add([task("late", priority: 9, most: 9), task("a"), task("b"), task("c")])
    _ = try #require(try bus.claim(for: "w", lease: .milliseconds(1)))
    let sql = """
      SET search_path = \(schema); BEGIN; SELECT 1 FROM bus_task WHERE key IN ('late', 'a') FOR UPDATE; SELECT pg_sleep(3)
      """
    let other = NativeThread { server.run(sql) }
    defer { other.join() }
    try waitUntil("the other to have the rows") {
      server.run(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%\(schema)%pg_sleep(3)%' AND wait_event = 'PgSleep'"
      )
      .output != "0\n"
    }
    let start = Clock.now
    #expect(try bus.claim(for: "w", lease: .seconds(9))?.task.key == "b")
    #expect(try bus.claim(for: "w", lease: .seconds(9))?.task.key == "c")
    #expect(try bus.claim(for: "w", lease: .seconds(9)) == nil && bus.backlog() == 4)
    #expect(Clock.now - start < 2_000_000_000)
  }

  @Test func `whatever many do at once, counts, heads and turns are those of the tasks that are there`() throws {
    let server = try PostgreSQLServer(isDurable: false)
    server.run("ALTER ROLE owner SET log_min_messages = error")
    let handles = try (0..<3).map { _ in try server.bus(for: folder) }
    let failures = Monitor([String]())
    let threads = (0..<6).map { number in
      NativeThread {
        var random = SeededRandom(UInt64(number) + 5)
        do { for _ in 0..<250 { try Self.anything(handles[number % 3], "w\(number)", &random) } } catch {
          failures.update { $0.append("\(error) \((error as? Fault)?.cause ?? "")") }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.update { $0 } == [])
    try handles[0].sweep()
    #expect(number(server, Self.wrongGroups) == 0, "counts of groups")
    #expect(number(server, Self.wrongQueues) == 0, "counts of queues")
    #expect(number(server, Self.wrongLanes) == 0, "heads of lanes")
    #expect(number(server, Self.leftOver) == 0, "what was removed is gone")
    let deadlocks = "SELECT sum(deadlocks) FROM pg_stat_database"
    #expect(server.run(deadlocks).output == "0\n", "who waited in a ring:\n\(server.log)")
  }

  private static func anything(_ bus: PostgreSQLBus, _ worker: String, _ random: inout SeededRandom) throws {
    func pick(_ count: UInt64) -> Int { Int(random.next() % count) }
    let group = pick(8)
    switch pick(20) {
    case 0..<6:
      let tasks = (0..<pick(12) + 1).map { _ in
        let group = pick(8)
        return task("\(pick(60))", queue: "q\(group % 3)", group: "g\(group)", priority: pick(3), most: 2)
      }
      _ = try bus.add(tasks)
    case 6: try bus.hold("g\(group)")
    case 7, 8: try bus.release("g\(group)")
    case 9: _ = pick(3) == 0 ? try bus.remove(queue: "q\(pick(3))") : try bus.remove(group: "g\(group)")
    case 10: _ = try bus.retry("g\(group)")
    default:
      let lease = Duration.milliseconds(pick(4) == 0 ? 1 : 60_000)
      guard let claim = try bus.claim(for: worker, lease: lease)?.claim else { return }
      switch pick(8) {
      case 0: _ = try bus.fail(claim, Failure("no", isRetryable: pick(2) == 0, delay: .milliseconds(pick(3))))
      case 1: _ = try bus.giveBack(claim, after: .milliseconds(pick(3)), turns: pick(3))
      case 2: _ = try bus.extend(claim, lease: .milliseconds(1))
      case 3: break
      default: _ = try bus.acknowledge(claim, turns: pick(2))
      }
    }
  }

  private static let states = "waiting, leased, delayed, aside, done"
  private static let counted = (0..<5).map { "count(t.id) FILTER (WHERE t.state = \($0))" }.joined(separator: ", ")
  private static let wrongGroups = """
    SELECT count(*) FROM bus_group AS g WHERE (\(states)) <>
      (SELECT \(counted) FROM bus_task AS t WHERE t.grp = g.id)
    """
  private static let wrongQueues = """
    SELECT count(*) FROM bus_queue AS q WHERE (\(states), ready, open::integer) <> (
      SELECT \(counted), count(t.id) FILTER (WHERE t.state = 0 AND NOT g.held),
        (count(t.id) FILTER (WHERE t.state = 0 AND NOT g.held) > 0)::integer
      FROM bus_group AS g LEFT JOIN bus_task AS t ON t.grp = g.id WHERE g.queue = q.id)
    """
  private static let wrongLanes = """
    SELECT count(*) FROM bus_lane AS l JOIN bus_group AS g ON g.id = l.grp WHERE l.open = g.held OR l.queue <> g.queue
      OR l.head IS DISTINCT FROM (SELECT min(id) FROM bus_task WHERE grp = l.grp AND priority = l.priority AND state = 0)
    """
  private static let leftOver = """
    SELECT (SELECT count(*) FROM bus_task AS t LEFT JOIN bus_group AS g ON g.id = t.grp WHERE g.name IS NULL)
      + (SELECT count(*) FROM bus_reason AS r LEFT JOIN bus_task AS t ON t.id = r.task WHERE t.id IS NULL)
      + (SELECT count(*) FROM bus_lane AS l LEFT JOIN bus_group AS g ON g.id = l.grp WHERE g.id IS NULL)
      + (SELECT count(*) FROM bus_queue WHERE name IS NULL) + (SELECT count(*) FROM bus_group WHERE name IS NULL)
    """

  @Test func `names are compared byte by byte`() throws {
    let bus = try PostgreSQLServer.shared.get().bus(for: folder)
    let (one, two) = ("\u{e9}", "e\u{301}")
    let tasks = [task(one, queue: one, group: one), task(two, queue: two, group: two), task("a\0b", group: "\0")]
    #expect(try bus.add(tasks) == [true, true, true] && bus.add(tasks) == [false, false, false])
    #expect(
      try bus.remove(group: one) == 1 && bus.counts(group: two).waiting == 1 && bus.counts(group: "\0").waiting == 1)
  }

  @Test func `queues take turns also where many take at once`() throws {
    let server = try PostgreSQLServer.shared.get()
    let bus = try server.bus(for: folder)
    _ = try bus.add((0..<900).map { task("\($0)", queue: "large", group: "large") })
    _ = try bus.add((0..<100).map { task("\($0)", queue: "small", group: "small") })
    let small = Monitor(0)
    let threads = (0..<8).map { number in
      NativeThread {
        for _ in 0..<20 {
          guard let claimed = try? bus.claim(for: "w\(number)", lease: .seconds(60)) else { return }
          if claimed.task.queue == "small" { small.update { $0 += 1 } }
          _ = try? bus.acknowledge(claimed.claim)
        }
      }
    }
    for thread in threads { thread.join() }
    #expect((70...90).contains(small.update { $0 }), "\(small.update { $0 }) of 160, half of which are its turns")
  }
}
