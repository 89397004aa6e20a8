import Base
import Foundation
import TestKit
import Testing

@testable import Access

struct KeyFileTests {
  let folder = TemporaryFolder()
  private var path: String { folder.file("state/keys.json") }

  private static func list(_ seed: UInt64, _ count: Int) -> KeyList {
    var (dice, list) = (SeededRandom(seed), KeyList())
    for _ in 0..<count {
      let scopes = ScopeTests.subsets.filter { !$0.list.isEmpty }.randomElement(using: &dice)!
      let rate =
        Bool.random(using: &dice)
        ? Rate(Int.random(in: 1...999, using: &dice), per: .minute, burst: Int.random(in: 1...99, using: &dice)) : nil
      let expires = Bool.random(using: &dice) ? Int.random(in: 0..<UTC.secondsOfTenThousand, using: &dice) : nil
      let client = ["acme", "b.2", "c_-"].randomElement(using: &dice)!
      _ = list.create(
        KeyRequest(
          client: client, user: [nil, "Ada", "b \"ü\": {1}"].randomElement(using: &dice)!, scopes: scopes, rate: rate,
          expires: expires),
        at: Int.random(in: 0..<UTC.secondsOfTenThousand, using: &dice), using: &dice)
    }
    return list
  }

  @Test("What is written is read back, whatever the keys", arguments: 0..<20)
  func roundTrip(_ seed: UInt64) throws {
    let list = Self.list(seed, Int(seed))
    #expect(try KeyList(list.bytes, name: "keys.json") == list)
    #expect((try JSONSerialization.jsonObject(with: Data(list.bytes)) as? [String: Any])?["version"] as? Int == 1)
  }

  @Test("The file is for its owner's eyes alone, and its folder is made")
  func mode() throws {
    let file = KeyFile(path)
    #expect(try file.read() == KeyList())
    umask(0)
    try file.change(stillWanted: { false }) { list in list = Self.list(3, 2) }
    var info = stat()
    #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600)
    #expect(try file.read() == Self.list(3, 2))
    #expect(try FileSystem.list(FileSystem.folder(of: path)) == [".lock", "keys.json"], "nothing is left beside it")
  }

  @Test("A file that others may write is not believed, and one that is no file is not waited for")
  func untrusted() throws {
    let file = KeyFile(path)
    try file.change(stillWanted: { false }) { list in list = Self.list(3, 2) }
    chmod(path, 0o620)
    let fault = try #require(throws: Fault.self) { try file.read() }
    #expect(fault.kind == .denied && fault.message.contains("chmod 600"))
    #expect(throws: fault) { try file.change(stillWanted: { false }) { _ in } }
    chmod(path, 0o644)
    #expect(try file.read() == Self.list(3, 2))
    unlink(path)
    mkfifo(path, 0o600)
    #expect(try #require(throws: Fault.self) { try file.read() }.message.contains("is a pipe"))
  }

  @Test("What a write left that was killed is taken away with the next change")
  func leftovers() throws {
    let file = KeyFile(path)
    try file.change(stillWanted: { false }) { list in list = Self.list(3, 2) }
    let gone = Process()
    gone.executableURL = URL(filePath: "/bin/true")
    try gone.run()
    gone.waitUntilExit()
    try FileSystem.write([1], to: "\(path).part-\(gone.processIdentifier)", isSecret: true)
    try file.change(stillWanted: { false }) { _ in }
    #expect(try FileSystem.list(FileSystem.folder(of: path)) == [".lock", "keys.json"])
  }

