import Foundation
import TestKit

/// A real container registry (the distribution project's, Debian's docker-registry) on a free port of this machine, with its data in a folder of its
/// own; it ends with the value, and with the tests however they end.
final class ContainerRegistry: Sendable {
  let port: Int
  let folder = TemporaryFolder()
  private let process = Process()
  private let input = Pipe()

  static let isThere: Bool = {
    let isThere = ["docker-registry", "skopeo"].allSatisfy { shell([$0, "--version"]).status == 0 }
    if !isThere {
      print(
        "skipped: no docker-registry and skopeo here, so no real container registry is tried: apt-get install docker-registry skopeo"
      )
    }
    return isThere
  }()

  var host: String { "127.0.0.1:\(port)" }

  /// With a user, `ann` with the password `s3cr:et` and nobody else gets in.
  init(hasUser: Bool = false) throws {
    port = Ports.free()
    var text = """
      version: 0.1
      log: {level: error}
      storage: {filesystem: {rootdirectory: \(folder.file("data"))}, delete: {enabled: true}}
      http: {addr: "127.0.0.1:\(port)"}

      """
    if hasUser {
      text += "auth: {htpasswd: {realm: tests, path: \(folder.file("users"))}}\n"
      let hash = shell(["perl", "-e", #"print crypt("s3cr:et", "\$2b\$05\$abcdefghijklmnopqrstuu")"#]).output
      try Data("ann:\(hash)\n".utf8).write(to: URL(filePath: folder.file("users")))
    }
    try Data(text.utf8).write(to: URL(filePath: folder.file("config.yml")))
    let script = #"docker-registry serve "$1" >"$2" 2>&1 </dev/null & read -r _; kill -9 $! 2>/dev/null; wait"#
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", "-c", script, "registry", folder.file("config.yml"), folder.file("log")]
    process.standardInput = input
    process.standardError = FileHandle.nullDevice
    try process.run()
    try waitUntil("the registry to answer, see \(folder.file("log"))") {
      shell(["curl", "-s", "-o", folder.file("answer"), "http://\(host)/v2/"]).status == 0
    }
  }

  deinit { try? input.fileHandleForWriting.close() }

  /// The digests of all blobs that it keeps.
  func blobs() throws -> [String] {
    let place = folder.file("data/docker/registry/v2/blobs/sha256")
    return try FileManager.default.subpathsOfDirectory(atPath: place).filter { $0.hasSuffix("/data") }
      .map { String($0.split(separator: "/")[1]) }
  }
}
