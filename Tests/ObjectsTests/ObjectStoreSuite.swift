import Base
import Crypto
import Objects
import TestKit
import Testing

/// What the port promises, on every engine.
struct ObjectStoreSuite {
  private let folder = TemporaryFolder()

  @Test("What is put is found by its digest, whole and by ranges", arguments: Engine.there)
  func put(engine: Engine) throws {
    let objects = try engine.open(folder)
    for count in [0, 1, 999, 70_000, 3_000_000] {
      let content = bytes(count)
      let stored = try store(content, in: objects)
      #expect(stored.name.digest == SHA256.hex(of: content) && stored.byteCount == count)
      let reader = try #require(try objects.open(stored.name))
      #expect(reader.byteCount == count)
      for range in [0..<count, 0..<0, count / 2..<count, count / 3..<count / 2, 0..<count + 10, count + 5..<count + 9] {
        #expect(try reader.read(range) == Array(content[range.clamped(to: 0..<count)]))
      }
      #expect(try objects.verify(stored.name) {} == .sound)
    }
    #expect(try objects.open(try #require(ObjectName(String(repeating: "0", count: 64)))) == nil)
  }

  @Test("Ranges in any order give what stands there", arguments: Engine.there)
  func ranges(engine: Engine) throws {
    let objects = try engine.open(folder)
    let content = bytes(11_000_000, 5)
    let reader = try #require(try objects.open(store(content, in: objects).name))
    var (dice, place) = (SeededRandom(3), 0)
    for _ in 0..<60 {
      let count = Int.random(in: 1...[100, 100_000, 2_000_000, 9_000_000].randomElement(using: &dice)!, using: &dice)
      if Bool.random(using: &dice) { place = Int.random(in: 0..<content.count, using: &dice) }
      #expect(try reader.read(place..<(place + count)) == Array(content[place..<min(content.count, place + count)]))
      place = min(content.count - 1, place + count)
    }
  }

  @Test("Nothing is visible before it is whole, and what is dropped leaves nothing", arguments: Engine.there)
  func unfinished(engine: Engine) throws {
    let objects = try engine.open(folder)
    for (count, name) in [(2000, nil), (9_000_000, nil), (9_000_000, ObjectName(SHA256.hex(of: bytes(9_000_000))))] {
      let writer = try objects.write(ObjectPlan(byteCount: count, name: name))
      try writer.append(bytes(count - 500).span.bytes)
      #expect(try engine.all(objects).isEmpty)
      #expect(throws: Fault.self) { try writer.finish() }
    }
    #expect(try engine.all(objects).isEmpty)
  }

  @Test(
    "Another digest than the expected is refused with both; more and fewer bytes than announced likewise",
    arguments: Engine.there)
  func refused(engine: Engine) throws {
    let objects = try engine.open(folder)
    let other = try #require(ObjectName(String(repeating: "0", count: 64)))
    for count in [10, 9_000_000] {
      let wrong = try #require(throws: Fault.self) { try store(bytes(count), ObjectPlan(name: other), in: objects) }
      #expect(wrong.kind == .badInput && wrong.message.contains(other.digest))
      #expect(wrong.message.contains(SHA256.hex(of: bytes(count))))
    }
    for count in [9, 11] {
      let fault = try #require(throws: Fault.self) { try store(bytes(10), ObjectPlan(byteCount: count), in: objects) }
      #expect(fault.kind == .badInput)
    }
    for plan in [ObjectPlan(byteCount: 10, largestByteCount: 9), ObjectPlan(largestByteCount: 9)] {
      #expect(try #require(throws: Fault.self) { try store(bytes(10), plan, in: objects) }.kind == .exhausted)
    }
    #expect(try engine.all(objects).isEmpty)
  }

  @Test("The same bytes are stored once, and putting them again mends what was found damaged", arguments: Engine.there)
  func twice(engine: Engine) throws {
    let objects = try engine.open(folder)
    let name = try store(bytes(5000), in: objects).name
    #expect(try store(bytes(5000), in: objects).name == name)
    #expect(try engine.all(objects) == [name])
    try engine.damage(name, objects)
    #expect(try objects.verify(name) {} == .damaged(digest: SHA256.hex(of: [1, 2, 3])))
    _ = try store(bytes(5000), in: objects)
    #expect(try objects.verify(name) {} == .sound)
    #expect(try objects.verify(try #require(ObjectName(String(repeating: "0", count: 64)))) {} == .missing)
  }

  @Test("Writers of the same bytes at once all have them, and they are stored once", arguments: Engine.there)
  func race(engine: Engine) throws {
    let found = Monitor<[String]>([])
    for count in [1000, 9_000_000] {
      let content = bytes(count, 9)
      let name = try #require(ObjectName(SHA256.hex(of: content)))
      let threads = try (0..<8).map { number in
        let objects = try engine.open(folder)
        return NativeThread {
          do {
            let stored = try store(content, ObjectPlan(name: number % 2 == 0 ? name : nil), in: objects)
            found.update { $0.append("\(stored.name) \(stored.byteCount)") }
          } catch { found.update { $0.append("\(error)") } }
        }
      }
      for thread in threads { thread.join() }
      #expect(found.update { $0 } == Array(repeating: "\(name) \(count)", count: 8))
      found.update { $0 = [] }
      #expect(try engine.open(folder).verify(name) {} == .sound)
    }
    #expect(try engine.all(engine.open(folder)).count == 2)
  }
}

/// What collection promises, on every engine.
struct CollectionSuite {
  private let folder = TemporaryFolder()

