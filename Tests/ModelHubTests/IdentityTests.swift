import Base
import Crypto
import Foundation
import TestKit
import Testing

@testable import ModelHub

/// A network is all the bytes it is made of, and what a manifest says of them is checked.
struct IdentityTests {
  let folder = TemporaryFolder()

  /// A version whose graph has its weights in a file of their own.
  private func write(_ name: String, weights: [UInt8], in place: String = "models") throws {
    try FileSystem.makeFolder(folder.file("\(place)/\(name)"))
    try ONNXNetwork.external("w.bin", offset: "0", length: "8").write(to: folder.file("\(place)/\(name)/n.onnx"))
    try FileSystem.write(weights, to: folder.file("\(place)/\(name)/w.bin"))
  }

  private func model(_ name: String, files: String, in place: String = "models") throws -> Model {
    let manifest = """
      {name: net, summary: A net., license: MIT, task: tensor, output: {decoder: raw}, files: [\(files)]}
      """
    try FileSystem.write(Array(manifest.utf8), to: folder.file("\(place)/\(name)/model.yaml"))
    let path = folder.file("\(place)/\(name)")
    return try Model(try Manifest.read(path), folder: path, store: folder.file("store"))
  }

  private func digest(_ name: String, _ file: String) throws -> String {
    try SHA256.hex(ofFile: folder.file("models/\(name)/\(file)"))
  }

  @Test("Two networks with one graph and other weights are two, with a manifest and without")
  func sideFiles() throws {
    try write("a", weights: ONNXNetwork.weights(3, 3))
    try write("b", weights: ONNXNetwork.weights(7, 7))
    #expect(try digest("a", "n.onnx") == digest("b", "n.onnx"))
    func bare(_ name: String) throws -> [Manifest.File] {
      try Model.files(ofNetwork: folder.file("models/\(name)/n.onnx"))
    }
    #expect(try bare("a").map(\.path) == ["n.onnx", "w.bin"] && bare("a") != bare("b"))
    let file = "{path: n.onnx, sha256: \(try digest("a", "n.onnx"))}"
    let (a, b) = (
      try model("a", files: file).identified(cache: nil), try model("b", files: file).identified(cache: nil)
    )
    #expect(a.digest != b.digest)
    #expect(a.manifest.files.map(\.path) == ["n.onnx", "w.bin"])
    try FileManager.default.removeItem(atPath: folder.file("models/a/w.bin"))
    #expect(try #require(throws: Fault.self) { try bare("a") }.message.contains("w.bin of n.onnx are missing"))
    #expect(throws: Fault.self) { try model("a", files: file).identified(cache: nil) }
  }

  @Test("A file that is not the one of the manifest is refused with both digests, a side file too")
  func mismatch() throws {
    try write("a", weights: ONNXNetwork.weights(3, 3))
    let files = try "{path: n.onnx, sha256: \(digest("a", "n.onnx"))}, {path: w.bin, sha256: \(digest("a", "w.bin"))}"
    let right = try model("a", files: files).identified(cache: nil)
    let wanted = try digest("a", "w.bin")
    #expect(right.isUnchanged)
    try FileSystem.write(ONNXNetwork.weights(3, 4), to: folder.file("models/a/w.bin"))
    #expect(!right.isUnchanged)
    for model in [right, try model("a", files: files)] {
      let fault = try #require(throws: Fault.self) { try model.identified(cache: nil) }
      #expect(fault.kind == .badInput && fault.message.contains("w.bin of the model 'net'"))
      #expect(try fault.message.contains(wanted) && fault.message.contains(digest("a", "w.bin")), "\(fault.message)")
    }
  }

  @Test("A digest of a local file may be left out, and is then found; one that is fetched needs it")
  func withoutDigest() throws {
    try write("a", weights: ONNXNetwork.weights(3, 3))
    let bare = try model("a", files: "{path: n.onnx}, {path: w.bin}").identified(cache: nil)
    let full = try model(
      "a", files: "{path: n.onnx, sha256: \(digest("a", "n.onnx"))}, {path: w.bin, sha256: \(digest("a", "w.bin"))}")
    #expect(bare.digest == full.digest)
    let fault = try #require(throws: Fault.self) { try model("a", files: "{path: n.onnx, url: 'https://a.b/c'}") }
    #expect(fault.message.contains("needs 'sha256'"), "\(fault.message)")
  }

