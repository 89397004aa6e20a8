public import Base
public import Items
internal import JSON

/// A label's score, in millionths.
public struct LabelScore: Sendable {
  public let label: String
  public let score: Int

  public init(_ label: String, _ score: Int) { (self.label, self.score) = (label, score) }
}

extension LabelScore: Hashable {
  /// Labels are compared byte by byte, as keys are.
  public static func == (a: LabelScore, b: LabelScore) -> Bool {
    a.score == b.score && a.label.hasSameBytes(as: b.label)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(Array(label.utf8))
    hasher.combine(score)
  }
}

/// What one analysis says of an asset in numbers: a score for each label, whole numbers of a millionth.
///
/// It is the item from which totals follow, so it carries the asset's group.
public struct Scores: Sendable, Hashable {
  public let asset: ULID
  public var group: AssetGroup
  public let series: String
  /// The digest of the pipeline that gave them.
  public let pipeline: String
  /// In the order of the labels' bytes, each label once.
  public let values: [LabelScore]

  public init(asset: ULID, group: AssetGroup, series: String, pipeline: String, values: [LabelScore]) {
    (self.asset, self.group, self.series, self.pipeline) = (asset, group, series, pipeline)
    self.values = values
  }

  /// Series of one asset, so that it can be moved in one transaction.
  public static let mostSeries = 40

  private enum Key: String, CaseIterable { case of, owner, brand, campaign, series, pipeline, values }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 256 + 40 * values.count) { json in
      json.field("of", asset.text)
      group.write(into: &json, client: "owner")
      json.field("series", series)
      json.field("pipeline", pipeline)
      json.object("values") { json in
        for value in values { json.field(JSONWriter.Name(value.label), value.score) }
      }
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    let asset = try fields.required(.of)
    guard let id = ULID(try asset.string()) else { throw asset.fault("this is no asset's id") }
    var values: [LabelScore] = []
    for member in try fields.required(.values).members() {
      values.append(LabelScore(member.key, try member.value.integer()))
    }
    self.init(
      asset: id,
      group: AssetGroup(
        client: try fields.required(.owner).string(), brand: try fields[.brand]?.string(),
        campaign: try fields[.campaign]?.string()),
      series: try fields.required(.series).string(), pipeline: try fields.required(.pipeline).string(), values: values)
  }
}

/// One score of one asset as it stands in the order of scores.
public struct ScoreRow: Sendable, Hashable {
  public let asset: ULID
  public let group: AssetGroup
  public let series: String
  public let label: String
  public let score: Int

  public init(asset: ULID, group: AssetGroup, series: String, label: String, score: Int) {
    (self.asset, self.group, self.series, self.label, self.score) = (asset, group, series, label, score)
  }

  public var key: ItemKey { LibraryKeys.scoreRow(asset, series: series, name: label) }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("of", asset.text)
      group.write(into: &json, client: "owner")
      json.field("series", series)
      json.field("label", label)
      json.field("score", score)
    }
  }
}
