public import Base
internal import Catalog
internal import Items

extension TotalAnswer {
  /// Of the scores, `nil` for the total of assets.
  public var mean: Double? {
    guard case .score = name.measure, total.count > 0 else { return nil }
    return Double(total.sum) / Double(total.count) / 1e6
  }

  /// The members of its JSON; sums of scores are exact, whole numbers of a millionth.
  public func write(into json: inout JSONWriter) {
    json.field("client", name.group.client)
    json.field("brand", ifKnown: name.group.brand)
    json.field("campaign", ifKnown: name.group.campaign)
    switch name.measure {
    case .assets:
      json.field("measure", "assets")
      json.field("count", total.count)
      json.field("bytes", total.sum)
      json.field("seconds", Double(total.milliseconds) / 1000, digits: 3)
    case .score(let series, let label):
      json.field("measure", "score")
      json.field("series", series)
      json.field("label", label)
      json.field("count", total.count)
      json.field("millionths", total.sum)
      json.field("mean", mean, digits: 6)
      for (name, scored) in [("least", least), ("greatest", greatest)] {
        guard let scored else { continue }
        json.object(JSONWriter.Name(name)) { scored.write(into: &$0) }
      }
      json.array("histogram") { json in for count in total.histogram { json.integer(count) } }
    }
  }
}

extension ScoredAsset {
  public var value: Double { Double(score) / 1e6 }

  public func write(into json: inout JSONWriter) {
    json.field("asset", asset.text)
    json.field("score", value, digits: 6)
  }
}

extension TotalsState {
  public func write(into json: inout JSONWriter) {
    json.field("position", position.text)
    json.field("time", ifKnown: time > 0 ? UTC.text(time) : nil)
  }
}
