import Base
import Crypto
import Foundation
import Synchronization
import TestKit
import Testing

@testable import ModelHub

/// A folder of files behind a server, and a hub whose model `net` has its one file there.
private struct World {
  let folder = TemporaryFolder()
  let server: LocalServer
  let bytes: [UInt8]
  let hub: Hub

  /// Pulled files stand in a folder for what they are: paths and digests.
  var target: String {
    let key = SHA256.hex(of: Array("weights.bin\n\(SHA256.hex(of: bytes))".utf8)).prefix(16)
    return folder.file("store/models/net/\(key)/weights.bin")
  }
  var part: String { target + ".part" }

  init(_ way: String = "", count: Int = 300_000, size: Bool = true, url: String? = nil) throws {
    bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    try FileSystem.makeFolder(folder.file("web"))
    try FileSystem.write(bytes, to: folder.file("web/weights.bin"))
    server = try LocalServer(folder: folder.file("web"))
    try FileSystem.makeFolder(folder.file("models/net"))
    let manifest = """
      {name: net, summary: A net., license: MIT, task: tensor, output: {decoder: raw}, files: [{path: weights.bin,
      url: "\(url ?? server.address + way + "/weights.bin")", sha256: \(SHA256.hex(of: bytes))
      \(size ? ", size: \(count)" : "")}]}
      """
    try FileSystem.write(Array(manifest.utf8), to: folder.file("models/net/model.yaml"))
    hub = Hub(folders: [folder.file("models")], store: folder.file("store"))
  }

  func keep(_ bytes: [UInt8]) throws {
    try FileSystem.makeFolder(FileSystem.folder(of: part))
    try FileSystem.write(bytes, to: part)
  }

  func fault() -> Fault? { #expect(throws: Fault.self) { try hub.pull("net") } }

  func requests() throws -> [String] { try server.log().map { String($0.split(separator: " ")[1]) } }
}

@Suite struct PullTests {
  @Test func `A pulled model is ready, whole, and not fetched again`() throws {
    let world = try World()
    #expect(throws: Fault.self) { try world.hub.find("net") }
    let seen = Mutex<[PullProgress]>([])
    let model = try world.hub.pull("net") { (progress) in
      seen.withLock { $0.append(progress) }
      return true
    }
    #expect(model.isReady && model.networkPath == world.target)
    #expect(try FileSystem.read(world.target) == world.bytes)
    let last = PullProgress(path: "weights.bin", number: 1, fileCount: 1, received: 300_000, total: 300_000)
    #expect(seen.withLock { $0.last } == last)
    _ = try world.hub.pull("net")
    #expect(try world.hub.verify("net").digest == model.digest)
    #expect(try world.requests() == ["-"])
    #expect(FileSystem.kind(of: world.part) == nil)
  }

  @Test func `A connection that breaks is made again by itself, and what came is kept for the next pull`() throws {
    let world = try World("/cut")
    let fault = world.fault()
    #expect(fault?.kind == .unavailable)
    #expect(fault?.message.contains("try again to fetch the rest of 127.0.0.1:") == true)
    let kept = try FileSystem.byteCount(of: world.part)
    #expect(kept > 250_000 && kept < 300_000)
    _ = try world.hub.pull("net")
    #expect(try FileSystem.read(world.target) == world.bytes)
    let requests = try world.requests()
    #expect(requests.prefix(2) == ["-", "bytes=150000-"] && requests.contains("bytes=\(kept)-"))
  }

  @Test func `A server that cannot send a part sends all, and the file is right`() throws {
    let world = try World("/norange")
    try world.keep(Array(world.bytes[..<100_000]))
    _ = try world.hub.pull("net")
    #expect(try FileSystem.read(world.target) == world.bytes)
    #expect(try world.requests() == ["bytes=100000-"])
  }

  @Test func `A whole file of an earlier pull is moved into place without the network`() throws {
    let world = try World()
    try world.keep(world.bytes)
    _ = try world.hub.pull("net")
    #expect(try world.requests() == [])
  }

  @Test(arguments: [true, false])
  func `A wrong half of an earlier pull is fetched again from the front`(sizeIsKnown: Bool) throws {
    let world = try World(size: sizeIsKnown)
    try world.keep([UInt8](repeating: 7, count: 100_000))
    _ = try world.hub.pull("net")
    #expect(try FileSystem.read(world.target) == world.bytes)
    #expect(try world.requests() == ["bytes=100000-", "-"])
  }

  @Test func `A kept part that is longer than the file is begun again`() throws {
    let world = try World(size: false)
    try world.keep([UInt8](repeating: 7, count: 400_000))
    _ = try world.hub.pull("net")
    #expect(try world.requests() == ["bytes=400000-", "-"])
  }

