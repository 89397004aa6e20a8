import Base
import Catalog
import Items
import Library
import LibraryKit
import ModelHub
import Objects
import TestKit
import Testing

@testable import Registry

@Suite struct RemovalTests {
  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  private func publish(_ fixture: RegistryFixture, _ marks: String...) throws {
    for mark in marks {
      _ = try fixture.registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann"))
    }
  }

  @Test("A version that anything refers to stays, and who refers to it is told", arguments: Parts.there)
  func kept(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let registry = fixture.registry
    try publish(fixture, "a", "b", "c")
    _ = try registry.move("live", of: "inspector", to: 1, by: "ann")
    let first = try registry.find("1", of: "inspector")
    let pointed = fault { _ = try registry.remove(first, by: "ann", lettingGoOfHistory: true) }
    #expect(pointed?.kind == .conflict && pointed?.message.contains("the alias 'live' points to it") == true)
    _ = try registry.move("live", of: "inspector", to: 2, by: "ann")
    let past = fault { _ = try registry.remove(first, by: "ann") }
    #expect(past?.kind == .conflict && past?.message.contains("--history") == true, "\(past?.message ?? "")")
    // What it answered keeps it, whatever is let go of.
    let file = fixture.ground.folder.file("in")
    try FileSystem.write(Array("film".utf8), to: file)
    let draft = AssetDraft(group: AssetGroup(client: "acme"), name: "film.mp4")
    let asset = try fixture.library.add(file: file, draft, scope: .all, examiner: AnyExaminer()).asset
    let head = AnalysisWriter.Head(
      pipeline: "sha256:1", series: "p", models: [.init(name: "i", digest: "sha256:other", version: first.digest)],
      worker: "w", engine: "none", version: "0")
    try fixture.library.publish(
      try AnalysisWriter(fixture.library, asset, head).finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil))
    let answered = fault { _ = try registry.remove(first, by: "ann", lettingGoOfHistory: true) }
    #expect(answered?.message.contains("about the asset \(asset.id) of 'acme'") == true, "\(answered?.message ?? "")")
    try fixture.library.delete(asset.id.text, scope: .all)
    let removed = try registry.remove(first, by: "bob", reason: "old", lettingGoOfHistory: true)
    #expect(removed.removed?.by == "bob")
  }

  @Test("What was removed is told as removed, its number is never given again, and the moves that name it stay")
  func removed() throws {
    let fixture = try RegistryFixture()
    let registry = fixture.registry
    try publish(fixture, "a", "b", "c")
    _ = try registry.move("live", of: "inspector", to: 3, by: "ann")
    let moment = fixture.library.now
    _ = try registry.move("live", of: "inspector", to: 1, by: "ann")
    let last = try registry.find("3", of: "inspector")
    _ = try registry.remove(last, by: "bob", reason: "wrong labels", lettingGoOfHistory: true)
    let gone = fault { _ = try registry.find("3", of: "inspector") }
    #expect(gone?.message.contains("was removed at") == true && gone?.message.contains("wrong labels") == true)
    #expect(fault { _ = try registry.move("live", of: "inspector", to: 3, by: "ann") }?.kind == .notFound)
    #expect(try registry.alias("live", of: "inspector", at: moment)?.to == 3)
    #expect(try registry.version(3, of: "inspector")?.removed?.reason == "wrong labels")
    #expect(try registry.versions(of: "inspector").map(\.number) == [1, 2])
    #expect(try registry.versions(of: "inspector", withRemoved: true).map(\.number) == [1, 2, 3])
    // The same bytes once more are another version.
    let again = try registry.publish(try fixture.model("c"), ModelRegistry.Draft(by: "ann"))
    #expect(again.isNew && again.version.number == 4 && again.version.digest == last.digest)
    #expect(fault { _ = try registry.find("9", of: "inspector") }?.message.contains("1 to 2, 4") == true)
  }

  @Test("An object that ten versions share lives until the last of them goes", arguments: Parts.there)
  func shared(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let registry = fixture.registry
    // Ten recipes of one network.
    let path = fixture.ground.folder.file("made/one/inspector")
    _ = try fixture.model("one")
    var numbers: [Int] = []
    for label in 0..<10 {
      let text = String(decoding: try FileSystem.read("\(path)/model.yaml"), as: UTF8.self)
      let lines = text.split(separator: "\n").filter { !$0.hasPrefix("labels:") }.joined(separator: "\n")
      try FileSystem.write(Array("\(lines)\nlabels: [ok, l\(label)]\n".utf8), to: "\(path)/model.yaml")
      let model = try Model(try Manifest.read(path), folder: path, store: path)
      numbers.append(try registry.publish(model, ModelRegistry.Draft(by: "ann")).version.number)
    }
    #expect(numbers == Array(1...10))
    let versions = try registry.versions(of: "inspector")
    let network = try #require(ObjectName(versions[0].files[0].object))
    #expect(versions.allSatisfy { $0.files[0].object == network.digest })
    for version in versions {
      #expect(try fixture.library.objects.open(network) != nil)
      _ = try registry.remove(version, by: "ann")
      _ = try fixture.library.collect()
      if version.number < 10 {
        try registry.lay(versions[9], into: fixture.ground.folder.file("laid-\(version.number)"))
      }
    }
    #expect(try fixture.library.objects.open(network) == nil)
    #expect(try registry.models() == ["inspector"])
  }

  @Test("Collecting lets go of what nothing needs, and of nothing else; a look says the same before")
  func collects() throws {
    let fixture = try RegistryFixture()
    let registry = fixture.registry
    try publish(fixture, "a", "b", "c", "d", "e")
    _ = try registry.move("live", of: "inspector", to: 1, by: "ann")
    _ = try registry.move("live", of: "inspector", to: 3, by: "ann")
    let look = try registry.collect(keeping: 1, by: "ann", isTrial: true).map(\.version.number)
    #expect(look == [2, 4])
    #expect(try registry.versions(of: "inspector").count == 5)
    #expect(try registry.collect(keeping: 1, by: "ann", isTrial: false).map(\.version.number) == [2, 4])
    #expect(try registry.versions(of: "inspector").map(\.number) == [1, 3, 5])
    #expect(try registry.collect(keeping: 1, by: "ann", isTrial: false).isEmpty)
  }

  @Test("A move and a removal at the same time: one of them is refused, and no alias points to what is gone")
  func races() async throws {
    for round in 0..<10 {
      let fixture = try RegistryFixture()
      try publish(fixture, "a", "b")
      let (one, other) = (fixture.registry, try fixture.again())
      async let moved: Void? = try? { _ = try one.move("live", of: "inspector", to: 2, by: "ann") }()
      async let removed: Void? = try? { _ = try other.remove(try other.find("2", of: "inspector"), by: "bob") }()
      let outcome = await (moved != nil, removed != nil)
      #expect(outcome.0 != outcome.1, "round \(round)")
      let isGone = try one.version(2, of: "inspector")?.removed != nil
      #expect(isGone == ((try one.alias("live", of: "inspector")?.to) != 2))
    }
  }
}
