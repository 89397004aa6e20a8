import Base
import Items

/// Made-up assets of ten clients, as many more as are asked for, each a function of its number.
struct Assets {
  static let byClient = index("client", [.attribute("client")])
  static let byBrand = index("brand", [.attribute("client"), .attribute("brand")])
  static let byCampaign = index("campaign", [.attribute("client"), .attribute("brand"), .attribute("campaign")])
  static let byText = TextIndexDeclaration(
    "text", partition: [.text("CLIENT"), .attribute("client")], filters: ["brand", "campaign", "state", "tags"],
    words: ["name", "tags"])
  static let schema = TableSchema(version: 1, indexes: [byClient, byBrand, byCampaign], texts: [byText])

  private static func index(_ name: String, _ parts: [IndexDeclaration.Part]) -> IndexDeclaration {
    IndexDeclaration(
      name, partition: [.text("CLIENT")] + parts, sort: [.attribute("time")], projection: ["name", "state", "seconds"])
  }

  private static let subjects = ["aurora", "harbour", "city", "forest", "family", "night", "market", "runner"]
  private static let kinds = ["teaser", "trailer", "hero", "cut", "social", "vertical"]
  private static let states = ["new", "queued", "failed", "analysed"]

  /// In the order of their making, as identifiers that begin with a time are.
  static func key(_ number: Int) -> ItemKey {
    ItemKey(CompositeKey.joined("ASSET", "01J" + CompositeKey.number(number)), "METADATA")
  }

  static func client(_ number: Int) -> String { "client\(mixed(number, 1) % 10)" }

  static func time(_ number: Int) -> String { CompositeKey.time(milliseconds: 1_700_000_000_000 + number * 1000) }

  static func body(_ number: Int, state: Int? = nil) -> [UInt8] {
    let (brand, campaign) = (mixed(number, 2) % 10, mixed(number, 3) % 10)
    let (subject, kind) = (subjects[mixed(number, 4) % 8], kinds[mixed(number, 5) % 6])
    // most are analysed
    let state = states[state ?? min(3, mixed(number, 6) % 20)]
    let text = """
      {"client":"\(client(number))","brand":"brand\(brand)","campaign":"campaign\(campaign)","time":"\(time(number))",\
      "name":"\(subject)_\(kind)-\(number).mp4","state":"\(state)","tags":["tag\(mixed(number, 7) % 50)","\(kind)"],\
      "object":"sha256:\(hash(number))","bytes":\(mixed(number, 8) % 1_000_000_000),"seconds":\(mixed(number, 9) % 600),\
      "width":1920,"height":1080,"codec":"h264","rate":"25/1","rotation":0,"colour":"bt709"}
      """
    return Array(text.utf8)
  }

  private static func hash(_ number: Int) -> String {
    (0..<4).map { String(UInt64(mixed(number, 20 + $0)) | 1 << 62, radix: 16) }.joined()
  }

  /// SplitMix64 (Steele, Lea, Flood).
  static func mixed(_ number: Int, _ salt: UInt64) -> Int {
    var mixed = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ salt &* 0xd1b5_4a32_d192_ed03
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) >> 2)
  }
}
