import Base
import TestKit
import Testing

@testable import Redis

struct AddressTests {
  @Test func `an address says host, port, database, prefix and as whom`() throws {
    let full = try RedisAddress("redis://wor%40ker:p%3A%2Fss@redis.example:7000/3?prefix=acme")
    #expect(full.host == "redis.example" && full.port == 7000 && full.database == 3 && full.prefix == "acme")
    #expect(full.user == "wor@ker" && full.password == "p:/ss" && !full.isSecure)
    #expect(full.description == "redis://redis.example:7000/3")
    let plain = try RedisAddress("redis://localhost")
    #expect(plain.port == 6379 && plain.database == 0 && plain.prefix == "ridley")
    #expect(plain.user == nil && plain.password == nil)
    let secure = try RedisAddress("rediss://:secret@[::1]:6380/?ca=/etc/ca%20file.pem")
    #expect(secure.host == "::1" && secure.port == 6380 && secure.isSecure && secure.authorities == "/etc/ca file.pem")
    #expect(secure.user == nil && secure.password == "secret" && secure.description == "rediss://[::1]:6380")
    #expect(try RedisAddress("redis://:a@b@host").password == "a@b", "the last @ stands before the host")
  }

  @Test(arguments: [
    "http://host", "redis://", "redis://:hush@", "redis://hush@host", "redis://u:@host", "redis://u:hush%zz@host",
    "redis://u:hush@host:port", "redis://u:hush@host:0", "redis://u:hush@host/name", "redis://u:hush@host/-1",
    "redis://u:hush@host?prefix=", "redis://u:hush@host?prefix={a}", "redis://u:hush@host?secret=hush",
    "redis://u:hush@host?ca=file", "redis://u:hush@ho st", "redis://u:hush@host?password-file=/x",
  ])
  func `what cannot be read is refused, and no password is in the words`(text: String) {
    let fault = #expect(throws: Fault.self) { _ = try RedisAddress(text) }
    #expect(fault?.kind == .badInput)
    #expect(fault.map { !$0.message.contains("hush") && $0.cause?.contains("hush") != true } == true)
  }

  @Test func `a password may stand in a file`() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(Array("se cret\nmore".utf8), to: folder.file("password"))
    let address = try RedisAddress("redis://host?password-file=\(folder.file("password"))")
    #expect(address.password == "se cret" && address.user == nil)
    let fault = #expect(throws: Fault.self) { _ = try RedisAddress("redis://host?password-file=/no/such/file") }
    #expect(fault?.kind == .notFound)
  }

  @Test(arguments: [
    ("NOAUTH Authentication required.", Fault.Kind.denied), ("WRONGPASS invalid", .denied), ("NOPERM no", .denied),
    ("OOM command not allowed", .exhausted), ("LOADING Redis is loading", .unavailable), ("READONLY You", .unavailable),
    ("MASTERDOWN Link", .unavailable), ("MISCONF Redis is", .unavailable), ("CLUSTERDOWN Hash", .unavailable),
    ("BUSY Redis is busy", .unavailable), ("ERR max number of clients reached", .unavailable),
    ("MOVED 1 host:1", .unsupported), ("ERR DB index is out of range", .badInput),
    ("ERR unknown command 'X'", .unsupported),
    ("ERR ACL failure in script: x", .denied), ("WRONGTYPE Operation", .bug),
  ])
  func `what a server refuses has a kind`(text: String, kind: Fault.Kind) {
    #expect(RedisFailure.fault(text, "redis://host").kind == kind)
  }
}
