public import Base
internal import Catalog
internal import Items
public import JSON

extension TotalAnswer {
  /// Of the scores, `nil` for the total of assets.
  public var mean: Double? {
    guard case .score = name.measure, total.count > 0 else { return nil }
    return Double(total.sum) / Double(total.count) / 1e6
  }

  private enum Key: String, CaseIterable {
    case client, brand, campaign, measure, count, bytes, seconds, series, label, millionths, least, greatest, histogram
  }

  /// Reads what ``write(into:)`` wrote.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let group = AssetGroup(
      client: try fields.required(.client).string(), brand: try fields[.brand]?.string(),
      campaign: try fields[.campaign]?.string())
    let isScore = try fields.required(.measure).string() == "score"
    let measure: Measure =
      isScore
      ? .score(series: try fields.required(.series).string(), label: try fields.required(.label).string()) : .assets
    var total = Total(measure)
    total.count = try fields.required(.count).integer()
    total.sum = try fields.required(isScore ? .millionths : .bytes).integer()
    if isScore {
      total.histogram = []
      for count in try fields.required(.histogram).elements() { total.histogram.append(try count.integer()) }
    } else {
      total.milliseconds = Int((try fields.required(.seconds).number() * 1000).rounded())
    }
    self.init(
      name: TotalName(group, measure), total: total,
      least: try fields[.least].map { (value) throws(Fault) in try ScoredAsset(value) },
      greatest: try fields[.greatest].map { (value) throws(Fault) in try ScoredAsset(value) })
  }

  /// The members of its JSON; sums of scores are exact, whole numbers of a millionth.
  public func write(into json: inout JSONWriter) {
    name.group.write(into: &json)
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

  private enum Key: String, CaseIterable { case asset, score }

  /// Reads what ``write(into:)`` wrote.
  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let id = try fields.required(.asset)
    guard let asset = ULID(try id.string()) else { throw id.fault("this is no asset's id") }
    self.init(asset: asset, score: Int((try fields.required(.score).number() * 1e6).rounded()))
  }

  public func write(into json: inout JSONWriter) {
    json.field("asset", asset.text)
    json.field("score", value, digits: 6)
  }
}
