import Base
import Catalog
import Items
import Store

/// A made-up library: each asset is a function of its number, with one analysis of one to three scores.
///
/// Twenty clients, the second half as large as the first, the third a third of it, and so on; one to eight brands a client, one to six campaigns
/// a brand; one asset in twenty has no brand, one in ten no campaign. They were added a second apart, in the order of their numbers.
enum Rows {
  private static let clients = 20
  static let series = "quality"
  static let pipeline = "sha256:" + hex(1, 90)
  static let labels = ["logo", "person", "product", "sharpness", "sky", "text"]
  private static let subjects = ["aurora", "harbour", "city", "forest", "family", "night", "market", "runner"]
  private static let places = ["berlin", "lisbon", "oslo", "porto", "turin", "vienna", "tea", "snow", "rain", "lake"]
  private static let kinds = ["teaser", "trailer", "hero", "cut", "social", "vertical"]

  static func group(_ number: Int) -> AssetGroup {
    // of the weights 1, 1/2, 1/3, ...
    var (client, left) = (0, Double(mixed(number, 1) % 1_000_000) / 1e6 * 3.5977)
    while client < clients - 1, left >= 1 / Double(client + 1) {
      left -= 1 / Double(client + 1)
      client += 1
    }
    var group = AssetGroup(client: "client-\(client + 1)")
    guard mixed(number, 2) % 20 > 0 else { return group }
    let brand = mixed(number, 3) % (1 + client * 5 % 8)
    group.brand = "Brand \(brand + 1)"
    if mixed(number, 4) % 10 > 0 { group.campaign = "campaign \(1 + mixed(number, 5) % (1 + (client + brand) % 6))" }
    return group
  }

  static func added(_ number: Int) -> Int { 1_700_000_000_000 + number * 1000 }

  static func id(_ number: Int) -> ULID {
    var random = Mixer(number: number)
    return ULID(milliseconds: added(number), using: &random)
  }

  static func name(_ number: Int) -> String {
    let (subject, place, kind) = (mixed(number, 6) % 8, mixed(number, 7) % 10, mixed(number, 8) % 6)
    return "\(subjects[subject])_\(places[place])-\(kinds[kind])-\(number).mp4"
  }

  static func asset(_ number: Int, analyses: Int = 1) -> Asset {
    let isPicture = mixed(number, 9) % 4 == 0
    let media = MediaFacts(
      isPicture: isPicture, size: Size(width: 1920, height: 1080),
      duration: isPicture ? nil : Double(mixed(number, 10) % 600_000) / 1000, codec: isPicture ? "mjpeg" : "h264",
      format: isPicture ? "jpeg" : "mov,mp4,m4a,3gp,3g2,mj2", frameRate: isPicture ? Ratio(0, 0) : Ratio(25, 1),
      color: "bt709 limited bt709 bt709", rotation: "none")
    var asset = Asset(
      id: id(number), group: group(number), name: name(number), object: hex(number, 20),
      byteCount: mixed(number, 11) % 1_000_000_000, media: media, added: added(number))
    asset.tags = ["tag \(mixed(number, 12) % 50)", kinds[mixed(number, 8) % 6]]
    (asset.thumbnail, asset.analysisCount) = (hex(number, 30), analyses)
    if analyses > 0 { asset.state = .analysed }
    return asset
  }

  static func analysis(of asset: Asset, _ number: Int, pipeline: String = pipeline) -> Analysis {
    var analysis = Analysis(
      asset: asset.id, object: asset.object, pipeline: pipeline, series: series, made: asset.added + 60_000,
      predictions: hex(number, 40), log: hex(number, 50), worker: "bench-1-\(number % 16)", engine: "openvino 2024.6",
      version: "0.13.0")
    analysis.models = [Analysis.Model(name: "ssd-mobilenet", digest: "sha256:" + hex(2, 90))]
    (analysis.predictionCount, analysis.framesAnalyzed) = (mixed(number, 13) % 5000, mixed(number, 14) % 15_000)
    (analysis.frameIndex, analysis.evenRate) = (hex(number, 60), Ratio(25, 1))
    (analysis.labels, analysis.tellsTracks) = (labels, true)
    return analysis
  }