  @Test("What is referred to or held stays, all else goes; a lease that ended is forgotten", arguments: Engine.there)
  func collect(engine: Engine) throws {
    let objects = try engine.open(folder)
    let kept = try store(bytes(100, 1), in: objects).name
    let dropped = try store(bytes(100, 2), in: objects).name
    var lease = try objects.lease(store(bytes(100, 3), in: objects).name)
    let held = try #require(lease?.name)
    #expect(lease?.isHeld == true)
    try engine.settle(objects)
    let reader = try #require(try objects.open(dropped))
    let first = try objects.collect {
      [kept].filter { [shard = $0] in $0.shard == shard }.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(first.seen == 3 && first.removed == 1 && first.removedByteCount == 100 && first.held == 1)
    #expect(try objects.verify(kept) {} == .sound && objects.verify(held) {} == .sound)
    #expect(try objects.verify(dropped) {} == .missing)
    #expect(try reader.read(0..<100) == bytes(100, 2), "what is open is read to its end")
    #expect(try objects.lease(dropped) == nil)
    lease = nil
    try engine.settle(objects)
    #expect(try objects.collect { _ in [kept] }.removed == 1)
    #expect(try objects.verify(held) {} == .missing)
  }

  @Test("A large object that is open is read to its end while others collect", arguments: Engine.there)
  func open(engine: Engine) throws {
    let (objects, other) = (try engine.open(folder), try engine.open(folder))
    let content = bytes(6_000_000)
    let name = try store(content, in: objects).name
    try engine.settle(objects)
    var reader = try objects.open(name)
    _ = try other.collect { _ in [] }
    #expect(try reader?.read(5_000_000..<6_000_000) == Array(content[5_000_000...]))
    reader = nil
    try engine.settle(objects)
    _ = try other.collect { _ in [] }
    #expect(try engine.all(objects).isEmpty)
  }

  @Test(
    "A reference that is written while a collection runs, and whose lease ends then, keeps its object",
    arguments: Engine.there)
  func lateReference(engine: Engine) throws {
    let (objects, second) = (try engine.open(folder), try engine.open(folder))
    var stored: StoredObject? = try store(bytes(100), in: objects)
    let name = try #require(stored?.name)
    // It is asked before the reference is written; then the lease ends, before the part is swept. Who asks again is told of it.
    _ = try second.collect { shard in
      guard shard == name.shard else { return [] }
      guard stored != nil else { return [name] }
      stored = nil
      try? engine.settle(objects)
      return []
    }
    #expect(try objects.verify(name) {} == .sound)
    #expect(try second.collect { _ in [name] }.removed == 0)
    #expect(try second.collect { _ in [] }.removed == 1)
  }

  @Test("Threads that put, refer, drop and collect at once never lose what is referred to", arguments: Engine.there)
  func interleavings(engine: Engine) throws {
    for seed in 0..<(engine == .folder ? 4 : 2) {
      let folder = TemporaryFolder()
      let world = World(engine, folder, steps: engine == .folder ? 150 : 60)
      let threads = try (0..<4).map { number in
        let objects = try engine.open(folder, slowly: seed > 0)
        return NativeThread { world.client(objects, seed: UInt64(seed * 10 + number)) }
      }
      let collector = NativeThread { world.collector() }
      for thread in threads { thread.join() }
      world.end()
      collector.join()
      #expect(world.state.update { $0.lost } == [])
      #expect(world.state.update { $0.removed } > 10, "so few were taken away that little was tried")
      let objects = try engine.open(folder)
      let referenced = world.state.update { $0.referenced }
      _ = try objects.collect { _ in Set(referenced.keys) }
      #expect(try Set(engine.all(objects)) == Set(referenced.keys))
      for name in referenced.keys { #expect(try objects.verify(name) {} == .sound) }
    }
  }
}

/// Clients that refer to objects in a table, beside a collector that reads it.
private final class World: Sendable {
  struct State {
    var referenced: [ObjectName: Int] = [:]
    var lost: [String] = []
    var removed = 0
    var isOver = false
  }

  let engine: Engine
  let folder: TemporaryFolder
  let steps: Int
  let state = Monitor(State())

  init(_ engine: Engine, _ folder: TemporaryFolder, steps: Int) {
    (self.engine, self.folder, self.steps) = (engine, folder, steps)
  }

  func end() { state.update { $0.isOver = true } }

  func collector() {
    while !state.update({ $0.isOver }) {
      do {
        let done = try engine.open(folder, slowly: true).collect { shard in
          Set(self.state.update { $0.referenced.keys }.filter { $0.shard == shard })
        }
        state.update { $0.removed += done.removed }
      } catch { state.update { $0.lost.append("\(error)") } }
    }
  }

  func client(_ objects: any ObjectStore, seed: UInt64) {
    var dice = SeededRandom(seed)
    for _ in 0..<steps {
      do {
        try engine.settle(objects)
        if engine != .folder { Clock.sleep(until: Clock.now + .random(in: 0...40_000_000, using: &dice)) }
        let content = bytes(200, Int.random(in: 0..<12, using: &dice))
        var held: (any ObjectLease)?
        if Bool.random(using: &dice), let name = ObjectName(SHA256.hex(of: content)) { held = try objects.lease(name) }
        let lease = try held ?? store(content, in: objects).lease
        let name = lease.name
        guard Bool.random(using: &dice) else { continue }
        state.update { $0.referenced[name, default: 0] += 1 }
        held = nil
        withExtendedLifetime(lease) {}
        if try objects.verify(name, each: {}) != .sound { state.update { $0.lost.append(name.digest) } }
        // Most are needed for a moment only, so that there is always something to take away.
        if Int.random(in: 0..<12, using: &dice) > 0 {
          state.update { state in
            state.referenced[name]! -= 1
            if state.referenced[name] == 0 { state.referenced[name] = nil }
          }
        }
      } catch { state.update { $0.lost.append("\(error)") } }
    }
    try? engine.settle(objects)
  }
}
