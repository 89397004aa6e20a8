import Base
import Foundation
import ModelHub
import TestKit
import Testing

struct VersionTests {
  let folder = TemporaryFolder()
  private var repository: VersionRepository { VersionRepository(folder.file("models")) }

  private func make(_ paths: String...) throws {
    for path in paths {
      try FileSystem.makeFolder(FileSystem.folder(of: folder.file("models/\(path)")))
      if !path.hasSuffix("/") { try FileSystem.write([1], to: folder.file("models/\(path)")) }
    }
  }

  @Test("Versions are folders, in the order that people count; a manifest without versions is version 1")
  func layouts() throws {
    try make(
      "net/10/model.onnx", "net/2/model.yaml", "net/beta/x.tflite", "net/.git/a", "net/notes.txt", "plain/model.yaml",
      "Dense_Net/1/model.onnx", "empty/", "file", ".hidden/1/model.onnx", "a b/1/model.onnx")
    #expect(
      try repository.models().mapValues { $0.map(\.version) } == [
        "net": ["2", "10", "beta"], "plain": ["1"], "Dense_Net": ["1"],
      ])
    #expect(try repository.versions(of: "net").map(\.hasManifest) == [true, false, false])
    #expect(try repository.versions(of: "plain")[0].path == folder.file("models/plain"))
    for name in ["none", "../models/net", "", "."] { #expect(try repository.versions(of: name).isEmpty) }
    #expect(throws: Fault.self) { try VersionRepository(folder.file("none")).models() }
  }

  @Test("What cannot be served is told with its reason, and hides nothing else")
  func faults() throws {
    try make("good/1/model.onnx", "empty/", "loose/model.onnx", "manifest/1/model.onnx", "links/1/model.onnx")
    let place = { (name: String) in folder.file("models/\(name)") }
    mkfifo(place("pipe"), 0o600)
    #expect(symlink("nowhere", place("lost")) == 0 && symlink("gone", place("links/2")) == 0)
    mkfifo(place("manifest/1/model.yaml"), 0o600)
    let listing = try repository.list()
    #expect(listing.models.mapValues { $0.map(\.version) } == ["good": ["1"], "manifest": ["1"], "links": ["1", "2"]])
    #expect(Set(listing.faults.keys) == ["empty", "loose", "pipe", "lost"])
    for name in ["empty", "loose"] {
      let fault = try #require(listing.faults[name])
      #expect(fault.kind == .notFound && fault.message.contains("\(name) holds no version: put its network into"))
    }
    #expect(listing.faults["pipe"]?.message.contains("is a pipe") == true)
    #expect(listing.faults["lost"]?.message.contains("leads nowhere") == true)
    let manifest = try #require(listing.models["manifest"]?.first)
    #expect(manifest.hasManifest, "what stands in its place is not read over")
    #expect(throws: Fault.self) { try Manifest.read(manifest.path) }
  }

  @Test("A pipe or a device is no network, and nobody waits for it")
  func pipes() throws {
    try make("a/1/", "b/1/x.onnx", "c/1/model.savedmodel")
    mkfifo(folder.file("models/a/1/model.onnx"), 0o600)
    mkfifo(folder.file("models/b/1/x.bin"), 0o600)
    let fault = try #require(throws: Fault.self) { try repository.versions(of: "a")[0].network() }
    #expect(fault.kind == .badInput && fault.message.contains("model.onnx is a pipe"), "\(fault.message)")
    #expect(try repository.versions(of: "b")[0].network().hasSuffix("x.onnx"))
    #expect(try repository.versions(of: "c")[0].network().hasSuffix("model.savedmodel"), "a file of that name is one")
    mkfifo(folder.file("models/a/aliases.yaml"), 0o600)
    #expect(throws: Fault.self) { try repository.aliases(of: "a") }
    try make("d/1/model.xml")
    mkfifo(folder.file("models/d/1/model.bin"), 0o600)
    #expect(throws: Fault.self) { try Model.files(ofNetwork: folder.file("models/d/1/model.xml")) }
  }

  @Test("The one network of a folder without a manifest is found, the usual name first")
  func network() throws {
    try make(
      "a/1/model.onnx", "a/1/other.onnx", "b/1/net.tflite", "b/1/labels.txt", "c/1/labels.txt", "d/1/x.pb", "d/1/y.xml")
    try FileSystem.makeFolder(folder.file("models/e/1/model.savedmodel"))
    let found = try ["a", "b", "e"].map { try FileSystem.name(of: repository.versions(of: $0)[0].network()) }
    #expect(found == ["model.onnx", "net.tflite", "model.savedmodel"])
    for (name, words) in [("c", "no network"), ("d", "several networks (x.pb, y.xml)")] {
      let fault = try #require(throws: Fault.self) { try repository.versions(of: name)[0].network() }
      #expect(fault.kind == .notFound && fault.message.contains(words))
    }
  }