  /// One to three, in the order of their labels.
  static func scores(_ number: Int, salt: UInt64 = 70) -> [LabelScore] {
    let first = mixed(number, salt) % labels.count
    let chosen = (0...mixed(number, salt + 1) % 3).map { (first + $0) % labels.count }.sorted()
    return chosen.map { LabelScore(labels[$0], mixed(number, salt + 2 + UInt64($0)) % 1_000_001) }
  }

  /// A whole SHA-256 that is none.
  static func hex(_ number: Int, _ salt: UInt64) -> String {
    (0..<4).map { part in
      let digits = String(UInt64(mixed(number, salt + UInt64(part))), radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }.joined()
  }

  /// SplitMix64 (Steele, Lea, Flood).
  static func mixed(_ number: Int, _ salt: UInt64) -> Int {
    var mixed = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ salt &* 0xd1b5_4a32_d192_ed03
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) >> 2)
  }

  /// What an id's random part is made of.
  private struct Mixer: RandomNumberGenerator {
    let number: Int
    var salt: UInt64 = 1000

    mutating func next() -> UInt64 {
      salt += 1
      return UInt64(mixed(number, salt)) << 2
    }
  }
}

/// Rows and totals of a library of so many assets, as adding, publishing and the reader of changes leave them.
struct Making {
  private var totals: [ItemKey: Total] = [:]
  private static let emptyBody = Array("{}".utf8)

  static func run(_ path: String, count: Int) throws(Fault) {
    let began = Clock.now
    let filling = try TableFilling(path, schema: LibrarySchema.table, cache: 3 << 30)
    var making = Making()
    var clients: Set<String> = []
    for start in stride(from: 0, to: count, by: 10_000) {
      var items: [(key: ItemKey, body: [UInt8])] = []
      for number in start..<min(count, start + 10_000) {
        let asset = Rows.asset(number)
        if clients.insert(asset.group.client).inserted {
          let client = Client(name: asset.group.client, created: Rows.added(0))
          items.append((LibraryKeys.client(client.name), client.json))
        }
        making.add(asset, number, to: &items)
      }
      try filling.put(items)
    }
    try filling.put(making.totals.map { ($0.key, $0.value.json) })
    let seconds = Double(Clock.now - began) / 1e9
    say("made \(count) assets in \(Int(seconds)) s, \(Int(Double(count) / seconds)) a second")
  }

  private mutating func add(_ asset: Asset, _ number: Int, to items: inout [(key: ItemKey, body: [UInt8])]) {
    let analysis = Rows.analysis(of: asset, number)
    let scores = Scores(
      asset: asset.id, group: asset.group, series: Rows.series, pipeline: analysis.pipeline,
      values: Rows.scores(number))
    items.append((LibraryKeys.asset(asset.id), asset.json))
    items += AssetChange.references(of: asset).map { ($0, Self.emptyBody) }
    items.append((LibraryKeys.analysis(asset.id, pipeline: analysis.pipeline), analysis.json))
    items += analysis.objects.map { (LibraryKeys.reference($0.digest, by: asset.id, $0.use), Self.emptyBody) }
    items.append((LibraryKeys.scores(asset.id, series: Rows.series), scores.json))
    count(Total(byteCount: asset.byteCount, milliseconds: asset.media.milliseconds), asset.group, .assets)
    for value in scores.values {
      let row = ScoreRow(
        asset: asset.id, group: asset.group, series: Rows.series, label: value.label, score: value.score)
      items.append((row.key, row.json))
      count(Total(score: value.score), asset.group, .score(series: Rows.series, label: value.label))
    }
  }

  private mutating func count(_ one: Total, _ group: AssetGroup, _ measure: Measure) {
    for level in group.levels { totals[TotalName(level, measure).key, default: Total(measure)].add(one) }
  }
}
