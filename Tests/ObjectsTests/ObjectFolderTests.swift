import Base
import Crypto
import Glibc
import Objects
import TestKit
import Testing

private func bytes(_ count: Int, _ key: Int = 1) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 ^ key &* 40_503) >> 9) }
}

func store(_ bytes: [UInt8], _ plan: ObjectPlan = ObjectPlan(), in objects: ObjectFolder) throws -> StoredObject {
  let writer = try objects.write(plan)
  for part in stride(from: 0, to: bytes.count, by: 1000) {
    try writer.append(bytes.span.extracting(part..<min(bytes.count, part + 1000)).bytes)
  }
  return try writer.finish()
}

struct ObjectFolderTests {
  private let folder = TemporaryFolder()
  private let objects: ObjectFolder

  init() throws { objects = try ObjectFolder(folder.file("o"), reserve: 0) }

  private var staged: [String] { get throws { try FileSystem.list(folder.file("o/staging")) } }
  private var all: [ObjectName] { get throws { try ObjectName.shards.flatMap { try objects.list($0) } } }

  @Test("What is put is found by its digest, whole and by ranges", arguments: [0, 1, 999, 70_000])
  func put(count: Int) throws {
    let content = bytes(count)
    let stored = try store(content, in: objects)
    #expect(stored.name.digest == SHA256.hex(of: content) && stored.byteCount == count)
    let reader = try #require(try objects.open(stored.name))
    #expect(reader.byteCount == count)
    for range in [0..<count, 0..<0, count / 2..<count, count / 3..<count / 2, 0..<count + 10, count + 5..<count + 9] {
      #expect(try reader.read(range) == Array(content[range.clamped(to: 0..<count)]))
    }
    #expect(try objects.verify(stored.name) == .sound)
    #expect(try staged.isEmpty)
  }

  @Test("Nothing is visible before it is whole, and what is dropped leaves nothing")
  func unfinished() throws {
    do {
      let writer = try objects.write(ObjectPlan(byteCount: 2000))
      try writer.append(bytes(1500).span.bytes)
      #expect(try all.isEmpty && staged.count == 1)
      _ = try ObjectFolder(folder.file("o"), reserve: 0)
      #expect(try staged.count == 1, "another start leaves what a living writer has")
      #expect(throws: Fault.self) { try writer.finish() }
    }
    #expect(try all.isEmpty && staged.isEmpty)
  }

  @Test("Another digest than the expected is refused with both; more and fewer bytes than announced likewise")
  func refused() throws {
    let other = try #require(ObjectName(String(repeating: "0", count: 64)))
    let wrong = try #require(throws: Fault.self) { try store(bytes(10), ObjectPlan(name: other), in: objects) }
    #expect(wrong.kind == .badInput && wrong.message.contains(other.digest))
    #expect(wrong.message.contains(SHA256.hex(of: bytes(10))))
    for count in [9, 11] {
      let fault = try #require(throws: Fault.self) { try store(bytes(10), ObjectPlan(byteCount: count), in: objects) }
      #expect(fault.kind == .badInput)
    }
    for plan in [ObjectPlan(byteCount: 10, largestByteCount: 9), ObjectPlan(largestByteCount: 9)] {
      #expect(try #require(throws: Fault.self) { try store(bytes(10), plan, in: objects) }.kind == .exhausted)
    }
    #expect(try all.isEmpty && staged.isEmpty)
  }

  @Test("The same bytes are stored once, and putting them again mends what the disk changed")
  func twice() throws {
    let name = try store(bytes(5000), in: objects).name
    #expect(try store(bytes(5000), in: objects).name == name)
    #expect(try all == [name])
    try FileSystem.write([1, 2, 3], to: objects.file(of: name))
    #expect(try objects.verify(name) == .damaged(digest: SHA256.hex(of: [1, 2, 3])))
    _ = try store(bytes(5000), in: objects)
    #expect(try objects.verify(name) == .sound)
    #expect(try objects.verify(ObjectName(String(repeating: "0", count: 64))!) == .missing)
  }

  @Test("Space that is not there is refused before the first byte, by its kind")
  func noSpace() throws {
    let full = try ObjectFolder(folder.file("full"), reserve: Int.max / 2)
    for plan in [ObjectPlan(byteCount: 10), ObjectPlan()] {
      #expect(try #require(throws: Fault.self) { try full.write(plan) }.kind == .exhausted)
    }
    #expect(try FileSystem.list(folder.file("full/staging")).isEmpty)
  }

  @Test(
    "On a disk that fills nothing half remains, and what was there stays", .enabled(if: geteuid() == 0, "needs root"))
  func fullDisk() throws {
    let disk = folder.file("disk")
    try FileSystem.makeFolder(disk)
    guard shell(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).status == 0 else {
      return print("no tmpfs can be mounted here: not tried on a full disk")
    }
    defer { _ = shell(["umount", "-l", disk]) }
    let small = try ObjectFolder(disk + "/o", reserve: 0)
    let first = try store(bytes(600_000), in: small)
    for plan in [ObjectPlan(byteCount: 1_900_000), ObjectPlan()] {
      let fault = try #require(throws: Fault.self) { try store(bytes(1_900_000, 2), plan, in: small) }
      #expect(fault.kind == .exhausted, "\(fault)")
    }
    #expect(try FileSystem.list(disk + "/o/staging").isEmpty)
    #expect(try small.verify(first.name) == .sound)
    #expect(try small.verify(store(bytes(600_000, 3), in: small).name) == .sound, "the space is free again")
  }

