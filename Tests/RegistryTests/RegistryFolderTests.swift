import Base
import Catalog
import Foundation
import Library
import LibraryKit
import ModelHub
import Objects
import TestKit
import Testing

@testable import Registry

@Suite struct RegistryFolderTests {
  private func folder(_ fixture: RegistryFixture) throws -> RegistryFolder {
    for mark in ["a", "b", "c"] {
      _ = try fixture.registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann"))
    }
    return try RegistryFolder(fixture.registry, at: fixture.ground.folder.file("served"))
  }

  private func found(_ folder: RegistryFolder) throws -> (versions: [String], aliases: [String: String]) {
    let repository = VersionRepository(folder.path)
    return (try repository.versions(of: "inspector").map(\.version), try repository.aliases(of: "inspector"))
  }

  @Test("What aliases point to is there, and nothing else")
  func lays() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    #expect(try folder.state() == "")
    _ = try fixture.registry.move("live", of: "inspector", to: 2, by: "ann")
    _ = try fixture.registry.move("canary", of: "inspector", to: 3, by: "ann")
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    #expect(try found(folder) == (["2", "3"], ["live": "2", "canary": "3"]))
    _ = try fixture.registry.move("canary", of: "inspector", to: nil, by: "ann")
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found(folder) == (["2"], ["live": "2"]))
    _ = try fixture.registry.move("live", of: "inspector", to: nil, by: "ann")
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try folder.state() == "" && !FileSystem.isThere("\(folder.path)/inspector"))
  }

  @Test("A version that somebody wants to point to is laid out beside the others, where something is live")
  func fetches() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    let fetch = { (number: Int) in
      #expect(throws: Fault.self) { try folder.fetch(number, of: "inspector") }?.kind
    }
    #expect(fetch(3) == .conflict)
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(fetch(3) == .unavailable && fetch(9) == .notFound)
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found(folder) == (["1", "3"], ["live": "1"]))
    #expect(try fixture.registry.alias("live", of: "inspector")?.to == 1)
    // With nothing live, what names no version would be answered by it.
    _ = try fixture.registry.move("canary", of: "inspector", to: 1, by: "ann")
    _ = try fixture.registry.move("live", of: "inspector", to: nil, by: "ann")
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found(folder) == (["1"], ["canary": "1"]))
  }

  @Test("An alias moves once the new version is ready, and stays where that cannot be loaded, which is told once")
  func waits() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    _ = try fixture.registry.move("live", of: "inspector", to: 2, by: "ann")
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    #expect(try found(folder) == (["1", "2"], ["live": "1"]))
    var told: [String] = []
    for _ in 0..<3 {
      try folder.bring(standing: { _, number in number == 2 ? .refused("no such operator") : .ready }) {
        told.append($0.message)
      }
    }
    #expect(try found(folder).aliases == ["live": "1"])
    #expect(told.count == 1 && told[0].contains("no such operator") && told[0].contains("stays at version 1"))
    // A server that starts again has what it had.
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    #expect(try found(folder).aliases == ["live": "1"])
    try folder.bring(standing: { _, _ in .ready }) { _ in }
    #expect(try found(folder) == (["2"], ["live": "2"]))
  }

  @Test("An alias that is new beside others waits for its version, too")
  func joins() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    _ = try fixture.registry.move("canary", of: "inspector", to: 3, by: "ann")
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    _ = try fixture.registry.move("live", of: "inspector", to: 2, by: "ann")
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    #expect(try found(folder) == (["2", "3"], ["canary": "3"]))
    try Data("nonsense: [".utf8).write(to: URL(filePath: "\(folder.path)/inspector/aliases.yaml"))
    var told = 0
    for _ in 0..<2 { try folder.bring(standing: { _, _ in .ready }) { _ in told += 1 } }
    #expect(told == 1)
    #expect(throws: Fault.self) { try found(folder) }
  }

  @Test("A folder that holds other things, or is another server's, is left as it is")
  func others() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    #expect(throws: Fault.self) { try RegistryFolder(fixture.registry, at: folder.path) }
    let own = fixture.ground.folder.file("own")
    try FileSystem.makeFolder("\(own)/mine/1")
    #expect(throws: Fault.self) { try RegistryFolder(fixture.registry, at: own) }
    #expect(FileSystem.isThere("\(own)/mine/1"))
  }

  @Test("A version that is damaged keeps no other alias of its model from moving back")
  func damagedBeside() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    for number in [1, 2] { _ = try fixture.registry.move("live", of: "inspector", to: number, by: "ann") }
    try folder.bring(standing: { _, _ in .waiting }) { _ in }
    let lost = try fixture.registry.find("3", of: "inspector").manifest
    FileSystem.removeTree(try fixture.library.objects.file(of: .init(lost)!))
    _ = try fixture.registry.move("canary", of: "inspector", to: 3, by: "ann")
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    var told: [String] = []
    for _ in 0..<3 { try folder.bring(standing: { _, _ in .ready }) { told.append($0.message) } }
    #expect(try found(folder) == (["1"], ["live": "1"]))
    #expect(told.count == 1 && told[0].contains("canary") && told[0].contains(lost), "\(told)")
  }

  @Test("One model that cannot be laid out keeps no other from coming")
  func broken() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    let other = try fixture.registry.publish(try fixture.model("a", name: "gears"), ModelRegistry.Draft(by: "ann"))
      .version
    _ = try fixture.registry.move("live", of: "inspector", to: 2, by: "ann")
    _ = try fixture.registry.move("live", of: "gears", to: 1, by: "ann")
    let broken = try fixture.registry.find("2", of: "inspector")
    let lost = Set(broken.files.map(\.object)).subtracting(other.files.map(\.object))
    #expect(lost.count == 1)
    for object in lost { FileSystem.removeTree(try fixture.library.objects.file(of: .init(object)!)) }
    var told: [String] = []
    try folder.bring(standing: { _, _ in .ready }) { told.append($0.message) }
    #expect(told.count == 1 && told[0].contains("inspector"), "\(told)")
    #expect(FileSystem.isThere("\(folder.path)/gears/1/model.yaml"))
    #expect(!FileSystem.isThere("\(folder.path)/inspector/2"))
  }

  @Test("An alias does not move here to a version that answers otherwise, and that version is not laid out again")
  func answersOtherwise() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    for _ in 0..<2 { try folder.bring(standing: { _, _ in .ready }) { _ in } }
    for alias in ["live", "canary"] { _ = try fixture.registry.move(alias, of: "inspector", to: 2, by: "ann") }
    var told: [String] = []
    for _ in 0..<3 {
      try folder.bring(standing: { $1 == 2 ? .wrong("a.jpg: 'chip' is missing") : .ready }) { told.append($0.message) }
    }
    #expect(try found(folder) == (["1"], ["live": "1"]))
    #expect(told.count == 2 && told.allSatisfy { $0.contains("'chip' is missing") }, "\(told)")
    _ = try fixture.registry.move("live", of: "inspector", to: 3, by: "ann")
    for _ in 0..<2 { try folder.bring(standing: { $1 == 2 ? .wrong("no") : .ready }) { _ in } }
    #expect(try found(folder) == (["3"], ["live": "3"]))
  }

  @Test("The first version of a model is looked at once it is loaded, and leaves where it answers otherwise")
  func firstAnswersOtherwise() throws {
    let fixture = try RegistryFixture()
    let folder = try folder(fixture)
    _ = try fixture.registry.move("live", of: "inspector", to: 2, by: "ann")
    for _ in 0..<2 { try folder.bring(standing: { _, _ in .waiting }) { _ in } }
    #expect(try found(folder) == (["2"], ["live": "2"]))
    var told: [String] = []
    for _ in 0..<3 { try folder.bring(standing: { _, _ in .wrong("otherwise") }) { told.append($0.message) } }
    #expect(try folder.state() == "" && told.count == 1 && told[0].contains("points nowhere"), "\(told)")
  }

  @Test("A version that is not admitted is neither laid out nor left where it lies, and that is told once")
  func admission() throws {
    let fixture = try RegistryFixture()
    var open: RegistryFolder? = try folder(fixture)
    let path = try #require(open?.path)
    for number in [1, 2] { _ = try fixture.registry.move("a\(number)", of: "inspector", to: number, by: "ann") }
    for _ in 0..<2 { try open?.bring(standing: { _, _ in .ready }) { _ in } }
    #expect(try found(#require(open)) == (["1", "2"], ["a1": "1", "a2": "2"]))
    open = nil
    let strict = try RegistryFolder(fixture.registry, at: path) { (version) throws(Fault) in
      if version.number != 2 { throw Fault(.denied, "version \(version.number) is not signed") }
    }
    var told: [String] = []
    for _ in 0..<3 { try strict.bring(standing: { _, _ in .ready }) { told.append($0.message) } }
    #expect(try found(strict) == (["2"], ["a2": "2"]))
    #expect(told.count == 1 && told[0].contains("version 1 is not signed"), "\(told)")
  }

  @Test(
    "What was served before goes on after a start with another engine that answers otherwise, and that is told once")
  func answersOtherwiseLater() throws {
    let fixture = try RegistryFixture()
    var open: RegistryFolder? = try folder(fixture)
    let path = try #require(open?.path)
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    for _ in 0..<2 { try open?.bring(standing: { _, _ in .ready }) { _ in } }
    open = nil
    let again = try RegistryFolder(fixture.registry, at: path)
    try again.bring(standing: { _, _ in .waiting }) { _ in }
    var told: [String] = []
    for _ in 0..<3 { try again.bring(standing: { _, _ in .wrong("a.jpg") }) { told.append($0.message) } }
    #expect(try found(again) == (["1"], ["live": "1"]))
    #expect(told.count == 1 && told[0].contains("is not what it was: a.jpg"), "\(told)")
  }
}
