import Base
import Library
import Objects
import Testing
import Updates

@testable import Fleet

/// Bytes of old updates.
extension UpdateBookTests {
  private func program(_ byte: UInt8, schema: Int = 8) throws -> (Bundle.Program, StoredObject) {
    let stored = try library.put([byte])
    let blob = Bundle.Blob(stored.name.digest, byteCount: 1)
    return (Bundle.Program(version: "\(byte)", architecture: "x86_64", schema: schema, blob: blob), stored)
  }

  /// An update that went through, with a program of this one byte; its digest.
  private func done(_ byte: UInt8, for target: UpdateTarget = .fleet) throws -> String {
    let (program, stored) = try program(byte)
    defer { withExtendedLifetime(stored) {} }
    let update = try begin("a: 1\n", for: target, program: program)
    for name in ["dock", "gate", "roof"] {
      try say(name) { ($0.highest, $0.serving) = (update.version, update.version) }
    }
    try turn()
    return stored.name.digest
  }

  private func release() throws {
    try book.release { Issue.record("\($0)") }
    _ = try library.collect()
  }

  private func isThere(_ digest: String) throws -> Bool {
    try library.objects.open(try #require(ObjectName(digest))) != nil
  }

  @Test func `bytes that no node takes and no way back leads to leave, and going back to them is refused`() throws {
    var digests: [String] = []
    for byte in UInt8(1)...8 { digests.append(try done(byte)) }
    #expect(try book.updates().allSatisfy { $0.state == .done })
    // What was begun within an hour may still be being begun.
    try release()
    for digest in digests { #expect(try isThere(digest)) }
    time.update { $0 += 3_700_000 }
    try release()
    // The newest, and what the last five go back to.
    #expect(try digests.map(isThere) == [false, false] + [Bool](repeating: true, count: 6))
    #expect(try book.updates().map(\.hasReleasedBytes) == [true, true] + [Bool](repeating: false, count: 6))
    #expect(kind { _ = try book.undoing(8, to: 2) } == .notFound)
    #expect(try book.updates().count == 8)
    #expect(try book.undoing(4, to: 3).back == 3)
    #expect(try book.undoing(8, to: nil).back == 7)
    // What is let go of is not let go of twice, and a node fetches nothing of it.
    let before = try book.updates()
    try release()
    #expect(try book.updates() == before)
    #expect(try !book.mayRead(digests[0], node("dock")) && book.mayRead(digests[7], node("dock")))
  }

  @Test func `bytes stay of what nodes may still take, that a newer one says too, and that one is begun with`() throws {
    var first = ""
    for _ in 0..<7 { first = try done(1) }
    let west = try done(2, for: .group("west"))
    let gone = try begin("a: 1\n", program: try program(3).0)
    _ = try book.stop(gone.version, by: "ann", reason: nil)
    let (running, stored) = try program(4)
    let last = try begin("a: 1\n", program: running)
    time.update { $0 += 3_700_000 }
    // Somebody begins one with the bytes of the one that was stopped, and has said so far what it needs.
    let begun = try program(3).1.name.digest
    try book.refer(to: [begun])
    try release()
    let released = try book.updates().filter(\.hasReleasedBytes).map(\.version)
    #expect(released == [1, 2, 3, gone.version], "the ways back from the five newest for all nodes are 4 to 7")
    #expect(try isThere(first) && isThere(west) && isThere(begun) && isThere(stored.name.digest))
    #expect(try book.update(last.version).state == .running)
    withExtendedLifetime(stored) {}
  }
}
