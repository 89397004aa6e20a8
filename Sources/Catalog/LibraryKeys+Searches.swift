public import Items

/// Where searches stand that are asked again and again: alerts, and links that were shared.
extension LibraryKeys {
  /// Alerts of all clients, which are few: what acts on them looks at all.
  public static let alerts = "ALERTS"

  public static func alert(_ client: String, _ name: String) -> ItemKey {
    ItemKey(alerts, CompositeKey.joined(client, name))
  }

  /// What the keys of a client's alerts begin with.
  public static func alerts(of client: String) -> String { CompositeKey.prefix(client) }

  /// Which alerts were told of which moments, so that each is told once.
  public static func alertedPartition(_ client: String) -> String { CompositeKey.joined("ALERTED", client) }

  /// `moment` says which moment of its source it is.
  public static func alerted(_ client: String, _ source: Moment.Source, _ moment: [String], by alert: ULID) -> ItemKey {
    ItemKey(alertedPartition(client), CompositeKey.joined([source.key] + moment + [alert.text]))
  }

  /// What the marks of one source begin with, or those of one of its moments.
  public static func alerted(_ source: Moment.Source, _ moment: [String] = []) -> String {
    CompositeKey.joined([source.key] + moment) + "#"
  }

  /// How far alerts have followed the changes.
  public static let alertsOfAnalyses = ItemKey("READER#alerts", "ANALYSES")
  public static let alertsOfStreams = ItemKey("READER#alerts", "STREAMS")

  /// Links of all clients, by client.
  public static let shares = "SHARES"

  public static func share(_ client: String, _ id: ULID) -> ItemKey {
    ItemKey(shares, CompositeKey.joined(client, id.text))
  }

  /// What the keys of a client's links begin with.
  public static func shares(of client: String) -> String { CompositeKey.prefix(client) }

  /// Where a link is found by the SHA-256 of its token.
  public static func shareToken(_ digest: String) -> ItemKey { ItemKey("SHARE-TOKENS", digest) }

  /// When the links of a client were used.
  public static func shareUsesPartition(_ client: String) -> String { CompositeKey.joined("SHARE-USES", client) }

  public static func shareUse(_ client: String, _ share: ULID, _ use: ULID) -> ItemKey {
    ItemKey(shareUsesPartition(client), shareUses(share) + use.text)
  }

  /// What the uses of one link begin with, in the order of their moments.
  public static func shareUses(_ share: ULID) -> String { CompositeKey.prefix(share.text, "USE") }

  /// How often a link was used, ever.
  public static func shareUseCount(_ client: String, _ share: ULID) -> ItemKey {
    ItemKey(shareUsesPartition(client), CompositeKey.joined(share.text, "COUNT"))
  }
}
