import Base
import Catalog
import Foundation
import Items
import Library
import LibraryKit
import ModelHub
import Objects
import TestKit
import Testing

@testable import Registry

@Suite struct RegistryTests {
  @Test("A version keeps every byte, whatever becomes of the folder that it came from", arguments: Parts.there)
  func publishes(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let model = try fixture.model("a")
    var draft = ModelRegistry.Draft(by: "ann")
    (draft.card, draft.origin.run) = (Array("Read me.".utf8), "run 7")
    let (version, isNew) = try fixture.registry.publish(model, draft)
    #expect(isNew && version.number == 1 && version.files.map(\.path) == ["net.onnx"])
    let digest = try model.identified(cache: nil).digest
    FileSystem.removeTree(model.folder)
    _ = try fixture.library.collect()
    let known = try fixture.again().find("1", of: "inspector")
    #expect(known == version && known.origin.run == "run 7" && known.card != nil)
    let folder = fixture.ground.folder.file("out/inspector")
    try fixture.again().lay(known, into: folder)
    let laid = try Model(try Manifest.read(folder), folder: folder, store: folder).identified(cache: nil)
    #expect(
      laid.digest == version.digest && version.digest == digest
        && laid.labels == ["ok", "a"])
    #expect(try FileSystem.read("\(folder)/net.onnx") == Array("network a".utf8))
  }

  @Test("The same model is one version, another is the next, and a name keeps its own count")
  func numbers() throws {
    let fixture = try RegistryFixture()
    let draft = ModelRegistry.Draft(by: "ann")
    let first = try fixture.registry.publish(try fixture.model("a"), draft)
    let again = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "bob"))
    let second = try fixture.registry.publish(try fixture.model("b"), draft)
    let other = try fixture.registry.publish(try fixture.model("a", name: "gears"), draft)
    #expect(!again.isNew && again.version == first.version && again.version.by == "ann")
    #expect(second.version.number == 2 && other.version.number == 1 && other.version.digest == first.version.digest)
    #expect(try fixture.registry.models() == ["gears", "inspector"])
    #expect(
      try fixture.registry.find(String(second.version.digest.dropFirst(7).prefix(12)), of: "inspector").number == 2)
    for word in ["3", "0", "live", "ffffffffffff", ""] {
      #expect(throws: Fault.self) { try fixture.registry.find(word, of: "inspector") }
    }
  }

  @Test("Two that publish at a time get numbers of their own")
  func races() async throws {
    let fixture = try RegistryFixture()
    let registries = [fixture.registry, try fixture.again()]
    let models = try (0..<12).map { try fixture.model("m\($0)") }
    let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
      for (place, model) in models.enumerated() {
        let registry = registries[place % 2]
        group.addTask { try registry.publish(model, ModelRegistry.Draft(by: "ann")).version.number }
      }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(numbers.sorted() == Array(1...12))
  }

  @Test("Bytes that a version needs are never collected, and a damaged or missing one is named and not laid out")
  func damage() throws {
    let fixture = try RegistryFixture()
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    _ = try fixture.library.collect()
    let object = version.files[0].object
    let path = try fixture.library.objects.file(of: ObjectName(object)!)
    let sound = try FileSystem.read(path)
    chmod(path, 0o644)
    for bytes in [Array(sound.dropLast()), sound.dropLast() + [sound.last! ^ 1]] {
      try Data(bytes).write(to: URL(filePath: path))
      let folder = fixture.ground.folder.file("damaged")
      let fault = #expect(throws: Fault.self) { try fixture.registry.lay(version, into: folder) }
      #expect(fault?.message.contains(object) == true && !FileSystem.isThere(folder))
    }
  }

  @Test("A file that changes while it is published is refused, and leaves nothing")
  func changes() throws {
    let fixture = try RegistryFixture()
    let model = try fixture.model("a").identified(cache: nil)
    try FileSystem.write(Array("network b".utf8), to: "\(model.folder)/net.onnx")
    let fault = #expect(throws: Fault.self) { try fixture.registry.publish(model, ModelRegistry.Draft(by: "ann")) }
    #expect(fault?.message.contains("net.onnx") == true)
    #expect(try fixture.registry.models() == [])
  }
}
