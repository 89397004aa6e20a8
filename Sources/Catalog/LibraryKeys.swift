public import Items

/// Where the library's items stand.
public enum LibraryKeys {
  public static func client(_ name: String) -> ItemKey { ItemKey(CompositeKey.joined("CLIENT", name), "METADATA") }

  public static func asset(_ id: ULID) -> ItemKey { ItemKey(assetPartition(id), "METADATA") }

  public static func assetPartition(_ id: ULID) -> String { CompositeKey.joined("ASSET", id.text) }

  public static let analyses = "ANALYSIS#"
  public static let scores = "SCORES#"

  /// `pipeline` is the digest, `sha256:` and 64 hexadecimal digits.
  public static func analysis(_ id: ULID, pipeline: String) -> ItemKey {
    ItemKey(assetPartition(id), CompositeKey.joined("ANALYSIS", pipeline))
  }

  public static func scores(_ id: ULID, series: String) -> ItemKey {
    ItemKey(assetPartition(id), CompositeKey.joined("SCORES", series))
  }

  /// One score of one asset, kept by the reader of changes for its place in the order of scores.
  public static func scoreRow(_ id: ULID, series: String, name: String) -> ItemKey {
    ItemKey(scoreRowPartition(id), CompositeKey.joined(series, name))
  }

  public static func scoreRowPartition(_ id: ULID) -> String { CompositeKey.joined("SCORE-ROWS", id.text) }

  public static func totalsPartition(_ client: String) -> String { CompositeKey.joined("TOTALS", client) }

  public static func objectPartition(_ shard: String) -> String { CompositeKey.joined("OBJECTS", shard) }

  /// Says that an object is needed, by which asset and as what.
  public static func reference(_ digest: String, by id: ULID, _ use: String) -> ItemKey {
    ItemKey(objectPartition(String(digest.prefix(2))), CompositeKey.joined(digest, id.text, use))
  }

  /// What is left to be taken away of an asset that was deleted.
  public static let remains = "REMAINS"

  public static func remains(_ id: ULID) -> ItemKey { ItemKey(remains, id.text) }

  /// How far the totals have come, and who keeps them from going on.
  public static let totalsPosition = ItemKey("READER#totals", "POSITION")
  public static let totalsLease = ItemKey("READER#totals", "LEASE")
}
