import Base
import Foundation
import Inference
import Serving
import TestKit
import Testing

/// What is wrong in a folder of models costs the model that it belongs to.
struct BadFileTests {
  let folder = TemporaryFolder()

  private func place(_ path: String) -> String { folder.file("models/\(path)") }

  private func make(_ names: String...) throws {
    for name in names {
      try FileSystem.makeFolder(place(name))
      try SumNetwork.write(to: place("\(name)/model"))
    }
  }

  private func repository() throws -> ModelRepository {
    try FileSystem.makeFolder(folder.file("cache"))
    let models = try ModelRepository(
      ModelRepository.Options(folder: folder.file("models"), store: folder.file("store")),
      on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    return models
  }

  private func write(_ text: String, _ path: String) throws { try FileSystem.write(Array(text.utf8), to: place(path)) }

  @Test(
    "A file of aliases that cannot be read costs what it would have decided, and nothing else",
    arguments: ["live: [", "live", "live: 1\nlive: 2\n", "\u{0}", "fifo", "folder"])
  func aliases(_ text: String) throws {
    try make("net/1", "net/2", "other/1")
    switch text {
    case "fifo": mkfifo(place("net/aliases.yaml"), 0o600)
    case "folder": try FileSystem.makeFolder(place("net/aliases.yaml"))
    default: try write(text, "net/aliases.yaml")
    }
    let models = try repository()
    _ = try models.find("other")
    #expect(try models.find("net", version: "2").version == "2", "a version is itself")
    for version in [nil, "live", "blue"] {
      let fault = try #require(throws: Fault.self) { try models.find("net", version: version) }
      #expect(fault.kind == .unavailable && fault.message.contains("net/aliases.yaml"), "\(fault.message)")
      #expect(!fault.message.contains(folder.path))
    }
    let listed = try #require(models.list().first { $0.model == "net" })
    #expect(listed.fault?.message.contains("aliases.yaml") == true && listed.versions.count == 2)
    // Mended, it holds.
    try? FileManager.default.removeItem(atPath: place("net/aliases.yaml"))
    try write("live: \"1\"\n", "net/aliases.yaml")
    models.refresh()
    #expect(try models.find("net").version == "1" && models.list().allSatisfy { $0.fault == nil })
  }

  @Test("Aliases that were known hold on while their file is broken, and that is told once")
  func knownAliases() throws {
    try make("net/1", "net/2")
    try write("live: \"1\"\n", "net/aliases.yaml")
    let models = try repository()
    try write("live: [", "net/aliases.yaml")
    let lines = Monitor<[String]>([])
    for _ in 0..<3 {
      models.refresh { model, version, state in
        guard case .unavailable(let fault) = state else { return }
        lines.update { $0.append("\(model)|\(version)|\(fault.message)") }
      }
    }
    let told = lines.update { $0 }
    #expect(try models.find("net").version == "1" && models.find("net", version: "live").version == "1")
    #expect(told.count == 1 && told[0].hasPrefix("net||net/aliases.yaml:2:1: "), "\(told)")
    #expect(throws: Fault.self) { try models.set(alias: "blue", of: "net", to: "2") }
    #expect(try FileSystem.read(place("net/aliases.yaml")) == Array("live: [".utf8), "it is left for its owner to mend")
  }

  @Test("Folders without a version, links that lead nowhere, pipes and devices are named, and the others are served")
  func odd() throws {
    try make("good/1", "half/1")
    for name in ["empty", "none/1"] { try FileSystem.makeFolder(place(name)) }
    try SumNetwork.write(to: place("empty/model"))
    try FileSystem.makeFolder(place("pipe/1"))
    mkfifo(place("pipe/1/model.onnx"), 0o600)
    try FileSystem.makeFolder(place("weights/1"))
    try SumNetwork.write(to: place("weights/1/model"))
    unlink(place("weights/1/model.bin"))
    mkfifo(place("weights/1/model.bin"), 0o600)
    try FileSystem.makeFolder(place("device/1"))
    #expect(symlink("/dev/zero", place("device/1/model.onnx")) == 0)
    #expect(symlink("gone", place("half/2")) == 0 && symlink("gone", place("lost")) == 0)
    mkfifo(place("manifest"), 0o600)
    try make("yaml/1")
    mkfifo(place("yaml/1/model.yaml"), 0o600)
    let models = try repository()
    #expect(try models.find("good").version == "1" && models.find("half").version == "1")
    for (name, words) in [
      ("empty", "holds no version"), ("none", "no network"), ("pipe", "is a pipe"), ("weights", "is a pipe"),
      ("device", "is a pipe, a socket or a device"), ("lost", "leads nowhere"), ("manifest", "is a pipe"),
      ("yaml", "model.yaml is a pipe"),
    ] {
      let fault = try #require(throws: Fault.self, "\(name)") { try models.find(name) }
      #expect(fault.kind == .unavailable && fault.message.contains(words), "\(name): \(fault.message)")
      #expect(!fault.message.contains(folder.path), "\(name): \(fault.message)")
    }
    #expect(throws: Fault.self) { try models.find("half", version: "2") }
    // What came right is served, what went away is gone, and nothing is told twice.
    try make("empty/1")
    unlink(place("lost"))
    let lines = Monitor<[String]>([])
    models.refresh { model, version, _ in lines.update { $0.append("\(model)/\(version)") } }
    let told = lines.update { $0 }
    #expect(told == ["empty/1"], "\(told)")
    #expect(try models.find("empty").version == "1" && models.list().allSatisfy { $0.model != "lost" })
  }

  @Test("No sentence tells where things stand on this machine")
  func places() throws {
    try make("net/1")
    try FileSystem.makeFolder(folder.file("elsewhere"))
    try FileSystem.makeFolder(place("linked/1"))
    #expect(symlink(folder.file("elsewhere/x.onnx"), place("linked/1/model.onnx")) == 0)
    try write("broken", "net/1/model.xml")
    try FileSystem.makeFolder(place("broken/1"))
    try write("name: [", "broken/1/model.yaml")
    for entry in try repository().list() {
      for case (_, .unavailable(let fault)) in entry.versions {
        #expect(!fault.message.contains(folder.path) && !fault.message.contains("/tmp/"), "\(fault.message)")
      }
    }
  }
}
