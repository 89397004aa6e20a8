import Base
import Catalog
import Items
import LibraryKit
import TestKit
import Testing

@testable import Library

struct TotalsTests {
  private func total(_ group: AssetGroup, _ label: String, in library: Library) throws -> TotalAnswer? {
    try library.settle()
    return try library.totals(of: group, scope: .all).elements.first {
      $0.name.measure == .score(series: "p", label: label)
    }
  }

  @Test("Totals follow what is analysed, analysed anew, moved and deleted, at every level", arguments: Parts.there)
  func follow(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let spring = AssetGroup(client: "acme", brand: "Aurora", campaign: "spring")
    let (a, b) = (try fixture.add("a", spring), try fixture.add("b", AssetGroup(client: "acme", brand: "Aurora")))
    try fixture.analyse(a, [LabelScore("cup", 250_000)])
    try fixture.analyse(b, [LabelScore("cup", 750_000)])
    for (group, count) in [
      (AssetGroup(client: "acme"), 2), (AssetGroup(client: "acme", brand: "Aurora"), 2), (spring, 1),
    ] {
      let answer = try #require(try total(group, "cup", in: library))
      #expect(answer.total.count == count && answer.least?.asset == a.id)
      #expect(answer.greatest?.asset == (count == 2 ? b.id : a.id))
    }
    try fixture.analyse(a, [LabelScore("cup", 900_000), LabelScore("cat", 100_000)], pipeline: "sha256:2")
    #expect(try total(AssetGroup(client: "acme"), "cup", in: library)?.total.sum == 1_650_000)
    #expect(try library.analyses(of: a).count == 2)
    var edit = AssetEdit()
    edit.group = AssetGroup(client: "other")
    _ = try library.update(a.id.text, edit, scope: .all)
    #expect(try total(AssetGroup(client: "acme"), "cup", in: library)?.total.sum == 750_000)
    #expect(try total(AssetGroup(client: "acme"), "cat", in: library) == nil)
    #expect(try total(AssetGroup(client: "other"), "cup", in: library)?.greatest?.score == 900_000)
    try library.delete(a.id.text, scope: .all)
    #expect(try total(AssetGroup(client: "other"), "cup", in: library) == nil)
  }

  @Test("An analysis with more labels than one transaction takes is counted whole", arguments: Parts.there)
  func manyLabels(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let group = AssetGroup(client: "acme", brand: "b", campaign: "c")
    let asset = try fixture.add("a", group)
    try fixture.analyse(asset, (0..<300).map { LabelScore("label \($0)", $0 * 1000) })
    try library.settle()
    let page = try library.totals(of: group, scope: .all, limit: 1000)
    #expect(page.elements.count == 301)
    #expect(page.elements.allSatisfy { $0.total.count == 1 })
    #expect(try library.totals(ofEach: .brand, of: "acme", scope: .all, limit: 1000).elements.count == 301)
  }

  @Test("A reader that is behind says how far it has come", arguments: Parts.there)
  func asOf(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    _ = try fixture.add("a")
    let before = try library.totalsState()
    try library.settle()
    let after = try library.totalsState()
    #expect(before.time == 0 && after.time > 0 && after.position != before.position)
  }
}
