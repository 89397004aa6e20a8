import Base
import Crypto
import TestKit
import Testing

@testable import Objects

/// Leases and dooms in a bucket, looked at from inside.
@Suite(.enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap"))
struct S3CollectTests {
  private let folder = TemporaryFolder()

  @Test("A lease waits as long as a collection is about to take its object, and not for others")
  func doomed() throws {
    let store = try s3Store(folder)
    let (one, other) = try (
      ObjectsTests.store(bytes(100, 1), in: store).name, ObjectsTests.store(bytes(100, 2), in: store).name
    )
    let doom = store.client.address.key("doomed/\(one.shard).somebody")
    _ = try store.client.put(doom, Array("\(one)\n".utf8))
    #expect(try store.lease(other) != nil)
    let found = Monitor<Bool?>(nil)
    let thread = NativeThread {
      let lease = try? store.lease(one)
      found.update { $0 = lease != nil }
    }
    #expect(found.wait(before: Clock.now + 500_000_000) { $0 } == nil, "it did not wait")
    // A collection that took it: who waited sees that it is gone.
    try store.client.remove(store.key(of: one))
    try store.client.remove(doom)
    thread.join()
    #expect(found.update { $0 } == false)
    #expect(try ObjectsTests.store(bytes(100, 1), in: store).name == one)
  }

  @Test(
    "A lease that begins while its object is about to be taken holds it, or sees that it is gone", arguments: [1, 2])
  func atTheSameTime(step: Int) throws {
    let store = try s3Store(folder)
    let name = try ObjectsTests.store(bytes(100), in: store).name
    try store.settle()
    let (steps, found) = (Monitor(0), Monitor<Bool?>(nil))
    let threads = Monitor<[NativeThread]>([])
    var settings = S3ObjectStore.Settings()
    settings.pause = {
      guard
        steps.update({
          $0 += 1; return $0
        }) == step
      else { return }
      // After the doom was written, before or after the leases are listed.
      let thread = NativeThread {
        let lease = try? store.lease(name)
        found.update { $0 = lease != nil }
        Clock.sleep(until: Clock.now + 300_000_000)
        withExtendedLifetime(lease) {}
      }
      threads.update { $0.append(thread) }
      for _ in 0..<500 {
        if try! pages(store.client, "leases/\(name.shard)/").isEmpty == false { break }
        Clock.sleep(until: Clock.now + 10_000_000)
      }
    }
    let done = try s3Store(folder, settings: settings).collect { _ in [] }
    for thread in threads.update({ $0 }) { thread.join() }
    #expect(done.held == (step == 1 ? 1 : 0) && done.removed == (step == 1 ? 0 : 1))
    #expect(found.update { $0 } == (step == 1))
    #expect(try store.verify(name) == (step == 1 ? .sound : .missing))
  }

  @Test("The service refuses a deletion that comes later than its fence")
  func fence() throws {
    let store = try s3Store(folder)
    let name = try ObjectsTests.store(bytes(100), in: store).name
    let date = try #require(try store.client.head(store.key(of: name))).time
    let fault = try #require(throws: Fault.self) {
      try store.client.delete(store.key(of: name), fence: (date - 100, S3Doom.fenceSeconds))
    }
    #expect(fault.kind == .denied)
    #expect(try store.verify(name) == .sound)
    try store.client.delete(store.key(of: name), fence: (date, S3Doom.fenceSeconds))
    #expect(try store.verify(name) == .missing)
  }

  @Test("Marks of a holder that lives hold; those of one that died hold until they are old, and are forgotten")
  func dead() throws {
    var settings = S3ObjectStore.Settings()
    settings.leaseSeconds = 4
    let (living, collector) = try (s3Store(folder, settings: settings), s3Store(folder, settings: settings))
    let held = try ObjectsTests.store(bytes(100, 1), in: living)
    let orphan = try ObjectsTests.store(bytes(100, 2), in: collector).name
    try collector.settle()
    let mark = collector.client.address.key("leases/\(orphan.shard)/\(orphan).dead.1")
    _ = try collector.client.put(mark, [])
    let first = try collector.collect { _ in [] }
    #expect(first.held == 2 && first.removed == 0)
    try waitUntil("the mark to be old", seconds: 20) { try collector.collect { _ in [] }.removed == 1 }
    #expect(try collector.verify(orphan) == .missing && collector.client.head(mark) == nil)
    #expect(held.lease.isHeld)
    #expect(try collector.verify(held.name) == .sound)
    #expect(try collector.collect { _ in [] }.held == 1)
  }

  @Test("One collects at a time; uploads that nobody went on with are given up, and how many is told")
  func turns() throws {
    var settings = S3ObjectStore.Settings()
    settings.uploadSeconds = 2
    let (store, second) = try (s3Store(folder, settings: settings), s3Store(folder))
    let name = try ObjectsTests.store(bytes(100), in: store).name
    let upload = try store.client.beginUpload(store.key(of: name))
    var fault: Fault?
    _ = try store.collect { _ in
      do { _ = try second.collect { _ in [] } } catch let refusal { fault = refusal as? Fault }
      return [name]
    }
    #expect(fault?.kind == .unavailable)
    #expect(try second.collect { _ in [name] }.abandoned == 0)
    try waitUntil("the upload to be old", seconds: 20) { try store.collect { _ in [name] }.abandoned == 1 }
    #expect(try store.client.parts(store.key(of: name), upload) == nil)
    #expect(try pages(store.client, "doomed/").isEmpty && pages(store.client, "collecting").isEmpty)
  }

  @Test("What a writer dropped is given up at the service, and nothing but objects and the format stays behind")
  func leftovers() throws {
    do {
      let store = try s3Store(folder)
      let content = bytes(20_000_000)
      let name = ObjectName(SHA256.hex(of: content))
      do {
        let writer = try store.write(ObjectPlan(byteCount: content.count, name: name))
        try writer.append(content.span.extracting(0..<18_000_000).bytes)
        #expect(try store.client.uploads(store.client.address.key("objects/")).uploads.count == 1)
      }
      try store.settle()
      #expect(try store.client.uploads(store.client.address.key("objects/")).uploads.isEmpty)
      _ = try ObjectsTests.store(content, ObjectPlan(name: name), in: store)
      #expect(
        try FileSystem.list("\(store.scratch)/uploads").isEmpty && FileSystem.list("\(store.scratch)/spool").isEmpty)
    }
    let client = try s3Client(try #require(S3Server.shared), FileSystem.name(of: folder.path))
    let left = try pages(client, "").map { String($0.key.dropFirst(client.address.key("").count)) }
    #expect(left.filter { !$0.hasPrefix("objects/") && $0 != "format" } == [])
  }

  @Test("The first leases of a process, which many threads take at one moment, are all held")
  func first() throws {
    let name = try #require(ObjectName(String(repeating: "0", count: 64)))
    for _ in 0..<10 {
      let (store, held) = (try s3Store(folder), Monitor(0))
      let threads = (0..<8).map { _ in
        NativeThread {
          guard let lease = try? store.holder.lease(name), lease.isHeld else { return }
          held.update { $0 += 1 }
        }
      }
      for thread in threads { thread.join() }
      #expect(held.update { $0 } == 8)
    }
  }

  @Test("What the service keeps otherwise than it was sent is seen when it is read back")
  func readBack() throws {
    let store = try s3Store(folder)
    let content = bytes(1000)
    let name = try #require(ObjectName(SHA256.hex(of: content)))
    _ = try store.client.put(store.key(of: name), [1])
    #expect(try ObjectsTests.store(content, in: store).name == name)
    #expect(try store.verify(name) == .sound)
    #expect(throws: Fault.self) { try store.client.check(MD5.hex(of: [1]), MD5.hex(of: [2])) }
    let other = try s3Client(try #require(S3Server.shared), FileSystem.name(of: folder.path))
    _ = try other.put(other.address.key("format"), [1])
    #expect(try #require(throws: Fault.self) { try store.check() }.kind == .unsupported)
  }
}
