import Base
import Glibc
import Objects
import TestKit
import Testing

struct ObjectFolderTests {
  private let folder = TemporaryFolder()
  private let objects: ObjectFolder

  init() throws { objects = try ObjectFolder(folder.file("o"), reserve: 0) }

  private var staged: [String] { get throws { try FileSystem.list(folder.file("o/staging")) } }
  private var all: [ObjectName] { get throws { try ObjectName.shards.flatMap { try objects.list($0) } } }

  @Test("What is being written stands in the staging folder, and goes with its writer or its death")
  func staging() throws {
    do {
      let writer = try objects.write(ObjectPlan(byteCount: 2000))
      try writer.append(bytes(1500).span.bytes)
      #expect(try all.isEmpty && staged.count == 1)
      _ = try ObjectFolder(folder.file("o"), reserve: 0)
      #expect(try staged.count == 1, "another start leaves what a living writer has")
      #expect(throws: Fault.self) { try writer.finish() }
    }
    #expect(try all.isEmpty && staged.isEmpty)
    for plan in [ObjectPlan(byteCount: 11), ObjectPlan(largestByteCount: 9)] {
      #expect(throws: Fault.self) { try store(bytes(10), plan, in: objects) }
    }
    _ = try store(bytes(10), in: objects)
    #expect(try staged.isEmpty)
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

struct DiscardTests {
  private let folder = TemporaryFolder()

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
}
