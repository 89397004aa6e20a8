public import Base
public import Items

/// One step of bringing totals up to date: at most one row of scores, and what changes of the totals of its groups.
///
/// The steps of one change are always the same and in the same order, so that a reader that stopped between two of them goes on with the next.
public struct TotalsStep: Sendable {
  /// A row to write or to take away.
  public let row: Write?
  /// By the totals' keys, which are compared byte by byte.
  public let differences: [ItemKey: Total]
}

/// Turns changes of assets, of scores, and of pictures that nodes forwarded into steps; all other changes have none.
public enum TotalsFold {
  /// Faults are those of bodies that were not written by this library.
  public static func steps(of change: Change) throws(Fault) -> [TotalsStep] {
    guard change.key.partition.utf8.starts(with: "ASSET#".utf8) else { return pictureSteps(change) }
    if change.key.sort == "METADATA" {
      return assetSteps(try change.before.map(Asset.init), try change.after.map(Asset.init))
    }
    guard change.key.sort.utf8.starts(with: LibraryKeys.scores.utf8) else { return [] }
    return scoreSteps(try change.before.map(Scores.init), try change.after.map(Scores.init))
  }

  private static func assetSteps(_ before: Asset?, _ after: Asset?) -> [TotalsStep] {
    var differences: [ItemKey: Total] = [:]
    for (asset, times) in [(before, -1), (after, 1)] {
      guard let asset else { continue }
      let one = Total(
        byteCount: asset.byteCount + asset.foundByteCount, milliseconds: asset.media.milliseconds)
      add(one, times, to: asset.group, .assets, &differences)
    }
    return differences.isEmpty ? [] : [TotalsStep(row: nil, differences: differences)]
  }

  /// Whether it is an event of a node's stream, whose picture counts for its client.
  public static func isForwarded(_ key: ItemKey) -> Bool {
    guard key.partition.utf8.starts(with: "CLIENT#".utf8), key.sort.utf8.starts(with: LibraryKeys.events.utf8) else {
      return false
    }
    return key.partition.utf8.contains(UInt8(ascii: "/"))
  }

  /// An event that cannot be read counts as none, so that nothing is kept from being counted behind it.
  private static func pictureSteps(_ change: Change) -> [TotalsStep] {
    guard isForwarded(change.key) else { return [] }
    var differences: [ItemKey: Total] = [:]
    for (item, times) in [(change.before, -1), (change.after, 1)] {
      guard let event = item.flatMap({ try? StreamEvent($0) }), let byteCount = event.snapshotByteCount else {
        continue
      }
      add(Total(byteCount: byteCount), times, to: AssetGroup(client: event.client), .assets, &differences)
    }
    return differences.isEmpty ? [] : [TotalsStep(row: nil, differences: differences)]
  }

  private static func scoreSteps(_ before: Scores?, _ after: Scores?) -> [TotalsStep] {
    guard let series = (after ?? before)?.series else { return [] }
    let measure = { (label: String) in Measure.score(series: series, label: label) }
    return pairs(before?.values ?? [], after?.values ?? []).compactMap { (label, old, new) -> TotalsStep? in
      if old == new, before?.group == after?.group { return nil }
      var differences: [ItemKey: Total] = [:]
      if let old, let before { add(Total(score: old), -1, to: before.group, measure(label), &differences) }
      if let new, let after { add(Total(score: new), 1, to: after.group, measure(label), &differences) }
      let row: Write =
        if let new, let after {
          write(ScoreRow(asset: after.asset, group: after.group, series: series, label: label, score: new))
        } else {
          .delete(LibraryKeys.scoreRow(before!.asset, series: series, name: label))
        }
      return TotalsStep(row: row, differences: differences)
    }
  }

  /// The labels of two lists that are in the order of their bytes, each with what it has in both.
  private static func pairs(_ old: [LabelScore], _ new: [LabelScore]) -> [(label: String, old: Int?, new: Int?)] {
    var (old, new, pairs) = (old[...], new[...], [(label: String, old: Int?, new: Int?)]())
    while let next = [old.first?.label, new.first?.label].compactMap({ $0 }).min(by: { $0.isBefore($1) }) {
      func take(_ list: inout ArraySlice<LabelScore>) -> Int? {
        guard let first = list.first, first.label.hasSameBytes(as: next) else { return nil }
        return list.removeFirst().score
      }
      pairs.append((next, take(&old), take(&new)))
    }
    return pairs
  }

  private static func write(_ row: ScoreRow) -> Write { .put(row.key, row.json) }

  private static func add(
    _ one: Total, _ times: Int, to group: AssetGroup, _ measure: Measure, _ differences: inout [ItemKey: Total]
  ) {
    for level in group.levels {
      let key = TotalName(level, measure).key
      var difference = differences[key] ?? Total(measure)
      difference.add(one, times: times)
      differences[key] = difference.isEmpty ? nil : difference
    }
  }
}
