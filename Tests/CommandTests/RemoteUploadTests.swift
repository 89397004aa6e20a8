import Foundation
import TestKit
import Testing

/// Long files on their way to a server that breaks, and from a program that is killed.
struct RemoteUploadTests {
  private let folder = TemporaryFolder()

  /// Records of uploads that the library has, by their ids.
  private func records() -> [String: [String: Any]] {
    let place = folder.file("lib/objects/uploads")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.filter { $0.hasSuffix(".json") }.reduce(into: [:]) { found, name in
      guard let bytes = FileManager.default.contents(atPath: "\(place)/\(name)") else { return }
      found[name] = (try? JSONSerialization.jsonObject(with: bytes)) as? [String: Any]
    }
  }

  private func offset() -> Int { records().values.first?["offset"] as? Int ?? 0 }

  /// Begins to add the film, and answers once some of it has come.
  private func begin(_ server: LibraryServer) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = ["library", "add", "long.mp4", "--server", server.address]
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(server.environment) { $1 }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    try waitUntil("some of the film to come") { offset() > 0 }
    return process
  }

  @Test("A server that dies in the middle of an upload and comes back gets the rest, and the add completes")
  func server() throws {
    let server = try LibraryServer(folder)
    try server.clip("long.mp4", padding: 200 << 20)
    let process = try begin(server)
    server.end()
    let before = offset()
    #expect(before > 0 && before < 200 << 20, "it died in the middle")
    #expect(process.isRunning)
    usleep(1_500_000)
    try server.startAgain()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(records().count == 1, "one upload, which went on")
    let assets = try #require(server.here(["library", "list", "--json"]).json["assets"] as? [[String: Any]])
    let digest = shell(["sha256sum", folder.file("long.mp4")]).output.prefix(64)
    #expect(assets.count == 1 && assets[0]["object"] as? String == String(digest))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("home/uploads"))
    #expect(left == [], "what is done is not remembered")
  }

  @Test(
    "An add that was killed or stopped goes on where it was when it is run again, and sends nothing the third time",
    arguments: [SIGKILL, SIGINT])
  func client(_ signal: Int32) throws {
    let server = try LibraryServer(folder)
    try server.clip("long.mp4", padding: 200 << 20)
    let process = try begin(server)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == (signal == SIGINT ? 130 : signal))
    let (before, first) = (offset(), records().keys.first)
    #expect(before > 0 && before < 200 << 20, "it died in the middle")
    let second = server.there(["library", "add", "long.mp4"])
    #expect(second.status == 0 && second.output.contains("  added  long.mp4"), "\(second)")
    #expect(records().count == 1 && records().keys.first == first)
    let third = server.there(["library", "add", "long.mp4"])
    #expect(third.output.contains("  was there  long.mp4") && records().count == 1, "\(third)")
  }

  @Test("A server that does not come back is given up after a time, with what to do")
  func gone() throws {
    let server = try LibraryServer(folder)
    try server.clip("long.mp4")
    server.end()
    let start = Date()
    let result = server.there(["library", "add", "long.mp4"])
    #expect(result.status == 8 && result.errors.contains("takes no connection"), "\(result)")
    #expect(Date().timeIntervalSince(start) < 10, "a server that was never met is not waited for")
  }
}
