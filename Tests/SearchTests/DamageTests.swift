import Base
import Catalog
import Items
import Library
import LibraryKit
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

/// What cannot be read is told, and costs no more than itself.
struct DamageTests {
  /// Puts in an item's place one that has the same entries in the indexes, and lacks what it must have.
  private func damage(_ key: ItemKey, _ member: String, in library: Library) throws {
    let item = try #require(try library.table.get(key))
    let body = String(decoding: item.body, as: UTF8.self)
    try #require(body.contains("\"\(member)\":"))
    _ = try library.table.write([.put(key, Array(body.replacing("\"\(member)\":", with: "\"no-\(member)\":").utf8))])
  }

  /// All pages, and what they say they lack.
  private func search(_ fixture: SearchFixture, _ text: String) throws -> (ids: [String], gaps: [AnswerGap]) {
    let query = try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
    var (ids, gaps, token) = ([String](), [AnswerGap](), String?.none)
    repeat {
      let answer = try fixture.desk.search(query, client: "acme", scope: .all, limit: 5, after: token)
      ids += answer.found.map { $0[0].id }
      gaps.note(answer.incomplete)
      token = answer.next
    } while token != nil
    return (ids, gaps)
  }

  private func fixture(_ parts: Parts) throws -> SearchFixture {
    let fixture = try SearchFixture(parts, seed: 40)
    for _ in 0..<3 { try fixture.analyse(fixture.addAsset()) }
    for number in 0..<20 { _ = try fixture.addEvent("s\(number % 2)") }
    try fixture.desk.settle(within: 60)
    return fixture
  }

  @Test(
    "A moment that cannot be read is named by each answer that lacks it, and all others are found",
    arguments: Parts.there)
  func moments(parts: Parts) throws {
    let fixture = try fixture(parts)
    let all = try search(fixture, "after:2026-01-01")
    #expect(all.gaps.isEmpty)
    let keys = try fixture.library.table.entries(of: LibrarySchema.moments, Query("CLIENT#acme#MOMENTS")).elements.map(
      \.key)
    let event = try #require(keys.first { $0.partition == "MOMENTS#STREAM#acme#s1" })
    let sight = try #require(keys.first { $0.partition.hasPrefix("MOMENTS#ASSET#") })
    let damaged = try fixture.library.table.present([event, sight]).map { try Moment($0) }
    for key in [event, sight] { try damage(key, "by", in: fixture.library) }
    let found = try search(fixture, "after:2026-01-01")
    #expect(found.ids == all.ids.filter { id in !damaged.contains { $0.id == id } })
    #expect(found.gaps.count == 2 && found.gaps.allSatisfy { $0.reason == .damaged })
    for key in [event, sight] {
      let gap = found.gaps.first { $0.message.contains("the item \(key) ") }
      #expect(gap?.message.contains("'ridley library verify --repair'") == true)
    }
    #expect(try search(fixture, "stream:s0").gaps.isEmpty)
    #expect(try search(fixture, "stream:s1 near label:* within 1s").gaps.count == 1)
    let token = try ShareDesk(fixture.library).add(ShareDesk.Draft(query: "stream:s1"), client: "acme", scope: .all)
      .token
    #expect(try ShareDesk(fixture.library).search(token, limit: 100, after: nil, from: "192.0.2.1").isIncomplete)
    let report = try fixture.desk.verify()
    #expect(Set(report.differences) == Set([event, sight].map(\.description)))
    try fixture.desk.rebuild()
    let mended = try search(fixture, "after:2026-01-01")
    #expect(mended.ids.count == all.ids.count && mended.gaps.isEmpty)
    #expect(try fixture.desk.verify().differences.isEmpty)
  }

  @Test("A head that cannot be read is told, and its film and others are brought up to date", arguments: Parts.there)
  func heads(parts: Parts) throws {
    let fixture = try fixture(parts)
    let key = LibraryKeys.momentHead(fixture.assets[0].id, series: "p")
    try damage(key, "count", in: fixture.library)
    let found = try search(fixture, "kind:sight after:2026-01-01")
    #expect(found.gaps.map(\.reason) == [.damaged] && found.gaps[0].message.contains("\(key)"))
    #expect(!found.ids.isEmpty)
    #expect(try fixture.desk.verify().differences.contains(key.description))
    for asset in fixture.assets { try fixture.analyse(asset) }
    #expect(try fixture.desk.settle(within: 60))
    #expect(try search(fixture, "kind:sight after:2026-01-01").gaps.isEmpty)
    #expect(try fixture.desk.verify().differences.isEmpty)
    try damage(key, "count", in: fixture.library)
    try fixture.desk.rebuild()
    #expect(try fixture.desk.verify().differences.isEmpty)
    try damage(key, "count", in: fixture.library)
    _ = try fixture.library.purge("acme")
  }

