import Base
import Foundation
import Redis
import TestKit
import Testing

@testable import Bus

/// How a bus finds servers of other kinds and settings.
@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct RedisServerTests {
  private let folder = TemporaryFolder()

  private func client(_ server: RedisServer) throws -> RedisClient { try RedisClient(try RedisAddress(server.address)) }

  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  @Test func `a bus says what is kept, and refuses a server that may throw tasks away`() throws {
    let server = try RedisServer()
    let client = try client(server)
    func durability() throws -> RedisDurability { try RedisBus(server.address(for: folder)).durability }
    #expect(try durability() == .all && durability().sentence.contains("always"))
    for (value, expected) in [("everysec", RedisDurability.allButSeconds), ("no", .allButUnwritten)] {
      _ = try client.call(["CONFIG", "SET", "appendfsync", value])
      #expect(try durability() == expected && expected.sentence.contains(value))
    }
    _ = try client.call(["CONFIG", "SET", "appendfsync", "always", "no-appendfsync-on-rewrite", "yes"])
    #expect(try durability() == .allButUnwrittenAtTimes)
    _ = try client.call(["CONFIG", "SET", "appendonly", "no"])
    #expect(try durability() == .snapshots)
    _ = try client.call(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
    let refused = fault { _ = try durability() }
    #expect(refused?.kind == .badInput && refused?.message.contains("noeviction") == true)
    _ = try client.call(["CONFIG", "SET", "maxmemory-policy", "noeviction"])
    _ = try RedisBus(server.address(for: folder)).add([task("a")])
    let prefix = folder.path.split(separator: "/").last!
    _ = try client.call(["HSET", "{\(prefix)}:s", "format", "2"])
    #expect(kind { _ = try RedisBus(server.address(for: folder)) } == .unsupported, "a newer Ridley's")
  }

  @Test func `a user who may do no more than docs/bus.md says is enough`() throws {
    let server = try RedisServer()
    let prefix = folder.path.split(separator: "/").last!
    let page = try String(contentsOfFile: Checkout.path + "/docs/bus.md", encoding: .utf8)
    let line = try #require(page.split(separator: "\n").first { $0.contains("ACL SETUSER ridley") })
    let words = line.trimmingCharacters(in: .whitespaces).split(separator: " ").map {
      $0.replacing("PASSWORD", with: "hush").replacing("{ridley}", with: "{\(prefix)}")
    }
    _ = try client(server).call(words)
    let address = "redis://ridley:hush@127.0.0.1:\(server.port)/?prefix=\(prefix)"
    let bus = try RedisBus(address)
    #expect(bus.durability == .untold && bus.place == server.address)
    var trial = try Trial(seed: 7, ToldClock(isOfServer: true)) { try RedisBus(address, clock: $0.clock) }
    #expect(try trial.run(1000) == nil)
    let denied = fault { _ = try RedisBus("redis://ridley:hush@127.0.0.1:\(server.port)/?prefix=other") }
    #expect(denied?.kind == .denied && denied.map { !"\($0.message) \($0.cause ?? "")".contains("hush") } == true)
  }

  @Test func `where memory is full no task is added, and those that are there are done`() throws {
    let server = try RedisServer(["--maxmemory", "5mb"])
    let bus = try RedisBus(server.address(for: folder))
    var added = 0
    let full = fault {
      while true {
        _ = try bus.add((0..<100).map { task("\(added) \($0)", String(repeating: "x", count: 4000)) })
        added += 100
      }
    }
    #expect(full?.kind == .exhausted && added >= 100)
    #expect(try bus.counts(group: "job").waiting == added, "what is refused is not there by half")
    for number in 0..<min(added, 300) {
      let claimed = try #require(try bus.claim(for: "w", lease: .seconds(60)))
      #expect(try bus.extend(claimed.claim, lease: .seconds(60)) == .held)
      if number == 0 { #expect(try bus.fail(claimed.claim, Failure("no", isRetryable: false)) == .setAside) }
      if number == 1 { #expect(try bus.giveBack(claimed.claim, after: .zero) == .held) }
      if number > 1 { #expect(try bus.acknowledge(claimed.claim) == .held) }
    }
    #expect(try bus.add([task("more")]) == [true])
    #expect(try bus.remove(group: "job") == added + 1)
  }

  @Test func `a bus is reached by TLS too`() throws {
    let server = try RedisServer.secure()
    let address = "rediss://localhost:\(try #require(server.securePort))/?ca=\(server.folder.file("ca.pem"))"
    #expect(try RedisBus(address).place.hasPrefix("rediss://localhost:"))
    var trial = try Trial(seed: 9, ToldClock(isOfServer: true)) { try RedisBus(address, clock: $0.clock) }
    #expect(try trial.run(500) == nil)
    #expect(kind { _ = try RedisBus("rediss://localhost:\(server.securePort!)") } == .denied)
  }

  @Test func `a server that became a replica is told as unavailable`() throws {
    let server = try RedisServer()
    let (bus, client) = (try RedisBus(server.address(for: folder)), try client(server))
    _ = try bus.add([task("a")])
    _ = try client.call(["REPLICAOF", "127.0.0.1", "1"])
    #expect(kind { _ = try bus.add([task("b")]) } == .unavailable)
    #expect(kind { _ = try bus.claim(for: "w", lease: .seconds(1)) } == .unavailable)
    _ = try client.call(["REPLICAOF", "NO", "ONE"])
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "a")
  }

  @Test func `every key is in one place of a cluster, to which any of its servers leads`() throws {
    let servers = try (0..<2).map { _ in
      try RedisServer(["--cluster-enabled", "yes", "--cluster-port", "\(Ports.free())"])
    }
    let clients = try servers.map { try client($0) }
    for (client, range) in zip(clients, [["0", "8191"], ["8192", "16383"]]) {
      _ = try client.call(["CLUSTER", "ADDSLOTSRANGE"] + range)
    }
    let port = try #require(try clients[1].call(["CONFIG", "GET", "cluster-port"]).elements?.last?.string)
    _ = try clients[0].call(["CLUSTER", "MEET", "127.0.0.1", "\(servers[1].port)", port])
    try waitUntil("the cluster") {
      try clients.allSatisfy { try $0.call(["CLUSTER", "INFO"]).string?.contains("cluster_state:ok") == true }
    }
    var order = servers
    var trial = try Trial(seed: 5, ToldClock(isOfServer: true)) {
      order.reverse()
      return try RedisBus(order[0].address(for: folder), clock: $0.clock)
    }
    #expect(try trial.run(1000) == nil)
    let keys = try clients.map { try #require(try $0.call(["KEYS", "*"]).elements).count }
    #expect(keys.contains(0) && keys.reduce(0, +) > 5)
  }
}