  @Test("Aliases are kept beside the versions, and after the last one is gone the file is sound and says none")
  func aliases() throws {
    try make("net/1/model.onnx", "net/2/model.onnx")
    #expect(try repository.aliases(of: "net") == [:])
    #expect(try repository.set("live", of: "net", to: "1") == ["live": "1"])
    #expect(try repository.set("can-ary", of: "net", to: "2") == ["live": "1", "can-ary": "2"])
    #expect(try repository.set("live", of: "net", to: "2") == ["live": "2", "can-ary": "2"])
    #expect(try repository.aliases(of: "net") == ["live": "2", "can-ary": "2"])
    #expect(try repository.versions(of: "net").count == 2, "the file is no version")
    #expect(try repository.set("live", of: "net", to: nil) == ["can-ary": "2"])
    #expect(try repository.set("can-ary", of: "net", to: nil) == [:])
    #expect(try repository.aliases(of: "net") == [:])
    let fault = try #require(throws: Fault.self) { try repository.set("live", of: "net", to: nil) }
    #expect(fault == Fault(.notFound, "the model 'net' has no alias 'live'"))
    for alias in ["7", "-7", "", ".a", "a/b", "a b", "a:", "é"] {
      #expect(throws: Fault.self, "\(alias)") { try repository.set(alias, of: "net", to: "1") }
    }
  }

  @Test(
    "Nothing in the file of aliases is no alias", arguments: ["", "\n", "# none yet\n", "{}", "---\n", "null\n", "~"])
  func noAliases(_ text: String) throws {
    try make("net/1/model.onnx")
    try FileSystem.write(Array(text.utf8), to: folder.file("models/net/aliases.yaml"))
    #expect(try repository.aliases(of: "net") == [:])
    #expect(try repository.set("live", of: "net", to: "1") == ["live": "1"])
  }

  @Test(
    "What is wrong in the file of aliases is told with its place, and the file is left as it is",
    arguments: [
      ("[live]", 1), ("live", 1), ("live: 1\nlive: 2\n", 2), ("live: ../2", 1), ("a b: 1", 1), ("live: [1]", 1),
      ("live:", 1), ("7: 1", 1), ("live: 1\n---\n", 2),
    ])
  func wrongAliases(_ text: String, _ line: Int) throws {
    try make("net/1/model.onnx")
    let path = folder.file("models/net/aliases.yaml")
    try FileSystem.write(Array(text.utf8), to: path)
    let fault = try #require(throws: Fault.self) { try repository.aliases(of: "net") }
    #expect(fault.kind == .badInput && fault.message.hasPrefix("\(path):\(line):"), "\(fault.message)")
    #expect(throws: fault) { try repository.set("live", of: "net", to: "1") }
    #expect(try FileSystem.read(path) == Array(text.utf8))
  }

  @Test("One grammar for all names: what a manifest may be called can be a folder, and an alias is never a number")
  func names() {
    for name in ["a", "yolox-nano", "9", "v1.2_x", String(repeating: "a", count: 80)] {
      #expect(NameGrammar.isModelName(name) && NameGrammar.isName(name), "\(name)")
    }
    for name in ["Dense_Net", "-a", String(repeating: "A", count: 128)] {
      #expect(!NameGrammar.isModelName(name) && NameGrammar.isName(name), "\(name)")
    }
    for name in ["", ".a", "..", "a/b", "a b", "a\n", "ä", "a%", String(repeating: "a", count: 129)] {
      #expect(!NameGrammar.isModelName(name) && !NameGrammar.isName(name) && !NameGrammar.isAlias(name), "\(name)")
    }
    #expect(NameGrammar.isAlias("live") && NameGrammar.isAlias("1.0") && !NameGrammar.isAlias("10"))
    let ordered = ["1", "2", "03", "3", "10", "a", "b"]
    #expect(ordered.shuffled().sorted(by: NameGrammar.isOlder) == ordered)
  }

  private func manifest(_ summary: String, name: String = "net") -> [UInt8] {
    Array(
      """
      {name: \(name), summary: \(summary), license: MIT, task: tensor, output: {decoder: raw},
      files: [{path: net.onnx, sha256: \(String(repeating: "a", count: 64))}]}
      """.utf8)
  }

  @Test("The hub knows a model in versions by its name: the one that live points to, else the newest")
  func hub() throws {
    for version in ["1", "2", "10"] {
      try make("net/\(version)/net.onnx")
      try FileSystem.write(manifest("v\(version)"), to: folder.file("models/net/\(version)/model.yaml"))
    }
    try make("net/11/net.onnx", "tensors/1/net.onnx")
    let hub = Hub(folders: [folder.file("models")], store: folder.file("store"))
    #expect(try hub.find("net").manifest.summary == "v10", "a version without a manifest is none for the hub")
    _ = try repository.set("live", of: "net", to: "2")
    #expect(try hub.find("net").manifest.summary == "v2")
    #expect(hub.list().map(\.name) == ["net"])
    #expect(try hub.find(folder.file("models/net/1")).manifest.summary == "v1")
    #expect(throws: Fault.self) { try hub.find("tensors") }
    try FileSystem.write(Array("[live]".utf8), to: folder.file("models/net/aliases.yaml"))
    let fault = try #require(throws: Fault.self) { try hub.find("net") }
    #expect(fault.message.contains("aliases.yaml:1:1"))
    #expect(throws: fault) { try hub.list()[0].model.get() }
  }
}
