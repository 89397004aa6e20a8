import Base
import Foundation
import Redis
import TestKit
import Testing

@testable import Bus

/// What only an engine that is a server must do.
@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct RedisBusTests {
  private let folder = TemporaryFolder()
  private let clock = ToldClock(isOfServer: true)

  private func bus(_ server: RedisServer, patience: Duration = .seconds(5), isTold: Bool = false) throws -> RedisBus {
    var settings = RedisBus.Settings()
    settings.patience = patience
    return try RedisBus(server.address(for: folder), settings: settings, clock: isTold ? clock.clock : nil)
  }

  private func client(_ server: RedisServer) throws -> RedisClient { try RedisClient(try RedisAddress(server.address)) }

  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  @Test func `leases go on while Redis is started anew, and none ends where a clock is set back`() throws {
    let server = try RedisServer()
    let bus = try bus(server, isTold: true)
    _ = try bus.add([task("a", most: 9), task("b", most: 9)])
    let first = try #require(try bus.claim(for: "w", lease: .seconds(100)))
    let later = try #require(try bus.claim(for: "w", lease: .seconds(100)))
    #expect(try bus.giveBack(later.claim, after: .seconds(50)) == .held)
    server.end()
    #expect(kind { _ = try bus.backlog() } == .unavailable)
    try server.start()
    clock.advance(.seconds(40))
    #expect(try bus.extend(first.claim, lease: .seconds(100)) == .held)
    clock.advance(.seconds(-500))
    #expect(try bus.claim(for: "w", lease: .seconds(1)) == nil, "a clock that is set back ends nothing")
    clock.advance(.seconds(10))
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "b", "nor does it make anybody wait longer")
    clock.advance(.seconds(90))
    #expect(try bus.counts(group: "job").waiting == 2)
    #expect(try bus.acknowledge(first.claim) == .lost)
  }

  @Test func `by the server's own clock a lease ends, and a dead worker's task comes back`() throws {
    let bus = try bus(try RedisServer.shared.get())
    _ = try bus.add([task("a", most: 9)])
    let first = try #require(try bus.claim(for: "dead", lease: .milliseconds(150)))
    #expect(try bus.claim(for: "w", lease: .seconds(9)) == nil)
    let start = Clock.now
    #expect(try bus.waitForTask(atMost: .seconds(20)))
    #expect((50_000_000...5_000_000_000).contains(Clock.now - start))
    let second = try #require(try bus.claim(for: "w", lease: .seconds(9)))
    #expect(second.task == first.task && second.claim.attempt == 2)
    #expect(try bus.acknowledge(first.claim) == .lost && bus.acknowledge(second.claim) == .held)
  }

  @Test func `a server that stands still is told in bounded time, and all goes on after`() throws {
    let server = try RedisServer()
    let bus = try bus(server, patience: .milliseconds(500))
    _ = try bus.add([task("a", most: 9), task("b", most: 9)])
    let claimed = try #require(try bus.claim(for: "w", lease: .seconds(60)))
    server.pause(true)
    let calls: [() throws -> Void] = [
      { _ = try bus.add([task("c")]) }, { _ = try bus.claim(for: "w", lease: .seconds(1)) }, { _ = try bus.backlog() },
      { _ = try bus.extend(claimed.claim, lease: .seconds(60)) }, { _ = try bus.waitForTask(atMost: .seconds(60)) },
    ]
    for call in calls {
      let start = Clock.now
      #expect(kind(call) == .unavailable)
      #expect(Clock.now - start < 3_000_000_000)
    }
    server.pause(false)
    #expect(try bus.extend(claimed.claim, lease: .seconds(60)) == .held && bus.acknowledge(claimed.claim) == .held)
    _ = try bus.add([task("c")])
    #expect(try bus.counts(group: "job").done == 1 && bus.backlog() == 2, "what was added late is there once")
  }

  @Test func `the backlog is never 0 with work in hand`() throws {
    let bus = try bus(try RedisServer.shared.get(), isTold: true)
    _ = try bus.add((0..<5).map { task("\($0)", most: 1) } + [task("x", queue: "other", group: "other", most: 2)])
    var claims: [ClaimedTask] = []
    while let claimed = try bus.claim(for: "w", lease: .seconds(10)) { claims.append(claimed) }
    #expect(try claims.count == 6 && bus.backlog() == 6, "all are taken")
    try bus.remove(group: "job")
    #expect(try bus.backlog() == 1, "the others are removed")
    _ = try bus.add((0..<5).map { task("\($0)", most: 1) })
    while try bus.claim(for: "w", lease: .seconds(10)) != nil {}
    clock.advance(.seconds(10))
    #expect(try bus.backlog() == 1, "after a reap five are set aside, and one may be had")
    let last = try #require(try bus.claim(for: "w", lease: .seconds(10)))
    #expect(try bus.backlog() == 1)
    #expect(try bus.acknowledge(last.claim) == .held && bus.backlog() == 0)
    #expect(try bus.retry("job") == 5 && bus.backlog() == 5)
  }

  @Test func `who waits asks seldom, and hears at once`() throws {
    let server = try RedisServer()
    let (bus, other) = (try bus(server), try bus(server))
    let client = try client(server)
    func asked() throws -> Int {
      let lines = try #require(try client.call(["INFO", "stats"]).string).split(whereSeparator: \.isNewline)
      let line = lines.first { $0.hasPrefix("total_commands_processed:") }
      return try #require(line.flatMap { Int($0.dropFirst(25)) })
    }
    let before = try asked()
    #expect(try !bus.waitForTask(atMost: .seconds(1)))
    #expect(try asked() - before < 40, "a script is several commands, and there were about two")
    let late = Monitor<UInt64>(0)
    for round in 0..<20 {
      let waiting = NativeThread {
        guard (try? bus.waitForTask(atMost: .seconds(30))) == true else { return late.update { $0 = .max } }
        let now = Clock.now
        late.update { $0 = now }
      }
      usleep(UInt32(round * 1500))
      let added = Clock.now
      _ = try other.add([task("\(round)")])
      waiting.join()
      #expect(late.update { $0 } - added < 1_000_000_000)
      let claimed = try #require(try other.claim(for: "w", lease: .seconds(60)))
      _ = try other.acknowledge(claimed.claim)
    }
  }

  @Test func `more may wait than there are connections for`() throws {
    var settings = RedisBus.Settings()
    (settings.waiters, settings.connections) = (1, 2)
    let address = try RedisServer.shared.get().address(for: folder)
    let bus = try RedisBus(address, settings: settings)
    let heard = Monitor(0)
    let threads = (0..<6).map { _ in
      NativeThread { if (try? bus.waitForTask(atMost: .seconds(20))) == true { heard.update { $0 += 1 } } }
    }
    usleep(300_000)
    let start = Clock.now
    _ = try RedisBus(address).add([task("a")])
    for thread in threads { thread.join() }
    #expect(heard.update { $0 } == 6 && Clock.now - start < 5_000_000_000)
  }

  @Test func `removing a group leaves nothing, and a removal that was cut short is finished by the next who comes`()
    throws
  {
    let server = try RedisServer()
    let (bus, client) = (try bus(server), try client(server))
    _ = try bus.add([task("other", queue: "other", group: "other")])
    let few = try client.call(["DBSIZE"]).integer
    for batch in 0..<3 { _ = try bus.add((0..<1000).map { task("\(batch) \($0)", priority: $0 % 10) }) }
    try bus.hold("other")
    for number in 0..<60 {
      guard let claimed = try bus.claim(for: "w", lease: .seconds(60)) else { break }
      _ =
        try number % 2 == 0
        ? bus.acknowledge(claimed.claim) == .held
        : bus.fail(claimed.claim, Failure("no", isRetryable: number % 3 == 0)) == .again
    }
    #expect(try bus.run(BusLua.removeGroup, ["job".argument]).integer == 3000)
    #expect(try bus.claim(for: "w", lease: .seconds(1)) == nil && bus.backlog() == 0)
    #expect(try bus.add([task("0 0")]) == [true] && bus.remove(group: "job") == 1)
    for _ in 0..<3 { _ = try bus.add([task("again", group: "g\(Int.random(in: 0...Int.max))")]) }
    #expect(try bus.run(BusLua.removeQueue, ["acme".argument]).integer == 3)
    _ = try self.bus(server)
    let left = try #require(try client.call(["KEYS", "*"]).elements).compactMap(\.string)
    // what belongs to the other task, its lease, and the stream that wakes those who wait
    #expect(left.count <= few! + 2, "\(left)")
  }
}