  @Test("A file that did not change is not read again")
  func remembered() throws {
    try write("a", weights: ONNXNetwork.weights(3, 3))
    try FileSystem.makeFolder(folder.file("cache"))
    let model = try model("a", files: "{path: n.onnx}, {path: w.bin}")
    let known = KnownDigests(folder: folder.file("cache"), settled: -1)
    for file in ["n.onnx", "w.bin"] { _ = try known.digest(of: folder.file("models/a/\(file)")) }
    // A kept digest that says otherwise shows that nothing was read.
    let path = folder.file("models/a/w.bin")
    let stamp = try #require(FileSystem.stamp(of: path))
    let other = String(repeating: "a", count: 64)
    try FileSystem.write(KnownDigests.text(stamp.state, [other]), to: folder.file("cache/\(stamp.place).digest"))
    let found = try model.identified(cache: folder.file("cache"))
    #expect(found.manifest.files[1].sha256 == other)
    // But it is no reason to refuse the file.
    let digest = try digest("a", "w.bin")
    let strict = try self.model("a", files: "{path: n.onnx}, {path: w.bin, sha256: \(digest)}")
    #expect(try strict.identified(cache: folder.file("cache")).manifest.files[1].sha256 == digest)
  }

  @Test("Versions of one name and size, pulled one after the other, do not take each other's files")
  func versions() throws {
    let contents: [[UInt8]] = [[1, 2, 3], [4, 5, 6]]
    var models: [Model] = []
    for (index, bytes) in contents.enumerated() {
      let name = "net\(index)"
      try FileSystem.makeFolder(folder.file("hub\(index)/net"))
      try FileSystem.makeFolder(folder.file("mirror\(index)"))
      try FileSystem.write(bytes, to: folder.file("mirror\(index)/\(SHA256.hex(of: bytes))"))
      _ = name
      _ = try model(
        "net", files: "{path: n.tflite, url: 'https://a.b/c', size: 3, sha256: \(SHA256.hex(of: bytes))}",
        in: "hub\(index)")
      let hub = Hub(folders: [folder.file("hub\(index)")], store: folder.file("store"))
      models.append(try hub.pull("net", mirror: folder.file("mirror\(index)")))
    }
    for (model, bytes) in zip(models, contents) {
      #expect(try FileSystem.read(model.networkPath) == bytes)
      #expect(try model.identified(cache: nil).digest == model.digest)
    }
    #expect(models[0].filesFolder != models[1].filesFolder)
  }

  @Test(
    "A pulled file that was damaged since is fetched again, and one that was pulled by an earlier program is used where it is"
  )
  func repair() throws {
    let bytes: [UInt8] = [1, 2, 3]
    for place in ["hub/net", "mirror", "store/models/net"] { try FileSystem.makeFolder(folder.file(place)) }
    try FileSystem.write(bytes, to: folder.file("mirror/\(SHA256.hex(of: bytes))"))
    _ = try model(
      "net", files: "{path: n.tflite, url: 'https://a.b/c', size: 3, sha256: \(SHA256.hex(of: bytes))}", in: "hub")
    let hub = Hub(folders: [folder.file("hub")], store: folder.file("store"))
    try FileSystem.write(bytes, to: folder.file("store/models/net/n.tflite"))
    #expect(try hub.pull("net").networkPath == folder.file("store/models/net/n.tflite"))
    try FileSystem.write([3, 2, 1], to: folder.file("store/models/net/n.tflite"))
    let pulled = try hub.pull("net", mirror: folder.file("mirror"))
    #expect(try FileSystem.read(pulled.networkPath) == bytes && pulled.filesFolder != folder.file("store/models/net"))
    try FileSystem.write([9, 9, 9], to: pulled.networkPath)
    #expect(try FileSystem.read(hub.pull("net", mirror: folder.file("mirror")).networkPath) == bytes)
  }
}
