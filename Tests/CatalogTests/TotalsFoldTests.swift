import Base
import Items
import TestKit
import Testing

@testable import Catalog

struct TotalsFoldTests {
  /// Scores of an asset in one of few groups, with few labels.
  private func scores(_ id: ULID, using random: inout SeededRandom) -> Scores {
    let brand = ["x", "y", nil].randomElement(using: &random)!
    let campaign = brand == nil ? nil : ["s", nil].randomElement(using: &random)!
    let labels = ["a", "b", "c", "e\u{301}", "\u{e9}"].filter { _ in Bool.random(using: &random) }
    return Scores(
      asset: id,
      group: AssetGroup(client: ["k", "l"].randomElement(using: &random)!, brand: brand, campaign: campaign),
      series: "p", pipeline: "sha256:0",
      values: labels.sorted { $0.isBefore($1) }.map {
        LabelScore($0, Int.random(in: -100_000...1_100_000, using: &random))
      })
  }

  private func item(_ scores: Scores?) -> Item? {
    scores.map { Item(key: LibraryKeys.scores($0.asset, series: $0.series), version: ItemVersion(1), body: $0.json) }
  }

  @Test("Differences add up to what a recount gives, and rows to what is there", arguments: 0..<20)
  func sums(_ seed: UInt64) throws {
    var random = SeededRandom(seed)
    let ids = (0..<5).map { _ in ULID(milliseconds: 0, using: &random) }
    var (now, totals, rows) = ([ULID: Scores](), [ItemKey: Total](), [ItemKey: [UInt8]]())
    for number in 0..<200 {
      let id = ids.randomElement(using: &random)!
      let after = Int.random(in: 0..<4, using: &random) == 0 ? nil : scores(id, using: &random)
      guard now[id] != nil || after != nil else { continue }
      let change = Change(
        position: ChangePosition(text: "\(number)"), time: 0, before: item(now[id]), after: item(after))
      for step in try TotalsFold.steps(of: change) {
        if let row = step.row { rows[row.key] = row.body }
        for (key, difference) in step.differences { totals[key, default: Total(like: difference)].add(difference) }
      }
      now[id] = after
    }
    var (expected, wanted) = ([ItemKey: Total](), [ItemKey: [UInt8]]())
    for scores in now.values {
      for value in scores.values {
        let row = ScoreRow(
          asset: scores.asset, group: scores.group, series: "p", label: value.label, score: value.score)
        wanted[row.key] = row.json
        for level in scores.group.levels {
          let key = TotalName(level, .score(series: "p", label: value.label)).key
          expected[key, default: Total(score: value.score)].add(
            Total(score: value.score), times: expected[key] == nil ? 0 : 1)
        }
      }
    }
    #expect(totals.filter { !$0.value.isEmpty } == expected)
    #expect(rows == wanted)
  }

  @Test("Every score lies in the bucket of its range")
  func buckets() {
    let places = [-1, 0, 49_999, 50_000, 999_999, 1_000_000, 1_000_001].map { Total.bucket(of: $0) }
    #expect(places == [0, 1, 1, 2, 20, 20, 21])
  }
}
