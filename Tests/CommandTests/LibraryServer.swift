import Foundation
import TestKit

/// `ridley serve --library lib` in a folder of its own, ended with the value; with `--registry` in its words, without a folder of models.
final class LibraryServer {
  let folder: TemporaryFolder
  private(set) var address = ""
  private let words: [String]
  private let others: [String: String]
  private var process: Process?

  /// Of the process that was started, which starts the one that serves.
  var identifier: Int32 { process?.processIdentifier ?? 0 }

  /// Homes of its own, so that nothing of the machine is met; no key is made at a first start.
  var environment: [String: String] {
    [
      "RIDLEY_HOME": folder.file("home"), "RIDLEY_CACHE": folder.file("cache"), "RIDLEY_MODELS": Program.models,
      "RIDLEY_FIRST_KEY": "",
    ].merging(others) { $1 }
  }

  init(_ folder: TemporaryFolder, _ words: [String] = [], environment others: [String: String] = [:]) throws {
    (self.folder, self.words, self.others) = (folder, words, others)
    try FileManager.default.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: true)
    try start(port: 0)
  }

  deinit { end() }

  /// A start on the port of another one is that server back again.
  private func start(port: Int) throws {
    let log = folder.file("log")
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments =
      ["serve", "--library", "lib", "--listen", "127.0.0.1:\(port)"] + words
      + (words.contains("--registry") ? [] : ["--models", "models"])
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardError = FileHandle(forWritingAtPath: log)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    self.process = process
    try waitUntil("the server to serve: \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")") {
      let text = try String(contentsOfFile: log, encoding: .utf8)
      guard let place = text.firstMatch(of: /serving at (https?:\/\/[0-9.:]+)/) else { return false }
      address = String(place.1)
      return true
    }
  }

  /// Ends as a crash does.
  func end() {
    guard let process else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    self.process = nil
  }

  /// Ends as it is asked to; gives how long that took, in seconds.
  func finish() -> Double {
    let start = ContinuousClock.now
    process?.terminate()
    process?.waitUntilExit()
    process = nil
    return (ContinuousClock.now - start) / .seconds(1)
  }

  func startAgain() throws { try start(port: Int(address.split(separator: ":").last ?? "") ?? 0) }

  /// A command about its library, by its folder.
  func here(_ words: [String]) -> ShellResult {
    Program.run(words + ["--library", "lib"], in: folder.path, environment: environment)
  }

  /// The same by the server.
  func there(_ words: [String], key: String = "") -> ShellResult {
    Program.run(
      words + ["--server", address], in: folder.path, environment: environment.merging(["RIDLEY_KEY": key]) { $1 })
  }

  /// A key of its library that is made now.
  func key(_ client: String, _ scopes: String) -> String {
    let made = here(["key", "create", "--client", client, "--scope", scopes, "--json"])
    return made.json["key"] as? String ?? ""
  }

  /// Writes a film of a second; `padding` bytes behind it are no part of the film.
  func clip(_ name: String, size: String = "160x96", padding: UInt64 = 0) throws {
    _ = shell([
      "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=\(size):r=10:d=1", "-c:v", "libx264", "-preset",
      "ultrafast", "-pix_fmt", "yuv420p", folder.file(name),
    ])
    guard padding > 0, let file = FileHandle(forUpdatingAtPath: folder.file(name)) else { return }
    try file.truncate(atOffset: try file.seekToEnd() + padding)
  }
}
