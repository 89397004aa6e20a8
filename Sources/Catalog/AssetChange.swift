public import Items

/// What is done to assets, as writes of one transaction each.
///
/// Every one holds on the versions that were read, so that two that are done at a time do not undo each other; a conflict means to read again.
public enum AssetChange {
  /// A new asset of a client that is there, and open in the version that was read.
  public static func add(_ asset: Asset, client: ItemVersion) -> [Write] {
    [
      .put(LibraryKeys.asset(asset.id), asset.json, if: .absent),
      .check(LibraryKeys.client(asset.group.client), if: .version(client)),
    ] + references(of: asset).map { .put($0, emptyBody) }
  }

  /// An asset with other words about it, perhaps in another group; `scores` are all that it has.
  ///
  /// `client` is the version of the new group's client, where that is another one, and `former` the one that it comes from.
  public static func update(
    _ asset: Asset, from version: ItemVersion, scores: [(scores: Scores, version: ItemVersion)], client: ItemVersion?,
    former: String? = nil
  ) -> [Write] {
    var writes: [Write] = [.put(LibraryKeys.asset(asset.id), asset.json, if: .version(version))]
    for (var scores, version) in scores where scores.group != asset.group {
      scores.group = asset.group
      writes.append(.put(LibraryKeys.scores(asset.id, series: scores.series), scores.json, if: .version(version)))
    }
    if let client { writes.append(.check(LibraryKeys.client(asset.group.client), if: .version(client))) }
    if let former { writes.append(.put(LibraryKeys.moved(asset.id), FormerClient(former).json, if: .absent)) }
    return writes
  }

  /// A finished analysis, and the scores that take the place of the series' older ones; `nil` leaves those.
  ///
  /// `old` is the analysis of the same identity, where one is replaced. An asset without a version is new: it comes with its analysis, of a client
  /// that is there, and open, which the caller checks.
  public static func publish(
    _ analysis: Analysis, of asset: Asset, at version: ItemVersion?, scores: Scores?,
    replacing old: (analysis: Analysis, version: ItemVersion)?
  ) -> [Write] {
    var asset = asset
    (asset.state, asset.reason) = (.analysed, nil)
    asset.analysisCount += old == nil ? 1 : 0
    asset.foundByteCount += analysis.forwardedByteCount - (old?.analysis.forwardedByteCount ?? 0)
    let key = LibraryKeys.analysis(asset.id, pipeline: analysis.pipeline)
    let new =
      analysis.objects.map { LibraryKeys.reference($0.digest, by: asset.id, $0.use) }
      + (version == nil ? references(of: asset) : [])
    let gone = (old?.analysis.objects ?? []).map { LibraryKeys.reference($0.digest, by: asset.id, $0.use) }
    let answers = LibraryKeys.answers(analysis, of: asset.group.client)
    let others = old.map { LibraryKeys.answers($0.analysis, of: asset.group.client) } ?? []
    // Of so many networks the others are told afterwards.
    let isMore = answers.count > mostAnswers
    let mark = isMore ? [LibraryKeys.moved(asset.id)] : []
    var writes: [Write] = [
      .put(LibraryKeys.asset(asset.id), asset.json, if: version.map { .version($0) } ?? .absent),
      .put(key, analysis.json, if: old.map { .version($0.version) } ?? .absent),
    ]
    if let scores { writes.append(.put(LibraryKeys.scores(asset.id, series: analysis.series), scores.json)) }
    return writes + (new + answers.prefix(mostAnswers)).map { .put($0, emptyBody) }
      + mark.map { .put($0, FormerClient(asset.group.client).json, if: .absent) }
      + (gone + others.prefix(mostAnswers)).filter { !new.contains($0) && !answers.contains($0) }.map { .delete($0) }
  }

  /// Answers in one transaction with their analysis.
  private static let mostAnswers = 25

  /// The asset is gone, and its scores with it; its analyses are taken away one by one with ``remove(_:of:)``.
  public static func delete(_ asset: Asset, at version: ItemVersion, scores: [Scores]) -> [Write] {
    [
      .delete(LibraryKeys.asset(asset.id), if: .version(version)),
      .put(LibraryKeys.remains(asset.id), FormerClient(asset.group.client).json),
    ] + scores.map { .delete(LibraryKeys.scores(asset.id, series: $0.series)) }
      + references(of: asset).map { .delete($0) }
  }

  /// The bytes of an asset go, and the rest of it stays.
  public static func removeBytes(_ asset: Asset, at version: ItemVersion, now: Int) -> [Write] {
    [
      .put(LibraryKeys.asset(asset.id), asset.removed(at: now).json, if: .version(version)),
      .delete(LibraryKeys.reference(asset.object, by: asset.id, "bytes")),
    ]
  }

  /// The bytes of an asset came that its node alone had; its client is there, and open in the version that was read.
  public static func addBytes(_ asset: Asset, at version: ItemVersion, client: ItemVersion) -> [Write] {
    [
      .put(LibraryKeys.asset(asset.id), asset.json, if: .version(version)),
      .check(LibraryKeys.client(asset.group.client), if: .version(client)),
    ] + references(of: asset).map { .put($0, emptyBody) }
  }

  /// An analysis of an asset that is gone, and that was a client's.
  public static func remove(_ analysis: Analysis, of client: String?) -> [Write] {
    [.delete(LibraryKeys.analysis(analysis.asset, pipeline: analysis.pipeline))]
      + analysis.objects.map { .delete(LibraryKeys.reference($0.digest, by: analysis.asset, $0.use)) }
      + (client.map { LibraryKeys.answers(analysis, of: $0) } ?? []).prefix(3 * mostAnswers).map { .delete($0) }
  }

  /// What says that an asset needs its objects.
  public static func references(of asset: Asset) -> [ItemKey] {
    (asset.hasBytes ? [LibraryKeys.reference(asset.object, by: asset.id, "bytes")] : [])
      + (asset.thumbnail.map { [LibraryKeys.reference($0, by: asset.id, "thumbnail")] } ?? [])
  }

  static let emptyBody = Array("{}".utf8)
}
