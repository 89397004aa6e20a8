import Base
import Catalog
import Items
import Library
import Predictions

/// Random choices of what is done, of whom and with which numbers.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64, _ thread: Int) { state = seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(thread) << 40 }

  /// SplitMix64 (Steele, Lea, Flood).
  mutating func number(below limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) >> 33) % limit
  }

  /// One of three clients, with or without one of three brands and one of two campaigns.
  mutating func group() -> AssetGroup {
    var group = AssetGroup(client: "c\(number(below: 3))")
    if number(below: 4) > 0 { group.brand = "b\(number(below: 3))" }
    if group.brand != nil, number(below: 3) > 0 { group.campaign = "k\(number(below: 2))" }
    return group
  }

  /// At most one score a label, whole numbers of a millionth, also below 0 and above 1.
  mutating func scores() -> [LabelScore] {
    ["cat", "cup", "dog"].compactMap { label in
      number(below: 3) == 0 ? nil : LabelScore(label, number(below: 1_100_000) - 50_000)
    }
  }
}

/// Bytes that follow from a name; many names share theirs.
enum Content {
  static func bytes(of name: String) -> [UInt8] {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let number = Int(hash >> 32) % 400
    return Array("\(number) ".utf8) + [UInt8](repeating: UInt8(number % 251), count: number * 37 % 20_000)
  }
}

/// Takes any bytes for a film whose length follows from theirs.
struct WorkExaminer: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination {
    let byteCount = try FileSystem.byteCount(of: path)
    return Examination(
      facts: MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: Double(byteCount) / 1000, codec: "none",
        format: "none", frameRate: Ratio(25, 1), color: "", rotation: ""), thumbnail: [1, 2, 3])
  }
}

extension Library {
  /// Analyses an asset and publishes what was found.
  func analyse(_ asset: Asset, _ pipeline: Int, series: String, _ scores: [LabelScore], replaces: Bool) throws(Fault) {
    let head = AnalysisWriter.Head(
      pipeline: "sha256:\(series)\(pipeline)", series: series, models: [], worker: "worker", engine: "none",
      version: "0")
    var writer = try AnalysisWriter(self, asset, head)
    let found = scores.map { score in
      Prediction(kind: .detection, label: score.label, score: Float(Double(score.score) / 1e6))
    }
    try writer.add(FrameStamp(file: asset.name, index: 0, time: 0), found) { _ in "none" }
    try publish(try writer.finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil), replaces: replaces)
  }

  /// Every asset of the three clients.
  func everyAsset() throws(Fault) -> [Asset] {
    var assets: [Asset] = []
    for client in 0..<3 {
      var page = try list(AssetFilter(client: "c\(client)"), scope: .all, limit: 1000)
      assets += page.elements
      while let token = page.next {
        page = try list(AssetFilter(client: "c\(client)"), scope: .all, limit: 1000, after: token)
        assets += page.elements
      }
    }
    return assets
  }
}
