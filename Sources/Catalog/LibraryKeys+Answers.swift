public import Items

/// In which analyses of a client's assets a network answered: an item for each, by digest and moment, so that a client's are told without
/// reading those of others.
extension LibraryKeys {
  public static func answersPartition(_ client: String) -> String { CompositeKey.joined("ANSWERS", client) }

  /// Those of one network, by its digest: the oldest first.
  public static func answers(by digest: String) -> String { CompositeKey.prefix(digest) }

  /// One for each network of an analysis, and for what each was made of.
  public static func answers(_ analysis: Analysis, of client: String) -> [ItemKey] {
    let digests = Set(analysis.models.flatMap { [$0.digest, $0.version].compactMap(\.self) })
    return digests.sorted().map { digest in
      ItemKey(
        answersPartition(client),
        CompositeKey.joined(
          digest, CompositeKey.time(milliseconds: analysis.made), analysis.asset.text, analysis.pipeline))
    }
  }

  /// The analysis that one is of; `nil` for other keys.
  public static func analysis(answer key: ItemKey) -> ItemKey? {
    let parts = CompositeKey.parts(of: key.sort)
    guard parts.count == 4, let id = ULID(parts[2]) else { return nil }
    return analysis(id, pipeline: parts[3])
  }

  /// How far the analyses have been gone through that were made before there were such items.
  public static let answersPosition = ItemKey("READER#answers", "POSITION")

  /// Assets whose answers are not all told yet: they came from another client, or have more of them than one transaction takes.
  public static let moved = "MOVED"

  public static func moved(_ id: ULID) -> ItemKey { ItemKey(moved, id.text) }
}