  @Test("An alert is told of what ends behind a moment that cannot be read, which is complained of once")
  func alerts() throws {
    let fixture = try fixture(.embedded)
    for name in ["all", "more"] {
      _ = try AlertDesk(fixture.library).add(name, query: "label:*", zone: nil, client: "acme", scope: .all)
    }
    _ = try AlertDesk(fixture.library).add("bad", query: "label:*", zone: nil, client: "bolt", scope: .all)
    try damage(LibraryKeys.alert("bolt", "bad"), "query", in: fixture.library)
    _ = try AlertDesk(fixture.library).add("after", query: "zone:*", zone: nil, client: "acme", scope: .all)
    let first = Moment(try fixture.addEvent("s1"))
    try fixture.analyse(fixture.assets[1])
    try fixture.desk.settle(within: 60)
    try damage(first.itemKey, "by", in: fixture.library)
    let second = Moment(try fixture.addEvent("s1"))
    let third = try fixture.addAsset()
    try fixture.analyse(third)
    try fixture.desk.settle(within: 60)
    let complaints = Monitor([String]())
    for part in MomentReader.Part.allCases {
      let reader = AlertReader(library: fixture.library, part: part) { one in
        complaints.update { $0.append(one.message) }
      }
      for _ in 0..<3 { try reader.follow(before: Clock.now + 10_000_000_000) }
    }
    let told = complaints.update { $0 }
    #expect(told.count { $0.contains("\(first.itemKey)") } == 3, "one of each alert of its client: \(told)")
    #expect(told.contains { $0.contains("an alert that tells of nothing") })
    let notices = try fixture.notices()
    for name in ["all", "more"] {
      let about = (notices[name] ?? []).compactMap(\.about)
      #expect(about.contains(second.id) && !about.contains(first.id))
      #expect((notices[name] ?? []).contains { $0.asset == third.id })
    }
  }

  @Test("Vectors that cannot be read are told, and other films are found by likeness")
  func vectors() throws {
    let fixture = try VectorFixture(.embedded, seed: 3)
    let example = fixture.numbers()
    let assets = try (0..<3).map { _ in try fixture.search.addAsset() }
    for asset in assets { try fixture.analyse(asset, [example, fixture.numbers()]) }
    try fixture.settle()
    let item = try #require(try fixture.library.table.get(LibraryKeys.momentHead(assets[1].id, series: "p")))
    let digest = try #require(try MomentHead(item).vectors?.object)
    try fixture.search.ground.damage(digest, Array("no vectors".utf8), in: fixture.library)
    let answer = try fixture.desk.similar(
      to: VectorDesk.Example(network: VectorFixture.network, numbers: example), fixture.ask())
    #expect(Set(answer.found.map(\.asset)) == [assets[0].id, assets[2].id])
    #expect(answer.incomplete.count == 1 && answer.incomplete[0].message.contains("'\(assets[1].id)'"))
    let pairs = try fixture.desk.duplicates(VectorFixture.network, fixture.ask())
    #expect(pairs.incomplete == answer.incomplete && pairs.films == 2)
  }

  @Test("An asset that cannot be read is told, and other films are found by likeness")
  func likenesses() throws {
    let fixture = try VectorFixture(.embedded, seed: 4)
    let example = fixture.numbers()
    let assets = try (0..<3).map { _ in try fixture.search.addAsset() }
    for asset in assets { try fixture.analyse(asset, [example, fixture.numbers()]) }
    try fixture.settle()
    let key = LibraryKeys.asset(assets[1].id)
    try damage(key, "codec", in: fixture.library)
    let answer = try fixture.desk.similar(
      to: VectorDesk.Example(network: VectorFixture.network, numbers: example), fixture.ask())
    #expect(Set(answer.found.map(\.asset)) == [assets[0].id, assets[2].id])
    #expect(answer.incomplete.count == 1 && answer.incomplete[0].message.contains("the item \(key) "))
    let pairs = try fixture.desk.duplicates(VectorFixture.network, fixture.ask())
    #expect(pairs.incomplete == answer.incomplete && pairs.films == 2)
  }
}
