import Base
import Crypto
import Foundation
import Objects
import TestKit

@testable import OCI

/// The registry of `hostile.py`, ended with the value; the first part of a repository's name says how it behaves.
final class HostileRegistry: Sendable {
  let port: Int
  private let process = Process()
  private let input = Pipe()

  init() throws {
    let ports = Ports.free(2)
    port = ports[0]
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-u", Checkout.path + "/Tests/OCITests/hostile.py"] + ports.map(String.init)
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    _ = output.fileHandleForReading.availableData
  }

  deinit {
    try? input.fileHandleForWriting.close()
    kill(process.processIdentifier, SIGKILL)
  }

  /// One thing that it was asked.
  struct Entry {
    let server: String
    let method: String
    let path: String
    let range: String?
    let login: String?
    let size: Int
  }

  func log() throws -> [Entry] {
    let answer = try ServerConnection().send(ServerRequest("GET", "http://127.0.0.1:\(port)/log"))
    return String(decoding: answer.body, as: UTF8.self).split(separator: "\n").compactMap { line in
      let entry = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
      return entry.map {
        Entry(
          server: $0["server"] as? String ?? "", method: $0["method"] as? String ?? "",
          path: $0["path"] as? String ?? "", range: $0["range"] as? String, login: $0["login"] as? String,
          size: $0["size"] as? Int ?? 0)
      }
    }
  }

  static let ann = RegistryCredentials.Found.known(RegistryCredentials(user: "ann", password: "s3cr:et"))

  /// A client for `REPOSITORY:TAG`, or with a digest.
  func client(
    _ place: String, for purpose: RegistryClient.Purpose, _ credentials: RegistryCredentials.Found = .none,
    from source: String? = nil, seconds: Double = 5
  ) throws -> RegistryClient {
    var settings = RegistryClient.Settings()
    (settings.retrySeconds, settings.source) = (seconds, source)
    return try RegistryClient(
      try ImageReference("127.0.0.1:\(port)/\(place)"), for: purpose, credentials, settings: settings)
  }

  /// Has a manifest of any kind stand under a name, whoever would refuse it.
  func put(_ manifest: String, as place: String, mediaType: String = ArtifactManifest.mediaType) throws {
    let parts = place.split(separator: ":")
    var request = ServerRequest("PUT", "http://127.0.0.1:\(port)/v2/\(parts[0])/manifests/\(parts[1])")
    (request.headers, request.body) = ([("Content-Type", mediaType)], .bytes(Array(manifest.utf8)))
    _ = try ServerConnection().send(request)
  }
}

/// A small set of files to push.
final class PushedFiles {
  let folder = TemporaryFolder()
  let artifact: ModelArtifact
  static let manifest = Array("name: small\n".utf8)

  /// The first has `count` bytes; the second stands in a folder, and the third has the bytes of the second.
  init(count: Int = 100_000, seed: UInt8 = 1) throws {
    let contents = [
      "net.onnx": (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed)) },
      "more/labels.txt": Array("a\nb\n".utf8),
      "twin.txt": Array("a\nb\n".utf8),
    ]
    var files: [ModelArtifact.File] = []
    for (title, bytes) in contents {
      let path = folder.file(title.replacing("/", with: "-"))
      try FileSystem.write(bytes, to: path)
      files.append(ModelArtifact.File(title: title, path: path, digest: SHA256.hex(of: bytes), byteCount: bytes.count))
    }
    artifact = try ModelArtifact(
      manifest: Self.manifest, files: files, annotations: ["ridley.model.digest": "sha256:1"])
  }

  /// Whether a folder has them, and nothing else.
  func isWhole(_ place: String) throws -> Bool {
    let there = try FileManager.default.subpathsOfDirectory(atPath: place).sorted()
    guard there == ["model.yaml", "more", "more/labels.txt", "net.onnx", "twin.txt"] else { return false }
    return try ["more/labels.txt", "net.onnx", "twin.txt"].allSatisfy { title in
      try FileSystem.read("\(place)/\(title)")
        == FileSystem.read(folder.file(title == "twin.txt" ? "twin.txt" : title.replacing("/", with: "-")))
    }
  }
}
