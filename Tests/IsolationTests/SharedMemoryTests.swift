import Base
import Glibc
import TestKit
import Testing

@testable import Isolation

struct SharedMemoryTests {
  @Test("Parts never overlap, and all of it comes free again")
  func slots() {
    for seed in 0..<100 {
      var dice = SeededRandom(UInt64(seed))
      var slots = SlotAllocator(byteCount: 64 * SlotAllocator.page)
      var taken: [Range<Int>] = []
      for _ in 0..<500 {
        if Bool.random(using: &dice) || taken.isEmpty {
          let count = Int.random(in: 1...20 * SlotAllocator.page, using: &dice)
          guard let part = slots.take(count) else { continue }
          #expect(
            part.count >= count && part.lowerBound % SlotAllocator.page == 0 && part.upperBound <= slots.byteCount)
          #expect(!taken.contains { $0.overlaps(part) })
          taken.append(part)
        } else {
          slots.give(taken.remove(at: Int.random(in: taken.indices, using: &dice)))
        }
        #expect(slots.free.map(\.count).reduce(0, +) + taken.map(\.count).reduce(0, +) == slots.byteCount)
        #expect(
          zip(slots.free, slots.free.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, "joined and sorted")
      }
      for part in taken { slots.give(part) }
      #expect(slots.free == [0..<slots.byteCount])
    }
    var slots = SlotAllocator(byteCount: SlotAllocator.page)
    #expect(slots.take(0) == nil && slots.take(-1) == nil && slots.take(.max) == nil)
  }

  @Test("Both sides see the same bytes, and neither can change the length")
  func shared() throws {
    let parent = try SharedMemory(byteCount: 1 << 20)
    let child = try SharedMemory(owning: dup(parent.descriptor), byteCount: parent.byteCount)
    let part = try parent.take(5000)
    child.writableBytes(part).storeBytes(of: 7, toByteOffset: 4999, as: UInt8.self)
    #expect(parent.bytes(part)[4999] == 7)
    #expect(ftruncate(child.descriptor, 0) == -1 && ftruncate(child.descriptor, 1 << 21) == -1)
    #expect(throws: Fault.self) { try parent.take(1 << 20) }
  }

  @Test("What is large goes back to the system as soon as it is free")
  func trims() throws {
    let memory = try SharedMemory(byteCount: 256 << 20)
    let part = try memory.take(100 << 20)
    #expect(resident(memory) >= 100 << 20)
    memory.give(part)
    #expect(resident(memory) <= SharedMemory.kept)
  }

  private func resident(_ memory: SharedMemory) -> Int {
    var info = stat()
    fstat(memory.descriptor, &info)
    return Int(info.st_blocks) * 512
  }

  @Test("Bytes that are handed on are nobody's to change")
  func sealed() throws {
    let file = try MemoryFile(SharedBytes([1, 2, 3]))
    #expect(pwrite(file.descriptor, [9], 1, 0) == -1 && ftruncate(file.descriptor, 0) == -1)
    #expect(try FileSystem.read(file.path) == [1, 2, 3])
  }
}
