public import Base
internal import Items

/// Where an asset belongs: to a client, in it to a brand, in that to a campaign.
public struct AssetGroup: Sendable {
  public var client: String
  public var brand: String?
  /// Only with a brand.
  public var campaign: String?

  public init(client: String, brand: String? = nil, campaign: String? = nil) {
    (self.client, self.brand, self.campaign) = (client, brand, campaign)
  }

  /// The group and those that it is a part of, the client first.
  public var levels: [AssetGroup] {
    var levels = [AssetGroup(client: client)]
    guard let brand else { return levels }
    levels.append(AssetGroup(client: client, brand: brand))
    if campaign != nil { levels.append(self) }
    return levels
  }

  /// Which kind of group it is.
  public var level: AssetLevel { brand == nil ? .client : campaign == nil ? .brand : .campaign }

  /// What keys of indexes begin with that hold what belongs to it.
  public var keyParts: [String] {
    let parts = [("CLIENT", client), ("BRAND", brand), ("CAMPAIGN", brand == nil ? nil : campaign)]
    return parts.flatMap { (word, name) in name.map { [word, $0] } ?? [] }
  }

  /// The partition of its scores of one label, from the least to the greatest.
  public func scoresPartition(series: String, label: String) -> String {
    CompositeKey.joined(keyParts + ["SCORE", series, label])
  }

  /// Its members in JSON; the first is called by `client`.
  public func write(into json: inout JSONWriter, client name: JSONWriter.Name = "client") {
    json.field(name, client)
    json.field("brand", ifKnown: brand)
    json.field("campaign", ifKnown: campaign)
  }

  /// Faults are `badInput`: a campaign without a brand, or names that are none.
  public func check() throws(Fault) {
    try Self.check(client: client)
    if let brand { try Self.check(name: brand, "a brand") }
    guard let campaign else { return }
    guard brand != nil else { throw Fault(.badInput, "the campaign '\(campaign)' has no brand: say which one's it is") }
    try Self.check(name: campaign, "a campaign")
  }

  /// The fault is `badInput`; see ``ClientName``.
  public static func check(client: String) throws(Fault) {
    guard ClientName.isValid(client) else {
      throw Fault(
        .badInput,
        "'\(client.prefix(100))' is no client's name: small letters, digits, '.', '_' and '-', at most 80, none of the marks in front"
      )
    }
  }

  /// Names of brands, campaigns and tags: 1 to 128 bytes of UTF-8 without control characters, and no blank at either end.
  public static func check(name: String, _ what: String) throws(Fault) {
    let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    // Of 200 bytes, as keys are made of several.
    let isShort = (1...128).contains(name.utf8.count) && CompositeKey.joined(name).utf8.count <= 200
    guard isShort, isPlain, name.first != " ", name.last != " " else {
      throw Fault(
        .badInput,
        "'\(name.prefix(60))' is no name for \(what): 1 to 128 bytes without control characters and without a blank at either end"
      )
    }
  }
}

extension AssetGroup: Hashable {
  /// Names are compared byte by byte, as keys are: two spellings of `é` are two brands.
  public static func == (a: AssetGroup, b: AssetGroup) -> Bool {
    a.client.hasSameBytes(as: b.client) && isSame(a.brand, b.brand) && isSame(a.campaign, b.campaign)
  }

  public func hash(into hasher: inout Hasher) {
    for text in [client, brand, campaign] { hasher.combine(text.map { Array($0.utf8) }) }
  }

  private static func isSame(_ a: String?, _ b: String?) -> Bool {
    switch (a, b) {
    case (nil, nil): true
    case (let a?, let b?): a.hasSameBytes(as: b)
    default: false
    }
  }
}
