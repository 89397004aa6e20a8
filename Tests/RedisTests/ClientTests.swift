import Base
import Foundation
import TestKit
import Testing

@testable import Redis

@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct ClientTests {
  private func client(
    _ address: String, patience: Duration = .seconds(5), connections: Int = 8
  ) throws -> RedisClient {
    var settings = RedisClient.Settings()
    (settings.patience, settings.connections) = (patience, connections)
    return try RedisClient(try RedisAddress(address), settings: settings)
  }

  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  @Test func `replies come as they are, and a script that the server has forgotten is sent again`() throws {
    let client = try client(try RedisServer.shared.get().address)
    #expect(try client.call(["PING"]) == .status("PONG"))
    let script = RedisScript("return {KEYS[1], ARGV[1], 7, false, {redis.status_reply('fine')}}")
    let bytes: [UInt8] = [0, 13, 10, 255]
    let expected = RedisReply.list([.text(Array("k".utf8)), .text(bytes), .number(7), .none, .list([.status("fine")])])
    #expect(try client.run(script, key: "k", [bytes]) == expected)
    _ = try client.call(["SCRIPT", "FLUSH"])
    #expect(try client.run(script, key: "k", [bytes]) == expected)
    let large = [UInt8](repeating: 7, count: 3_000_000)
    #expect(try client.run(RedisScript("return ARGV[1]"), key: "k", [large]) == .text(large))
    #expect(try client.run(RedisScript("return ARGV[1]"), key: "k", [[]]) == .text([]))
    #expect(fault { _ = try client.call(["NOSUCH"]) }?.kind == .unsupported)
    #expect(try client.call(["PING"]) == .status("PONG"), "an error ends no connection")
  }

  @Test func `a user and a password are asked for, and are in no fault`() throws {
    let server = try RedisServer(["--requirepass", "hush hush"])
    #expect(fault { _ = try client(server.address).call(["PING"]) }?.kind == .denied)
    #expect(try client("redis://:hush%20hush@127.0.0.1:\(server.port)/2").call(["PING"]) == .status("PONG"))
    #expect(try client("redis://default:hush%20hush@127.0.0.1:\(server.port)").call(["PING"]) == .status("PONG"))
    for wrong in [":hush", "ann:hush", "default:hush"] {
      let fault = fault { _ = try client("redis://\(wrong)@127.0.0.1:\(server.port)").call(["PING"]) }
      #expect(fault?.kind == .denied && fault.map { !"\($0.message) \($0.cause ?? "")".contains("hush") } == true)
    }
    let owner = try client("redis://:hush%20hush@127.0.0.1:\(server.port)")
    #expect(
      fault { _ = try client("redis://:hush%20hush@127.0.0.1:\(server.port)/99").call(["PING"]) }?.kind == .badInput)
    _ = try owner.call(["ACL", "SETUSER", "ann", "on", ">hush", "+ping"])
    let ann = try client("redis://ann:hush@127.0.0.1:\(server.port)")
    #expect(try ann.call(["PING"]) == .status("PONG"))
    #expect(fault { _ = try ann.call(["INFO"]) }?.kind == .denied)
  }

  @Test func `a server that is gone, or stands still, is told in bounded time, and asked again when it is back`() throws
  {
    let server = try RedisServer()
    let client = try client(server.address, patience: .milliseconds(400))
    _ = try client.call(["PING"])
    server.pause(true)
    let start = Clock.now
    for _ in 0..<2 { #expect(fault { _ = try client.call(["PING"]) }?.kind == .unavailable) }
    #expect(Clock.now - start < 3_000_000_000)
    server.pause(false)
    #expect(try client.call(["PING"]) == .status("PONG"))
    server.end()
    let gone = fault { _ = try client.call(["PING"]) }
    #expect(gone?.kind == .unavailable && gone?.message.contains("127.0.0.1") == true)
    try server.start()
    #expect(try client.call(["PING"]) == .status("PONG"), "a connection that ended is not used again")
  }

  @Test func `connections are bounded, and who finds none waits for one`() throws {
    let server = try RedisServer.shared.get()
    let client = try client(server.address, connections: 3)
    _ = try client.call(["PING"])
    let name = "pool-\(server.port)"
    let failures = Monitor(0)
    let threads = (0..<12).map { _ in
      NativeThread {
        for _ in 0..<50 {
          let words = ["EVAL", "redis.call('INCR', KEYS[1]) return 1", "1", name]
          if (try? client.call(words)) == nil { failures.update { $0 += 1 } }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.update { $0 } == 0)
    #expect(try client.call(["GET", name]).integer == 600)
    let pool = RedisPool(1)
    #expect(pool.take(before: 0) != nil && pool.take(before: Clock.now + 20_000_000) == nil)
    pool.putBack(nil)
    #expect(pool.take(before: 0) != nil)
  }

  @Test func `TLS is spoken with a server whose certificate is right, and with no other`() throws {
    let server = try RedisServer.secure()
    let secure = try #require(server.securePort)
    func address(_ host: String, _ ca: String) -> String { "rediss://\(host):\(secure)\(ca)" }
    let trusted = "?ca=\(server.folder.file("ca.pem"))"
    let client = try client(address("127.0.0.1", trusted))
    for _ in 0..<3 { #expect(try client.call(["PING"]) == .status("PONG")) }
    let large = [UInt8](repeating: 7, count: 3_000_000)
    #expect(try client.run(RedisScript("return ARGV[1]"), key: "k", [large]) == .text(large))
    #expect(try self.client(address("localhost", trusted)).call(["PING"]) == .status("PONG"))
    let unknown = fault { _ = try self.client(address("127.0.0.1", "")).call(["PING"]) }
    #expect(unknown?.kind == .denied && unknown?.message.contains("certificate") == true)
    let other = fault { _ = try self.client(address("127.0.0.2", trusted)).call(["PING"]) }
    #expect(other?.kind == .denied || other?.kind == .unavailable, "another host's certificate")
    let name = fault { _ = try self.client(address("ip6-localhost", trusted)).call(["PING"]) }
    #expect(name != nil)
    let plain = fault {
      _ = try self.client("rediss://127.0.0.1:\(server.port)\(trusted)", patience: .seconds(1)).call(["PING"])
    }
    #expect(plain?.kind == .unavailable)
    #expect(fault { _ = try self.client(address("127.0.0.1", "?ca=/no/file")).call(["PING"]) }?.kind == .notFound)
    #expect(
      fault { _ = try self.client(address("127.0.0.1", "?ca=\(server.folder.file("server.key"))")) }?.kind == .badInput)
  }
}
