import Base
import Catalog
import Library
import Store

/// What an asset is, in words without blanks: group, name, the pipelines that analysed it, and its scores by series.
struct AssetState {
  var id: String
  var group: AssetGroup
  let name: String
  private var pipelines: Set<String> = []
  private var scores: [String: String] = [:]

  init(_ id: String, _ group: AssetGroup, _ name: String) { (self.id, self.group, self.name) = (id, group, name) }

  /// As it stands in a library.
  init(_ asset: Asset, in library: Library) throws(Fault) {
    self.init(asset.id.text, asset.group, asset.name)
    for analysis in try library.analyses(of: asset) { pipelines.insert(analysis.pipeline) }
    for series in ["p", "q"] {
      guard let item = try library.table.get(LibraryKeys.scores(asset.id, series: series)) else { continue }
      let found = try Scores(item)
      scores[series] = Self.text(found.pipeline, found.values)
    }
  }

  mutating func analyse(_ number: Int, series: String, _ values: [LabelScore], replaces: Bool) {
    let pipeline = "sha256:\(series)\(number)"
    guard pipelines.insert(pipeline).inserted || replaces else { return }
    scores[series] = Self.text(pipeline, values)
  }

  var text: String {
    let place = [group.client, group.brand ?? "", group.campaign ?? ""].joined(separator: "/")
    let series = scores.keys.sorted().map { "\($0)=\(scores[$0]!)" }
    return ([place, name, pipelines.sorted().joined(separator: "+")] + series).joined(separator: ";")
  }

  private static func text(_ pipeline: String, _ values: [LabelScore]) -> String {
    "\(pipeline){\(values.map { "\($0.label):\($0.score)" }.joined(separator: ","))}"
  }
}
