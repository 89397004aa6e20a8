public import Base
public import Items
internal import JSON

/// What is counted of a group.
public enum Measure: Sendable, Hashable {
  /// Its assets: sum is in bytes, with those of what nodes forwarded, and ``Total/milliseconds`` how long they play.
  case assets
  /// One label's scores in the analyses of one series: sum is in millionths.
  case score(series: String, label: String)
}

public struct TotalName: Sendable, Hashable {
  public let group: AssetGroup
  public let measure: Measure

  public init(_ group: AssetGroup, _ measure: Measure) { (self.group, self.measure) = (group, measure) }

  public var key: ItemKey {
    var parts = Self.parts(of: group)
    switch measure {
    case .assets: parts.append("ASSETS")
    case .score(let series, let label): parts += ["SCORE", series, label]
    }
    return ItemKey(LibraryKeys.totalsPartition(group.client), CompositeKey.joined(parts))
  }

  /// What the keys of all totals of exactly this group begin with.
  public static func prefix(of group: AssetGroup) -> String { CompositeKey.joined(parts(of: group)) + "#" }

  private static func parts(of group: AssetGroup) -> [String] {
    switch (group.brand, group.campaign) {
    case (let brand?, let campaign?): ["CAMPAIGN", brand, campaign]
    case (let brand?, nil): ["BRAND", brand]
    default: ["CLIENT"]
    }
  }

  /// What ``key`` was made of; `nil` for other keys.
  public init?(_ key: ItemKey) {
    let partition = CompositeKey.parts(of: key.partition)
    guard partition.count == 2, partition[0] == "TOTALS" else { return nil }
    var parts = CompositeKey.parts(of: key.sort)[...]
    var group = AssetGroup(client: partition[1])
    switch parts.popFirst() {
    case "CLIENT": break
    case "BRAND": group.brand = parts.popFirst()
    case "CAMPAIGN": (group.brand, group.campaign) = (parts.popFirst(), parts.popFirst())
    default: return nil
    }
    switch (parts.count, parts.first) {
    case (1, "ASSETS"): self.init(group, .assets)
    case (3, "SCORE"): self.init(group, .score(series: parts[parts.startIndex + 1], label: parts[parts.startIndex + 2]))
    default: return nil
    }
  }
}

/// A count, a sum and a histogram that only whole numbers go into, so that what is added and taken away again leaves nothing.
public struct Total: Sendable, Hashable {
  public var count = 0
  public var sum = 0
  /// How long the assets play, together; 0 for scores.
  public var milliseconds = 0
  /// Scores below 0, 20 of equal width from 0 to 1 (1 belongs to the last), and above 1.
  public var histogram: [Int]

  public static let bucketCount = 22

  public init(_ measure: Measure) {
    histogram = measure == .assets ? [] : Array(repeating: 0, count: Self.bucketCount)
  }

  /// An empty one of the same measure.
  public init(like other: Total) { histogram = Array(repeating: 0, count: other.histogram.count) }

  /// One asset.
  public init(byteCount: Int, milliseconds: Int) {
    self.init(.assets)
    (count, sum, self.milliseconds) = (1, byteCount, milliseconds)
  }

  /// Bytes of no asset, which take room beside them.
  init(byteCount: Int) {
    self.init(.assets)
    sum = byteCount
  }

  /// One score in millionths.
  public init(score: Int) {
    self.init(.score(series: "", label: ""))
    (count, sum) = (1, score)
    histogram[Self.bucket(of: score)] = 1
  }

  static func bucket(of score: Int) -> Int {
    score < 0 ? 0 : score > 1_000_000 ? bucketCount - 1 : min(1 + score / 50_000, bucketCount - 2)
  }

  public var isEmpty: Bool { count == 0 && sum == 0 && milliseconds == 0 && histogram.allSatisfy { $0 == 0 } }

  public mutating func add(_ other: Total, times: Int = 1) {
    count += times * other.count
    sum += times * other.sum
    milliseconds += times * other.milliseconds
    if histogram.isEmpty { histogram = Array(repeating: 0, count: other.histogram.count) }
    for (place, value) in other.histogram.enumerated() { histogram[place] += times * value }
  }

  private enum Key: String, CaseIterable { case count, sum, milliseconds, histogram }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("count", count)
      json.field("sum", sum)
      json.field("milliseconds", milliseconds)
      json.array("histogram") { json in for value in histogram { json.integer(value) } }
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    histogram = []
    count = try fields.required(.count).integer()
    sum = try fields.required(.sum).integer()
    milliseconds = try fields.required(.milliseconds).integer()
    for value in try fields.required(.histogram).elements() { histogram.append(try value.integer()) }
    guard [0, Self.bucketCount].contains(histogram.count) else {
      throw document.root.fault("a total's histogram has \(Self.bucketCount) numbers")
    }
  }
}
