import Base
import TestKit
import Testing

@testable import Objects

/// A folder behind a web server, and a place to fetch into.
private struct World {
  let folder = TemporaryFolder()
  let server: LocalServer
  let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
  var target: String { folder.file("target") }

  init() throws {
    try FileSystem.makeFolder(folder.file("web"))
    try FileSystem.write(bytes, to: folder.file("web/a.bin"))
    try FileSystem.write([], to: folder.file("web/empty"))
    server = try LocalServer(folder: folder.file("web"))
  }

  func fetch(
    _ path: String, limits: Download.Limits = Download.Limits(), progress: (DownloadProgress) -> Bool = { _ in true }
  ) throws(Fault) { try Download(server.address + path, limits: limits).fetch(into: target, progress: progress) }

  func ranges() throws -> [String] { try server.log().map { String($0.split(separator: " ")[1]) } }
}

struct DownloadTests {
  @Test("A file comes whole, with how far it is told on the way")
  func whole() throws {
    let world = try World()
    let last = Monitor<DownloadProgress?>(nil)
    try world.fetch("/a.bin") { progress in
      last.update { $0 = progress }
      return true
    }
    #expect(try FileSystem.read(world.target) == world.bytes)
    #expect(last.update { $0?.received } == 300_000 && last.update { $0?.total } == 300_000)
    #expect(try world.ranges() == ["-"])
  }

  @Test("What stands there is continued; a server that cannot do that sends all, and the file is begun again")
  func resumed() throws {
    let world = try World()
    try FileSystem.write(Array(world.bytes[..<100_000]), to: world.target)
    try world.fetch("/a.bin")
    #expect(try FileSystem.read(world.target) == world.bytes)
    try world.fetch("/norange/a.bin")
    #expect(try FileSystem.read(world.target) == world.bytes)
    #expect(try world.ranges() == ["bytes=100000-", "bytes=300000-"])
  }

  @Test("More than there is cannot be continued, so the file is begun again")
  func tooMuch() throws {
    let world = try World()
    try FileSystem.write(world.bytes + world.bytes, to: world.target)
    try world.fetch("/a.bin")
    #expect(try FileSystem.read(world.target) == world.bytes)
    #expect(try world.ranges() == ["bytes=600000-", "-"])
  }

  @Test("A connection that breaks is made again as often as allowed, and what came is kept")
  func broken() throws {
    let world = try World()
    var limits = Download.Limits()
    limits.resumptions = 1
    let fault = try #require(throws: Fault.self) { try world.fetch("/cut/a.bin", limits: limits) }
    #expect(fault.kind == .unavailable && fault.message.contains("try again to fetch the rest of 127.0.0.1:"))
    #expect(try world.ranges() == ["-", "bytes=150000-"])
    #expect(try FileSystem.read(world.target) == Array(world.bytes[..<225_000]))
    try world.fetch("/a.bin")
    #expect(try FileSystem.read(world.target) == world.bytes)
  }

  @Test("An empty file, and a file of this machine")
  func small() throws {
    let world = try World()
    try world.fetch("/empty")
    #expect(try FileSystem.read(world.target) == [])
    try Download("file://\(world.folder.file("web/a.bin"))").fetch(into: world.target)
    #expect(try FileSystem.read(world.target) == world.bytes)
    let none = try #require(throws: Fault.self) { try Download("file:///none/a").fetch(into: world.target) }
    #expect(none.kind == .notFound)
  }

  @Test("More bytes than expected are refused before they are written")
  func limit() throws {
    let world = try World()
    var limits = Download.Limits()
    limits.byteCount = 299_999
    let fault = try #require(throws: Fault.self) { try world.fetch("/a.bin", limits: limits) }
    #expect(fault.kind == .tooLarge && fault.message.contains("longer than the 299999 bytes expected"))
    #expect(try FileSystem.byteCount(of: world.target) == 0)
  }

  @Test("Whoever stops a download ends it, and it goes on from there later")
  func stopped() throws {
    let world = try World()
    let fault = try #require(throws: Fault.self) { try world.fetch("/slow/a.bin") { $0.received < 2_000 } }
    #expect(fault.kind == .closed)
    let kept = try FileSystem.byteCount(of: world.target)
    #expect(kept >= 2_000 && kept < 300_000)
    try world.fetch("/a.bin")
    #expect(try FileSystem.read(world.target) == world.bytes)
    #expect(try world.ranges() == ["-", "bytes=\(kept)-"])
  }