  @Test("Changes that come at the same time are all there in the end")
  func together() async throws {
    let file = KeyFile(path)
    await withTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          var dice = SeededRandom(UInt64(number))
          _ = try? file.change(stillWanted: { true }) { list in
            list.create(KeyRequest(client: "c\(number)", scopes: .all), at: 0, using: &dice)
          }
        }
      }
    }
    #expect(Set(try file.read().keys.map(\.client)) == Set((0..<8).map { "c\($0)" }))
  }

  @Test("A change that is refused leaves the file as it was, and who does not want to wait for another is told")
  func refused() throws {
    let file = KeyFile(path)
    try file.change(stillWanted: { false }) { list in list = Self.list(4, 3) }
    #expect(throws: Fault.self) {
      try file.change(stillWanted: { false }) { (list) throws(Fault) in
        list = KeyList()
        throw Fault(.notFound, "no")
      }
    }
    #expect(try file.read().keys.count == 3)
    let lock = try FolderLock(folder.file("state"), against: "nobody") { true }
    let fault = try #require(throws: Fault.self) { try file.change(stillWanted: { false }) { _ in } }
    #expect(fault.kind == .closed && fault.message.contains("keys.json"))
    _ = consume lock
  }

  @Test("A key is revoked by its id, with or without what stands around it; another one is named")
  func revoke() throws {
    var list = Self.list(5, 4)
    let ids = list.keys.map(\.id)
    #expect(try list.revoke(ids[0]).id == ids[0])
    #expect(try list.revoke("rk_" + ids[1]).id == ids[1])
    #expect(try list.revoke("rk_\(ids[2])_" + String(repeating: "a", count: 32)).id == ids[2])
    #expect(list.keys.map(\.id) == [ids[3]])
    let near = String(ids[3].dropLast()) + "0"
    let fault = try #require(throws: Fault.self) { try list.revoke(near) }
    #expect(fault.kind == .notFound && fault.message.contains("did you mean '\(ids[3])'?"))
  }

  static let key = """
    {"id":"abcdefgh","client":"acme","scopes":["infer"],"created":"2026-11-20T12:00:00Z",\
    "hash":"\(String(repeating: "0a", count: 32))","tail":"wxyz"}
    """

  static let mistakes: [(String, String, Int)] = [
    ("\"version\":1", "\"version\":2", 1), ("\"version\":1", "\"vershun\":1", 1), ("\"version\":1,", "", 1),
    ("abcdefgh", "abcdefg0", 2), ("abcdefgh", "abc", 2), ("\"acme\"", "\"Acme\"", 2), ("\"acme\"", "[]", 2),
    ("[\"infer\"]", "[]", 2), ("\"infer\"", "\"infr\"", 2), ("2026-11-20", "2026-02-30", 2), ("T12", " 12", 2),
    ("0a0a", "0A0a", 2), ("0a0a", "0a0", 2), ("wxyz", "wxy", 2), ("\"tail\"", "\"tale\"", 2),
    ("\"tail\":\"wxyz\"", "\"tail\":\"wxyz\",\"burst\":5", 2),
    ("\"tail\":\"wxyz\"", "\"tail\":\"wxyz\",\"user\":\" Ada\"", 2),
    ("\"tail\":\"wxyz\"", "\"tail\":\"wxyz\",\"rate\":\"5\"", 2),
    ("\"tail\":\"wxyz\"", "\"tail\":\"wxyz\",\"rate\":\"5/s\",\"burst\":0", 2),
    ("\"tail\":\"wxyz\"", "\"tail\":\"wxyz\",\"id\":\"abcdefgh\"", 2), ("}\n]", "},\n\(key)\n]", 3), ("]}", "]", 4),
  ]

  @Test("Whatever is wrong in the file is told with its line", arguments: mistakes)
  func strict(_ right: String, _ wrong: String, _ line: Int) throws {
    let good = "{\"version\":1,\"keys\":[\n\(Self.key)\n]}\n"
    #expect(try KeyList(Array(good.utf8), name: "keys.json").keys.count == 1)
    let bad = good.replacingOccurrences(of: right, with: wrong)
    #expect(bad != good)
    let fault = try #require(throws: Fault.self) { try KeyList(Array(bad.utf8), name: "keys.json") }
    #expect(fault.kind == .badInput && fault.message.hasPrefix("keys.json:\(line):"), "\(fault.message)")
  }
}