  @Test("A quota counts promises and what is stored, owner by owner")
  func quota() throws {
    var quota = ByteQuota(usualLimit: 100)
    try quota.promise(60, to: "a")
    try quota.promise(100, to: "b")
    #expect(try #require(throws: Fault.self) { try quota.promise(41, to: "a") }.kind == .exhausted)
    quota.settle(60, of: "a", stored: 50)
    try quota.promise(50, to: "a")
    quota.settle(50, of: "a", stored: 0)
    quota.release(50, of: "a")
    #expect(quota["a"].free == 100 && quota["b"].free == 0)
    quota.limit("b", to: nil)
    try quota.promise(1 << 40, to: "b")
  }
}

struct CollectionTests {
  private let folder = TemporaryFolder()

  @Test("What is referred to or held stays, all else goes; a lease that ended is forgotten")
  func collect() throws {
    let objects = try ObjectFolder(folder.file("o"), reserve: 0)
    let kept = try store(bytes(100, 1), in: objects).name
    let dropped = try store(bytes(100, 2), in: objects).name
    var lease = try objects.lease(store(bytes(100, 3), in: objects).name)
    let held = try #require(lease?.name)
    let reader = try #require(try objects.open(dropped))
    let first = try objects.collect {
      [kept].filter { [shard = $0] in $0.shard == shard }.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(first.seen == 3 && first.removed == 1 && first.removedByteCount == 100 && first.held == 1)
    #expect(try objects.verify(kept) == .sound && objects.verify(held) == .sound && objects.verify(dropped) == .missing)
    #expect(try reader.read(0..<100) == bytes(100, 2), "what is open is read to its end")
    #expect(try objects.lease(dropped) == nil)
    lease = nil
    #expect(try objects.collect { _ in [kept] }.removed == 1)
    #expect(try objects.verify(held) == .missing)
  }

  @Test("Bytes that were refused go at once, unless another holds them, refers to them or uploads them")
  func discard() throws {
    let objects = try ObjectFolder(folder.file("o"), reserve: 0)
    let first = try store(bytes(100), in: objects)
    do {
      let second = try store(bytes(100), in: objects)
      try objects.discard(first) { _ in false }
      #expect(try objects.verify(first.name) == .sound, "another holds it")
      withExtendedLifetime(second) {}
    }
    try objects.discard(first) { _ in true }
    #expect(try objects.verify(first.name) == .sound)
    try objects.discard(first) { _ in false }
    #expect(try objects.verify(first.name) == .missing)
  }

  @Test("A reference that is written while a collection runs, and whose lease ends then, keeps its object")
  func lateReference() throws {
    let objects = try ObjectFolder(folder.file("o"), reserve: 0)
    let second = try ObjectFolder(folder.file("o"), reserve: 0)
    var stored: StoredObject? = try store(bytes(100), in: objects)
    let name = try #require(stored?.name)
    // It is asked before the reference is written; then the lease ends, before the part is swept.
    _ = try second.collect { shard in
      if shard == name.shard { stored = nil }
      return []
    }
    #expect(try objects.verify(name) == .sound)
    #expect(try second.collect { _ in [name] }.removed == 0)
    #expect(try second.collect { _ in [] }.removed == 1)
  }

  @Test("Threads that put, refer, drop and collect at once never lose what is referred to", arguments: 0..<4)
  func interleavings(seed: Int) throws {
    let world = World(path: folder.file("o"))
    let threads = try (0..<4).map { number in
      let objects = try ObjectFolder(folder.file("o"), reserve: 0)
      return NativeThread { world.client(objects, seed: UInt64(seed * 10 + number)) }
    }
    let collector = NativeThread { world.collector() }
    for thread in threads { thread.join() }
    world.end()
    collector.join()
    #expect(world.state.update { $0.lost } == [])
    #expect(world.state.update { $0.collections } > 0)
    let objects = try ObjectFolder(folder.file("o"), reserve: 0)
    let referenced = world.state.update { $0.referenced }
    _ = try objects.collect { _ in Set(referenced.keys) }
    #expect(try Set(ObjectName.shards.flatMap { try objects.list($0) }) == Set(referenced.keys))
    for name in referenced.keys { #expect(try objects.verify(name) == .sound) }
  }
}

/// Clients that refer to objects in a table, beside a collector that reads it.
private final class World: Sendable {
  struct State {
    var referenced: [ObjectName: Int] = [:]
    var lost: [String] = []
    var collections = 0
    var isOver = false
  }

  let path: String
  let state = Monitor(State())
  init(path: String) { self.path = path }

  func end() { state.update { $0.isOver = true } }

  func collector() {
    while !state.update({ $0.isOver }) {
      do {
        let objects = try ObjectFolder(path, reserve: 0)
        _ = try objects.collect { shard in Set(self.state.update { $0.referenced.keys }.filter { $0.shard == shard }) }
        state.update { $0.collections += 1 }
      } catch { state.update { $0.lost.append("\(error)") } }
    }
  }

  func client(_ objects: ObjectFolder, seed: UInt64) {
    var dice = SeededRandom(seed)
    for _ in 0..<150 {
      do {
        let content = bytes(200, Int.random(in: 0..<12, using: &dice))
        var held: (any ObjectLease)?
        if Bool.random(using: &dice), let name = ObjectName(SHA256.hex(of: content)) { held = try objects.lease(name) }
        let lease = try held ?? store(content, in: objects).lease
        let name = lease.name
        guard Bool.random(using: &dice) else { continue }
        state.update { $0.referenced[name, default: 0] += 1 }
        held = nil
        withExtendedLifetime(lease) {}
        if try objects.verify(name) != .sound { state.update { $0.lost.append(name.digest) } }
        if Bool.random(using: &dice) {
          state.update { state in
            state.referenced[name]! -= 1
            if state.referenced[name] == 0 { state.referenced[name] = nil }
          }
        }
      } catch { state.update { $0.lost.append("\(error)") } }
    }
  }
}