  @Test func `Wrong bytes are refused with both digests, and removed`() throws {
    let world = try World("/wrong")
    let fault = world.fault()
    let (right, wrong) = (SHA256.hex(of: world.bytes), SHA256.hex(of: world.bytes.map { $0 ^ 255 }))
    #expect(fault?.kind == .badInput)
    let place = world.server.address.dropFirst("http://".count)
    #expect(
      fault?.message
        == "weights.bin from \(place) is not the right file: expected SHA-256 \(right), it has \(wrong); it was removed"
    )
    #expect(FileSystem.kind(of: world.part) == nil && FileSystem.kind(of: world.target) == nil)
  }

  @Test func `An answer that is too short or too long is refused`() throws {
    let short = try World("/short").fault()
    #expect(short?.message.contains("expected 300000 bytes, it has 150000") == true)
    let world = try World()
    try FileSystem.write(world.bytes + [1], to: world.folder.file("web/weights.bin"))
    #expect(world.fault()?.kind == .tooLarge)
  }

  @Test(arguments: [
    ("/status/404", Fault.Kind.notFound, "has no"), ("/status/403", .denied, "does not give out"),
    ("/status/500", .unavailable, "answered 500 for"), ("/status/429", .unavailable, "asks to wait (429)"),
    ("/loop", .badInput, "redirects more than 5 times"), ("/away", .denied, "not allowed"),
  ])
  func `A refusal of the server says what it was`(way: String, kind: Fault.Kind, words: String) throws {
    let fault = try World(way).fault()
    #expect(fault?.kind == kind)
    #expect(fault?.message.contains(words) == true && fault?.message.contains("127.0.0.1") == true, "\(fault!)")
  }

  @Test func `No network and no server are told apart from a missing file`() throws {
    let unknown = try World(url: "https://models.invalid/weights.bin?token=secret").fault()
    // Some networks without a way out say of every name that nobody has it.
    #expect(unknown?.kind == .unavailable || unknown?.message.contains("no server named models.invalid") == true)
    #expect(unknown?.message.contains("secret") == false)
    let closed = try World(url: "http://127.0.0.1:1/weights.bin").fault()
    #expect(closed?.message.hasPrefix("127.0.0.1:1 takes no connection") == true)
  }

  @Test func `A pull that is stopped is taken up later`() throws {
    let world = try World("/slow", count: 40_000)
    let fault = #expect(throws: Fault.self) { try world.hub.pull("net") { $0.received < 2_000 } }
    #expect(fault?.kind == .closed)
    let kept = try FileSystem.byteCount(of: world.part)
    #expect(kept >= 2_000 && kept < 40_000)
    _ = try world.hub.pull("net")
    #expect(try world.requests() == ["-", "bytes=\(kept)-"])
  }

  @Test func `Pulls at the same time wait for each other, and one fetches`() throws {
    let world = try World("/slow", count: 10_000)
    let ready = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      if (try? world.hub.pull("net"))?.isReady == true { ready.add(1, ordering: .relaxed) }
    }
    #expect(ready.load(ordering: .relaxed) == 4)
    #expect(try world.requests() == ["-"])
  }

  @Test func `A damaged file is found by verify, which says what to do`() throws {
    let world = try World()
    _ = try world.hub.pull("net")
    try FileSystem.write(world.bytes.reversed(), to: world.target)
    _ = try world.hub.find("net")
    let fault = #expect(throws: Fault.self) { try world.hub.verify("net") }
    #expect(fault?.message.hasSuffix("remove it and run 'ridley model pull net'") == true)
  }

  @Test(arguments: ["digest", "net/weights.bin"])
  func `A mirror is asked by digest and by model`(layout: String) throws {
    let world = try World(url: "http://127.0.0.1:1/weights.bin")
    let path = world.folder.file("mirror #1/" + (layout == "digest" ? SHA256.hex(of: world.bytes) : layout))
    try FileSystem.makeFolder(FileSystem.folder(of: path))
    try FileSystem.write(world.bytes, to: path)
    #expect(try world.hub.pull("net", mirror: world.folder.file("mirror #1/")).isReady)
    #expect(try FileSystem.read(world.target) == world.bytes)
  }

  @Test func `A mirror that lacks the file says where it looked`() throws {
    let world = try World()
    let fault = #expect(throws: Fault.self) { try world.hub.pull("net", mirror: world.folder.path) }
    #expect(fault?.kind == .notFound && fault?.message.contains("no 'net/weights.bin'") == true)
    #expect(throws: Fault.self) { try world.hub.pull("net", mirror: "/nowhere") }
  }
}
