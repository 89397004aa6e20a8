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

/// The golden searches (Tests/SearchLanguageTests/Golden) over a library that holds their moments.
struct GoldenSearchTests {
  /// What has no condition that an index could serve.
  private static let isUnserved = "no index serves this search"

  /// A library whose moments are those, with the assets and heads by which they count.
  private func fill(_ library: Library) throws {
    try library.admit("acme")
    var (writes, heads) = ([Write](), Set<ItemKey>())
    var words = MomentWords()
    for moment in GoldenQuery.moments {
      words.add(moment)
      writes.append(.put(moment.itemKey, moment.json))
      guard case .asset(let id) = moment.source else { continue }
      let head = MomentHead(asset: id, client: "acme", series: moment.series, generation: 0, count: 0)
      if heads.insert(head.itemKey).inserted { writes.append(.put(head.itemKey, head.json)) }
      let asset = Asset(
        id: id, group: AssetGroup(client: "acme"), name: "film.mp4", object: String(repeating: "0", count: 64),
        byteCount: 1, media: try AnyExaminer(seconds: 400).examine("").facts, added: 0)
      if heads.insert(LibraryKeys.asset(id)).inserted { writes.append(.put(LibraryKeys.asset(id), asset.json)) }
    }
    #expect(try words.note(in: library.table))
    for start in stride(from: 0, to: writes.count, by: ItemLimits.writeCount) {
      _ = try library.table.write(Array(writes[start..<min(writes.count, start + ItemLimits.writeCount)]))
    }
  }

  @Test(
    "A golden search finds in a library what it finds in a look at everything, or is refused", arguments: Parts.there)
  func golden(parts: Parts) throws {
    let ground = try Ground(parts)
    let desk = MomentDesk(try ground.library())
    try fill(desk.library)
    var (found, refused) = (0, 0)
    for query in GoldenQuery.all where !GoldenQuery.isRefused(query) {
      let parsed = try query.parsed()
      do throws(Fault) {
        var (ids, token) = ([String](), String?.none)
        repeat {
          let page = try desk.search(parsed, client: "acme", scope: .all, limit: 60, after: token)
          ids += page.found.map { $0[0].id }
          token = page.next
        } while token != nil
        #expect(ids.sorted().joined(separator: " ") == query.expected, "\(query.testDescription)")
        found += 1
      } catch {
        #expect(error.message.contains(Self.isUnserved), "\(query.testDescription): \(error.message)")
        refused += 1
      }
    }
    #expect(found >= 200, "\(found) are served, \(refused) are refused")
    withExtendedLifetime(ground) {}
  }
}
