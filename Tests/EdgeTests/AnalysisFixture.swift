import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Predictions
import Search
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Edge

extension LedgerFixture {
  /// A film that was added at the node.
  func film(_ name: String, brand: String? = nil, campaign: String? = nil) throws -> Asset {
    let path = nodeGround.folder.file("film-\(name)")
    try FileSystem.write(Array("film \(name)".utf8), to: path)
    var draft = AssetDraft(
      group: AssetGroup(client: "local", brand: brand, campaign: campaign), name: "\(name).mp4")
    draft.tags = ["shelf"]
    return try node.add(file: path, draft, scope: .all, examiner: AnyExaminer()).asset
  }

  /// Publishes what a pipeline of a series found in an asset: each label in two frames, with scores that have more digits than are kept of predictions.
  @discardableResult
  func analyse(
    _ asset: Asset, series: String = "shelf", pipeline: Int = 1, _ scores: [String: Float]
  ) throws -> Analysis {
    let digest = "sha256:" + Hex.text([UInt8](repeating: UInt8(pipeline), count: 32))
    let head = AnalysisWriter.Head(
      pipeline: digest, series: series, models: [Analysis.Model(name: "m", digest: digest)], worker: "box 1 7",
      engine: "none", version: "0")
    var writer = try AnalysisWriter(node, asset, head)
    for second in 0..<2 {
      let found = scores.sorted { $0.key < $1.key }.map { label, score in
        Prediction(
          kind: .detection, label: label, score: score - 0.1 * Float(second),
          box: Rect(x: 0.1, y: 0.2, width: 0.25, height: 0.5))
      }
      let stamp = FrameStamp(file: asset.name, index: second * 25, pts: second * 90_000, time: Double(second))
      try writer.add(stamp, found) { _ in "m@\(digest)" }
    }
    let made = try writer.finish(framesAnalyzed: 2, corruptFrames: 0, frameIndex: [1, 2, 3])
    try node.publish(made, replaces: true)
    return made.analysis
  }

  /// All totals of a client, without whose they are and how many bytes its assets have.
  private func totals(_ library: Library, _ client: String) throws -> [String: Total] {
    #expect(try library.settle())
    var found: [String: Total] = [:]
    let query = Query(LibraryKeys.totalsPartition(client), limit: 1000)
    for item in try library.table.items(query).elements {
      var total = try Total(item)
      if TotalName(item.key)?.measure == .assets { total.sum = 0 }
      found[item.key.sort] = total
    }
    return found
  }

  private func moments(_ library: Library, _ client: String, _ text: String) throws -> [String] {
    let desk = MomentDesk(library)
    #expect(try desk.settle(within: 30))
    let query = try SearchQuery(parsing: text, at: library.now, in: .utc)
    let found = try desk.search(query, client: client, scope: .all, limit: 200).found.flatMap { $0 }
    return found.map { "\($0.source.key) \($0.series) \($0.from) \($0.to) \($0.score ?? 0)" }.sorted()
  }

  /// Totals of every group of the centre, of scores and of how many films there are, are the node's, and those of a recount.
  func expectSameTotals(_ place: String = "") throws {
    let (own, there) = (try totals(node, "local"), try totals(centre, "acme"))
    let scores = { (totals: [String: Total]) in totals.filter { !$0.value.histogram.isEmpty } }
    #expect(scores(own) == scores(there) && !scores(own).isEmpty, "\(place)")
    #expect(try centre.verify().differenceCount == 0, "\(place)")
  }

  /// Where all that the node has is analysed, and is at the centre: totals of every group are equal, and searches find the same.
  func expectSameFindings() throws {
    try expectSameTotals()
    #expect(try totals(node, "local") == totals(centre, "acme"))
    let (seen, found) = (try moments(node, "local", "label:cup"), try moments(centre, "acme", "label:cup"))
    #expect(seen == found && !seen.isEmpty)
  }

  /// What the node would tell of an analysis.
  func told(_ analysis: Analysis) throws -> ForwardedAnalysis {
    try #require(try node.told(analysis.asset, pipeline: analysis.pipeline))
  }
}
