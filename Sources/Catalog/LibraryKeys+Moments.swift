public import Items

/// Where moments stand, all derived: a reader of changes writes them, and nobody follows them.
extension LibraryKeys {
  public static func momentPartition(_ asset: ULID) -> String { CompositeKey.joined("MOMENTS", "ASSET", asset.text) }

  public static func momentPartition(_ client: String, stream: String) -> String {
    CompositeKey.joined("MOMENTS", "STREAM", client, stream)
  }

  /// What the sort keys of one writing of a series begin with.
  public static func moments(series: String, generation: Int) -> String {
    CompositeKey.prefix("MOMENT", series, CompositeKey.number(generation))
  }

  /// Of all writings of a series.
  public static func moments(series: String) -> String { CompositeKey.prefix("MOMENT", series) }

  public static func moment(_ asset: ULID, series: String, generation: Int, _ id: String) -> ItemKey {
    ItemKey(
      momentPartition(asset), CompositeKey.joined("MOMENT", series, CompositeKey.number(generation), id))
  }

  public static func moment(_ client: String, stream: String, from: Int, _ id: String) -> ItemKey {
    ItemKey(
      momentPartition(client, stream: stream), CompositeKey.joined(CompositeKey.time(milliseconds: from), id))
  }

  public static let momentHeads = "HEAD#"

  public static func momentHead(_ asset: ULID, series: String) -> ItemKey {
    ItemKey(momentPartition(asset), CompositeKey.joined("HEAD", series))
  }

  /// How far a reader has come.
  public static let momentsOfAnalyses = ItemKey("READER#moments", "ANALYSES")
  public static let momentsOfStreams = ItemKey("READER#moments", "STREAMS")

  public static let missedMoments = "MISSED#"

  /// Says that moments could not be derived, and are to be tried again.
  public static func missedMoments(_ asset: ULID, series: String) -> ItemKey {
    ItemKey(momentsOfAnalyses.partition, CompositeKey.joined("MISSED", asset.text, series))
  }

  /// What a client's moments are called by: `LABEL`, `ZONE`, … and the word.
  public static func vocabularyPartition(_ client: String) -> String { CompositeKey.joined("VOCABULARY", client) }

  public static func word(_ client: String, _ field: String, _ word: String) -> ItemKey {
    ItemKey(vocabularyPartition(client), CompositeKey.joined(field, word))
  }

  /// How long the long moments of a source ever were.
  public static func momentLengths(_ client: String, _ source: Moment.Source) -> ItemKey {
    ItemKey(vocabularyPartition(client), CompositeKey.joined("LENGTHS", source.key))
  }

  public static let cutMoments = "CUT#"

  /// Says that an analysis has more moments than are kept, and when those began that are not.
  public static func cutMoments(_ client: String, _ asset: ULID, series: String) -> ItemKey {
    ItemKey(vocabularyPartition(client), CompositeKey.joined("CUT", asset.text, series))
  }
}