  @Test(
    "A refusal says who refused and why, and leaves nothing that was not asked for",
    arguments: [
      ("/status/404", Fault.Kind.notFound, "has no"), ("/status/410", .notFound, "has no"),
      ("/status/401", .denied, "does not give out"), ("/status/403", .denied, "does not give out"),
      ("/status/429", .unavailable, "asks to wait (429)"), ("/status/503", .unavailable, "answered 503 for"),
      ("/status/400", .denied, "answered 400 for"), ("/status/408", .unavailable, "answered 408 for"),
      ("/loop", .badInput, "redirects more than 5 times"), ("/away", .denied, "not allowed"),
      ("/none", .notFound, "has no"),
    ])
  func refusals(path: String, kind: Fault.Kind, words: String) throws {
    let world = try World()
    let fault = try #require(throws: Fault.self) { try world.fetch(path + "?token=secret") }
    #expect(fault.kind == kind && fault.message.contains(words) && fault.message.contains("127.0.0.1"), "\(fault)")
    #expect(!fault.message.contains("secret"))
    #expect(try FileSystem.byteCount(of: world.target) == 0)
  }

  @Test("What comes too slowly is given up with how slow it was, and what takes too long altogether for good")
  func slowness() throws {
    let world = try World()
    var limits = Download.Limits()
    (limits.stallSeconds, limits.leastBytesPerSecond) = (2, 1000)
    let watch = Stopwatch()
    let slow = try #require(throws: Fault.self) { try world.fetch("/drip/a.bin", limits: limits) }
    #expect(slow.kind == .unavailable && slow.message.contains("less than 1000 a second for 2 s"), "\(slow)")
    #expect(slow.message.contains(" bytes of 127.0.0.1:"))
    (limits.stallSeconds, limits.totalSeconds) = (30, 2)
    let late = try #require(throws: Fault.self) { try world.fetch("/drip/a.bin", limits: limits) }
    #expect(late.kind == .tooLarge && late.message.contains("too slow to be fetched in the time there is"), "\(late)")
    #expect(watch.seconds < 20)
  }

  @Test("A name that nobody has is no resolver that fails, and an address that may not be asked no closed port")
  func unreachable() throws {
    #expect([-2, -5].allSatisfy { HostName.isUnknown($0) } && ![0, -3, -4, -11].contains { HostName.isUnknown($0) })
    #expect(HostName(String(repeating: "a", count: 70) + ".example:80").isUnknown)
    #expect(!HostName("127.0.0.1:80").isUnknown && !HostName("[::1]:80").isUnknown)
    let folder = TemporaryFolder()
    var limits = Download.Limits()
    let closed = #expect(throws: Fault.self) { try Download("http://127.0.0.1:1/x").fetch(into: folder.file("x")) }
    #expect(closed?.kind == .unavailable)
    limits.reachesPrivate = false
    for host in ["127.0.0.1:1", "10.0.0.1", "[::1]", "localhost"] {
      let fault = #expect(throws: Fault.self) {
        try Download("http://\(host)/x", limits: limits).fetch(into: folder.file("x"))
      }
      #expect(fault?.kind == .denied && fault?.message.contains("is an address of this machine") == true, "\(host)")
    }
  }

  @Test("Only web and file addresses are fetched, and only into folders that are there")
  func places() throws {
    let folder = TemporaryFolder()
    for address in ["ftp://a/b", "gopher://a", "a/b", ""] {
      let fault = #expect(throws: Fault.self) { try Download(address).fetch(into: folder.file("x")) }
      #expect(fault?.kind == .unsupported)
    }
    #expect(try FileSystem.list(folder.path).isEmpty)
    let fault = #expect(throws: Fault.self) { try Download("file:///etc/hostname").fetch(into: folder.file("no/x")) }
    #expect(fault?.kind == .notFound)
    let closed = #expect(throws: Fault.self) { try Download("http://127.0.0.1:1/x").fetch(into: folder.file("x")) }
    #expect(closed?.kind == .unavailable && closed?.message.hasPrefix("127.0.0.1:1 takes no connection") == true)
  }
}
