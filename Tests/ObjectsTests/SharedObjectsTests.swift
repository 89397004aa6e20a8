import Base
import Crypto
import TestKit
import Testing

@testable import Objects

/// Hosts that share a bucket, each with a folder of its own.
@Suite(.enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap"))
struct SharedObjectsTests {
  private let folder = TemporaryFolder()

  private func host(_ name: String, room: Int = 1 << 30, rest: Int = 3600) throws -> SharedObjects {
    SharedObjects(try s3Store(folder), in: try ObjectFolder(folder.file(name), reserve: 0), room: room, rest: rest)
  }

  @Test("What one host wrote is a file of another when it is asked for, and is fetched once")
  func file() throws {
    let (one, two) = (try host("one"), try host("two"))
    let content = bytes(9_000_000)
    let stored = try store(content, in: one)
    #expect(FileSystem.isThere(try one.file(of: stored.name)))
    let paths = Monitor<[String]>([])
    let threads = (0..<4).map { _ in
      NativeThread {
        let path = (try? two.file(of: stored.name)) ?? "none"
        paths.update { $0.append(path) }
      }
    }
    for thread in threads { thread.join() }
    let path = try #require(paths.update { Set($0).count == 1 ? $0.first : nil })
    #expect(path.hasPrefix(folder.file("two")))
    #expect(try FileSystem.read(path) == content)
    #expect(try two.verifyFile(of: stored.name) {} == .sound)
    #expect(try two.open(stored.name)?.read(8_000_000..<8_000_010) == Array(content[8_000_000..<8_000_010]))
    let missing = try #require(ObjectName(String(repeating: "0", count: 64)))
    #expect(try #require(throws: Fault.self) { try two.file(of: missing) }.kind == .badInput)
  }

  @Test(
    "Copies go where there is less room for them from now on, also those that this process held, and are fetched again")
  func limited() throws {
    let (one, two) = (try host("one"), try host("two"))
    let names = try (0..<3).map { try store(bytes(1000, $0), in: one).name }
    let paths = try names.map { try two.file(of: $0) }
    #expect(paths.allSatisfy { FileSystem.isThere($0) })
    try two.limitCopies(to: 2500)
    #expect(paths.filter { FileSystem.isThere($0) }.count == 2)
    try two.limitCopies(to: 0)
    #expect(!paths.contains { FileSystem.isThere($0) })
    #expect(
      try FileSystem.read(two.file(of: names[1])).count == 1000,
      "one that has no room alone is there as long as it is used")
  }

  @Test("Bytes that the service changed are never a file, and putting them again mends them where that was found")
  func damaged() throws {
    let (one, two) = (try host("one"), try host("two"))
    let name = try store(bytes(5000), in: one).name
    try Engine.s3.damage(name, one.store)
    #expect(try #require(throws: Fault.self) { try two.file(of: name) }.kind == .badInput)
    #expect(try two.verify(name) {} == .damaged(digest: SHA256.hex(of: [1, 2, 3])))
    _ = try store(bytes(5000), in: two)
    #expect(try one.verify(name) {} == .sound)
    #expect(try FileSystem.read(host("three").file(of: name)) == bytes(5000))
  }

  @Test(
    "A copy that this machine's disk changed is fetched anew when it is verified; what the service changed is not sound"
  )
  func mended() throws {
    let (one, two) = (try host("one"), try host("two"))
    let name = try store(bytes(5000), in: one).name
    let path = try two.file(of: name)
    try FileSystem.remove(path)
    try FileSystem.write(bytes(5000, 2), to: path)
    #expect(try two.verifyFile(of: name) {} == .sound)
    #expect(try FileSystem.read(path) == bytes(5000))
    try Engine.s3.damage(name, one.store)
    #expect(try two.verifyFile(of: name) {} == .sound, "its copy is")
    try FileSystem.remove(path)
    try FileSystem.write(bytes(5000, 2), to: path)
    #expect(try two.verifyFile(of: name) {} == .damaged(digest: SHA256.hex(of: bytes(5000, 2))))
  }

  @Test("Copies that nobody used for long go, also those that were held, and are fetched again")
  func unused() throws {
    // To the second every moment before now is long ago.
    let (one, two) = (try host("one"), try host("two", rest: -2))
    let name = try store(bytes(5000), in: one).name
    let path = try two.file(of: name)
    try one.trimCopies()
    #expect(FileSystem.isThere(one.folder.file(of: name)) && FileSystem.isThere(path))
    try two.trimCopies()
    #expect(!FileSystem.isThere(path))
    #expect(try FileSystem.read(two.file(of: name)) == bytes(5000))
  }

  @Test("Copies of what nothing refers to are dropped, but not those that another process holds")
  func dropped() throws {
    let (one, other) = (try host("one"), try host("one"))
    let names = try (0..<3).map { try store(bytes(5000, $0), in: one).name }
    let held = try other.file(of: names[1])
    try one.dropCopies { $0 == names[2] }
    #expect(!FileSystem.isThere(one.folder.file(of: names[0])))
    #expect(FileSystem.isThere(held) && FileSystem.isThere(one.folder.file(of: names[2])))
  }
}
