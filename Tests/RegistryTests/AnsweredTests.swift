import Base
import Catalog
import Foundation
import Items
import LibraryKit
import Store
import TestKit
import Testing

@testable import Library
@testable import Registry

@Suite struct AnsweredTests {
  private static let steps = ProcessInfo.processInfo.environment["RIDLEY_ALIAS_MOVES"].flatMap { Int($0) } ?? 300

  /// An analysis that was made, and which versions answered in it.
  private struct Truth {
    let asset: ULID
    let client: String
    let digests: Set<String>
  }

  /// An analysis whose networks have these digests, by place.
  private func publish(
    _ library: Library, _ asset: Asset, pipeline: Int, _ models: [Analysis.Model]
  ) throws {
    let head = AnalysisWriter.Head(
      pipeline: "sha256:\(pipeline)", series: "p\(pipeline % 7)", models: models, worker: "w", engine: "none",
      version: "0")
    let made = try AnalysisWriter(library, asset, head).finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil)
    try library.publish(made, replaces: true)
  }

  private func add(_ fixture: RegistryFixture, _ number: Int, client: String) throws -> Asset {
    let file = fixture.ground.folder.file("in")
    try FileSystem.write(Array("film \(number)".utf8), to: file)
    let draft = AssetDraft(group: AssetGroup(client: client), name: "\(number).mp4")
    return try fixture.library.add(file: file, draft, scope: .all, examiner: AnyExaminer()).asset
  }

  @Test(
    "Which assets were answered by which version is told right, after random moves, analyses and deletions with restarts",
    arguments: Parts.there)
  func answered(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let versions = try ["a", "b", "c", "d"].map {
      try fixture.registry.publish(try fixture.model($0), ModelRegistry.Draft(by: "ann")).version
    }
    var random = SeededRandom(11)
    var registry = fixture.registry
    var assets: [Asset] = []
    // By asset and pipeline.
    var truth: [String: Truth] = [:]
    for step in 0..<Self.steps {
      if step % 50 == 49 { registry = try fixture.again() }
      fixture.time.update { $0 += [0, 1, 900, 60_000, -3_000].randomElement(using: &random)! }
      switch Int.random(in: 0..<10, using: &random) {
      case 0, 1: assets.append(try add(fixture, step, client: ["acme", "bolt"].randomElement(using: &random)!))
      case 2:
        _ = try registry.move("live", of: "inspector", to: Int.random(in: 1...4, using: &random), by: "ann")
      case 3 where !assets.isEmpty:
        let asset = assets.remove(at: Int.random(in: assets.indices, using: &random))
        try registry.library.delete(asset.id.text, scope: .all)
        truth = truth.filter { $0.value.asset != asset.id }
      case 4 where !assets.isEmpty:
        let place = Int.random(in: assets.indices, using: &random)
        assets[place] = try move(assets[place], registry.library, &random)
        for (key, one) in truth where one.asset == assets[place].id {
          truth[key] = Truth(asset: one.asset, client: assets[place].group.client, digests: one.digests)
        }
      default:
        guard let asset = assets.randomElement(using: &random) else { continue }
        let pipeline = Int.random(in: 0..<6, using: &random)
        let models = Self.models(among: versions, &random)
        try publish(registry.library, asset, pipeline: pipeline, models)
        truth["\(asset.id) \(pipeline)"] = Truth(
          asset: asset.id, client: asset.group.client,
          digests: Set(models.flatMap { [$0.digest, $0.version].compactMap(\.self) }))
      }
    }
    _ = try fixture.library.collect()
    for version in versions { try compare(version, registry, truth) }
  }

  /// To the other client, sometimes by a program that ends before the answers have followed.
  private func move(_ asset: Asset, _ library: Library, _ random: inout SeededRandom) throws -> Asset {
    let client = asset.group.client == "acme" ? "bolt" : "acme"
    // Where a program ended before, the next mends that first.
    guard Bool.random(using: &random), try library.table.get(LibraryKeys.moved(asset.id)) == nil else {
      var edit = AssetEdit()
      edit.client = client
      return try library.update(asset.id.text, edit, scope: .all)
    }
    let known = try library.asset(asset.id.text, scope: .all)
    var moved = known.asset
    moved.group = AssetGroup(client: client)
    let writes = AssetChange.update(
      moved, from: known.version, scores: [], client: nil, former: asset.group.client)
    guard case .committed = try library.table.write(writes) else { throw Fault(.bug, "it was not moved") }
    return moved
  }

  /// What is told of one version is what was done.
  private func compare(_ version: RegisteredVersion, _ registry: ModelRegistry, _ truth: [String: Truth]) throws {
    let wanted = truth.filter { $0.value.digests.contains(version.digest) }
    for client in [nil, "acme", "bolt"] {
      let found = try all(version, of: client, registry)
      let mine = wanted.filter { client == nil || $0.value.client == client }
      #expect(found.count == mine.count)
      #expect(
        Set(found.map { "\($0.asset.id) \($0.analysis.pipeline.dropFirst(7))" }) == Set(mine.keys),
        "version \(version.number) of \(client ?? "all")")
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.analysis.made >= $1.analysis.made })
    }
    let few = try registry.answered(by: version, limit: 2)
    #expect(few.answers.count == min(2, wanted.count) && few.hasMore == (wanted.count > 2))
  }

  /// Of a client page by page.
  private func all(
    _ version: RegisteredVersion, of client: String?, _ registry: ModelRegistry
  ) throws -> [ModelRegistry.Answered] {
    guard let client else {
      let (found, hasMore) = try registry.answered(by: version, limit: 100_000)
      #expect(!hasMore)
      return found
    }
    while try !registry.library.completeAnswers(before: .max).isWhole {}
    var (found, next) = ([ModelRegistry.Answered](), PageToken?.none)
    repeat {
      let page = try registry.answered(by: version, of: client, limit: 7, after: next)
      #expect(page.elements.count <= 7)
      found += page.elements
      next = page.next
    } while next != nil
    return found
  }

  /// Networks of a pipeline: up to more than have an index, sometimes one twice, or with a recipe of its own.
  private static func models(
    among versions: [RegisteredVersion], _ random: inout SeededRandom
  ) -> [Analysis.Model] {
    (0..<Int.random(in: 1...7, using: &random)).map { place in
      guard Int.random(in: 0..<2, using: &random) == 0 else { return .init(name: "x", digest: "sha256:x\(place)") }
      let digest = versions.randomElement(using: &random)!.digest
      let isChanged = Int.random(in: 0..<3, using: &random) == 0
      // What was changed may be what another version is.
      let other = [versions[0].digest, "sha256:c\(place)"].randomElement(using: &random)!
      return .init(name: "i", digest: isChanged ? other : digest, version: isChanged ? digest : nil)
    }
  }

  @Test("A library that was written before there was an index of networks has one once it is opened")
  func old() throws {
    let fixture = try RegistryFixture()
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    let schema = LibrarySchema.table
    let before = TableSchema(
      version: schema.version - 1, indexes: schema.indexes.filter { !$0.name.hasPrefix("answered") },
      texts: schema.texts, unrecorded: schema.unrecorded)
    let path = fixture.ground.folder.file("old/library.db")
    try FileSystem.makeFolder(fixture.ground.folder.file("old"))
    do {
      let old = try Library(fixture.ground.folder.file("old"), table: try SQLiteTable(path, schema: before))
      let file = fixture.ground.folder.file("in")
      try FileSystem.write(Array("film".utf8), to: file)
      let draft = AssetDraft(group: AssetGroup(client: "acme"), name: "film.mp4")
      let asset = try old.add(file: file, draft, scope: .all, examiner: AnyExaminer()).asset
      try publish(old, asset, pipeline: 1, [.init(name: "i", digest: version.digest)])
    }
    let now = try Library(fixture.ground.folder.file("old"), makes: false)
    #expect(try ModelRegistry(now).answered(by: version, limit: 10).answers.map(\.asset.name) == ["film.mp4"])
  }

  @Test(
    "Analyses that were made before answers were kept by client have theirs once somebody asks", arguments: Parts.there)
  func completed(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    for number in 0..<30 {
      let asset = try add(fixture, number, client: number % 3 == 0 ? "acme" : "bolt")
      for pipeline in 0..<3 {
        try publish(fixture.library, asset, pipeline: pipeline, [.init(name: "i", digest: version.digest)])
      }
    }
    try forgetAnswers(fixture.library)
    #expect(try all(version, of: "acme", fixture.again()).count == 30)
    #expect(try all(version, of: "bolt", fixture.again()).count == 60)
    #expect(try all(version, of: "nobody", fixture.registry).isEmpty)
    // More networks than one transaction takes, the version last.
    let asset = try add(fixture, 99, client: "bolt")
    let many = (0..<60).map { Analysis.Model(name: "m", digest: "sha256:0\($0)") }
    for _ in 0..<2 {
      fixture.time.update { $0 += 1000 }
      try publish(fixture.library, asset, pipeline: 9, many + [.init(name: "i", digest: version.digest)])
    }
    #expect(try all(version, of: "bolt", fixture.registry).filter { $0.asset.id == asset.id }.count == 1)
    try fixture.library.delete(asset.id.text, scope: .all)
    #expect(try all(version, of: "bolt", fixture.again()).count == 60)
    _ = try fixture.library.purge("acme")
    #expect(try fixture.library.table.items(Query(LibraryKeys.answersPartition("acme"))).elements.isEmpty)
    #expect(try all(version, of: "acme", fixture.registry).isEmpty)
    #expect(try fixture.registry.answered(by: version, limit: 1000).answers.count == 60)
  }

  /// As an older program leaves it.
  private func forgetAnswers(_ library: Library) throws {
    for client in ["acme", "bolt"] {
      var keys: [ItemKey] = []
      try library.table.forEach(Query(LibraryKeys.answersPartition(client))) { keys.append($0.key) }
      for key in keys { _ = try library.table.write([.delete(key)]) }
    }
  }

  /// Twelve analyses of an older program, and one more that cannot be read.
  private func older(_ fixture: RegistryFixture) throws -> (version: RegisteredVersion, bad: Asset, key: ItemKey) {
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    let assets = try (0..<6).map { try add(fixture, $0, client: $0 < 2 ? "acme" : "bolt") }
    for asset in assets {
      for pipeline in [1, 2] {
        try publish(fixture.library, asset, pipeline: pipeline, [.init(name: "i", digest: version.digest)])
      }
    }
    try forgetAnswers(fixture.library)
    let key = LibraryKeys.analysis(assets[1].id, pipeline: "sha256:0")
    _ = try fixture.library.table.write([.put(key, Array("{}".utf8))])
    return (version, assets[1], key)
  }

  @Test(
    "Older analyses are gone through in steps that go on where another process ended; one that cannot be read stops nothing",
    arguments: Parts.there)
  func steps(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let (version, bad, key) = try older(fixture)
    let others = try fixture.again()
    fixture.library.answersTurn.update { $0 = true }
    let refusal = #expect(throws: Fault.self) { try fixture.registry.answered(by: version, of: "acme", limit: 1) }
    #expect(refusal?.kind == .unavailable && refusal?.message.contains("ridley model answered") ?? false)
    fixture.library.answersTurn.update { $0 = false }
    var (steps, position) = (0, AnswersPosition?.none)
    repeat {
      let library = steps % 2 == 0 ? fixture.library : others.library
      position =
        steps % 3 == 0 ? try library.completeAnswers(before: .max) { false } : try library.completeAnswers(before: 0)
      steps += 1
    } while position?.isWhole != true && steps < 100
    // One analysis or asset a step, and none twice.
    #expect((14...24).contains(steps), "\(steps)")
    #expect(
      position?.assets == 6 && position?.client == "" && position?.unreadable == 1
        && position?.unreadableKeys == ["\(key)"])
    #expect(position?.complaint?.message.contains("\(key)") ?? false)
    #expect(try all(version, of: "acme", others).count == 4)
    #expect(try all(version, of: "bolt", others).count == 8)
    var edit = AssetEdit()
    edit.client = "bolt"
    _ = try fixture.library.update(bad.id.text, edit, scope: .all)
    #expect(try all(version, of: "acme", others).count == 2)
    #expect(try all(version, of: "bolt", others).count == 10)
    #expect(try fixture.library.completeAnswers(before: 0).unreadable == 1)
  }

  @Test("The maintenance beside a server goes through them, tells once what cannot be read, and ends at once")
  func maintained() throws {
    let fixture = try RegistryFixture()
    let (version, _, key) = try older(fixture)
    let told = Monitor([Fault]())
    let maintenance = LibraryMaintenance(fixture.library, examiner: AnyExaminer()) { fault in
      told.update { $0.append(fault) }
    }
    try waitUntil("the answers", seconds: 30) { try fixture.library.answersPosition().isWhole }
    try waitUntil("what cannot be read", seconds: 30) {
      told.update { $0.contains { $0.message.contains("could not be read") } }
    }
    maintenance.stop()
    #expect(
      told.update { $0.map(\.message) }.filter { $0.contains("could not be read") && $0.contains("\(key)") }.count == 1,
      "\(told.update { $0 })")
    #expect(try all(version, of: "bolt", fixture.registry).count == 8)
  }

  @Test("An analysis of a deleted asset that cannot be read stays and is told; all else that is left is taken away")
  func remains() throws {
    let fixture = try RegistryFixture()
    let (_, bad, key) = try older(fixture)
    let fault = #expect(throws: Fault.self) { try fixture.library.delete(bad.id.text, scope: .all) }
    #expect(fault?.message.contains("\(key)") ?? false, "\(fault?.message ?? "")")
    // Of another one that a program did not come to the end with.
    let other = try add(fixture, 50, client: "bolt")
    let version = try fixture.library.asset(other.id.text, scope: .all).version
    guard case .committed = try fixture.library.table.write(AssetChange.delete(other, at: version, scores: [])) else {
      throw Fault(.bug, "it was not deleted")
    }
    #expect(throws: Fault.self) { try fixture.library.collect() }
    #expect(try fixture.library.table.get(LibraryKeys.remains(other.id)) == nil)
    #expect(try fixture.library.table.get(LibraryKeys.remains(bad.id)) != nil && fixture.library.table.get(key) != nil)
    #expect(try fixture.library.table.get(LibraryKeys.analysis(bad.id, pipeline: "sha256:1")) == nil)
  }
}
