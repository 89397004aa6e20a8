import Base
import Items
import Predictions
import TestKit
import Testing

@testable import Catalog

struct EntityTests {
  static func asset(_ group: AssetGroup = AssetGroup(client: "acme"), random: inout SeededRandom) -> Asset {
    let media = MediaFacts(
      isPicture: false, size: Size(width: 640, height: 360), duration: 12.5, codec: "h264", format: "mp4",
      frameRate: Ratio(30000, 1001), color: "bt709 limited bt709 bt709", rotation: "upright")
    return Asset(
      id: ULID(milliseconds: 1_790_000_000_123, using: &random), group: group, name: "a \"b\".mp4",
      object: String(repeating: "ab", count: 32), byteCount: 1000, media: media, added: 1_790_000_000_123)
  }

  @Test("What is written of an asset is read again, whole")
  func asset() throws {
    var random = SeededRandom(1)
    var asset = Self.asset(AssetGroup(client: "acme", brand: "Aurora #1", campaign: "été"), random: &random)
    (asset.tags, asset.state, asset.reason) = (["beach", "a,b"], .failed, "it is \u{7} broken")
    (asset.captured, asset.thumbnail, asset.analysisCount) = (1_700_000_000_007, String(repeating: "0", count: 64), 3)
    let item = Item(key: LibraryKeys.asset(asset.id), version: ItemVersion(1), body: asset.json)
    #expect(try Asset(item) == asset)
    let entries = try LibrarySchema.table.entries(of: asset.json, at: item.key)
    #expect(entries.indexes.count { $0 != nil } == 4 && entries.texts.count { $0 != nil } == 1)
  }

  @Test("Ids sort by their moment, and any other text is none")
  func ids() {
    var random = SeededRandom(2)
    let ids = (0..<100).map { ULID(milliseconds: $0 * 1000, using: &random) }
    #expect(ids.sorted() == ids && Set(ids).count == 100)
    #expect(ids.allSatisfy { ULID($0.text) == $0 && $0.text.utf8.count == 26 })
    for text in [
      "", "01M8", ids[0].text.lowercased(), ids[0].text + "0", "8" + ids[0].text.dropFirst(),
      "\(ids[0].text.dropLast())U",
    ] {
      #expect(ULID(text) == nil, "\(text)")
    }
  }

  @Test(
    "Names that are none are refused, with what is wrong",
    arguments: [
      AssetGroup(client: "Acme"), AssetGroup(client: ""), AssetGroup(client: "-a"), AssetGroup(client: "a", brand: ""),
      AssetGroup(client: "a", brand: " b"), AssetGroup(client: "a", brand: "b\n"),
      AssetGroup(client: "a", campaign: "c"),
      AssetGroup(client: "a", brand: String(repeating: "b", count: 129)),
      AssetGroup(client: "a", brand: String(repeating: "#", count: 100)),
    ])
  func names(_ group: AssetGroup) {
    #expect { try group.check() } throws: { ($0 as? Fault)?.kind == .badInput }
  }

  @Test("Two spellings of a letter are two brands")
  func spellings() {
    #expect(AssetGroup(client: "a", brand: "\u{e9}") != AssetGroup(client: "a", brand: "e\u{301}"))
  }

  @Test("The key of a total tells its name again, whatever the names hold")
  func totals() {
    for group in [
      AssetGroup(client: "a"), AssetGroup(client: "a", brand: "b#%"),
      AssetGroup(client: "a", brand: "b", campaign: "ASSETS"),
    ] {
      for measure in [Measure.assets, .score(series: "p#", label: "SCORE"), .score(series: "", label: "")] {
        let name = TotalName(group, measure)
        #expect(TotalName(name.key) == name)
      }
      #expect(TotalName(group, .assets).key.sort.hasPrefix(TotalName.prefix(of: group)))
    }
  }

  @Test("An asset's score is the greatest of a label, and the mean of numbers")
  func scores() {
    var collector = ScoreCollector()
    for score in [Float(0.25), 0.75, 0.5, .nan] {
      collector.add(Prediction(kind: .detection, label: "cup", score: score))
      collector.add(Prediction(kind: .score, label: "memorability", score: score))
    }
    collector.add(Prediction(kind: .saliency))
    collector.add(Prediction(kind: .classification, score: -0.5))
    #expect(
      collector.values == [
        LabelScore("classification", -500_000), LabelScore("cup", 750_000), LabelScore("memorability", 500_000),
      ])
  }
}
